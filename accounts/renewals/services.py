"""Named writes over renewals: steering one, closing it, taking that back, subscriptions by hand (REN-1, REN-2)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Model

from accounts import services as accounts
from accounts.models import Account, RenewalOutcome, Subscription
from csworkbench.common import clock
from csworkbench.tenancy.models import HistoryEntry, Member
from csworkbench.tenancy.scope import Actor, current_actor, workspace_scope

from .board import Card, card_of
from .tiers import tier_refusal

RESULT = RenewalOutcome.Result
# A change of any of these after a close is a decision of its own; counts of users are not.
TOUCHING = [
    "renews_on", "mrr_minor", "service_tier", "ended_on", "renewal_stage", "renewal_probability", "renewal_note",
    "stage",
]  # fmt: skip


class Conflict(Exception):
    """Somebody else was faster; the message says what is now."""


class Refused(Exception):
    """What was asked is not possible as asked; the message says why, ``field`` where."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def steer_renewal(*, actor: Member, card: Card, seen: str, changes: Mapping[str, Any]) -> int:
    """Set stage, probability, who decides or the note of a card's subscriptions; returns how many rows changed.

    ``changes`` maps columns to values; what is not named stays. Raises ``Conflict`` when the card is no longer as
    ``seen``.
    """
    with transaction.atomic():
        ids = [each.pk for each in card.subscriptions]
        rows = Subscription.objects.filter(workspace=actor.workspace_id, pk__in=ids)
        list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        now = card_of(actor.workspace, card.first)
        if now is None or now.seen != seen:
            raise Conflict("Somebody changed this renewal after you opened it.")
        if not changes:
            return 0
        stale = [each.pk for each in now.subscriptions if any(getattr(each, key) != changes[key] for key in changes)]
        return rows.filter(pk__in=stale).update(**changes) if stale else 0


def renew_subscription(
    *, actor: Member, subscription: Subscription, due_on: date, renews_on: date, mrr_minor: int, service_tier: str = ""
) -> RenewalOutcome:
    """Close the renewal of ``due_on`` as renewed until ``renews_on``, for the same, more or less MRR.

    ``service_tier`` is the tier from then on (REN-2). The next renewal starts anew: no stage, no probability, no note.
    Raises ``Conflict`` when that renewal is closed or the subscription has moved on, ``Refused`` for a date too early.
    """
    if renews_on <= due_on:
        raise Refused("The next renewal comes after this one.", "renews_on")
    before = subscription.mrr_minor
    result = RESULT.RENEWED if mrr_minor == before else RESULT.EXPANDED if mrr_minor > before else RESULT.REDUCED

    def write(row: Subscription) -> None:
        row.renews_on, row.mrr_minor, row.service_tier = renews_on, mrr_minor, service_tier
        row.renewal_stage, row.renewal_probability = Subscription.RenewalStage.NOT_STARTED, None
        row.renewal_note = ""
        row.save(
            update_fields=[
                "renews_on", "mrr_minor", "service_tier", "renewal_stage", "renewal_probability", "renewal_note",
            ]
        )  # fmt: skip

    values = {"result": result, "mrr_after_minor": mrr_minor, "renewed_to": renews_on}
    if service_tier != subscription.service_tier:
        values["service_tier"] = service_tier
    return _close(actor, subscription, due_on, values, write)


def lose_subscription(
    *, actor: Member, subscription: Subscription, due_on: date, ended_on: date, reason: str, churned: bool = False
) -> RenewalOutcome:
    """Close the renewal of ``due_on`` as lost: the subscription ends. ``churned`` also moves the account's stage.

    Raises ``Conflict`` when that renewal is closed or the subscription has moved on, ``Refused`` without a reason or
    when ``churned`` is said of an account that still pays for something.
    """
    if not reason.strip():
        raise Refused("Say why it was lost.", "reason")

    def write(row: Subscription) -> None:
        row.ended_on = ended_on
        row.save(update_fields=["ended_on"])
        if churned:
            if running_beside(row):
                raise Refused("The account still has a running subscription.", "churned")
            account = Account.objects.get(workspace=actor.workspace_id, pk=row.account_id)
            account.stage = Account.Stage.CHURNED
            accounts.save_account(account=account, fields=["stage"])

    values = {"result": RESULT.LOST, "mrr_after_minor": 0, "reason": reason.strip()}
    return _close(actor, subscription, due_on, values, write)


