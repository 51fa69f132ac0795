"""Reading a file, choosing its columns where they are clear, and comparing it with the workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any
from uuid import UUID

from csworkbench.common import clock
from csworkbench.imports.cleaning import Cell
from csworkbench.imports.kinds import Context, Kind, kind_called
from csworkbench.imports.mapping import (
    Memory,
    Plan,
    checked,
    checked_constants,
    constant_problems,
    mapping_of,
    propose,
    shape_of,
)
from csworkbench.imports.models import ColumnMemory, Import
from csworkbench.imports.preparing import Spool, prepare
from csworkbench.imports.reading import Block, Reading, RefusedFile, open_sheet
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.scope import workspace_scope

from .asking import ask_for_approval
from .claiming import Overtaken, actor_of, claim, load, release

SAMPLES = 5
# Characters of a cell that are shown beside its column.
SAMPLED = 200
# Rows whose cells tell what a column is.
LOOKED_AT = 200


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
    try:
        with workspace_scope(workspace_id, actor=actor_of(one)):
            if spool is None:
                leave(one, Import.State.READ, layout=one.layout, mapping=one.mapping, constants=one.constants)
            else:
                compare(one, kind, context, spool)
    except Overtaken:
        if spool is not None:
            spool.close()
        return None
    return spool


def leave(one: Import, state: str, **changes: object) -> None:
    """Leave the import as it was read; raises Overtaken when it is not the one that was read any more.

    Reading may outlast the lease. What others have compared, chosen or applied since then stays as it is.
    """
    same = Import.objects.filter(
        workspace=one.workspace_id, pk=one.pk, state=one.state, compared_at=one.compared_at, table=one.table
    )
    if not same.update(state=state, claimed_until=None, attempts=0, **changes):
        raise Overtaken


def read(one: Import, kind: Kind, context: Context) -> Spool | None:
    """Fill in layout and mapping; clean rows when the mapping is complete, None when a person has to choose."""
    with open_sheet(one.path, context.hints, one.table) as reading:
        blocks = reading.blocks()
        first = next(blocks, None)
        one.layout = {"proposals": one.layout.get("proposals", [])} | layout_of(reading, first)
        if one.state == Import.State.UPLOADED:
            propose_columns(one, context, list(islice(first.rows(), LOOKED_AT)) if first else [])
        one.mapping = checked(one.mapping, context, len(one.titles))
        one.constants = checked_constants(one.constants, context)
        if kind.mapping_problems(plan_of(one).chosen, context) or constant_problems(one.constants, context):
            return None
        spool = prepare(chain([first] if first else [], blocks), one.titles, plan_of(one), kind, context)
        one.rows = reading.rows
        one.layout |= {"skipped": reading.skipped, "skipped_count": reading.skipped_count, "notes": spool.notes}
        return spool


def propose_columns(one: Import, context: Context, samples: Sequence[Sequence[Cell]]) -> None:
    """What the columns seem to be, and what was chosen for such a file the last time."""
    memory = remembered(one)
    proposals = propose(one.titles, context, samples, memory)
    one.mapping = mapping_of(proposals)
    one.constants = dict(memory.constants) if memory else {}
    one.layout["proposals"] = [
        {"field": found.field, "confidence": found.confidence, "because": found.because} for found in proposals
    ]


def remembered(one: Import) -> Memory | None:
    """What the columns are to be as the sender says, else what they were chosen to be for such a file before."""
    if "columns" in one.table:
        return Memory(one.table["columns"], one.table.get("constants", {}), "as you said")
    with workspace_scope(one.workspace_id):
        found = ColumnMemory.objects.filter(
            workspace=one.workspace_id, kind=one.kind, shape=shape_of(one.titles)
        ).first()
    return Memory(found.columns, found.constants) if found else None


def plan_of(one: Import) -> Plan:
    """What becomes of the file's columns."""
    return Plan(one.mapping, one.constants, one.fixes)


def layout_of(reading: Reading, first: Block | None) -> dict[str, Any]:
    """What to show of the file: where the table is, its titles, its first rows."""
    rows = islice(first.rows(), SAMPLES) if first else ()
    samples = [[cell[:SAMPLED] if isinstance(cell, str) else cell for cell in row] for row in rows]
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
    leave(
        one,
        Import.State.READY,
        layout=one.layout,
        mapping=one.mapping,
        constants=one.constants,
        rows=one.rows,
        counts=stage.counts(),
        problems=stage.problem_summary(),
        compared_at=clock.now(),
    )
    ask_for_approval(one)


def stage_of(one: Import, kind: Kind, context: Context, spool: Spool) -> Stage:
    """The stage of an import's clean rows; problems are reported under the titles of the file."""
    titles = {f"title_{key}": context.field(key).label for key in one.constants}
    titles |= {f"title_{key}": one.titles[position] for key, position in one.mapping.items()}
    owned = frozenset() if one.overwrites_crm else context.crm_owned
    return Stage(one.workspace_id, spool.columns, kind.options(context) | titles, crm_owned=owned)


def rebuild(one: Import, kind: Kind, context: Context) -> Spool:
    """The clean rows of an import once more, from its stored file; raises RefusedFile."""
    with open_sheet(one.path, context.hints, one.table) as reading:
        blocks: Iterator[Block] = reading.blocks()
        return prepare(blocks, one.titles, plan_of(one), kind, context)
