"""Reads over accounts that several pages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from .facts import FactContext, get_fact
from .models import Account


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


def _find(key: str, context: FactContext) -> Any:
    try:
        return get_fact(key, context)
    except KeyError:
        return None


def _since(key: str, context: FactContext) -> str:
    fact = _find(key, context)
    return fact.since if fact is not None else ""
