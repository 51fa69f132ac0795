"""Sheets that leave an import: the rows that were not applied with their reasons, and an empty one to start from."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain, count, islice
from typing import Any

import xlsxwriter

from csworkbench.common.sheets import safe_text

from .difference import LINE_TITLES, lines_of
from .kinds import Context, Kind
from .models import Import, ImportRow

OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
# A worksheet ends at 1,048,576 rows.
SHEET_ROWS = 1_000_000
# What a name of a worksheet may not hold; nor may it begin or end with an apostrophe, or be Excel's own "History".
NOT_IN_NAMES = re.compile(r"[\x00-\x1f\[\]:*?/\\]+")
REASON = "Why it was not applied"
NOT_APPLIED = (ImportRow.Verdict.REJECTED, ImportRow.Verdict.CONFLICT)


def rejects_sheet(one: Import) -> bytes:
    """The rejected rows like the original, in its order, with a last column that says why (IMP-1)."""
    rows = ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one, verdict__in=NOT_APPLIED).order_by(
        "number"
    )
    wanted = rows.values_list("cells", "problems").iterator(chunk_size=2000)
    rows_with_reason = ([*cells, reason_of(problems)] for cells, problems in wanted)
    return sheet(sheet_name(str(one.layout.get("sheet") or "")), [*one.titles, REASON], rows_with_reason)


def sheet_name(original: str) -> str:
    """The name of the sheet in the original, where a workbook takes it; the rows of a text file had none."""
    name = NOT_IN_NAMES.sub(" ", original).strip(" '")[:31].rstrip(" '")
    return name if name and name.lower() != "history" else "Rows"


def reason_of(problems: Sequence[dict[str, Any]]) -> str:
    """All problems of a row in one cell."""
    reasons = []
    for problem in problems:
        where = f"{problem['column']}: " if problem.get("column") else ""
        hint = f" Perhaps {', '.join(problem['suggestions'])}?" if problem.get("suggestions") else ""
        reasons.append(f"{where}{problem['message']}{hint}")
    return " · ".join(reasons)


def difference_sheet(one: Import, kind: Kind, context: Context) -> bytes:
    """What an import would change or has changed, one line per field, on as many worksheets as that takes."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    bold = book.add_format({"bold": True})
    lines = lines_of(one, kind, context)
    for number in count(1):
        part = islice(lines, SHEET_ROWS)
        first = next(part, None)
        if first is None and number > 1:
            break
        rows = chain([first] if first else [], part)
        fill(book.add_worksheet("Changes" if number == 1 else f"Changes {number}"), LINE_TITLES, rows, bold)
    book.close()
    return target.getvalue()


def template_sheet(kind: Kind, context: Context) -> bytes:
    """An empty sheet of a kind with its columns as titles, and a second sheet that explains them."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    bold = book.add_format({"bold": True})
    fields = [one for one in context.fields if not one.alternative]
    fill(book.add_worksheet(kind.label), [one.label for one in fields], (), bold)
    about = book.add_worksheet("About the columns")
    about.set_column(2, 2, 60)
    rows = ([one.group, one.label, one.help, one.example] for one in fields)
    fill(about, ["Part", "Column", "What it holds", "Example"], rows, bold)
    book.close()
    return target.getvalue()


def sheet(name: str, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One worksheet, written with constant memory."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    fill(book.add_worksheet(name), titles, rows, book.add_format({"bold": True}))
    book.close()
    return target.getvalue()


def fill(target: Any, titles: Sequence[str], rows: Iterable[Sequence[Any]], bold: Any) -> None:
    """Write titles and rows; text stays text whatever it starts with (T15)."""
    target.freeze_panes(1, 0)
    for at, title in enumerate(titles):
        target.set_column(at, at, max(12, len(title) + 2))
        target.write_string(0, at, safe_text(title), bold)
    for number, row in enumerate(rows, start=1):
        for at, cell in enumerate(row):
            if isinstance(cell, bool):
                target.write_boolean(number, at, cell)
            elif isinstance(cell, int | float):
                target.write_number(number, at, cell)
            elif cell not in ("", None):
                target.write_string(number, at, safe_text(str(cell)))
