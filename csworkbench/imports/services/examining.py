"""Reading a file, choosing its columns where they are clear, and comparing it with the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from uuid import UUID

from csworkbench.common import clock
from csworkbench.imports.kinds import Context, Kind, kind_called
from csworkbench.imports.mapping import checked, mapping_of, propose
from csworkbench.imports.models import Import
from csworkbench.imports.preparing import Spool, prepare
from csworkbench.imports.reading import Block, Reading, RefusedFile, open_sheet
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.scope import workspace_scope

from .claiming import actor_of, claim, load, release

SAMPLES = 5


def examine(workspace_id: int, import_id: UUID, *, held: bool = False) -> Spool | None:
    """Do the reading and comparing that is due, and leave the import read, ready or refused.

    Reading and cleaning happen outside any transaction. Returns the clean rows when the import is ready, for a caller
    that applies at once; the caller closes them. ``held`` says that the caller has the work already.
    """
    with workspace_scope(workspace_id):
        due = (Import.State.UPLOADED, Import.State.MAPPED)
        one = load(workspace_id, import_id) if held else claim(workspace_id, import_id, *due)
        if one is None:
            return None
        kind = kind_called(one.kind)
        context = kind.context(one.workspace)
    try:
        spool = read(one, kind, context)
    except RefusedFile as refused:
        with workspace_scope(workspace_id, actor=actor_of(one)):
            release(one, Import.State.REFUSED, error_code=refused.code, error=refused.message, finished_at=clock.now())
        return None
    with workspace_scope(workspace_id, actor=actor_of(one)):
        if spool is None:
            release(one, Import.State.READ, layout=one.layout, mapping=one.mapping)
        else:
            compare(one, kind, context, spool)
    return spool


def read(one: Import, kind: Kind, context: Context) -> Spool | None:
    """Fill in layout and mapping; clean rows when the mapping is complete, None when a person has to choose."""
    with open_sheet(one.path, kind.hints) as reading:
        blocks = reading.blocks()
        first = next(blocks, None)
        one.layout = layout_of(reading, first)
        if one.state == Import.State.UPLOADED:
            one.mapping = mapping_of(propose(one.titles, kind))
        one.mapping = checked(one.mapping, kind, len(one.titles))
        if kind.mapping_problems(one.mapping, context):
            return None
        spool = prepare(chain([first] if first else [], blocks), one.titles, one.mapping, kind, context)
        one.rows = reading.rows
        one.layout["skipped"] = reading.skipped
        return spool


def layout_of(reading: Reading, first: Block | None) -> dict[str, object]:
    """What to show of the file: where the table is, its titles, its first rows."""
    samples = [list(row) for row in islice(first.rows(), SAMPLES)] if first else []
    layout = reading.layout
    return layout.about | {
        "columns": list(layout.columns),
        "header_row": layout.header_row,
        "samples": samples,
        "skipped": [],
    }


def compare(one: Import, kind: Kind, context: Context, spool: Spool) -> None:
    """Stage, compare, keep the verdicts, and wait for approval."""
    stage = stage_of(one, kind, context, spool)
    stage.fill(spool.chunks())
    kind.compare(stage, lock=False)
    stage.record(one.pk)
    release(
        one,
        Import.State.READY,
        layout=one.layout,
        mapping=one.mapping,
        rows=one.rows,
        counts=stage.counts(),
        problems=stage.problem_summary(),
        compared_at=clock.now(),
    )


def stage_of(one: Import, kind: Kind, context: Context, spool: Spool) -> Stage:
    """The stage of an import's clean rows; problems are reported under the titles of the file."""
    titles = {f"title_{key}": one.titles[position] for key, position in one.mapping.items()}
    return Stage(one.workspace_id, spool.columns, kind.options(context) | titles)


def rebuild(one: Import, kind: Kind, context: Context) -> Spool:
    """The clean rows of an import once more, from its stored file; raises RefusedFile."""
    with open_sheet(one.path, kind.hints) as reading:
        blocks: Iterator[Block] = reading.blocks()
        return prepare(blocks, one.titles, one.mapping, kind, context)
