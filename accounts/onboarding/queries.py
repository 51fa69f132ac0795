"""What the pages of onboarding read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.models import Account, AdoptionCheck, Onboarding, OnboardingGoal
from csworkbench.tenancy.models import Workspace

from .standing import Standing, standing_of

# Newest checks of a record on its page; the panel shows the last one.
MOST_CHECKS = 60


@dataclass(frozen=True)
class Record:
    """One onboarding record with what its page shows; ``checks`` newest first."""

    onboarding: Onboarding
    goals: list[OnboardingGoal]
    checks: list[AdoptionCheck]
    standing: Standing

    @property
    def left(self) -> list[OnboardingGoal]:
        """Goals that are not done yet."""
        return [goal for goal in self.goals if goal.done_on is None]

    @property
    def last_check(self) -> AdoptionCheck | None:
        return self.checks[0] if self.checks else None


def records_of(account: Account, workspace: Workspace) -> list[Onboarding]:
    """Every record of an account: the running one first, then the last to end."""
    running_first = Case(When(state=Onboarding.State.OPEN, then=Value(0)), default=Value(1))
    records = account.onboardings.filter(workspace=workspace).select_related("ended_by")
    return list(records.order_by(running_first, F("ended_on").desc(nulls_last=True), "-created_at"))


def read_record(onboarding: Onboarding, today: date, *, checks: int = MOST_CHECKS) -> Record:
    """A record with its goals and newest checks; two statements."""
    mine = {"workspace": onboarding.workspace_id, "onboarding": onboarding.pk}
    goals = list(OnboardingGoal.objects.filter(**mine).select_related("done_by", "template"))
    seen = AdoptionCheck.objects.filter(**mine).select_related("author").order_by("-checked_on", "-created_at")
    return Record(onboarding, goals, list(seen[:checks]), standing_of(onboarding, goals, today))


def with_figures(records: QuerySet[Onboarding], workspace: Workspace) -> QuerySet[Onboarding]:
    """Records with what a row of the list shows: goals, goals done, the last adoption check."""
    goals = (
        OnboardingGoal.objects.filter(workspace=workspace, onboarding=OuterRef("pk")).order_by().values("onboarding")
    )
    checks = AdoptionCheck.objects.filter(workspace=workspace, account=OuterRef("account")).order_by(
        "-checked_on", "-created_at"
    )
    return records.select_related("account__owner", "account__instance").annotate(
        goal_count=_counted(goals.annotate(n=Count("pk"))),
        goals_done=_counted(goals.annotate(n=Count("pk", filter=Q(done_on__isnull=False)))),
        verdict=Subquery(checks.values("verdict")[:1]),
        checked_on=Subquery(checks.values("checked_on")[:1]),
    )


def _counted(rows: Any) -> Subquery:
    return Subquery(rows.values("n"), output_field=IntegerField())
