"""The front door: straight to the queue where there is one place to go, a choice where there are several."""

from __future__ import annotations

from django.test import Client

from csworkbench.tenancy.models import Member, User, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.tenancy.conftest import SignIn
from tests.factories import make_user


def also_member(workspace: Workspace, user: User, **fields: object) -> None:
    with workspace_scope(workspace.pk):
        Member.objects.create(workspace=workspace, user=user, name=user.name, roles=["csm"], **fields)


class TestHome:
    def test_a_visitor_signs_in(self, client: Client, db: None) -> None:
        assert client.get("/").headers["Location"] == "/auth/login/?next=/"

    def test_the_only_workspace_opens(self, as_csm: Client) -> None:
        assert as_csm.get("/").headers["Location"] == "/w/northwind/"

    def test_of_several_the_last_one_opens(
        self, as_csm: Client, csm: Member, workspace: Workspace, other_workspace: Workspace
    ) -> None:
        also_member(other_workspace, csm.user)
        assert as_csm.get("/").headers["Location"] == "/workspaces/"
        User.objects.filter(pk=csm.user_id).update(last_workspace=other_workspace)
        assert as_csm.get("/").headers["Location"] == "/w/elsewhere/"

    def test_a_workspace_one_was_shut_out_of_is_forgotten(
        self, as_csm: Client, csm: Member, other_workspace: Workspace
    ) -> None:
        also_member(other_workspace, csm.user, is_active=False)
        User.objects.filter(pk=csm.user_id).update(last_workspace=other_workspace)
        assert as_csm.get("/").headers["Location"] == "/w/northwind/"

    def test_a_closed_workspace_is_forgotten(self, as_csm: Client, workspace: Workspace) -> None:
        Workspace.objects.filter(pk=workspace.pk).update(is_active=False)
        assert as_csm.get("/").headers["Location"] == "/workspaces/"

    def test_rejects_post(self, as_csm: Client) -> None:
        assert as_csm.post("/").status_code == 405


class TestWorkspaces:
    def test_offers_each_workspace_with_its_roles(
        self, as_csm: Client, csm: Member, other_workspace: Workspace
    ) -> None:
        also_member(other_workspace, csm.user)
        page = as_csm.get("/workspaces/").content.decode()
        assert "Northwind" in page and "Elsewhere" in page
        assert 'action="/w/elsewhere/settings/switch/"' in page

    def test_does_not_name_workspaces_of_others(self, as_csm: Client, foreign: Member) -> None:
        assert "Elsewhere" not in as_csm.get("/workspaces/").content.decode()

    def test_somebody_without_a_workspace_is_told_what_to_do(self, client: Client, db: None) -> None:
        loner = make_user("Ada Gallo")
        client.force_login(loner)
        assert client.get("/").headers["Location"] == "/workspaces/"
        page = client.get("/workspaces/").content.decode()
        assert "No workspace yet" in page and loner.email in page

    def test_a_visitor_signs_in(self, client: Client, db: None) -> None:
        assert client.get("/workspaces/").status_code == 302

    def test_rejects_post(self, client_for: SignIn, csm: Member) -> None:
        assert client_for(csm).post("/workspaces/").status_code == 405
