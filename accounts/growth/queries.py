"""Reads over upsell candidates: those of an account with their reasons, and those of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.conditions import facts_of
from accounts.facts import FactContext, get_fact
from accounts.models import Account, Candidate
from accounts.queries import fact_values
from csworkbench.tenancy.models import Workspace

# What every offer asks for says nothing about this one.
COMMON = frozenset({"stage", "past_due_since", "health", "customer_since"})


@dataclass(frozen=True)
class Reasoned:
    """A candidate with why its offer fits: the facts of its condition in words."""

    candidate: Candidate
    reasons: list[str]


def candidates_of(account: Account, workspace: Workspace) -> list[Candidate]:
    """All but cleared candidates of an account: open ones first, in the order of the offers."""
    rows = Candidate.objects.filter(workspace=workspace, account=account).exclude(state=Candidate.State.CLEARED)
    found = rows.select_related("offer__product", "decided_by").order_by("offer__place", "offer__name")
    return sorted(found, key=lambda one: one.state != Candidate.State.OPEN)


def open_candidates(workspace: Workspace) -> QuerySet[Candidate]:
    """Everything that could be sold now, with what a list shows of it."""
    rows = Candidate.objects.filter(workspace=workspace, state=Candidate.State.OPEN)
    return rows.select_related("offer__product", "account__figures", "account__standing", "account__owner")


def reasoned(candidates: Sequence[Candidate], context: FactContext) -> list[Reasoned]:
    """The candidates with their reasons; one statement for all of them."""
    keys = {key for one in candidates for key in facts_of(one.offer.condition)}
    values = fact_values([one.account_id for one in candidates], sorted(keys), context)
    return [Reasoned(one, _reasons(one, values.get(one.account_id, {}), context)) for one in candidates]


def _reasons(candidate: Candidate, values: dict[str, object], context: FactContext) -> list[str]:
    said = []
    for key in facts_of(candidate.offer.condition):
        if key in COMMON or key not in values:
            continue
        words = get_fact(key, context).words(values[key], context)
        if words:
            said.append(words[:1].upper() + words[1:])
    return said
