"""The empty sheet of a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from csworkbench.tenancy.models import Member

from .conftest import Address

Browser = Callable[[Member], Client]


class TestTemplate:
    def test_is_a_workbook_for_everyone(self, client_for: Browser, csm: Member, address: Address) -> None:
        answer = client_for(csm).get(address("template", "book"))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="book-template.xlsx"'
        assert answer.content.startswith(b"PK")

    def test_an_unknown_kind_is_404(self, client_for: Browser, csm: Member, address: Address) -> None:
        assert client_for(csm).get(address("template", "secrets")).status_code == 404

    def test_a_stranger_gets_404(self, client_for: Browser, csm: Member, other_workspace: Any) -> None:
        assert client_for(csm).get(f"/w/{other_workspace.slug}/imports/template/book/").status_code == 404

    def test_rejects_post(self, client_for: Browser, csm: Member, address: Address) -> None:
        assert client_for(csm).post(address("template", "book")).status_code == 405
