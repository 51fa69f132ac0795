"""The page of tokens, and what is kept of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from csworkbench.common import clock
from csworkbench.integrations import services
from csworkbench.integrations.models import ApiToken
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import make_member

FORM = {"name": "LMS nightly", "scopes": "usage:write"}


@pytest.fixture
def page(workspace: Workspace) -> str:
    return f"/w/{workspace.slug}/settings/tokens/"


class TestPage:
    def test_makes_one_and_shows_its_secret_once(
        self, admin: Member, client_for: Callable[[Member], Client], page: str
    ) -> None:
        client = client_for(admin)
        answer = client.post(f"{page}create/", FORM)
        secret = re.search(r"csw_[\w-]{40,}", answer.text)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
        assert secret is not None
        assert secret[0] not in client.get(page).text
        token = ApiToken.objects.get()
        assert (token.digest, token.beginning) == (services.digest_of(secret[0]), secret[0][:12])
        assert secret[0] not in str(list(HistoryEntry.objects.values()))
        assert services.authenticate(admin.workspace.slug, secret[0]) is not None

    def test_twice_is_refused_by_its_name(
        self, admin: Member, client_for: Callable[[Member], Client], page: str
    ) -> None:
        client = client_for(admin)
        client.post(f"{page}create/", FORM)
        assert client.post(f"{page}create/", FORM).status_code == 422
        assert ApiToken.objects.count() == 1

    def test_revokes_once(self, admin: Member, client_for: Callable[[Member], Client], page: str) -> None:
        token, secret = services.create_token(actor=admin, name="LMS", scopes=["usage:write"])
        client = client_for(admin)
        for _ in range(2):
            assert client.post(f"{page}{token.pk}/revoke/").status_code == 302
        assert client.post(f"{page}{token.pk}/revoke/", headers={"HX-Request": "true"}).status_code == 200
        assert services.authenticate(admin.workspace.slug, secret) is None
        token.refresh_from_db()
        assert token.revoked_by == admin

    def test_is_for_admins(self, ops: Member, client_for: Callable[[Member], Client], page: str) -> None:
        client = client_for(ops)
        assert client.get(page).status_code == 403
        assert client.post(f"{page}create/", FORM).status_code == 403

    def test_another_workspaces_token_is_not_there(
        self, admin: Member, other_workspace: Workspace, client_for: Callable[[Member], Client], page: str
    ) -> None:
        with workspace_scope(other_workspace.pk):
            stranger = make_member(other_workspace, "Sven Moreau", roles=["admin"])
            token, _ = services.create_token(actor=stranger, name="Theirs", scopes=["usage:write"])
        client = client_for(admin)
        assert client.post(f"{page}{token.pk}/revoke/").status_code == 404
        assert "Theirs" not in client.get(page).text
        assert client.get(f"{page}create/").status_code == 405


class TestServices:
    @pytest.mark.parametrize(
        ("name", "scopes", "days"),
        [("", ["usage:write"], None), ("x", [], None), ("x", ["all"], None), ("x", ["usage:write"], 0)],
    )
    def test_refuses(self, admin: Member, name: str, scopes: list[str], days: int | None) -> None:
        expires = None if days is None else admin.workspace.today + timedelta(days=days)
        with pytest.raises(ValidationError):
            services.create_token(actor=admin, name=name, scopes=scopes, expires_on=expires)

    def test_knows_a_token_in_its_own_workspace_until_it_expires(
        self, admin: Member, workspace: Workspace, other_workspace: Workspace
    ) -> None:
        day = workspace.today + timedelta(days=2)
        token, secret = services.create_token(actor=admin, name="LMS", scopes=["usage:write"], expires_on=day)
        known = services.authenticate(workspace.slug, secret)
        assert known is not None
        assert known[1] == token
        token.refresh_from_db()
        assert token.last_used_at is not None
        assert clock.now() - token.last_used_at < timedelta(minutes=1)
        for slug, wrong in ((other_workspace.slug, secret), ("nowhere", secret), (workspace.slug, secret + "x")):
            assert services.authenticate(slug, wrong) is None
        ApiToken.objects.update(expires_on=workspace.today - timedelta(days=1))
        assert services.authenticate(workspace.slug, secret) is None
