"""Accepting an invitation: as a new login, as one that exists, and when it is too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.test import Client

from csworkbench.common import clock
from csworkbench.tenancy.invitation_links import read_token, token_for
from csworkbench.tenancy.models import HistoryEntry, Invitation, Member, User, Workspace
from csworkbench.tenancy.services import accept_invitation
from tests.csworkbench.tenancy.conftest import GOOD, SignIn
from tests.factories import make_user

FORM = {"name": "Rosa Vargas", "password": GOOD}


@pytest.fixture
def invitation(workspace: Workspace, admin: Member, lead: Member) -> Invitation:
    return Invitation.objects.create(
        workspace=workspace,
        email="rosa@example.org",
        name="Rosa",
        roles=["csm"],
        lead=lead,
        invited_by=admin,
        expires_at=clock.now() + timedelta(days=7),
    )


@pytest.fixture
def link(invitation: Invitation) -> str:
    return f"/join/{token_for(invitation)}/"


class TestNewLogin:
    def test_the_page_says_who_invites_where_and_as_what(self, client: Client, link: str) -> None:
        page = client.get(link).content.decode()
        assert "Join Northwind" in page and "Keiko Ueda" in page and "rosa@example.org" in page and "CSM" in page
        assert 'value="Rosa"' in page

    def test_makes_a_login_a_member_and_a_session(
        self, client: Client, workspace: Workspace, lead: Member, link: str
    ) -> None:
        answer = client.post(link, FORM)
        assert answer.headers["Location"] == "/w/northwind/"
        user = User.objects.get(email="rosa@example.org")
        assert client.session["_auth_user_id"] == str(user.pk)
        assert user.check_password(GOOD)
        assert user.last_workspace_id == workspace.pk
        member = Member.objects.get(user=user)
        assert (member.name, member.roles, member.lead) == ("Rosa Vargas", ["csm"], lead)
        assert EmailAddress.objects.get(user=user).verified
        assert client.get("/w/northwind/settings/members/").status_code == 200

    def test_the_history_says_how_the_member_came(self, client: Client, link: str) -> None:
        client.post(link, FORM)
        entry = HistoryEntry.objects.get(table_name="tenancy_member", operation="insert", cause="invitation accepted")
        assert entry.actor_kind == "member"

    def test_a_link_works_once(self, client: Client, link: str) -> None:
        client.post(link, FORM)
        later = Client()
        for answer in (later.get(link), later.post(link, FORM)):
            assert answer.status_code == 410
            assert "used already" in answer.content.decode()
        assert Member.objects.filter(user__email="rosa@example.org").count() == 1

    @pytest.mark.parametrize("password", ["short", "password1234", "Northwind2026!!", "rosa.vargas2026", ""])
    def test_a_guessable_password_is_refused(self, client: Client, link: str, password: str) -> None:
        answer = client.post(link, FORM | {"password": password, "name": "Rosa Vargas"})
        assert answer.status_code == 422
        assert 'value="Rosa Vargas"' in answer.content.decode()
        assert not User.objects.filter(email="rosa@example.org").exists()

    def test_roles_and_address_are_not_the_visitors_to_choose(self, client: Client, link: str) -> None:
        client.post(link, FORM | {"roles": ["admin"], "email": "evil@example.org", "workspace": "2"})
        member = Member.objects.get(user__email="rosa@example.org")
        assert member.roles == ["csm"]

    def test_somebody_elses_session_cannot_accept_it(self, as_csm: Client, csm: Member, link: str) -> None:
        for answer in (as_csm.get(link), as_csm.post(link, FORM)):
            page = answer.content.decode()
            assert csm.user.email in page and "another address" in page
        assert not User.objects.filter(email="rosa@example.org").exists()

    def test_signing_out_leads_back_to_the_invitation(self, as_csm: Client, link: str) -> None:
        assert as_csm.post("/auth/logout/", {"next": link}).headers["Location"] == link


class TestExistingLogin:
    @pytest.fixture
    def rosa(self, invitation: Invitation) -> User:
        user = make_user("Rosa Vargas")
        User.objects.filter(pk=user.pk).update(email="rosa@example.org")
        user.refresh_from_db()
        return user

    def test_a_visitor_is_asked_to_sign_in_and_comes_back(self, client: Client, rosa: User, link: str) -> None:
        page = client.get(link).content.decode()
        assert f"/auth/login/?next={link}" in page
        assert client.post(link, FORM).status_code == 200
        assert not Member.objects.filter(user=rosa).exists()

    def test_joins_with_one_press(self, client: Client, rosa: User, link: str) -> None:
        client.force_login(rosa)
        assert "Join as rosa@example.org" in client.get(link).content.decode()
        assert not Member.objects.filter(user=rosa).exists()
        assert client.post(link).headers["Location"] == "/w/northwind/"
        assert Member.objects.get(user=rosa).name == "Rosa Vargas"
        rosa.refresh_from_db()
        assert rosa.check_password("correct horse battery staple")

    def test_another_session_cannot(self, as_csm: Client, rosa: User, link: str) -> None:
        as_csm.post(link)
        assert not Member.objects.filter(user=rosa).exists()

    def test_a_closed_login_cannot(self, client: Client, rosa: User, link: str) -> None:
        User.objects.filter(pk=rosa.pk).update(is_active=False)
        assert client.get(link).status_code == 410

    def test_a_former_member_comes_back_with_the_new_roles(
        self, client_for: SignIn, rosa: User, workspace: Workspace, invitation: Invitation, link: str
    ) -> None:
        former = Member.objects.create(workspace=workspace, user=rosa, name="R", roles=["rsm"], is_active=False)
        client_for(former).post(link)
        former.refresh_from_db()
        assert (former.is_active, former.roles) == (True, ["csm"])


class TestTooLate:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"accepted_at": True}, "used already"),
            ({"withdrawn_at": True}, "no longer works"),
            ({"expires_at": True}, "has expired"),
        ],
    )
    def test_says_why_and_whom_to_ask(
        self, client: Client, invitation: Invitation, link: str, fields: dict[str, bool], words: str
    ) -> None:
        Invitation.objects.update(**dict.fromkeys(fields, clock.now()))
        for answer in (client.get(link), client.post(link, FORM)):
            assert answer.status_code == 410
            assert words in answer.content.decode()
        assert not User.objects.filter(email="rosa@example.org").exists()

    def test_a_closed_workspace_takes_nobody_in(self, client: Client, workspace: Workspace, link: str) -> None:
        Workspace.objects.filter(pk=workspace.pk).update(is_active=False)
        assert client.get(link).status_code == 410

    def test_losing_the_race_changes_nothing(self, invitation: Invitation) -> None:
        stale = Invitation.objects.get(pk=invitation.pk)
        assert accept_invitation(invitation=invitation, user=None, name="Rosa", password=GOOD) is not None
        assert accept_invitation(invitation=stale, user=make_user("Someone Else")) is None
        assert Member.objects.filter(name="Someone Else").count() == 0


class TestToken:
    def test_names_workspace_and_invitation(self, invitation: Invitation) -> None:
        assert read_token(token_for(invitation)) == (invitation.workspace_id, invitation.pk)

    def test_a_forged_or_foreign_one_is_404(self, client: Client, invitation: Invitation, link: str) -> None:
        good = token_for(invitation)
        for token in ("x", good[:-2] + "xx", signing.dumps([1, "x"], salt="other"), good.replace(":", "", 1)):
            assert read_token(token) is None
            assert client.get(f"/join/{token}/").status_code == 404

    def test_it_cannot_be_read_as_another_workspaces(
        self, client: Client, invitation: Invitation, other_workspace: Workspace
    ) -> None:
        token = signing.dumps([other_workspace.pk, str(invitation.pk)], salt="tenancy.invitation")
        assert client.get(f"/join/{token}/").status_code == 404

    def test_rejects_delete(self, client: Client, link: str) -> None:
        assert client.delete(link).status_code == 405

    def test_the_page_is_not_cached(self, client: Client, link: str) -> None:
        assert "no-store" in client.get(link).headers["Cache-Control"]
