"""Named writes over interactions and notes after they were written: corrections, removals, recaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from csworkbench.common import clock, words
from csworkbench.tenancy.fingerprints import fingerprint
from csworkbench.tenancy.models import Member, Workspace

from ..models import Interaction, Note
from ..people.contacting import refuse_logging

Row = Interaction | Note
# What may be corrected; a form that was drawn from another state of them is stale.
FIELDS: dict[type[Row], tuple[str, ...]] = {
    Interaction: ("kind", "subject", "body", "contact_id", "direction", "answered", "sentiment", "happened_at",
                  "duration_minutes", "needs_recap"),
    Note: ("text",),
}  # fmt: skip


class TooLate(Exception):
    """The hours in which an entry may be edited have passed; the message says so."""


class Stale(Exception):
    """Somebody else changed or removed the entry after the form was drawn."""


def is_own(actor: Member, row: Row) -> bool:
    """Whether the entry is the member's to edit: its author's, or anybody's for an admin."""
    return row.author_id == actor.pk or actor.has_role("admin")


def why_closed(workspace: Workspace, row: Row) -> str:
    """Why an entry can no longer be edited, in words; empty while it can."""
    hours = workspace.edit_window_hours
    if row.created_at > clock.now() - timedelta(hours=hours):
        return ""
    if not hours:
        return "Entries of this workspace are not edited once they are written."
    return f"It was written more than {words.count(hours, 'hour')} ago, and stays as it is."


def state_of(row: Row) -> str:
    """A digest of what may be corrected, to notice a stale form."""
    return fingerprint(row, FIELDS[type(row)])


def correct_entry(*, actor: Member, entry: Row, values: Mapping[str, Any], seen: str) -> bool:
    """Write corrected ``values`` over an entry; the ledger keeps the old ones. Returns whether anything changed.

    PermissionDenied for somebody else's entry, ``TooLate`` after the hours of the workspace, ``Stale`` when it is no
    longer in the state ``seen``, DoNotContact where it becomes an outbound one with a contact who is DNC.
    """
    with transaction.atomic():
        locked = _held(actor, entry)
        if state_of(locked) != seen:
            raise Stale
        changed = [name for name, value in values.items() if getattr(locked, name) != value]
        if not changed:
            return False
        for name in changed:
            setattr(locked, name, values[name])
        if isinstance(locked, Interaction) and {"contact_id", "direction"} & set(changed):
            refuse_logging(locked.contact, locked.direction)
        locked.edited_at = clock.now()
        locked.save(update_fields=[*changed, "edited_at"])
    return True


def remove_entry(*, actor: Member, entry: Row) -> None:
    """Take an entry away; the ledger keeps what it said. Refused as a correction is."""
    with transaction.atomic():
        _held(actor, entry).delete()


def _held(actor: Member, entry: Row) -> Row:
    """The entry, locked, if the member may edit it now."""
    if not is_own(actor, entry):
        raise PermissionDenied("Only its author or an admin edits an entry.")
    locked = type(entry)._default_manager.select_for_update().filter(workspace=actor.workspace_id, pk=entry.pk).first()
    if locked is None:
        raise Stale
    if reason := why_closed(actor.workspace, locked):
        raise TooLate(reason)
    return locked


def mark_recap_sent(*, actor: Member, interaction: Interaction, sent: bool = True) -> bool:
    """Note that the recap of a meeting went out, or that it did not after all; returns whether that is news.

    Any member who may write does it, for a colleague on leave too (PLB-3 m, n).
    """
    owed = Interaction.objects.filter(
        workspace=actor.workspace_id, pk=interaction.pk, needs_recap=True, recap_sent_at__isnull=sent
    )
    return bool(owed.update(recap_sent_at=clock.now() if sent else None))
