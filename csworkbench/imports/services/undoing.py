"""Taking back what an import wrote, chunk by chunk from its last row to its first, each in a transaction of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F

from csworkbench.common import clock
from csworkbench.imports.cleaning.base import as_text
from csworkbench.imports.kinds import Context, Kind, kind_called
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.scope import workspace_scope
from csworkbench.tenancy.undoing import Reason, outlook, take_back

from .applying import APPROVED
from .claiming import LEASE, Overtaken, Slice, claim, hand_on, hold_chunks, release, undoer_of

# About a second and a half: so long do passes over the workspace, and edits of these rows, wait.
CHUNK_ROWS = 2_500
# What the database itself refuses is looked for in ever smaller chunks.
SMALLER = 8
IN_USE = Reason("Its earlier values are in use elsewhere now.", "", "")


def undo_import(workspace_id: int, import_id: UUID) -> None:
    """Undo what is not undone yet; safe to call again at any moment, by anyone."""
    turn = Slice()
    one = claim(workspace_id, import_id, Import.State.UNDOING)
    if one is None:
        return
    size, measured = CHUNK_ROWS, set[str]()
    while not turn.is_over:
        try:
            if not undo_chunk(one, size, measured):
                return
        except IntegrityError:
            if size == 1:
                keep_next(one)
            size = max(1, size // SMALLER)
        else:
            size = min(CHUNK_ROWS, size * SMALLER)
    hand_on(one)


def undo_chunk(one: Import, size: int, measured: set[str]) -> bool:
    """Take back the next rows and note how far that goes, together; False when nothing is left to do here."""
    try:
        with workspace_scope(one.workspace_id, actor=undoer_of(one)):
            rows = next_rows(one, size)
            if not rows:
                finish_undo(one)
                return False
            kind = kind_called(one.kind)
            context = kind.context(one.workspace)
            left = take_back(
                one.workspace,
                one.pk,
                {target for _, target in rows},
                by=kind.undo_by,
                is_target=lambda ids: targets_among(one, ids),
                labels=kind.labels_of(context),
                written=written_by(one, rows),
                measured=measured,
            )
            settle(one, [(number, left.get(target, [])) for number, target in rows])
    except Overtaken:
        return False
    return True


def next_rows(one: Import, size: int) -> list[tuple[int, UUID]]:
    """``(number, target)`` of the next rows to undo, the last of the sheet first: what was written last goes first.

    Raises Overtaken when the undo is not this worker's any more. What an earlier undo kept is tried again.
    """
    hold_chunks(one)
    now = Import.objects.get(workspace=one.workspace_id, pk=one.pk)
    if now.state != Import.State.UNDOING or now.undone_at != one.undone_at:
        raise Overtaken
    one.undone_through = now.undone_through
    if not now.undone_through:
        applied_rows(now).filter(undo=ImportRow.Undo.KEPT).update(undo="", kept_because=[])
        Import.objects.filter(workspace=one.workspace_id, pk=one.pk).update(kept_rows=0)
    rows = applied_rows(now).filter(undo="")
    if now.undone_through:
        rows = rows.filter(number__lt=now.undone_through)
    return list(rows.order_by("-number").values_list("number", "target_id")[:size])


def applied_rows(one: Import) -> Any:
    """The rows that were written: a cancelled import has others too."""
    return ImportRow.objects.filter(
        workspace=one.workspace_id,
        import_batch=one,
        verdict__in=APPROVED,
        number__lte=one.applied_through,
        target_id__isnull=False,
    )


def targets_among(one: Import, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these rows the sheet was about."""
    found = ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one, target_id__in=list(ids))
    return {target for target in found.values_list("target_id", flat=True) if target}


def written_by(one: Import, rows: Sequence[tuple[int, UUID]]) -> dict[UUID, dict[str, Any]]:
    """What was written into new rows, where the kind keeps that: row → column → value."""
    numbers = [number for number, _ in rows]
    found = applied_rows(one).filter(verdict=ImportRow.Verdict.NEW, number__in=numbers).exclude(changes={})
    return {
        target: {column: new for column, (_, new) in changes.items()}
        for target, changes in found.values_list("target_id", "changes")
    }


