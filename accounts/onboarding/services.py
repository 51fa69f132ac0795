"""Named writes over onboarding records. The ledger's triggers tell who did it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Account, AdoptionCheck, DirtyAccount, Onboarding, OnboardingGoal
from accounts.services import save_account
from csworkbench.tenancy.models import Member

from .records import open_missing

STATES = Onboarding.State


class RecordMoved(Exception):
    """Somebody ended or reopened the record meanwhile: a lost race (409)."""


def open_onboarding(*, actor: Member, account: Account) -> Onboarding:
    """Start an onboarding: the account's stage becomes onboarding, and its record opens. Twice is once.

    A record that ended in this very stay goes on rather than beginning anew.
    """
    with transaction.atomic():
        locked = _lock_account(account)
        if locked.stage != Account.Stage.ONBOARDING:
            locked.stage = Account.Stage.ONBOARDING
            save_account(account=locked, fields=["stage"])
        else:
            open_missing(locked.workspace_id, locked.workspace.today, [locked.pk])
        opened = _running(locked)
        if opened is None:
            ended = Onboarding.objects.filter(workspace=locked.workspace_id, account=locked)
            return reopen_onboarding(actor=actor, onboarding=ended.latest("ended_on"))
    return opened


def tick_goal(*, actor: Member, goal: OnboardingGoal, note: str = "") -> bool:
    """A member says that a goal is reached; returns whether that was news. Raises ``RecordMoved`` when it has ended."""
    with transaction.atomic():
        record = _lock(goal.onboarding_id, goal.workspace_id)
        _require(record, STATES.OPEN)
        return bool(
            OnboardingGoal.objects.filter(workspace=goal.workspace_id, pk=goal.pk, done_on__isnull=True).update(
                done_on=actor.workspace.today, done_by=actor, note=note.strip()
            )
        )


def untick_goal(*, actor: Member, goal: OnboardingGoal) -> bool:
    """Take a tick back; returns whether there was one.

    What the workbench saw by itself it would see again at once: from now on the goal is the members' alone.
    """
    with transaction.atomic():
        record = _lock(goal.onboarding_id, goal.workspace_id)
        _require(record, STATES.OPEN)
        goals = OnboardingGoal.objects.filter(workspace=goal.workspace_id, pk=goal.pk, done_on__isnull=False)
        current = goals.first()
        if current is None:
            return False
        by_itself = {"template": None} if current.done_by_id is None else {}
        return bool(goals.update(done_on=None, done_by=None, note="", **by_itself))


def check_adoption(
    *,
    actor: Member,
    account: Account,
    verdict: str,
    onboarding: Onboarding | None = None,
    note: str = "",
    checked_on: date | None = None,
    request_key: UUID | None = None,
) -> AdoptionCheck:
    """Update the adoption record: how well the account takes up what it bought (PLB-3 f).

    It belongs to ``onboarding``, else to the running one if there is any. The same ``request_key`` writes once.
    """
    values = {
        "account": account,
        "onboarding": onboarding or _running(account),
        "author": actor,
        "verdict": verdict,
        "note": note.strip(),
        "checked_on": checked_on or actor.workspace.today,
    }
    with transaction.atomic():
        if request_key is None:
            made, new = AdoptionCheck.objects.create(workspace_id=account.workspace_id, **values), True
        else:
            made, new = AdoptionCheck.objects.get_or_create(
                workspace_id=account.workspace_id, request_key=request_key, defaults=values
            )
        if new:
            mark(account)
    return made


def change_target(*, actor: Member, onboarding: Onboarding, target_on: date | None) -> bool:
    """Set the day by which it should be through; returns whether it moved."""
    if target_on is not None and target_on < onboarding.started_on:
        raise ValidationError({"target_on": "The target is before the start."})
    with transaction.atomic():
        record = _lock(onboarding.pk, onboarding.workspace_id)
        _require(record, STATES.OPEN)
        if record.target_on == target_on:
            return False
        record.target_on = target_on
        record.save(update_fields=["target_on"])
    onboarding.target_on = target_on
    return True


def complete_onboarding(*, actor: Member, onboarding: Onboarding, note: str) -> bool:
    """Complete it: the stage becomes adoption. What is left undone needs a note. False when it was completed already.

    Raises ``RecordMoved`` when it failed meanwhile, ``ValidationError`` without the note.
    """
    with transaction.atomic():
        account = _lock_account(onboarding.account)
        record = _lock(onboarding.pk, onboarding.workspace_id)
        if record.state == STATES.COMPLETED:
            return False
        _require(record, STATES.OPEN)
        left = OnboardingGoal.objects.filter(workspace=record.workspace_id, onboarding=record, done_on__isnull=True)
        if not note.strip() and left.exists():
            raise ValidationError({"note": "Goals are left undone: say who looks after them, or why they may rest."})
        _end(record, actor, STATES.COMPLETED, note)
        if account.stage == Account.Stage.ONBOARDING:
            account.stage = Account.Stage.ADOPTION
            save_account(account=account, fields=["stage"])
    return True


def fail_onboarding(*, actor: Member, onboarding: Onboarding, note: str) -> bool:
    """The account failed to onboard: the stage stays, and the note says why. False when it was said already."""
    if not note.strip():
        raise ValidationError({"note": "Say why it failed, and what was tried."})
    with transaction.atomic():
        record = _lock(onboarding.pk, onboarding.workspace_id)
        if record.state == STATES.FAILED:
            return False
        _require(record, STATES.OPEN)
        _end(record, actor, STATES.FAILED, note)
    return True


def reopen_onboarding(*, actor: Member, onboarding: Onboarding) -> Onboarding:
    """Go on with an ended record: the stage is onboarding again. Refused while another record runs."""
    with transaction.atomic():
        account = _lock_account(onboarding.account)
        record = _lock(onboarding.pk, onboarding.workspace_id)
        if record.state == STATES.OPEN:
            return record
        if _running(account) is not None:
            raise ValidationError("Another onboarding of this account is running.")
        _set_open(record)
        if account.stage != Account.Stage.ONBOARDING:
            account.stage = Account.Stage.ONBOARDING
            save_account(account=account, fields=["stage"])
    return record


def mark(account: Account) -> None:
    """Let the pipeline look at the account again: adoption checks and plan goals mark nothing by themselves."""
    DirtyAccount.objects.create(workspace_id=account.workspace_id, account_id=account.pk)


def _running(account: Account) -> Onboarding | None:
    return Onboarding.objects.filter(workspace=account.workspace_id, account=account, state=STATES.OPEN).first()


def _lock(record: UUID, workspace_id: int) -> Onboarding:
    return Onboarding.objects.select_for_update(no_key=True).get(workspace=workspace_id, pk=record)


def _lock_account(account: Account) -> Account:
    """Accounts are locked before their records, by everybody: no ring."""
    accounts = Account.objects.select_for_update(no_key=True, of=("self",)).select_related("workspace")
    return accounts.get(workspace=account.workspace_id, pk=account.pk)


def _require(record: Onboarding, state: str) -> None:
    if record.state != state:
        raise RecordMoved


def _end(record: Onboarding, actor: Member, state: str, note: str) -> None:
    record.state, record.note = state, note.strip()
    record.ended_on, record.ended_by = actor.workspace.today, actor
    record.save(update_fields=["state", "note", "ended_on", "ended_by"])


def _set_open(record: Onboarding) -> None:
    record.state, record.ended_on, record.ended_by = STATES.OPEN, None, None
    record.save(update_fields=["state", "ended_on", "ended_by"])
