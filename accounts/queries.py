"""Reads over accounts that several pages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F

from csworkbench.tenancy.models import Workspace

from .facts import FactContext, get_fact
from .models import Account, Opportunity, Subtype


def fact_values(accounts: Sequence[UUID], keys: Iterable[str], context: FactContext) -> dict[UUID, dict[str, Any]]:
    """The values of facts for some accounts, each with the facts that say since when; one statement.

    Unknown keys (a fact that was retired after a version was published) are left out.
    """
    wanted: dict[str, Any] = {}
    for key in keys:
        for each in (key, _since(key, context)):
            if each and each not in wanted and (fact := _find(each, context)) is not None:
                wanted[each] = fact.expression(context)
    if not accounts or not wanted:
        return {account: {} for account in accounts}
    columns = {f"fact_{index}": expression for index, expression in enumerate(wanted.values())}
    rows = (
        Account.objects.filter(workspace=context.workspace_id, pk__in=accounts)
        .annotate(**columns)
        .values_list("pk", *columns)
    )
    return {row[0]: dict(zip(wanted, row[1:], strict=True)) for row in rows}


def opportunities_of(account: Account, workspace: Workspace) -> tuple[list[Opportunity], list[Opportunity]]:
    """The open opportunities of an account, the next to close first, and those won or lost, the last first."""
    known = account.opportunities.filter(workspace=workspace).select_related("owner", "contact")
    in_order = known.order_by(F("closes_on").asc(nulls_last=True), "name")
    ended = known.exclude(state=Opportunity.State.OPEN).order_by(F("closes_on").desc(nulls_last=True), "name")
    return list(in_order.filter(state=Opportunity.State.OPEN)), list(ended)


def locations_of(account: Account, limit: int = 20) -> list[Account]:
    """The first locations of an account by name; no statement for the many that have none."""
    if not account.figures.locations:
        return []
    below = account.locations.filter(workspace=account.workspace_id).select_related("figures", "standing")
    return list(below.order_by("name", "pk")[:limit])


def subtypes_of(account: Account) -> list[str]:
    """The names of an account's subtypes: those chosen by hand, or those whose condition holds (ACC-2)."""
    keys = account.figures.subtypes if account.subtypes_chosen is None else account.subtypes_chosen
    if not keys:
        return []
    return list(Subtype.objects.filter(workspace=account.workspace_id, key__in=keys).values_list("name", flat=True))


def _find(key: str, context: FactContext) -> Any:
    try:
        return get_fact(key, context)
    except KeyError:
        return None


def _since(key: str, context: FactContext) -> str:
    fact = _find(key, context)
    return fact.since if fact is not None else ""
