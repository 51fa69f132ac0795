"""The load of each CSM, as leads see it (QUE-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.facts import FactContext
from accounts.models import Account
from csworkbench.tenancy.models import Member, Workspace
from playbooks.models import Task
from playbooks.queries import awake


@dataclass(frozen=True)
class TeamRow:
    """One CSM: the book, its MRR in minor units, open tasks by level (critical first), those overdue."""

    member: Member
    accounts: int
    mrr_minor: int
    levels: list[int]
    overdue: int
    url: str

    @property
    def open(self) -> int:
        return sum(self.levels)

    @property
    def bar(self) -> list[tuple[int, int, int]]:
        """``(level, start, length)`` of each part of the load bar, in tasks."""
        return [(place + 1, sum(self.levels[:place]), number) for place, number in enumerate(self.levels) if number]

    @property
    def by_level(self) -> list[tuple[int, str, int]]:
        """``(level, address, number)``: each count leads to those tasks."""
        return [(place + 1, f"{self.url}?level={place + 1}", number) for place, number in enumerate(self.levels)]


@dataclass(frozen=True)
class Totals:
    """The sums below the table; ``most`` is the longest bar."""

    accounts: int
    mrr_minor: int
    levels: list[int]
    overdue: int
    most: int

    @property
    def open(self) -> int:
        return sum(self.levels)


# What each header sorts by, as it helps most at the first click; a minus turns it round.
ORDERS: dict[str, tuple[str, Any]] = {
    "name": ("CSM", lambda row: row.member.name.casefold()),
    "accounts": ("Accounts", lambda row: -row.accounts),
    "mrr": ("MRR", lambda row: -row.mrr_minor),
    "open": ("Open work", lambda row: [-number for number in (row.open, *row.levels)]),
    "critical": ("Critical", lambda row: [-number for number in row.levels]),
    "overdue": ("Overdue", lambda row: -row.overdue),
}


def team_of(workspace: Workspace, context: FactContext, *, lead: Member | None = None) -> list[TeamRow]:
    """Load per CSM: book, MRR, open tasks by level, overdue; three statements. ``lead`` keeps that lead's reports."""
    members = Member.objects.active().filter(workspace=workspace).with_role("csm")
    if lead is not None:
        members = members.filter(lead=lead)
    books = {
        owner: (accounts, mrr or 0)
        for owner, accounts, mrr in Account.objects.filter(workspace=workspace, owner__isnull=False)
        .order_by()
        .values_list("owner")
        .annotate(accounts=Count("pk"), mrr=Sum("figures__mrr_minor"))
    }
    waiting = Task.objects.filter(awake(context.today), workspace=workspace, state=Task.State.OPEN)
    per_member: dict[UUID, tuple[list[int], int]] = {}
    rows = (
        waiting.annotate(responsible=Coalesce("assignee_id", "account__owner_id"))
        .order_by()
        .values_list("responsible", "level")
        .annotate(number=Count("pk"), late=Count("pk", filter=Q(due_on__lt=context.today)))
    )
    for member_id, level, number, late in rows:
        levels, overdue = per_member.get(member_id, ([0, 0, 0, 0], 0))
        levels[level - 1] += number
        per_member[member_id] = (levels, overdue + late)
    return [
        TeamRow(
            member=member,
            accounts=books.get(member.pk, (0, 0))[0],
            mrr_minor=books.get(member.pk, (0, 0))[1],
            levels=per_member.get(member.pk, ([0, 0, 0, 0], 0))[0],
            overdue=per_member.get(member.pk, ([], 0))[1],
            url=reverse("priorities:queue_of", args=[workspace.slug, member.pk]),
        )
        for member in members.select_related("lead").order_by("name")
    ]


def totals_of(rows: Sequence[TeamRow]) -> Totals:
    """The sums over a team."""
    return Totals(
        accounts=sum(row.accounts for row in rows),
        mrr_minor=sum(row.mrr_minor for row in rows),
        levels=[sum(row.levels[place] for row in rows) for place in range(4)],
        overdue=sum(row.overdue for row in rows),
        most=max((row.open for row in rows), default=0),
    )


def ordered(rows: Sequence[TeamRow], sort: str) -> list[TeamRow]:
    """The rows by one of ``ORDERS``; equals stay in the order of names."""
    key = sort.removeprefix("-")
    return sorted(rows, key=ORDERS[key][1], reverse=sort.startswith("-"))
