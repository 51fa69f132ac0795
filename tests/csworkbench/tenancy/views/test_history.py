"""The audit page: who changed what, in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from csworkbench.tenancy.models import Holiday, Member, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope
from tests.csworkbench.tenancy.conftest import htmx
from tests.factories import AccountFactory

Url = Callable[..., str]


@pytest.fixture
def account(workspace: Workspace, csm: Member, lead: Member) -> Account:
    """An account an import made and the lead handed to the CSM."""
    with workspace_scope(workspace.pk, actor=Actor("import", cause="book.xlsx")):
        made: Account = AccountFactory(workspace=workspace, name="Granite Clinic", tier=3)
    with workspace_scope(workspace.pk, actor=Actor("member", lead.pk, lead.user_id)):
        Account.objects.filter(pk=made.pk).update(owner=csm, tier=1)
    return made


def text_of(page: str) -> str:
    """The page without its tags, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


class TestHistory:
    def test_tells_who_changed_what_from_what_to_what(self, as_ops: Client, account: Account, url: Url) -> None:
        told = text_of(as_ops.get(url("history")).content.decode())
        assert "Ines Young changed account Granite Clinic" in told
        assert "Owner — → Quinn Abbott" in told and "Tier 3 → 1" in told
        assert "An import added account Granite Clinic · book.xlsx" in told

    def test_rows_added_at_one_stroke_are_one_line(self, as_ops: Client, url: Url) -> None:
        as_ops.post(url("holiday_add_federal"), {"year": "2027"})
        told = text_of(as_ops.get(url("history"), headers=htmx("history-list")).content.decode())
        assert "Farid Fontaine added 15 holidays" in told
        assert told.count("Labor Day") == 1

    def test_a_removed_row_shows_what_it_was(self, as_ops: Client, workspace: Workspace, url: Url) -> None:
        holiday = Holiday.objects.create(workspace=workspace, day="2027-01-01", name="New Year")
        as_ops.post(url("holiday_remove", holiday.pk))
        assert "removed holiday New Year" in text_of(as_ops.get(url("history")).content.decode())

    @pytest.mark.parametrize(
        ("query", "seen"),
        [
            ("", True),
            ("table=accounts_account", True),
            ("table=tenancy_holiday", False),
            ("start=2020-01-01&end=2020-12-31", False),
            ("end=2020-12-31", False),
            ("start=2020-01-01", True),
        ],
    )
    def test_the_address_filters(self, as_ops: Client, account: Account, url: Url, query: str, seen: bool) -> None:
        page = as_ops.get(f"{url('history')}?{query}").content.decode()
        assert ("Granite Clinic" in page) is seen

    def test_filters_by_actor(self, as_ops: Client, account: Account, lead: Member, csm: Member, url: Url) -> None:
        assert "Tier" in as_ops.get(f"{url('history')}?actor={lead.pk}").content.decode()
        assert "Nothing changed" in as_ops.get(f"{url('history')}?actor={csm.pk}").content.decode()

    @pytest.mark.parametrize("query", ["actor=x", "table=nonsense", "start=yesterday"])
    def test_a_filter_that_makes_no_sense_is_told(self, as_ops: Client, url: Url, query: str) -> None:
        assert as_ops.get(f"{url('history')}?{query}").status_code == 422

    def test_goes_back_page_by_page(
        self, as_ops: Client, workspace: Workspace, url: Url, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("csworkbench.tenancy.views.history.PAGE", 2)
        for day in range(1, 6):
            with workspace_scope(workspace.pk, actor=Actor("system", cause=f"stroke {day}")):
                Holiday.objects.create(workspace=workspace, day=f"2027-01-0{day}", name=f"Day {day}")
        where, found = f"{url('history')}?table=tenancy_holiday", []
        for _ in range(3):
            answer = as_ops.get(where)
            found.append([name for line in answer.context["lines"] for name in line.names])
            where = f"{url('history')}?{answer.context['older']}"
        assert found == [["Day 5", "Day 4"], ["Day 3", "Day 2"], ["Day 1"]]
        assert answer.context["older"] == ""

    def test_other_workspaces_changes_are_not_told(self, as_admin: Client, foreign: Member, url: Url) -> None:
        with workspace_scope(foreign.workspace_id):
            AccountFactory(workspace=foreign.workspace, name="Canary Clinic")
        page = as_admin.get(url("history")).content.decode()
        assert "Canary" not in page and "Nadia" not in page

    def test_a_reader_is_refused(self, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url("history")).status_code == 403

    def test_other_workspace_gets_404(self, as_stranger: Client, url: Url) -> None:
        assert as_stranger.get(url("history")).status_code == 404

    def test_rejects_post(self, as_admin: Client, url: Url) -> None:
        assert as_admin.post(url("history")).status_code == 405

    def test_the_number_of_queries_does_not_grow(
        self, as_ops: Client, workspace: Workspace, url: Url, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(20):
            AccountFactory(workspace=workspace, name=f"Clinic {number}")
        with django_assert_max_num_queries(14):
            as_ops.get(url("history"))
