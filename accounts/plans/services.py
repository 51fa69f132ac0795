"""Named writes over plans: their life, their check-ins and value statements. Goals and actions: ``parts``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Account, Contact, DirtyAccount, Plan, PlanAction, PlanEntry, PlanGoal
from csworkbench.tenancy.calendar import add_business_days, holidays_of
from csworkbench.tenancy.models import Member

from .rhythm import next_check_in
from .starter import Suggestion, kit_for

STATES = Plan.State


class PlanEnded(Exception):
    """Somebody ended or reopened the plan meanwhile: a lost race (409)."""


def start_plan(
    *,
    actor: Member,
    account: Account,
    kind: str,
    title: str,
    starts_on: date,
    target_on: date | None = None,
    check_in_days: int | None = None,
    copied: Collection[str] = (),
) -> Plan:
    """Start a plan with what is copied from the kit; one of a kind runs at a time (``ValidationError``).

    The same title twice is the same plan: a form that was sent twice starts one.
    """
    with transaction.atomic():
        # Two who start at once follow each other.
        Account.objects.select_for_update(no_key=True).get(workspace=account.workspace_id, pk=account.pk)
        running = Plan.objects.filter(workspace=account.workspace_id, account=account, kind=kind, state="open").first()
        if running is not None:
            if running.title == title.strip():
                return running
            raise ValidationError({"kind": f"A {running.get_kind_display().lower()} is running: “{running.title}”."})
        plan = Plan(
            workspace=account.workspace, account=account, kind=kind, title=title.strip(), starts_on=starts_on,
            target_on=target_on, check_in_days=check_in_days, author=actor,
        )  # fmt: skip
        plan.next_check_in_on = _first_check_in(plan)
        plan.save()
        copy_kit(actor=actor, plan=plan, keys=copied)
    return plan


def change_plan(*, actor: Member, plan: Plan, fields: Collection[str]) -> bool:
    """Save the corrected ``fields`` and no other; a changed rhythm plans the next check-in anew."""
    written = set(fields)
    if not written:
        return False
    with transaction.atomic():
        locked = lock_plan(plan)
        if "check_in_days" in written and "next_check_in_on" not in written:
            plan.next_check_in_on = _next_of(plan, locked.starts_on) if plan.check_in_days else None
            written.add("next_check_in_on")
        plan.save(update_fields=written)
    return True


def end_plan(*, actor: Member, plan: Plan, state: str, note: str) -> bool:
    """Close a plan, or say that it is achieved; False when that was said already.

    Raises ``PlanEnded`` when somebody ended it otherwise.
    """
    with transaction.atomic():
        locked = lock_plan(plan, running=False)
        if locked.state == state:
            return False
        if locked.state != STATES.OPEN:
            raise PlanEnded
        locked.state, locked.ending_note, locked.ended_on = state, note.strip(), actor.workspace.today
        locked.save(update_fields=["state", "ending_note", "ended_on"])
    return True


def reopen_plan(*, actor: Member, plan: Plan) -> bool:
    """Go on with an ended plan; refused while another one of its kind runs."""
    with transaction.atomic():
        locked = lock_plan(plan, running=False)
        if locked.state == STATES.OPEN:
            return False
        locked.state, locked.ended_on = STATES.OPEN, None
        try:
            with transaction.atomic():
                locked.save(update_fields=["state", "ended_on"])
        except IntegrityError:
            raise ValidationError(f"Another {locked.get_kind_display().lower()} is running.") from None
    return True


def write_entry(
    *,
    actor: Member,
    plan: Plan,
    kind: str,
    text: str,
    on: date,
    said_by: Contact | None = None,
    request_key: UUID | None = None,
) -> PlanEntry:
    """Write down a check-in or a value statement; a check-in moves the next one on. One ``request_key``, one entry."""
    values = {
        "account": plan.account, "plan": plan, "kind": kind, "text": text.strip(), "on": on,
        "author": actor, "said_by": said_by,
    }  # fmt: skip
    with transaction.atomic():
        locked = lock_plan(plan)
        if request_key is None:
            made, new = PlanEntry.objects.create(workspace_id=plan.workspace_id, **values), True
        else:
            made, new = PlanEntry.objects.get_or_create(
                workspace_id=plan.workspace_id, request_key=request_key, defaults=values
            )
        if new and kind == PlanEntry.Kind.CHECK_IN and locked.check_in_days:
            holidays = holidays_of(plan.workspace_id, on)
            locked.next_check_in_on = next_check_in(on, locked.check_in_days, locked.next_check_in_on, holidays)
            locked.save(update_fields=["next_check_in_on"])
            plan.next_check_in_on = locked.next_check_in_on
    return made


def copy_kit(*, actor: Member, plan: Plan, keys: Collection[str]) -> int:
    """Copy suggestions of the starter kit into a plan; what it has by that name stays. Returns how many came."""
    chosen = [one for one in kit_for(plan.account, plan.kind) if one.key in keys] if keys else []
    if not chosen:
        return 0
    with transaction.atomic():
        lock_plan(plan)
        added = _copy_goals(plan, [one for one in chosen if one.is_goal])
        added += _copy_actions(actor, plan, [one for one in chosen if not one.is_goal])
        mark(plan)
    return added


def _copy_goals(plan: Plan, chosen: Sequence[Suggestion]) -> int:
    mine = PlanGoal.objects.filter(workspace=plan.workspace_id, plan=plan)
    known = {name.lower() for name in mine.values_list("measure", flat=True)}
    place = len(known)
    goals = [
        PlanGoal(
            workspace=plan.workspace, account=plan.account, plan=plan, measure=one.label, unit=one.unit,
            baseline=one.baseline, target=one.target or Decimal(0), current=one.baseline,
            due_on=plan.starts_on + timedelta(days=one.days), place=place + number,
        )
        for number, one in enumerate(chosen, start=1)
        if one.label.lower() not in known
    ]  # fmt: skip
    PlanGoal.objects.bulk_create(goals, ignore_conflicts=True)
    return len(goals)


def _copy_actions(actor: Member, plan: Plan, chosen: Sequence[Suggestion]) -> int:
    mine = PlanAction.objects.filter(workspace=plan.workspace_id, plan=plan)
    known = {title.lower() for title in mine.values_list("title", flat=True)}
    theirs = Contact.objects.filter(workspace=plan.workspace_id, account=plan.account, is_primary=True).first()
    holidays = holidays_of(plan.workspace_id, plan.starts_on)
    actions = [
        PlanAction(
            workspace=plan.workspace, account=plan.account, plan=plan, title=one.label,
            contact=None if one.is_ours else theirs,
            due_on=add_business_days(plan.starts_on + timedelta(days=one.days), 0, holidays),
        )
        for one in chosen
        if one.label.lower() not in known
    ]  # fmt: skip
    PlanAction.objects.bulk_create(actions)
    return len(actions)


def lock_plan(plan: Plan, *, running: bool = True) -> Plan:
    """The plan's row, locked; ``PlanEnded`` when it should run and does not."""
    locked = Plan.objects.select_for_update(no_key=True).get(workspace=plan.workspace_id, pk=plan.pk)
    if running and locked.state != STATES.OPEN:
        raise PlanEnded
    return locked


def mark(plan: Plan) -> None:
    """Let the pipeline look at the account again: goals of plans mark nothing by themselves."""
    DirtyAccount.objects.create(workspace_id=plan.workspace_id, account_id=plan.account_id)


def _first_check_in(plan: Plan) -> date | None:
    return _next_of(plan, plan.starts_on) if plan.check_in_days else None


def _next_of(plan: Plan, start: date) -> date:
    """The next check-in by the plan's rhythm: from the last one, else from the start."""
    entries = PlanEntry.objects.filter(workspace=plan.workspace_id, plan=plan.pk, kind=PlanEntry.Kind.CHECK_IN)
    last: Any = entries.order_by("-on").values_list("on", flat=True).first() if plan.pk else None
    on = last or start
    return next_check_in(on, plan.check_in_days or 0, None, holidays_of(plan.workspace_id, on))
