"""What people decide about an import: its table, columns and corrections, that it goes ahead, rests or ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from csworkbench.common import clock, enqueue
from csworkbench.imports.cleaning.base import as_text
from csworkbench.imports.corrections import MAX_FIXES
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.mapping import checked, checked_constants, constant_problems, shape_of
from csworkbench.imports.models import ColumnMemory, Import
from csworkbench.imports.reader.layout import normalise
from csworkbench.tenancy.models import Member

from .asking import may_approve
from .claiming import LEASE

UNDO_DAYS = 30
# What was applied in part counts too: cancelled on the way, or given up after several attempts.
ENDED = (Import.State.APPLIED, Import.State.CANCELLED, Import.State.REFUSED)


class NotAllowed(Exception):
    """The import is no longer in a state for this; ``args[0]`` says so in words."""


def choose_table(*, actor: Member, one: Import, sheet: str = "", header_row: int | None = None) -> None:
    """Read the file again from another sheet or row of titles; columns are proposed anew."""
    table: dict[str, Any] = ({"sheet": sheet} if sheet else {}) | ({"header_row": header_row} if header_row else {})
    before = (Import.State.READ, Import.State.READY, Import.State.REFUSED)
    if one.state == Import.State.REFUSED and not one.titles:
        raise NotAllowed("This file cannot be read, whatever its table.")
    if one.approved_at is not None:
        # Reading it anew would forget what was written, and that could not be undone any more.
        raise NotAllowed("Rows of this file may be written already. Undo them, or send the file again.")
    changes: dict[str, Any] = {"table": table, "fixes": [], "error": "", "error_code": "", "finished_at": None}
    _move(one, before, Import.State.UPLOADED, as_seen=True, **changes)
    enqueue("imports.examine", workspace_id=one.workspace_id, import_id=str(one.pk))


def choose_columns(
    *,
    actor: Member,
    one: Import,
    mapping: Mapping[str, int],
    constants: Mapping[str, str] | None = None,
    new_fields: Mapping[int, str] | None = None,
) -> list[str]:
    """Compare with other columns. Returns why the choice cannot be imported, empty when it is under way.

    ``constants``: field → what every row says. ``new_fields``: position of a column → sort of the custom field that it
    becomes; fields are made only when all else is well.
    """
    kind = kind_called(one.kind)
    context = kind.context(actor.workspace)
    chosen = checked(mapping, context, len(one.titles))
    said = checked_constants(constants or {}, context)
    twice = [context.field(key).label for key in said if key in chosen]
    problems = [f"{label} has a column and a value for every row: choose one of them." for label in twice]
    problems += kind.mapping_problems(frozenset(chosen) | frozenset(said), context)
    problems += constant_problems(said, context)
    if problems:
        return problems
    before = (Import.State.READ, Import.State.READY)
    try:
        # A field that is made is made for this choice: without it there is none.
        with transaction.atomic():
            for position, sort in (new_fields or {}).items():
                chosen[kind.new_field(actor=actor, label=one.titles[position], sort=sort)] = position
            _move(one, before, Import.State.MAPPED, as_seen=True, mapping=chosen, constants=said)
    except ValidationError as error:
        return list(error.messages)
    remember(actor, one)
    enqueue("imports.examine", workspace_id=one.workspace_id, import_id=str(one.pk))
    return []


def remember(actor: Member, one: Import) -> None:
    """Keep what the columns of this shape of file are, for the next one."""
    columns = {
        normalise(title): [key for key, position in one.mapping.items() if position == at]
        for at, title in enumerate(one.titles)
    }
    ColumnMemory.objects.update_or_create(
        workspace=actor.workspace,
        kind=one.kind,
        shape=shape_of(one.titles),
        defaults={"columns": columns, "constants": one.constants, "member": actor, "used_at": clock.now()},
    )


def fix(*, actor: Member, one: Import, fixes: Iterable[Mapping[str, Any]]) -> None:
    """Correct cells and compare again: ``[{"field", "value", "row", "use"}]``.

    With a ``row`` the correction is for that row alone, else for every row whose cell says ``value``; ``use`` is what
    is meant, blank for nothing. A later correction of the same cells replaces an earlier one.
    """
    kept = {_about(known): known for known in one.fixes}
    for new in fixes:
        about = {
            "field": str(new["field"]),
            "value": as_text(new.get("value") or ""),
            "row": int(new["row"]) if new.get("row") else None,
            "use": str(new["use"]).strip(),
        }
        kept[_about(about)] = about
    if len(kept) > MAX_FIXES:
        raise NotAllowed(f"At most {MAX_FIXES:,} corrections fit here. Correct the sheet and upload it again.")
    _again(one, list(kept.values()))


def unfix(*, actor: Member, one: Import, position: int) -> None:
    """Take back one correction, by its position in ``fixes``, and compare again."""
    if not 0 <= position < len(one.fixes):
        raise NotAllowed("This correction is gone already.")
    _again(one, [known for at, known in enumerate(one.fixes) if at != position])


def _about(known: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a correction is about: a cell, or a value of a field."""
    return (known["field"], known["row"]) if known["row"] else (known["field"], None, known["value"])


