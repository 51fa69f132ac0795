"""Rows of an xlsx, an xlsm (its macros are not looked at) or an xls."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from . import compound
from .archive import broken
from .layout import Found, Table, Wanted, find_table
from .refusal import MAX_COLUMNS, Refusal, too_wide
from .titles import Row

EPOCH_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*[\"'](?:1|true)[\"']")
# Sheets are opened until so many cells were looked at: a workbook may hold a hundred that are wide and blank.
CELLS_LOOKED_AT = 20_000_000
RAGGED = "Delete what stands right of the table."


def read_workbook(path: Path, wanted: Wanted, kind: str) -> Found:
    """The table of the sheet that looks most like one, or of the one that was chosen, and what to say about it."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = visible(workbook)
        table, chosen = choose(workbook, names, wanted)
    except PasswordError as error:
        raise compound.with_password() from error
    except CalamineError as error:
        raise broken() from error
    about: dict[str, Any] = {"format": kind, "sheet": chosen, "sheets": names}
    if counts_from_1904(path, kind):
        about["since_1904"] = True
    return table, about


def visible(workbook: CalamineWorkbook) -> list[str]:
    """The sheets that a person sees, all of them where none is marked as visible."""
    shown = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    return shown or workbook.sheet_names


def choose(workbook: CalamineWorkbook, names: list[str], wanted: Wanted) -> tuple[Table, str]:
    """The best table, and its sheet; Refusal when no sheet has any."""
    if wanted.sheet:
        if wanted.sheet not in workbook.sheet_names:
            raise no_sheet(wanted.sheet, names)
        names = [wanted.sheet]
    best: Table | None = None
    chosen, wide, cells = "", "", 0
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
        cells += height * width
        if width > MAX_COLUMNS:
            wide = name
            continue
        table = find_table(rows_of(sheet), wanted, sheet.merged_cell_ranges or (), ragged=RAGGED)
        if table is not None and (best is None or table.score > best.score):
            best, chosen = table, name
        if cells > CELLS_LOOKED_AT:
            break
    if best is None and wide:
        raise too_wide(wide)
    if best is None:
        raise wanted.nothing_found(f"The sheet “{wanted.sheet}”" if wanted.sheet else "The workbook")
    return best, chosen


def no_sheet(name: str, names: list[str]) -> Refusal:
    """A sheet that was chosen and is not there."""
    listed = ", ".join(f"“{known}”" for known in names[:20])
    return Refusal("no_sheet", f"There is no sheet “{name[:60]}” in this workbook. It has {listed}.")


def rows_of(sheet: CalamineSheet) -> Any:
    """The rows of a sheet with their numbers, blank rows and columns before them included, as often as wanted."""

    left = [""] * sheet.start[1] if sheet.start else []

    def numbered() -> Iterator[tuple[int, Row]]:
        # The reader leaves out blank columns at the left, and counts merged cells and letters with them.
        rows = sheet.iter_rows()
        return enumerate((left + row for row in rows) if left else rows, start=1)

    return numbered


def counts_from_1904(path: Path, kind: str) -> bool:
    """Whether numbers that are dates count from 1904; cells that are formatted as dates are right anyway."""
    if kind == "xls":
        return compound.counts_from_1904(path)
    with zipfile.ZipFile(path) as archive:
        listed = [name for name in archive.namelist() if name.replace("\\", "/") == "xl/workbook.xml"]
        with archive.open(listed[-1]) as part:
            return EPOCH_1904.search(part.read(1 << 20)) is not None