def settle(one: Import, fates: Sequence[tuple[int, list[Reason]]]) -> None:
    """Note what became of some rows, and how far the undo has come."""
    kept = sum(1 for _, reasons in fates if reasons)
    Stage(one.workspace_id, {}).run(
        """
        UPDATE imports_importrow r SET undo = f.undo, kept_because = f.because
        FROM jsonb_to_recordset(%(fates)s::jsonb) AS f(number integer, undo text, because jsonb)
        WHERE r.workspace_id = %(workspace)s AND r.import_batch_id = %(id)s AND r.number = f.number
        """,
        id=one.pk,
        fates=json.dumps(
            [
                {
                    "number": number,
                    "undo": ImportRow.Undo.KEPT if reasons else ImportRow.Undo.UNDONE,
                    "because": [reason.as_json() for reason in reasons],
                }
                for number, reasons in fates
            ]
        ),
    )
    Import.objects.filter(workspace=one.workspace_id, pk=one.pk).update(
        undone_through=min(number for number, _ in fates),
        undone_rows=F("undone_rows") + len(fates) - kept,
        kept_rows=F("kept_rows") + kept,
        claimed_until=clock.now() + LEASE,
        attempts=0,
    )


def keep_next(one: Import) -> None:
    """The next row cannot be undone: the database refuses the state that it would leave."""
    with suppress(Overtaken), workspace_scope(one.workspace_id, actor=undoer_of(one)):
        settle(one, [(number, [IN_USE]) for number, _ in next_rows(one, 1)])


def finish_undo(one: Import) -> None:
    """Rows about one target share its fate, then the import is undone."""
    rows = applied_rows(Import.objects.get(workspace=one.workspace_id, pk=one.pk))
    undone = rows.filter(undo=ImportRow.Undo.UNDONE)
    shared = rows.filter(undo=ImportRow.Undo.KEPT, target_id__in=undone.values("target_id"))
    moved = shared.update(undo=ImportRow.Undo.UNDONE, kept_because=[])
    release(
        one,
        Import.State.UNDONE,
        undone_rows=F("undone_rows") + moved,
        kept_rows=F("kept_rows") - moved,
        error="",
        error_code="",
    )


def undo_outlook(one: Import) -> tuple[int, int, list[dict[str, Any]]]:
    """``(rows to undo, rows to keep, examples)`` as the ledger stands; the undo itself has the last word.

    An example is ``{"row", "name", "what", "who", "at"}``, of a row that somebody changed since.
    """
    kind = kind_called(one.kind)
    context = kind.context(one.workspace)
    rows = dict(applied_rows(one).exclude(undo=ImportRow.Undo.UNDONE).order_by().values_list("number", "target_id"))
    found = outlook(one.workspace, one.pk, set(rows.values()), by=kind.undo_by, labels=kind.labels_of(context))
    kept = Counter(target in found.kept for target in rows.values())[True]
    first = {target: number for number, target in sorted(rows.items(), reverse=True)}
    names = names_of(one, kind, context, [first[target] for target in found.examples])
    examples = [
        {"row": first[target], "name": names.get(first[target], "")} | reason.as_json()
        for target, reasons in found.examples.items()
        for reason in reasons[:1]
    ]
    return len(rows) - kept, kept, examples


def names_of(one: Import, kind: Kind, context: Context, numbers: Sequence[int]) -> dict[int, str]:
    """What the sheet calls some of its rows, where it has a column for that."""
    key = kind.naming_field(frozenset(one.mapping), context)
    if key is None or not numbers:
        return {}
    position = one.mapping[key]
    rows = ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one, number__in=numbers)
    return {
        number: as_text(cells[position]) if position < len(cells) else ""
        for number, cells in rows.values_list("number", "cells")
    }