def _again(one: Import, fixes: Sequence[Mapping[str, Any]]) -> None:
    _move(one, (Import.State.READY,), Import.State.MAPPED, as_seen=True, fixes=list(fixes))
    enqueue("imports.examine", workspace_id=one.workspace_id, import_id=str(one.pk))


def choose_crm(*, actor: Member, one: Import, overwrite: bool) -> None:
    """Decide whether the fields that the CRM owns are written too, and compare again."""
    _move(one, (Import.State.READY,), Import.State.MAPPED, as_seen=True, overwrites_crm=overwrite)
    enqueue("imports.examine", workspace_id=one.workspace_id, import_id=str(one.pk))


def approve(*, actor: Member, one: Import, inline: bool = False) -> None:
    """Let a compared import be applied, by a worker, or by the caller at once when ``inline``.

    The comparison that ``one`` was loaded with is approved, no other one.
    """
    if not may_approve(actor, one):
        raise NotAllowed(
            "This workspace asks for a second person: somebody else has to approve what you sent or changed."
        )
    changes: dict[str, Any] = {"approved_by": actor, "approved_at": clock.now()}
    if inline:
        changes |= {"claimed_until": clock.now() + LEASE, "attempts": 1}
    _move(one, (Import.State.READY,), Import.State.APPLYING, as_seen=True, **changes)
    if not inline:
        enqueue("imports.apply", workspace_id=one.workspace_id, import_id=str(one.pk))


def pause(*, actor: Member, one: Import) -> None:
    """Let an import that is being applied rest after the rows it has in hand."""
    _move(one, (Import.State.APPLYING,), Import.State.PAUSED)


def resume(*, actor: Member, one: Import) -> None:
    """Go on with a paused import, from where it stands."""
    _move(one, (Import.State.PAUSED,), Import.State.APPLYING)
    enqueue("imports.apply", workspace_id=one.workspace_id, import_id=str(one.pk))


def cancel(*, actor: Member, one: Import) -> None:
    """End an import. What it wrote already stays, and can be undone."""
    before = (*Import.OPEN, Import.State.APPLYING, Import.State.PAUSED)
    _move(one, before, Import.State.CANCELLED, finished_at=clock.now())


def undo(*, actor: Member, one: Import) -> None:
    """Take back what an import wrote, within ``UNDO_DAYS``; rows that somebody changed since stay as they are."""
    if not can_be_undone(one):
        raise NotAllowed(f"An import can be undone for {UNDO_DAYS} days after it was applied.")
    _move(
        one,
        (*ENDED, Import.State.UNDONE),
        Import.State.UNDOING,
        undone_by=actor,
        undone_at=clock.now(),
        undone_through=0,
    )
    enqueue("imports.undo", workspace_id=one.workspace_id, import_id=str(one.pk))


def can_be_undone(one: Import) -> bool:
    """Whether there is something to take back, and still time to do so.

    An undone import that left rows as they were can be undone again: perhaps nothing stands in the way any more.
    """
    settled = one.state in ENDED
    again = one.state == Import.State.UNDONE and one.kept_rows > 0
    recent = one.finished_at is not None and one.finished_at >= clock.now() - timedelta(days=UNDO_DAYS)
    return (settled or again) and one.applied_rows > 0 and recent


def _move(one: Import, before: tuple[str, ...], after: str, *, as_seen: bool = False, **changes: object) -> None:
    """Change the state only from where the person saw it; two approvals are one.

    ``as_seen``: and only while the comparison is the one that ``one`` was loaded with, and nobody approved it.
    """
    fresh: dict[str, object] = {"state": after, "claimed_until": None, "attempts": 0}
    found = Import.objects.filter(workspace=one.workspace_id, pk=one.pk, state__in=before)
    if as_seen:
        found = found.filter(compared_at=one.compared_at, approved_at=None)
    if not found.update(**fresh | changes):
        raise NotAllowed("Someone else was faster: this import has moved on.")
    one.refresh_from_db()


def refuse_columns(*, actor: Member, one: Import) -> None:
    """End an import whose columns nobody is there to choose (a command line), saying what is missing."""
    kind = kind_called(one.kind)
    context = kind.context(actor.workspace)
    problems = kind.mapping_problems(frozenset(one.mapping) | frozenset(one.constants), context)
    problems += constant_problems(one.constants, context)
    found = ", ".join(one.titles)
    error = f"{' '.join(problems)} Columns found: {found}."[:500]
    _move(one, (Import.State.READ,), Import.State.REFUSED, error_code="columns", error=error, finished_at=clock.now())
