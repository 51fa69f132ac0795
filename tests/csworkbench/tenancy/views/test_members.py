"""The list of members."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from csworkbench.common import clock
from csworkbench.tenancy.models import Invitation, Member, Workspace
from tests.csworkbench.tenancy.conftest import htmx
from tests.factories import make_member

Url = Callable[..., str]
NAMES = ("Quinn Abbott", "Ines Young", "Bo Lindqvist")


def listed(page: str) -> list[str]:
    """The names in the table, in its order."""
    rows = re.findall(r'<th scope="row">(.*?)</th>', page, re.DOTALL)
    return [name for row in rows for name in NAMES if name in row]


@pytest.fixture
def people(workspace: Workspace, csm: Member, lead: Member) -> list[Member]:
    Member.objects.filter(pk=csm.pk).update(lead=lead)
    gone = make_member(workspace, "Bo Lindqvist", roles=["csm"], is_active=False)
    return [csm, lead, gone]


class TestMembers:
    def test_everyone_sees_who_is_here(self, as_csm: Client, people: list[Member], url: Url) -> None:
        page = as_csm.get(url("members")).content.decode()
        assert listed(page) == ["Ines Young", "Quinn Abbott"]
        assert "Team lead" in page

    def test_a_reader_sees_nothing_to_change(self, as_csm: Client, people: list[Member], url: Url) -> None:
        page = as_csm.get(url("members")).content.decode()
        assert "/deactivate/" not in page and "Invite someone" not in page and "Second step" not in page

    def test_an_admin_sees_everything_to_change(self, as_admin: Client, people: list[Member], url: Url) -> None:
        page = as_admin.get(url("members")).content.decode()
        assert "/deactivate/" in page and "Invite someone" in page and "Second step" in page

    def test_ops_cannot_touch_an_admin(self, as_ops: Client, admin: Member, csm: Member, url: Url) -> None:
        page = as_ops.get(url("members")).content.decode()
        assert url("member", csm.pk) in page
        assert url("member", admin.pk) not in page

    def test_nobody_is_offered_to_deactivate_themselves(self, as_admin: Client, admin: Member, url: Url) -> None:
        page = as_admin.get(url("members")).content.decode()
        assert url("member", admin.pk) in page
        assert url("deactivate", admin.pk) not in page

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("state=inactive", ["Bo Lindqvist"]),
            ("state=all&role=csm", ["Bo Lindqvist", "Quinn Abbott"]),
            ("role=lead", ["Ines Young"]),
            ("q=quinn", ["Quinn Abbott"]),
            ("q=ines.young", ["Ines Young"]),
            ("q=nobody", []),
            ("q=%00quinn", ["Quinn Abbott"]),
            ("page=\u00b2&order=drop+table", ["Ines Young", "Quinn Abbott"]),
            ("order=-name&role=nonsense", ["Quinn Abbott", "Ines Young"]),
            ("order=lead", ["Quinn Abbott", "Ines Young"]),
            ("order=-seen&state=nonsense&page=77", ["Quinn Abbott", "Ines Young"]),
        ],
    )
    def test_the_address_filters_and_sorts(
        self, as_csm: Client, people: list[Member], url: Url, query: str, shown: list[str]
    ) -> None:
        page = as_csm.get(f"{url('members')}?{query}", headers=htmx("members-list")).content.decode()
        assert listed(page) == shown

    def test_htmx_gets_the_list_alone(self, as_csm: Client, people: list[Member], url: Url) -> None:
        page = as_csm.get(url("members"), headers=htmx("members-list")).content.decode()
        assert 'id="members-list"' in page and "<html" not in page

    def test_open_and_expired_invitations_are_shown(self, as_ops: Client, workspace: Workspace, url: Url) -> None:
        for name, days in (("Rosa Vargas", 3), ("Sam Okafor", -1)):
            Invitation.objects.create(
                workspace=workspace, email=f"{name[:3]}@example.org", name=name, roles=["csm"],
                expires_at=clock.now() + timedelta(days=days),
            )  # fmt: skip
        Invitation.objects.create(
            workspace=workspace, email="t@example.org", name="Taken Back", roles=["csm"],
            expires_at=clock.now(), withdrawn_at=clock.now(),
        )  # fmt: skip
        page = as_ops.get(url("members")).content.decode()
        assert "Rosa Vargas" in page and "Sam Okafor" in page and "Taken Back" not in page
        assert page.count("Expired") == 1

    def test_other_workspace_gets_404_without_a_byte(self, as_stranger: Client, csm: Member, url: Url) -> None:
        answer = as_stranger.get(url("members"))
        assert answer.status_code == 404
        assert "Quinn" not in answer.content.decode()

    def test_members_of_other_workspaces_are_not_listed(self, as_admin: Client, foreign: Member, url: Url) -> None:
        assert "Nadia Petrov" not in as_admin.get(f"{url('members')}?state=all").content.decode()

    def test_rejects_post(self, as_admin: Client, url: Url) -> None:
        assert as_admin.post(url("members")).status_code == 405

    def test_the_number_of_queries_does_not_grow(
        self, as_admin: Client, workspace: Workspace, url: Url, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(12):
            make_member(workspace, f"Person {number}", roles=["csm"])
        with django_assert_max_num_queries(16):
            as_admin.get(url("members"))
