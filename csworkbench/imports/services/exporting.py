"""Sheets that take longer than a request may: a worker makes them, beside the file of their import, for a day."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from django.conf import settings

from csworkbench.common import clock, enqueue
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.rejects import Target, difference_sheet, rejects_sheet
from csworkbench.tenancy.scope import workspace_scope

from .claiming import load

CHANGES: Literal["changes"] = "changes"
REJECTS: Literal["rejects"] = "rejects"
Sort = Literal["changes", "rejects"]
SORTS: tuple[Sort, ...] = (CHANGES, REJECTS)
# A request makes a sheet of so many rows in a second or two; 100,000 changed rows take some fifteen.
AT_ONCE = 25_000
KEPT = timedelta(days=1)
# After so long nobody is at it any more, and it can be asked for again.
PATIENCE = timedelta(minutes=5)
LEFT_OUT = (ImportRow.Verdict.REJECTED, ImportRow.Verdict.CONFLICT, ImportRow.Verdict.DUPLICATE)


@dataclass(frozen=True)
class SheetOut:
    """A sheet that leaves an import: made while one waits, or stored by a worker (``path``), or under way."""

    one: Import
    sort: Sort

    @property
    def is_long(self) -> bool:
        """Whether a request may not make it."""
        wanted = LEFT_OUT if self.sort == REJECTS else [name for name in self.one.counts if name != "unchanged"]
        return sum(int(self.one.counts.get(verdict) or 0) for verdict in wanted) > AT_ONCE

    @property
    def path(self) -> Path:
        """Where it is stored: another place for each state of its import, so that it is never out of date."""
        one = self.one
        said = (one.state, one.compared_at, one.applied_through, one.finished_at, one.undone_at, one.undone_through)
        digest = hashlib.sha256(repr(said).encode()).hexdigest()[:16]
        return one.path.with_name(f"{one.file_key}.{self.sort}-{digest}.xlsx")

    @property
    def asked(self) -> Path:
        """Stands beside it while somebody waits for it."""
        return self.path.with_suffix(".asked")

    @property
    def is_ready(self) -> bool:
        return is_younger(self.path, KEPT)

    @property
    def is_under_way(self) -> bool:
        return is_younger(self.asked, PATIENCE)

    def make(self, target: Target) -> None:
        """Write it; the scope is open."""
        if self.sort == REJECTS:
            rejects_sheet(self.one, target)
        else:
            kind = kind_called(self.one.kind)
            difference_sheet(self.one, kind, kind.context(self.one.workspace), target)


def prepare_sheet(*, one: Import, sort: Sort) -> None:
    """Let a worker make a sheet, unless it is there or under way."""
    wanted = SheetOut(one, sort)
    if not (wanted.is_ready or wanted.is_under_way):
        touched(wanted.asked)
        enqueue("imports.write_sheets", workspace_id=one.workspace_id, import_id=str(one.pk))


def write_sheets(workspace_id: int, import_id: UUID) -> None:
    """Make the sheets of an import that somebody waits for; a second worker makes the same once more."""
    with workspace_scope(workspace_id):
        one = load(workspace_id, import_id)
        for sort in SORTS:
            wanted = SheetOut(one, sort)
            if wanted.is_under_way:
                store(wanted)


def store(wanted: SheetOut) -> None:
    """Let the file appear at once and whole, for its owner alone. When that fails it can be asked for again."""
    part = wanted.path.with_name(f"{wanted.path.name}.{uuid4().hex}.part")
    try:
        touched(part)
        wanted.make(str(part))
        touched(part)
        part.replace(wanted.path)
    finally:
        part.unlink(missing_ok=True)
        wanted.asked.unlink(missing_ok=True)


def sweep_sheets(workspace_id: int) -> None:
    """Remove stored sheets that are a day old, and what a killed worker left of one."""
    folder = Path(settings.MEDIA_ROOT) / "imports" / str(workspace_id)
    for pattern in ("*.xlsx", "*.asked", "*.part"):
        for path in folder.glob(pattern):
            if not is_younger(path, KEPT):
                path.unlink(missing_ok=True)


def touched(path: Path) -> None:
    """A file for its owner alone, as old as now."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    moment = clock.now().timestamp()
    os.utime(path, (moment, moment))


def is_younger(path: Path, age: timedelta) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime > (clock.now() - age).timestamp()
    return False
