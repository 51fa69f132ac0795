"""The team page: load per CSM, sorted and summed, every count a way into the queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from csworkbench.tenancy.models import Member
from playbooks.models import Task
from tests.factories import SubscriptionFactory, TaskFactory, make_member

from .conftest import Book


@pytest.fixture
def as_lead(client_for: Callable[[Member], Client], lead: Member) -> Client:
    return client_for(lead)


@pytest.fixture
def idle(book: Book) -> Member:
    """A CSM without a book."""
    return make_member(book.workspace, "Abel Idle", roles=["csm"])


def names(response: Any) -> list[str]:
    return [row.member.name for row in response.context["rows"]]


class TestTeam:
    def test_sums_what_each_carries(self, book: Book, idle: Member, csm: Member, as_lead: Client) -> None:
        SubscriptionFactory(account=book.red, mrr_minor=551_167)
        TaskFactory(account=book.red, level=2, due_on=book.workspace.today - timedelta(days=1))
        response = as_lead.get(f"{book.home}team/")
        row = next(row for row in response.context["rows"] if row.member == csm)
        assert (row.accounts, row.levels, row.open, row.overdue) == (2, [1, 1, 0, 1], 3, 1)
        assert row.bar == [(1, 0, 1), (2, 1, 1), (4, 2, 1)]
        totals = response.context["totals"]
        assert (totals.accounts, totals.open, totals.overdue, totals.most) == (2, 3, 1, 3)
        for part in (
            "$5,512",
            f"/w/northwind/queue/of/{csm.pk}/?level=1",
            f"/w/northwind/accounts/?owner={csm.pk}",
            "2 CSMs",
        ):
            assert part in response.text

    def test_snoozed_and_handed_over_tasks_count_where_they_are(
        self, book: Book, idle: Member, csm: Member, as_lead: Client
    ) -> None:
        Task.objects.filter(pk=book.urgent.pk).update(assignee=idle)
        Task.objects.filter(pk=book.later.pk).update(snoozed_until=book.workspace.today + timedelta(days=3))
        rows = as_lead.get(f"{book.home}team/").context["rows"]
        assert {row.member: row.open for row in rows} == {idle: 1, csm: 0}

    @pytest.mark.parametrize(
        ("sort", "first"),
        [("name", "Abel Idle"), ("-name", "Quinn Abbott"), ("open", "Quinn Abbott"), ("-open", "Abel Idle"),
         ("critical", "Quinn Abbott"), ("accounts", "Quinn Abbott"), ("mrr", "Abel Idle"), ("evil", "Abel Idle")],
    )  # fmt: skip
    def test_sorts_both_ways(self, book: Book, idle: Member, as_lead: Client, sort: str, first: str) -> None:
        assert names(as_lead.get(f"{book.home}team/", {"sort": sort}))[0] == first

    @pytest.mark.parametrize("sort", ["overdue", "-overdue"])
    def test_equals_stay_in_the_order_of_names(self, book: Book, idle: Member, as_lead: Client, sort: str) -> None:
        assert names(as_lead.get(f"{book.home}team/", {"sort": sort})) == ["Abel Idle", "Quinn Abbott"]

    def test_keeps_only_ones_own_reports_when_asked(
        self, book: Book, idle: Member, csm: Member, lead: Member, as_lead: Client
    ) -> None:
        Member.objects.filter(pk=csm.pk).update(lead=lead)
        response = as_lead.get(f"{book.home}team/", {"show": "mine"})
        assert names(response) == ["Quinn Abbott"]
        assert all("show=mine" in header.url for header in response.context["headers"].values())

    def test_says_so_when_nobody_reports(self, book: Book, as_lead: Client) -> None:
        assert "Nobody reports to you" in as_lead.get(f"{book.home}team/", {"show": "mine"}).text

    def test_htmx_gets_the_table_alone(self, book: Book, as_lead: Client) -> None:
        response = as_lead.get(f"{book.home}team/", headers={"HX-Request": "true", "HX-Target": "list"})
        assert "<html" not in response.text
        assert 'id="list"' in response.text

    def test_a_csm_is_refused(self, book: Book, as_csm: Client) -> None:
        assert as_csm.get(f"{book.home}team/").status_code == 403

    def test_another_workspace_is_404(self, book: Book, other_workspace: object, as_lead: Client) -> None:
        assert as_lead.get("/w/elsewhere/team/").status_code == 404

    def test_rejects_post(self, book: Book, as_lead: Client) -> None:
        assert as_lead.post(f"{book.home}team/").status_code == 405
