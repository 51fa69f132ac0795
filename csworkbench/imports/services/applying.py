"""Applying an approved import, chunk by chunk, each in a transaction of its own."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count

from csworkbench.common import clock
from csworkbench.imports.kinds import Context, Kind, kind_called
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.preparing import Spool
from csworkbench.imports.reading import RefusedFile
from csworkbench.tenancy.scope import workspace_scope

from .claiming import LEASE, Overtaken, Slice, actor_of, claim, hand_on, hold_chunks, load, release
from .examining import rebuild, stage_of

CHUNK_ROWS = 10_000
# An import of more rows than ``MANY`` is cut into so many chunks, none of them larger than that.
MANY, CHUNKS, LARGE_CHUNK_ROWS = 250_000, 25, 40_000
APPROVED = (ImportRow.Verdict.NEW, ImportRow.Verdict.CHANGED)


def apply_import(workspace_id: int, import_id: UUID, spool: Spool | None = None, *, held: bool = False) -> None:
    """Apply what is approved and not applied yet; safe to call again at any moment, by anyone.

    ``spool`` saves reading the file again where its clean rows are at hand; ``held`` says that the caller has the work
    and stays with it to the end, where a worker hands on what its slice of time leaves over.
    """
    turn = Slice(endless=held)
    with workspace_scope(workspace_id):
        one = load(workspace_id, import_id) if held else claim(workspace_id, import_id, Import.State.APPLYING)
        if one is None:
            return
        kind = kind_called(one.kind)
        context = kind.context(one.workspace)
        # A set of a million numbers would take a third of the memory that an import may have.
        numbers = array(
            "L",
            ImportRow.objects.filter(
                workspace=workspace_id, import_batch=one, verdict__in=APPROVED, number__gt=one.applied_through
            )
            .order_by("number")
            .values_list("number", flat=True)
            .iterator(),
        )
    if numbers:
        try:
            rows = spool or rebuild(one, kind, context)
        except RefusedFile as refused:
            with workspace_scope(workspace_id, actor=actor_of(one)):
                ended = {"error_code": refused.code, "error": refused.message, "finished_at": clock.now()}
                release(one, Import.State.REFUSED, **ended)
            return
        try:
            if not apply_chunks(one, kind, context, rows, numbers, turn):
                return
        finally:
            if spool is None:
                rows.close()
    with workspace_scope(workspace_id, actor=actor_of(one)):
        finish(one)


def apply_chunks(one: Import, kind: Kind, context: Context, rows: Spool, numbers: Sequence[int], turn: Slice) -> bool:
    """Apply chunk by chunk; False when the rest is somebody else's, or nobody's: paused, cancelled, overtaken."""
    begun = False
    for chunk in rows.only(numbers, chunk_rows(one)):
        # At least one chunk each time, however long the file took to read.
        if begun and turn.is_over:
            hand_on(one)
            return False
        begun = True
        if not apply_chunk(one, kind, context, rows, chunk):
            return False
    return True


def chunk_rows(one: Import) -> int:
    """Rows of one chunk: few, so that a pause is soon obeyed, but more where there are very many.

    Each chunk is compared with the whole book, which an import of a million rows makes larger and larger.
    """
    return CHUNK_ROWS if one.to_apply <= MANY else min(one.to_apply // CHUNKS, LARGE_CHUNK_ROWS)


def apply_chunk(one: Import, kind: Kind, context: Context, spool: Spool, chunk: list[bytes]) -> bool:
    """Write one chunk and how far it goes, together; False when there is nothing to write any more.

    A pause in the middle lets the chunk end. A cancelled import gets nothing more, not even what is in hand.
    """
    last = int(chunk[-1][: chunk[-1].index(b"\t")])
    try:
        with workspace_scope(one.workspace_id, actor=actor_of(one)):
            hold_chunks(one)
            row = Import.objects.get(workspace=one.workspace_id, pk=one.pk)
            if row.state != Import.State.APPLYING or row.applied_through != one.applied_through:
                return False
            stage = stage_of(one, kind, context, spool)
            stage.fill(chunk)
            stage.recall(one.pk)
            kind.compare(stage, lock=True)
            stage.hold_back_conflicts()
            kind.apply(stage)
            stage.settle(one.pk)
            move_on(one, last, row.applied_rows + len(chunk))
    except Overtaken:
        return False
    one.applied_through = last
    return True


def move_on(one: Import, last: int, rows: int) -> None:
    """Note how far the import has come; raises Overtaken when it was cancelled meanwhile."""
    moved = Import.objects.filter(
        workspace=one.workspace_id,
        pk=one.pk,
        state__in=(Import.State.APPLYING, Import.State.PAUSED),
        applied_through=one.applied_through,
    ).update(
        # What moves on is no poison, however often its workers are restarted.
        applied_through=last,
        applied_rows=rows,
        claimed_until=clock.now() + LEASE,
        attempts=0,
    )
    if not moved:
        raise Overtaken


def finish(one: Import) -> None:
    """Count what became of the rows and close the import."""
    kept = (
        ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one)
        .values_list("verdict")
        .annotate(rows=Count("pk"))
        .order_by()
    )
    counts = dict.fromkeys(one.counts, 0) | dict(kept)
    counts["unchanged"] = one.rows - sum(rows for verdict, rows in counts.items() if verdict != "unchanged")
    release(one, Import.State.APPLIED, counts=counts, finished_at=clock.now())
