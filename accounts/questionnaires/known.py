"""What is known of some accounts, read in a constant number of statements: the sources of prefilled answers read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Model, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.facts import FactContext, context_for
from accounts.models import (
    Account,
    Contact,
    Interaction,
    ModuleUse,
    Note,
    Opportunity,
    Outcome,
    Subscription,
    SupportTicket,
)
from accounts.queries import fact_values
from csworkbench.tenancy.models import Workspace

LAST, TICKETS = 3, 20
Rows = dict[UUID, list[Any]]


@dataclass(frozen=True)
class Known:
    """One account with the rows around it; a part that no question asked for is empty."""

    account: Account
    context: FactContext
    contacts: list[Contact] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    uses: list[ModuleUse] = field(default_factory=list)
    tickets: list[SupportTicket] = field(default_factory=list)
    support: Mapping[str, Any] = field(default_factory=dict)
    interactions: list[Interaction] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    opportunities: list[Opportunity] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    facts: Mapping[str, Any] = field(default_factory=dict)


def known_of(
    workspace: Workspace, accounts: Sequence[UUID], *, parts: Collection[str], facts: Collection[str] = ()
) -> dict[UUID, Known]:
    """Account → what is known of it; ``parts`` names the fields of ``Known`` to read, one statement each.

    The statements do not grow with the accounts, but all rows are held at once: call it for some hundred at most.
    """
    context = context_for(workspace)
    rows = Account.objects.filter(workspace=workspace, pk__in=accounts).select_related(
        "figures", "standing", "instance", "parent", "owner__lead", "rsm", "fmc_lead"
    )
    read = {part: READERS[part](workspace, accounts) for part in parts if part in READERS}
    values = fact_values(accounts, facts, context) if facts else {}
    return {
        row.pk: Known(
            row,
            context,
            facts=values.get(row.pk, {}),
            **{part: found.get(row.pk, EMPTY[part]()) for part, found in read.items()},
        )
        for row in rows
    }


def _grouped(rows: QuerySet[Any, Any]) -> Rows:
    groups: Rows = defaultdict(list)
    for row in rows:
        groups[row.account_id].append(row)
    return dict(groups)


def _newest(model: type[Model], workspace: Workspace, accounts: Sequence[UUID], moment: str, most: int) -> Rows:
    """The last rows of each account, newest first."""
    ranked = model._default_manager.filter(workspace=workspace, account__in=accounts).annotate(
        place=Window(RowNumber(), partition_by=F("account_id"), order_by=F(moment).desc())
    )
    return _grouped(ranked.filter(place__lte=most).order_by("account_id", "place"))


def _contacts(workspace: Workspace, accounts: Sequence[UUID]) -> Rows:
    rows = Contact.objects.filter(workspace=workspace, account__in=accounts)
    return _grouped(rows.order_by("-is_primary", "-is_decision_maker", "last_name", "pk"))


def _subscriptions(workspace: Workspace, accounts: Sequence[UUID]) -> Rows:
    rows = Subscription.objects.filter(workspace=workspace, account__in=accounts, ended_on__isnull=True)
    return _grouped(rows.select_related("product", "payer", "decider", "decided_at_account").order_by("product__name"))


def _uses(workspace: Workspace, accounts: Sequence[UUID]) -> Rows:
    rows = ModuleUse.objects.filter(workspace=workspace, account__in=accounts).select_related("module")
    return _grouped(rows.order_by("-last_used_at"))


def _tickets(workspace: Workspace, accounts: Sequence[UUID]) -> Rows:
    return _newest(SupportTicket, workspace, accounts, "opened_at", TICKETS)


def _support(workspace: Workspace, accounts: Sequence[UUID]) -> dict[UUID, Any]:
    """Counts and averages over all support tickets of each account (ACC-9)."""
    first, whole = (
        ExpressionWrapper(F(end) - F("opened_at"), output_field=DurationField())
        for end in ("first_response_at", "resolved_at")
    )
    rows = (
        SupportTicket.objects.filter(workspace=workspace, account__in=accounts)
        .order_by()
        .values("account_id")
        .annotate(
            tickets=Count("pk"),
            resolved=Count("pk", filter=Q(state=SupportTicket.State.RESOLVED)),
            first_response=Avg(first),
            resolution=Avg(whole),
        )
    )
    return {row["account_id"]: row for row in rows}


def _interactions(workspace: Workspace, accounts: Sequence[UUID]) -> Rows:
    return _newest(Interaction, workspace, accounts, "happened_at", LAST)


def _notes(workspace: Workspace, accounts: Sequence[UUID]) -> Rows:
    return _newest(Note, workspace, accounts, "created_at", LAST)


def _opportunities(workspace: Workspace, accounts: Sequence[UUID]) -> Rows:
    rows = Opportunity.objects.filter(workspace=workspace, account__in=accounts, state=Opportunity.State.OPEN)
    return _grouped(rows.order_by(F("closes_on").asc(nulls_last=True), "name"))


def _outcomes(workspace: Workspace, accounts: Sequence[UUID]) -> Rows:
    return _grouped(Outcome.objects.filter(workspace=workspace, account__in=accounts).order_by("measure"))


READERS: dict[str, Callable[[Workspace, Sequence[UUID]], dict[UUID, Any]]] = {
    "contacts": _contacts,
    "subscriptions": _subscriptions,
    "uses": _uses,
    "tickets": _tickets,
    "support": _support,
    "interactions": _interactions,
    "notes": _notes,
    "opportunities": _opportunities,
    "outcomes": _outcomes,
}
EMPTY: dict[str, Callable[[], Any]] = {part: dict if part == "support" else list for part in READERS}
