"""Choosing light or dark without JavaScript."""

from __future__ import annotations

import pytest
from django.test import Client

from csworkbench.tenancy.models import Member, User


class TestTheme:
    def test_keeps_the_choice_in_this_browser_and_for_the_next(self, as_csm: Client, csm: Member) -> None:
        answer = as_csm.post("/theme/", {"theme": "dark", "next": "/w/northwind/settings/you/"})
        assert answer.headers["Location"] == "/w/northwind/settings/you/"
        assert answer.cookies["theme"].value == "dark"
        assert answer.cookies["theme"]["samesite"] == "Lax"
        assert User.objects.get(pk=csm.user_id).theme == "dark"

    def test_works_before_signing_in(self, client: Client, db: None) -> None:
        assert client.post("/theme/", {"theme": "light"}).cookies["theme"].value == "light"

    @pytest.mark.parametrize("theme", ["", "pink", "dark; HttpOnly"])
    def test_an_unknown_theme_changes_nothing(self, client: Client, db: None, theme: str) -> None:
        assert "theme" not in client.post("/theme/", {"theme": theme}).cookies

    @pytest.mark.parametrize("target", ["https://evil.example.org/", "//evil.example.org", "javascript:alert(1)"])
    def test_never_leads_to_another_site(self, client: Client, db: None, target: str) -> None:
        assert client.post("/theme/", {"theme": "light", "next": target}).headers["Location"] == "/"

    def test_rejects_get(self, client: Client, db: None) -> None:
        assert client.get("/theme/").status_code == 405

    def test_needs_the_token(self, db: None) -> None:
        assert Client(enforce_csrf_checks=True).post("/theme/", {"theme": "dark"}).status_code == 403
