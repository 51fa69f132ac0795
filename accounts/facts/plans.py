"""Facts of onboarding and of plans (USE-3, PLB-3 f g h k)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    Func,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable

from accounts.models import AdoptionCheck, Onboarding, Plan, PlanAction, PlanGoal
from accounts.plans.progress import percent_in_sql
from csworkbench.common import words

from .registry import Fact, FactContext, Kind, register


class DaysBetween(Func):
    """Whole days from the second day to the first: PostgreSQL subtracts dates to an integer."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


def _running(context: FactContext) -> QuerySet[Onboarding]:
    """The open record of the account at hand; one at most."""
    return Onboarding.objects.filter(workspace=context.workspace_id, account=OuterRef("pk"), state="open")


def _target(context: FactContext) -> Combinable:
    return Subquery(_running(context).values("target_on")[:1])


def _days(context: FactContext) -> Combinable:
    today = Value(context.today, output_field=DateField())
    return Subquery(_running(context).annotate(days=DaysBetween(today, F("started_on"))).values("days")[:1])


def _goals_open(context: FactContext) -> Combinable:
    left = Count("goals", filter=Q(goals__done_on__isnull=True))
    return Subquery(_running(context).annotate(left=left).values("left")[:1], output_field=IntegerField())


def _last_check(column: str) -> Any:
    def expression(context: FactContext) -> Combinable:
        checks = AdoptionCheck.objects.filter(workspace=context.workspace_id, account=OuterRef("pk"))
        return Subquery(checks.order_by("-checked_on", "-created_at").values(column)[:1])

    return expression


def _has_plan(kind: str) -> Any:
    def expression(context: FactContext) -> Combinable:
        running = Plan.objects.filter(workspace=context.workspace_id, account=OuterRef("pk"), state="open")
        if kind:
            running = running.filter(kind=kind)
        # A value per row rather than a bare EXISTS: see the facts of modules owned.
        return Case(When(Exists(running), then=Value(True)), default=Value(False))

    return expression


def _progress(context: FactContext) -> Combinable:
    goals = PlanGoal.objects.filter(workspace=context.workspace_id, account=OuterRef("pk"), plan__state="open")
    lowest = goals.order_by().values("account").annotate(lowest=Min(percent_in_sql()))
    return Subquery(lowest.values("lowest"), output_field=IntegerField())


def _action_due(context: FactContext) -> Combinable:
    actions = PlanAction.objects.filter(
        workspace=context.workspace_id, account=OuterRef("pk"), plan__state="open", done_on__isnull=True
    )
    earliest = actions.order_by().values("account").annotate(earliest=Min("due_on"))
    return Subquery(earliest.values("earliest"), output_field=DateField())


def _check_in_due(context: FactContext) -> Combinable:
    plans = Plan.objects.filter(workspace=context.workspace_id, account=OuterRef("pk"), state="open")
    earliest = plans.order_by().values("account").annotate(earliest=Min("next_check_in_on"))
    return Subquery(earliest.values("earliest"), output_field=DateField())


def _due(what: str) -> Any:
    def say(value: date, context: FactContext) -> str:
        days = context.days_since(value)
        if days > 0:
            return f"{what} {days} d overdue"
        return f"{what} due today" if days == 0 else f"{what} due in {-days} d"

    return say


def _checked(value: date, context: FactContext) -> str:
    days = context.days_since(value)
    return "adoption checked today" if days <= 0 else f"adoption checked {days} d ago"


register(Fact("onboarding_target_on", "onboarding target", Kind.DAY, _target, _due("onboarding")))
register(
    Fact(
        "onboarding_days",
        "days in onboarding",
        Kind.NUMBER,
        _days,
        lambda v, c: f"onboarding for {v} d",
        unit="days",
    )
)
register(
    Fact(
        "onboarding_goals_open",
        "onboarding goals open",
        Kind.NUMBER,
        _goals_open,
        lambda v, c: f"{words.count(v, 'onboarding goal')} open" if v else "every onboarding goal done",
    )
)
register(
    Fact(
        "adoption",
        "adoption",
        Kind.CHOICE,
        _last_check("verdict"),
        lambda v, c: f"adoption {AdoptionCheck.Verdict(v).label.lower()}",
        choices=tuple(AdoptionCheck.Verdict.choices),
        since="adoption_checked_on",
    )
)
register(
    Fact(
        "adoption_checked_on",
        "adoption checked",
        Kind.DAY,
        _last_check("checked_on"),
        _checked,
        unknown="never checked",
    )
)
register(
    Fact(
        "plan_open",
        "a plan is running",
        Kind.YES_NO,
        _has_plan(""),
        lambda v, c: "a plan is running" if v else "no plan is running",
    )
)
register(
    Fact(
        "retention_plan_open",
        "a retention plan is running",
        Kind.YES_NO,
        _has_plan("retention"),
        lambda v, c: "a retention plan is running" if v else "no retention plan is running",
    )
)
register(
    Fact(
        "plan_progress",
        "lowest progress of a plan",
        Kind.NUMBER,
        _progress,
        lambda v, c: f"plan at {v} %",
        unit="%",
    )
)
register(Fact("plan_action_due_on", "next action of a plan", Kind.DAY, _action_due, _due("plan action")))
register(Fact("check_in_due_on", "next check-in of a plan", Kind.DAY, _check_in_due, _due("check-in")))
