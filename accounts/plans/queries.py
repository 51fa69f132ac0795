"""What the pages of plans read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery

from accounts.models import Account, Outcome, Plan, PlanAction, PlanEntry, PlanGoal
from csworkbench.common.charts import Chart, sparkline
from csworkbench.tenancy.models import HistoryEntry, Workspace

from .progress import percent, percent_in_sql

MOST_ENTRIES = 100
# Values of the ledger that a plan's page reads, the newest; a goal measured daily for a quarter has ninety.
MOST_VALUES = 400


@dataclass(frozen=True)
class GoalLine:
    """A goal with how far it is; ``values`` are those the ledger knows, oldest first, the baseline before them."""

    goal: PlanGoal
    percent: int
    follows_outcome: bool
    is_overdue: bool
    values: tuple[float, ...] = ()

    @property
    def is_reached(self) -> bool:
        return self.percent == 100

    @property
    def chart(self) -> Chart | None:
        """Its way as a small line; None before the second value."""
        if len(self.values) < 2:
            return None
        return sparkline(self.values, self.goal.measure)


@dataclass(frozen=True)
class PlanView:
    """A plan with what its page shows; actions by due date, entries newest first."""

    plan: Plan
    goals: list[GoalLine]
    actions: list[PlanAction]
    entries: list[PlanEntry] = field(default_factory=list)

    @property
    def open_actions(self) -> list[PlanAction]:
        return [one for one in self.actions if one.done_on is None]

    @property
    def done_actions(self) -> list[PlanAction]:
        return [one for one in self.actions if one.done_on is not None]

    def overdue_actions(self, today: date) -> int:
        return sum(one.due_on is not None and one.due_on < today for one in self.open_actions)

    @property
    def reached(self) -> int:
        return sum(line.is_reached for line in self.goals)

    @property
    def lowest(self) -> int | None:
        """The percent of the goal that is furthest behind; None without goals."""
        return min((line.percent for line in self.goals), default=None)


def plans_of(account: Account, workspace: Workspace) -> list[PlanView]:
    """The running plans of an account with goals and actions: four statements whatever their number."""
    plans = list(account.plans.filter(workspace=workspace, state=Plan.State.OPEN).order_by("-kind", "created_at"))
    return _views(plans, account, workspace)


def ended_plans(account: Account, workspace: Workspace) -> QuerySet[Plan]:
    """Plans that ended, the last first."""
    return account.plans.filter(workspace=workspace).exclude(state=Plan.State.OPEN).order_by("-ended_on", "-created_at")


def read_plan(plan: Plan, workspace: Workspace) -> PlanView:
    """A plan with everything on its page."""
    view = _views([plan], plan.account, workspace)[0]
    values = _values_of(plan, workspace)
    goals = [
        GoalLine(line.goal, line.percent, line.follows_outcome, line.is_overdue, _way(line.goal, values))
        for line in view.goals
    ]
    entries = PlanEntry.objects.filter(workspace=workspace, plan=plan).select_related("author", "said_by")
    return PlanView(plan, goals, view.actions, list(entries.order_by("-on", "-created_at")[:MOST_ENTRIES]))


def _views(plans: list[Plan], account: Account, workspace: Workspace) -> list[PlanView]:
    if not plans:
        return []
    today = workspace.today
    mine = {"workspace": workspace, "plan__in": plans}
    outcomes = Outcome.objects.filter(workspace=workspace, account=account).values_list("measure", flat=True)
    followed = {measure.lower() for measure in outcomes}
    goals: dict[UUID, list[GoalLine]] = defaultdict(list)
    for goal in PlanGoal.objects.filter(**mine):
        so_far = percent(goal.baseline, goal.target, goal.current)
        late = so_far < 100 and goal.due_on is not None and goal.due_on < today
        goals[goal.plan_id].append(GoalLine(goal, so_far, goal.measure.lower() in followed, late))
    actions: dict[UUID, list[PlanAction]] = defaultdict(list)
    known = PlanAction.objects.filter(**mine).select_related("member", "contact", "done_by", "goal")
    for action in known.order_by(F("due_on").asc(nulls_last=True), "created_at"):
        actions[action.plan_id].append(action)
    return [PlanView(plan, goals[plan.pk], actions[plan.pk]) for plan in plans]


def _values_of(plan: Plan, workspace: Workspace) -> dict[UUID, list[Any]]:
    """The values of the plan's goals as the ledger kept them, oldest first: one statement."""
    entries = HistoryEntry.objects.filter(
        workspace=workspace,
        account_id=plan.account_id,
        table_name=PlanGoal._meta.db_table,
        operation="update",
        changes__has_key="current",
    )
    values: dict[UUID, list[Any]] = defaultdict(list)
    for row, changes in entries.order_by("-pk").values_list("row_id", "changes")[:MOST_VALUES]:
        if row is not None:
            values[row].insert(0, changes["current"][1])
    return values


def _way(goal: PlanGoal, values: dict[UUID, list[Any]]) -> tuple[float, ...]:
    return tuple(float(Decimal(str(value))) for value in (goal.baseline, *values.get(goal.pk, [])))


def with_figures(plans: QuerySet[Plan], workspace: Workspace) -> QuerySet[Plan]:
    """Plans with what a row of the list shows: lowest progress, goals reached, actions open and overdue."""
    goals = PlanGoal.objects.filter(workspace=workspace, plan=OuterRef("pk")).order_by().values("plan")
    actions = (
        PlanAction.objects.filter(workspace=workspace, plan=OuterRef("pk"), done_on__isnull=True)
        .order_by()
        .values("plan")
    )
    late = Q(due_on__lt=workspace.today)
    return plans.select_related("account__owner").annotate(
        lowest=_figure(goals.annotate(n=Min(percent_in_sql()))),
        goal_count=_figure(goals.annotate(n=Count("pk"))),
        goals_reached=_figure(goals.annotate(n=Count("pk", filter=Q(reached_on__isnull=False)))),
        actions_open=_figure(actions.annotate(n=Count("pk"))),
        actions_overdue=_figure(actions.annotate(n=Count("pk", filter=late))),
    )


def _figure(rows: Any) -> Subquery:
    return Subquery(rows.values("n"), output_field=IntegerField())
