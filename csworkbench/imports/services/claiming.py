"""Who works on an import: a lease in its row, taken by a conditional update, never a lock held during the work."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q

from csworkbench.common import clock
from csworkbench.imports.models import Import
from csworkbench.tenancy.scope import Actor, workspace_scope

# Longer than reading may take, shorter than anyone waits before asking.
LEASE = timedelta(seconds=150)
# A file that ends its worker each time must not do so for ever.
MAX_ATTEMPTS = 5


def claim(workspace_id: int, import_id: UUID, *states: str) -> Import | None:
    """Take the work in one of ``states``; None when it is not due, someone else has it, or it failed too often."""
    now = clock.now()
    with workspace_scope(workspace_id):
        free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
        mine = Import.objects.filter(free, workspace=workspace_id, pk=import_id, state__in=states)
        if mine.filter(attempts__gte=MAX_ATTEMPTS).update(
            state=Import.State.REFUSED,
            error_code="failed",
            error="The file could not be processed, several times. Nothing more of it was applied.",
            finished_at=now,
        ):
            return None
        if not mine.update(claimed_until=now + LEASE, attempts=F("attempts") + 1):
            return None
        return load(workspace_id, import_id)


def load(workspace_id: int, import_id: UUID) -> Import:
    """The import with what its work needs; the scope is open."""
    return Import.objects.select_related("workspace", "created_by", "approved_by").get(
        workspace=workspace_id, pk=import_id
    )


def actor_of(one: Import) -> Actor:
    """The actor of what an import writes: the import, and the member who approved or sent it."""
    member = one.approved_by or one.created_by
    return Actor(
        "import",
        member.pk if member else None,
        member.user_id if member else None,
        f"import {one.file_name}"[:200],
        one.pk,
    )


def release(one: Import, state: str, **changes: object) -> None:
    """Leave the import in a new state, free for whoever is next; the scope is open.

    Nothing happens when a person moved it meanwhile: a cancelled import stays cancelled.
    """
    Import.objects.filter(workspace=one.workspace_id, pk=one.pk, state=one.state).update(
        state=state, claimed_until=None, attempts=0, **changes
    )
