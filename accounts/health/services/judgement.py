"""Named writes over the health of one account: a member's judgement, an override, an escalation (HLT-2, HLT-3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Account, HealthOverride
from csworkbench.common import clock
from csworkbench.tenancy.models import Member

from ..definitions import MAX_REASON_CODES, REASON_CODES

MAX_REASON = 200
MAX_OVERRIDE_DAYS = 180


def judge(*, actor: Member, account: Account, health: str, reason: str, codes: Collection[str] = ()) -> bool:
    """Set what a member judges of an account's health, with the reason; returns whether anything changed.

    ``codes`` are up to three of ``REASON_CODES``. It holds where no scorecard speaks, and scorecards may measure it;
    the ledger is its history. ValidationError, by field, for what cannot be.
    """
    said, chosen = _checked(health, reason), _checked_codes(codes)
    with transaction.atomic():
        locked = _locked(account)
        if (locked.health, locked.health_reason, locked.health_codes) == (health, said, chosen):
            return False
        if locked.health != health:
            locked.health_since = actor.workspace.today
        locked.health, locked.health_reason, locked.health_codes = health, said, chosen
        locked.save(update_fields=["health", "health_since", "health_reason", "health_codes"])
    _show(account, locked, "health", "health_since", "health_reason", "health_codes")
    return True


def override_health(
    *, actor: Member, account: Account, health: str, reason: str, expires_on: date | None
) -> HealthOverride:
    """Put a member's word over the computed health until a day (HLT-3); it takes the place of the running one.

    The same once more is the same override. ValidationError, by field, for what cannot be.
    """
    said, today = _checked(health, reason), actor.workspace.today
    if expires_on is None or not 1 <= (expires_on - today).days <= MAX_OVERRIDE_DAYS:
        raise ValidationError(
            {"expires_on": f"Choose the last day it holds: 1 to {MAX_OVERRIDE_DAYS} days from today."}
        )
    with transaction.atomic():
        _locked(account)
        running = _unended(account)
        if running is not None:
            if (running.health, running.reason, running.expires_on) == (health, said, expires_on):
                return running
            _end(running, actor, today)
        return HealthOverride.objects.create(
            workspace_id=account.workspace_id,
            account=account,
            health=health,
            reason=said,
            author=actor,
            created_at=clock.now(),
            expires_on=expires_on,
        )


def end_override(*, actor: Member, account: Account) -> bool:
    """Let the computed health hold again; returns whether an override held until now."""
    today = actor.workspace.today
    with transaction.atomic():
        _locked(account)
        running = _unended(account)
        if running is None or running.expires_on < today:
            return False
        _end(running, actor, today)
        return True


def mark_escalated(*, actor: Member, account: Account, since: date | None = None) -> bool:
    """Say that an account is escalated, since today unless told; returns False where it is already."""
    with transaction.atomic():
        locked = _locked(account)
        if locked.escalated_since is not None:
            return False
        locked.escalated_since = since or actor.workspace.today
        locked.save(update_fields=["escalated_since"])
    _show(account, locked, "escalated_since")
    return True


def clear_escalated(*, actor: Member, account: Account) -> bool:
    """Say that an account is no longer escalated; returns whether it was."""
    with transaction.atomic():
        locked = _locked(account)
        if locked.escalated_since is None:
            return False
        locked.escalated_since = None
        locked.save(update_fields=["escalated_since"])
    _show(account, locked, "escalated_since")
    return True


def _locked(account: Account) -> Account:
    """The account as it is now, held against others who write its health; those who refer to it need not wait."""
    return Account.objects.select_for_update(no_key=True).get(workspace=account.workspace_id, pk=account.pk)


def _show(account: Account, written: Account, *fields: str) -> None:
    for field in fields:
        setattr(account, field, getattr(written, field))


def _unended(account: Account) -> HealthOverride | None:
    """The override nobody ended; it may have expired."""
    return HealthOverride.objects.filter(
        workspace=account.workspace_id, account=account.pk, ended_at__isnull=True
    ).first()


def _end(override: HealthOverride, actor: Member, today: date) -> None:
    override.ended_at = clock.now()
    # One that expired has ended by itself.
    override.ended_by = actor if override.expires_on >= today else None
    override.save(update_fields=["ended_at", "ended_by"])


def _checked(health: str, reason: str) -> str:
    said = " ".join(reason.split())
    problems = {}
    if health not in Account.Health.values:
        problems["health"] = "Choose a health."
    if not said:
        problems["reason"] = "Say why, for whoever reads it later."
    elif len(said) > MAX_REASON:
        problems["reason"] = f"At most {MAX_REASON} characters fit."
    if problems:
        raise ValidationError(problems)
    return said


def _checked_codes(codes: Collection[str]) -> list[str]:
    """The codes in the order in which they are offered, each once."""
    if any(code not in REASON_CODES for code in codes):
        raise ValidationError({"codes": "Choose from the list."})
    chosen = [code for code in REASON_CODES if code in codes]
    if len(chosen) > MAX_REASON_CODES:
        raise ValidationError({"codes": f"Choose up to {MAX_REASON_CODES}."})
    return chosen
