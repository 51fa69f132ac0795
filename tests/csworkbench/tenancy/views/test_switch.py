"""Switching to another workspace."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from csworkbench.tenancy.models import Member, User, Workspace

Url = Callable[..., str]


def last_of(member: Member) -> int | None:
    return User.objects.get(pk=member.user_id).last_workspace_id


class TestSwitch:
    def test_opens_the_queue_and_remembers(self, as_csm: Client, csm: Member, workspace: Workspace, url: Url) -> None:
        assert as_csm.post(url("switch")).headers["Location"] == "/w/northwind/"
        assert last_of(csm) == workspace.pk

    def test_twice_is_once(self, as_csm: Client, csm: Member, workspace: Workspace, url: Url) -> None:
        as_csm.post(url("switch"))
        as_csm.post(url("switch"))
        assert last_of(csm) == workspace.pk

    def test_a_link_of_ours_remembers_too(self, as_csm: Client, csm: Member, workspace: Workspace, url: Url) -> None:
        as_csm.get(url("switch"), headers={"Sec-Fetch-Site": "same-origin"})
        assert last_of(csm) == workspace.pk

    def test_a_link_of_another_site_changes_nothing(self, as_csm: Client, csm: Member, url: Url) -> None:
        as_csm.get(url("switch"), headers={"Sec-Fetch-Site": "cross-site"})
        assert last_of(csm) is None

    def test_a_bare_address_opens_the_queue_and_changes_nothing(self, as_csm: Client, csm: Member, url: Url) -> None:
        assert as_csm.get(url("switch")).headers["Location"] == "/w/northwind/"
        assert last_of(csm) is None

    def test_a_stranger_gets_404(self, as_stranger: Client, foreign: Member, url: Url) -> None:
        assert as_stranger.post(url("switch")).status_code == 404
        assert last_of(foreign) is None

    def test_a_visitor_signs_in(self, client: Client, workspace: Workspace, url: Url) -> None:
        assert client.post(url("switch")).headers["Location"].startswith("/auth/login/")

    def test_rejects_delete(self, as_csm: Client, url: Url) -> None:
        assert as_csm.delete(url("switch")).status_code == 405
