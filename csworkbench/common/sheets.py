"""Spreadsheets out: explicit cell types, so that no cell of a customer's text ever becomes a formula (T15)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, TypeVar

import xlsxwriter
from django.http import HttpResponse

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet program takes for the start of a formula, full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")

Row = TypeVar("Row")
Column = tuple[str, Callable[[Row], Any]]


def safe_text(value: str) -> str:
    """Text that stays text when the sheet is saved as csv and opened again."""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def sheet_response(name: str, columns: Sequence[Column[Row]], rows: Iterable[Row]) -> HttpResponse:
    """An xlsx download with one row per item, written with constant memory."""
    response = HttpResponse(sheet_bytes(columns, rows), content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def sheet_bytes(columns: Sequence[Column[Row]], rows: Iterable[Row]) -> bytes:
    """The bytes of an xlsx with a bold, frozen header."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(1, 0)
    for index, (title, _) in enumerate(columns):
        sheet.set_column(index, index, max(12, len(title) + 2))
        sheet.write_string(0, index, safe_text(title), bold)
    for number, row in enumerate(rows, start=1):
        for index, (_, value_of) in enumerate(columns):
            _write(sheet, number, index, value_of(row), day)
    book.close()
    return target.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), day)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime.combine(value, time.min), day)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, safe_text(str(value)))
