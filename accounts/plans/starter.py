"""The starter kit of plans: goals and actions to copy, as plain data; what the account's outcomes offer beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.facts import context_for
from accounts.models import Account, Outcome, Plan
from accounts.queries import fact_values

SUCCESS, RETENTION = (str(value) for value in Plan.Kind.values)
BOTH = (SUCCESS, RETENTION)


@dataclass(frozen=True)
class Suggestion:
    """Something to copy into a plan: a goal, or an action when it has no target. Days count from the plan's start.

    ``fact`` names the number that is the baseline where it is known.
    """

    key: str
    label: str
    kinds: tuple[str, ...] = BOTH
    unit: str = ""
    baseline: Decimal = Decimal(0)
    target: Decimal | None = None
    days: int = 60
    fact: str = ""
    is_ours: bool = True

    @property
    def is_goal(self) -> bool:
        return self.target is not None

    @property
    def says(self) -> str:
        """``Logins per week, from 4 to 20``."""
        if self.target is None:
            return self.label if self.is_ours else f"{self.label} (theirs)"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.label}, from {_plain(self.baseline)} to {_plain(self.target)}{unit}"


def goal(
    key: str, label: str, unit: str, baseline: int, target: int, days: int, *kinds: str, fact: str = ""
) -> Suggestion:
    return Suggestion(key, label, kinds or BOTH, unit, Decimal(baseline), Decimal(target), days, fact)


def action(key: str, label: str, days: int, *kinds: str, theirs: bool = False) -> Suggestion:
    return Suggestion(key, label, kinds or BOTH, days=days, is_ours=not theirs)


SHARED = (
    goal("logins", "Logins per week", "logins", 2, 10, 60),
    goal("active-users", "Active users", "users", 5, 10, 60, fact="active_users"),
    goal("retraining", "Re-training sessions held", "sessions", 0, 2, 30, RETENTION),
    goal("open-tickets", "Open support tickets", "support tickets", 4, 0, 30, RETENTION, fact="support_tickets_open"),
    action("sponsor-call", "Call with the decision maker about what they expect", 5, RETENTION),
    action("book-retraining", "Book the re-training sessions", 7, RETENTION),
    action("attend-retraining", "Name who takes part in the re-training", 10, RETENTION, theirs=True),
    action("value-statement", "Write down what they gained so far, in their words", 30),
    action("kick-off", "Agree on the goals with the decision maker", 7, SUCCESS),
    action("review", "Review the plan together before the renewal", 90, SUCCESS),
)
# Pack → what it adds to the kit; a vendor without a pack has the shared part.
KITS: dict[str, tuple[Suggestion, ...]] = {
    "advisor": (
        goal("cases", "Cases created per month", "cases", 5, 20, 90, SUCCESS),
        goal("leads", "Leads per month", "leads", 10, 25, 90, SUCCESS),
        goal("policies", "Policies viewed per week", "policies", 5, 25, 60),
    ),
    "compliance": (
        goal("courses", "Courses assigned per month", "courses", 5, 20, 60),
        goal("training-rate", "Staff with training up to date", "%", 60, 95, 90, SUCCESS),
        goal("overdue-courses", "Overdue courses", "courses", 30, 5, 60),
    ),
}
OUTCOME = "outcome:"


def kit_for(account: Account, kind: str) -> list[Suggestion]:
    """What can be copied into a plan of a kind for an account; baselines are known values where there are any.

    The account's outcomes stand first: a goal of that name follows its outcome.
    """
    outcomes = Outcome.objects.filter(workspace=account.workspace_id, account=account).order_by("measure")
    offered = [_of_outcome(one) for one in outcomes]
    kit = [one for one in (*KITS.get(account.workspace.starter_pack, ()), *SHARED) if kind in one.kinds]
    context = context_for(account.workspace)
    known = fact_values([account.pk], {one.fact for one in kit if one.fact}, context).get(account.pk, {})
    return offered + [_from_where_it_is(one, known.get(one.fact)) for one in kit]


def _of_outcome(outcome: Outcome) -> Suggestion:
    below = Decimal(min(outcome.actual, outcome.target - 1))
    return Suggestion(
        f"{OUTCOME}{outcome.pk}", outcome.measure, baseline=below, target=Decimal(outcome.target), days=90
    )


def _from_where_it_is(one: Suggestion, value: int | None) -> Suggestion:
    """The suggestion with the known value as its baseline, and a target still ahead of it."""
    if value is None or one.target is None:
        return one
    baseline, target = Decimal(value), one.target
    if target > one.baseline and target <= baseline:
        target = Decimal(math.ceil(value * 1.25) + 1)
    elif target < one.baseline and target >= baseline:
        return one  # it is down already; a goal that cannot fall any more is none
    return replace(one, baseline=baseline, target=target)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
