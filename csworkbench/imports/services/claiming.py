"""Who works on an import: a lease in its row, taken by a conditional update, never a lock held during the work."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q

from csworkbench.common import clock, enqueue
from csworkbench.imports.models import Import
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import Member
from csworkbench.tenancy.scope import Actor, workspace_scope
from csworkbench.tenancy.undoing import UNDO_OF

# Longer than reading may take, shorter than anyone waits before asking.
LEASE = timedelta(seconds=150)
# After so many seconds a worker hands the rest on, so that no message outlives the broker's visibility timeout. A
# chunk takes a few seconds; reading a file again may have taken most of them.
SLICE = 90.0
# A file that ends its worker each time must not do so for ever.
MAX_ATTEMPTS = 5
GOES_ON: dict[str, str] = {Import.State.APPLYING: "imports.apply", Import.State.UNDOING: "imports.undo"}
CHUNK_LOCKS = 7_002  # the family of advisory locks; the second key is the import's


class Overtaken(Exception):
    """The import has moved on under the hands of this worker: what it was about to commit is not wanted any more."""


def claim(workspace_id: int, import_id: UUID, *states: str) -> Import | None:
    """Take the work in one of ``states``; None when it is not due, someone else has it, or it failed too often."""
    now = clock.now()
    with workspace_scope(workspace_id):
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
        mine = Import.objects.filter(free, workspace=workspace_id, pk=import_id, state__in=states)
        poison = mine.filter(attempts__gte=MAX_ATTEMPTS).first()
        if poison is not None:
            give_up(poison)
            return None
        if not mine.update(claimed_until=now + LEASE, attempts=F("attempts") + 1):
            return None
        return load(workspace_id, import_id)


def give_up(one: Import) -> None:
    """End what failed too often. What an undo has taken back stays so, and it can be tried again."""
    if one.state == Import.State.UNDOING:
        before = Import.State.APPLIED if one.applied_rows >= one.to_apply else Import.State.CANCELLED
        release(one, before, error_code="failed", error="The undo broke off, several times. It can be tried again.")
        return
    error = "The file could not be processed, several times. Nothing more of it was applied."
    release(one, Import.State.REFUSED, error_code="failed", error=error, finished_at=clock.now())


def load(workspace_id: int, import_id: UUID) -> Import:
    """The import with what its work needs; the scope is open."""
    return Import.objects.select_related("workspace", "created_by", "approved_by", "undone_by").get(
        workspace=workspace_id, pk=import_id
    )


def actor_of(one: Import) -> Actor:
    """The actor of what an import writes: the import, and the member who approved or sent it."""
    member = one.approved_by or one.created_by
    return Actor("import", *ids_of(member), cause_of(one), one.pk)


def undoer_of(one: Import) -> Actor:
    """The actor of an undo: the member who asked for it, under the cause of the import it takes back."""
    return Actor("member", *ids_of(one.undone_by), f"{UNDO_OF}{cause_of(one)}"[:200], one.pk)


def ids_of(member: Member | None) -> tuple[UUID | None, UUID | None]:
    return (member.pk, member.user_id) if member else (None, None)


def cause_of(one: Import) -> str:
    return f"import {one.file_name}"[:200]


def hold_chunks(one: Import) -> None:
    """Be the only worker on the chunks of this import until the transaction ends.

    Not the row itself: who pauses or cancels it writes there and must not wait for a chunk.
    """
    Stage(one.workspace_id, {}).run(
        "SELECT pg_advisory_xact_lock(%(family)s, hashtext(%(import)s))",
        **{"family": CHUNK_LOCKS, "import": str(one.pk)},
    )


def release(one: Import, state: str, **changes: object) -> None:
    """Leave the import in a new state, free for whoever is next; the scope is open.

    Nothing happens when a person moved it meanwhile: a cancelled import stays cancelled.
    """
    Import.objects.filter(workspace=one.workspace_id, pk=one.pk, state=one.state).update(
        state=state, claimed_until=None, attempts=0, **changes
    )


class Slice:
    """The time that one worker gives to one import before it hands the rest on."""

    def __init__(self, *, endless: bool = False) -> None:
        self.endless = endless
        self.ends = time.monotonic() + SLICE

    @property
    def is_over(self) -> bool:
        return not self.endless and time.monotonic() >= self.ends


def hand_on(one: Import) -> None:
    """Let another worker go on where this one stands."""
    with workspace_scope(one.workspace_id):
        release(one, one.state)
        enqueue(GOES_ON[one.state], workspace_id=one.workspace_id, import_id=str(one.pk))
