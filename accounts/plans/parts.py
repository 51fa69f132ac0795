"""Named writes over the goals and actions of a plan."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import PlanAction, PlanGoal
from csworkbench.tenancy.models import Member

from .progress import is_reached
from .services import lock_plan, mark


class Act(Protocol):
    """One named write over one action; returns whether anything changed."""

    def __call__(self, *, actor: Member, action: PlanAction) -> bool: ...


def save_goal(*, actor: Member, goal: PlanGoal, fields: Collection[str]) -> None:
    """Save a new goal of a running plan, or the corrected ``fields`` of one and no other.

    ``ValidationError`` when the plan has a goal with this measure, ``PlanEnded`` when it does not run.
    """
    adding = goal._state.adding
    if not adding and not fields:
        return
    if goal.target == goal.baseline:
        raise ValidationError({"target": "The target has to differ from the baseline."})
    with transaction.atomic():
        lock_plan(goal.plan)
        if adding:
            goal.place = goal.place or PlanGoal.objects.filter(workspace=goal.workspace_id, plan=goal.plan).count() + 1
        _settle(goal, goal.measured_on or actor.workspace.today)
        try:
            with transaction.atomic():
                goal.save(update_fields=None if adding else {*fields, "reached_on"})
        except IntegrityError:
            raise ValidationError({"measure": "This plan has a goal with this measure."}) from None
        mark(goal.plan)


def measure_goal(*, actor: Member, goal: PlanGoal, value: Decimal, measured_on: date) -> bool:
    """Note the current value of a goal; the ledger keeps those before. Returns whether anything changed."""
    with transaction.atomic():
        lock_plan(goal.plan)
        locked = PlanGoal.objects.select_for_update(no_key=True).get(workspace=goal.workspace_id, pk=goal.pk)
        if (locked.current, locked.measured_on) == (value, measured_on):
            return False
        if locked.measured_on is not None and measured_on < locked.measured_on:
            day = f"{locked.measured_on:%b} {locked.measured_on.day}"
            raise ValidationError({"measured_on": f"There is a newer value already, of {day}."})
        locked.current, locked.measured_on = value, measured_on
        _settle(locked, measured_on)
        locked.save(update_fields=["current", "measured_on", "reached_on"])
        mark(goal.plan)
    return True


def _settle(goal: PlanGoal, on: date) -> None:
    """Since when a goal is reached; one that falls back is reached no more."""
    reached = is_reached(goal.baseline, goal.target, goal.current)
    goal.reached_on = (goal.reached_on or on) if reached else None


def remove_goal(*, actor: Member, goal: PlanGoal) -> bool:
    """Take a goal out of its plan; its actions stay. The ledger keeps what it was."""
    with transaction.atomic():
        lock_plan(goal.plan)
        removed, _ = PlanGoal.objects.filter(workspace=goal.workspace_id, pk=goal.pk).delete()
        mark(goal.plan)
    return bool(removed)


def save_action(*, actor: Member, action: PlanAction, fields: Collection[str]) -> None:
    """Save a new action of a running plan, or the corrected ``fields`` of one.

    The same open action added twice is one: a form that was sent twice does no harm.
    """
    adding = action._state.adding
    with transaction.atomic():
        lock_plan(action.plan)
        if adding:
            same = PlanAction.objects.filter(
                workspace=action.workspace_id, plan=action.plan, title=action.title, due_on=action.due_on,
                member=action.member, contact=action.contact, done_on__isnull=True,
            )  # fmt: skip
            if not same.exists():
                action.save()
        elif fields:
            action.save(update_fields=fields)


def finish_action(*, actor: Member, action: PlanAction) -> bool:
    """It is done; returns whether that was news."""
    return _set_done(actor, action, actor.workspace.today)


def resume_action(*, actor: Member, action: PlanAction) -> bool:
    """It is not done after all."""
    return _set_done(actor, action, None)


def _set_done(actor: Member, action: PlanAction, done_on: date | None) -> bool:
    with transaction.atomic():
        lock_plan(action.plan)
        actions = PlanAction.objects.filter(
            workspace=action.workspace_id, pk=action.pk, done_on__isnull=done_on is not None
        )
        return bool(actions.update(done_on=done_on, done_by=actor if done_on else None))


def remove_action(*, actor: Member, action: PlanAction) -> bool:
    """Take an action out of its plan; the ledger keeps what it was."""
    with transaction.atomic():
        lock_plan(action.plan)
        removed, _ = PlanAction.objects.filter(workspace=action.workspace_id, pk=action.pk).delete()
    return bool(removed)
