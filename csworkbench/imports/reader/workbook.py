"""Rows of an xlsx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from .layout import Row, Table, find_table
from .refusal import MAX_COLUMNS, Refusal


def read_workbook(path: Path, hints: frozenset[str]) -> tuple[Table, dict[str, Any]]:
    """The table of the sheet that looks most like one, and what to say about the choice."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        best: Table | None = None
        chosen, too_wide = "", ""
        for name in names or workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.width > MAX_COLUMNS:
                too_wide = name
                continue
            table = find_table(numbered(sheet), hints)
            if table is not None and (best is None or table.score > best.score):
                best, chosen = table, name
    except CalamineError as error:
        raise Refusal("broken", "The workbook cannot be read. Open it in Excel and save it again.") from error
    if best is None and too_wide:
        raise Refusal("too_wide", f"The sheet “{too_wide}” reaches past column IV; at most {MAX_COLUMNS} are read.")
    if best is None:
        raise Refusal("no_header", "No sheet has a row of column titles. The first row should name the columns.")
    return best, {"format": "xlsx", "sheet": chosen, "sheets": names}


def numbered(sheet: CalamineSheet) -> Iterator[tuple[int, Row]]:
    """The rows of a sheet with their numbers, leading blank ones included."""
    return enumerate(sheet.iter_rows(), start=1)