def _close(
    actor: Member,
    subscription: Subscription,
    due_on: date,
    values: Mapping[str, Any],
    write: Callable[[Subscription], None],
) -> RenewalOutcome:
    """One outcome for the subscription and date, and what follows from it under its cause."""
    with transaction.atomic():
        row = Subscription.objects.select_for_update().get(workspace=actor.workspace_id, pk=subscription.pk)
        known = RenewalOutcome.objects.filter(workspace=actor.workspace_id, subscription=row, due_on=due_on)
        if known.exists() or row.ended_on is not None or row.renews_on != due_on:
            raise Conflict("This renewal is closed already, or its date has moved.")
        if row.mrr_minor != subscription.mrr_minor:
            raise Conflict("The MRR has changed since you opened this.")
        outcome = RenewalOutcome.objects.create(
            workspace_id=actor.workspace_id,
            account_id=row.account_id,
            subscription=row,
            due_on=due_on,
            mrr_before_minor=row.mrr_minor,
            currency=row.currency,
            author=actor,
            decided_at=clock.now(),
            **values,
        )
        with workspace_scope(actor.workspace_id, actor=_because(actor, outcome)):
            write(row)
    return outcome


def _because(actor: Member, outcome: RenewalOutcome) -> Actor:
    """The member, with the outcome as the cause: by it an undo finds what was written."""
    cause = f"Renewal {outcome.get_result_display().lower()}"
    return Actor("member", actor.pk, current_actor().user_id, cause, outcome.pk)


def running_beside(subscription: Subscription) -> bool:
    """Whether the account has another running subscription."""
    others = Subscription.objects.filter(
        workspace=subscription.workspace_id, account=subscription.account_id, ended_on__isnull=True
    )
    return others.exclude(pk=subscription.pk).exists()


def undo_outcome(*, actor: Member, outcome: RenewalOutcome) -> None:
    """Take a close back on the day it was made: every value it changed is as before, and the outcome is gone.

    Reads what was from the ledger. Raises ``Conflict`` when a value was changed since, or the day is over.
    """
    workspace = actor.workspace
    if clock.today(workspace.time_zone) != _day_of(outcome, workspace.time_zone):
        raise Conflict("A renewal can be reopened on the day it was closed.")
    with transaction.atomic():
        rows = RenewalOutcome.objects.select_for_update().filter(workspace=workspace, pk=outcome.pk)
        if not rows.exists():
            raise Conflict("This renewal is open again already.")
        entries = HistoryEntry.objects.filter(workspace=workspace, cause_id=outcome.pk, operation="update")
        for entry in entries.filter(row_id__in=[outcome.subscription_id, outcome.account_id]):
            model = {model._meta.db_table: model for model in (Subscription, Account)}[entry.table_name]
            _restore(model, workspace.pk, entry)
        rows.delete()


def _day_of(outcome: RenewalOutcome, time_zone: str) -> date:
    return outcome.decided_at.astimezone(ZoneInfo(time_zone)).date()


def _restore(model: type[Model], workspace_id: int, entry: HistoryEntry) -> None:
    """Put the columns of one ledger entry back, if they still hold what it wrote."""
    row: Any = model._default_manager.select_for_update().get(workspace=workspace_id, pk=entry.row_id)
    later = HistoryEntry.objects.filter(workspace=workspace_id, row_id=entry.row_id, pk__gt=entry.pk)
    if later.filter(changes__has_any_keys=TOUCHING).exclude(cause_id=entry.cause_id).exists():
        raise Conflict("Something of it was changed since: it cannot be reopened.")
    columns: dict[str, Any] = {one.attname: one for one in model._meta.concrete_fields}
    for column, (before, after) in entry.changes.items():
        if getattr(row, column) != columns[column].to_python(after):
            raise Conflict("Something of it was changed since: it cannot be reopened.")
        setattr(row, column, columns[column].to_python(before))
    try:
        with transaction.atomic():
            row.save(update_fields=list(entry.changes))
    except IntegrityError:
        raise Conflict("The account has this product again already: it cannot be reopened.") from None


def save_subscription(*, actor: Member, subscription: Subscription, fields: Collection[str]) -> None:
    """Save a new subscription, or the corrected ``fields`` of one and no other (ACC-4).

    Raises ``Refused`` for a second running subscription to the same product, and for a service tier that may not be
    added now (REN-2).
    """
    adding = subscription._state.adding
    if not adding and "service_tier" in fields:
        refusal = tier_refusal(subscription, subscription.service_tier, actor.workspace.today)
        if refusal:
            raise Refused(refusal, "service_tier")
    try:
        with transaction.atomic():
            if adding:
                subscription.save()
            elif fields:
                subscription.save(update_fields=fields)
    except IntegrityError:
        raise Refused("The account has a running subscription to this product already.", "product") from None
