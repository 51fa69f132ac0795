"""Named writes over subtypes, families and upsell candidates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.computing import mark_book
from accounts.models import Account, Candidate, Offer, Opportunity, Subtype
from csworkbench.common import clock
from csworkbench.tenancy.models import Member

from .family import would_circle
from .offers import DECIDED_LATER
from .subtypes import validate_condition

REST = timedelta(days=90)


class Decided(Exception):
    """Somebody else has decided about the candidate meanwhile."""


def choose_subtypes(*, actor: Member, account: Account, keys: Sequence[str] | None) -> bool:
    """Set an account's subtypes by hand, or leave them to their conditions with None; whether anything changed.

    Raises ``ValidationError`` for a key that is none of the workspace's.
    """
    if keys is not None:
        known = set(Subtype.objects.filter(workspace=actor.workspace_id).values_list("key", flat=True))
        if set(keys) - known:
            raise ValidationError("There is no such subtype.")
        keys = sorted(set(keys))
    with transaction.atomic():
        locked = Account.objects.select_for_update().get(workspace=actor.workspace_id, pk=account.pk)
        if locked.subtypes_chosen == keys:
            return False
        locked.subtypes_chosen = None if keys is None else list(keys)
        locked.save(update_fields=["subtypes_chosen"])
    account.subtypes_chosen = locked.subtypes_chosen
    return True


def set_parent(*, actor: Member, account: Account, parent: Account | None) -> bool:
    """Put an account below another, or take it out of its family; whether anything changed.

    Raises ``ValidationError`` where the family would become a circle or deeper than four.
    """
    with transaction.atomic():
        # Two who join families at once could close a circle between them: they follow each other.
        wanted = {account.pk} | ({parent.pk} if parent else set())
        rows = Account.objects.select_for_update().filter(workspace=actor.workspace_id, pk__in=wanted).order_by("pk")
        found = {row.pk: row for row in rows}
        locked = found[account.pk]
        if locked.parent_id == (parent.pk if parent else None):
            return False
        if parent is not None and would_circle(locked, found[parent.pk], actor.workspace):
            raise ValidationError(f"{parent.name} stands below {account.name}, or the family would become too deep.")
        locked.parent = found[parent.pk] if parent else None
        locked.save(update_fields=["parent"])
    account.parent = locked.parent
    return True


def take_up(*, actor: Member, candidate: Candidate) -> Opportunity:
    """Make an opportunity of a candidate (GRO-2); raises ``Decided`` when it is open no longer."""
    with transaction.atomic():
        locked = _open(actor, candidate)
        offer, account = locked.offer, locked.account
        name = f"{offer.product.name if offer.product else offer.name} - {account.name}"[:120]
        made = Opportunity.objects.create(
            workspace_id=actor.workspace_id,
            account=account,
            name=name,
            kind=Opportunity.Kind.EXPANSION,
            category=Opportunity.Category.POTENTIAL,
            stage="Prospect",
            currency=actor.workspace.currency,
            lead_source="Customer Upsell",
            owner=account.owner,
            originator=actor,
        )
        _decide(actor, locked, Candidate.State.TAKEN)
    return made


def dismiss(*, actor: Member, candidate: Candidate, reason: str) -> None:
    """Dismiss a candidate with a reason; it may come back after 90 days. Raises ``Decided``."""
    with transaction.atomic():
        locked = _open(actor, candidate)
        locked.reason, locked.rests_until = reason.strip(), actor.workspace.today + REST
        _decide(actor, locked, Candidate.State.DISMISSED)


def bring_back(*, actor: Member, candidate: Candidate) -> None:
    """Take a dismissal back; the candidate is open again if its offer still fits."""
    with transaction.atomic():
        locked = Candidate.objects.select_for_update().get(workspace=actor.workspace_id, pk=candidate.pk)
        if locked.state != Candidate.State.DISMISSED:
            raise Decided
        locked.state, locked.reason, locked.rests_until = Candidate.State.OPEN, "", None
        locked.decided_by, locked.decided_at = None, None
        locked.save()


def _open(actor: Member, candidate: Candidate) -> Candidate:
    locked = (
        Candidate.objects.select_for_update(of=("self",))
        .select_related("offer__product", "account__owner")
        .get(workspace=actor.workspace_id, pk=candidate.pk)
    )
    if locked.state != Candidate.State.OPEN:
        raise Decided
    return locked


def _decide(actor: Member, candidate: Candidate, state: str) -> None:
    candidate.state, candidate.decided_by, candidate.decided_at = state, actor, clock.now()
    candidate.save()


def save_subtype(*, actor: Member, subtype: Subtype) -> None:
    """Save a new or corrected subtype; every account is looked at anew. Raises ``ValidationError``."""
    if subtype.condition:
        _refuse(validate_condition(subtype.condition))
    subtype.save()
    mark_book(actor.workspace)


def save_offer(*, actor: Member, offer: Offer) -> None:
    """Save a new or corrected offer; every account is looked at anew. Raises ``ValidationError``."""
    _refuse(validate_condition(offer.condition, DECIDED_LATER))
    offer.save()
    mark_book(actor.workspace)


def _refuse(problems: Sequence[Any]) -> None:
    if problems:
        raise ValidationError([f"{each.path}: {each.message}".removeprefix(": ") for each in problems])
