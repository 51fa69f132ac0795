"""Sheets that leave an import: the rows that were not applied with their reasons, and an empty one to start from."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, islice
from typing import Any

import xlsxwriter
from django.db.models import Q

from csworkbench.common.sheets import safe_text

from .difference import LINE_TITLES, Line, lines_of, new_lines_of, new_titles, reason_of
from .kinds import Context, Kind
from .models import Import, ImportRow

OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
# A worksheet ends at 1,048,576 rows.
SHEET_ROWS = 1_000_000
# What a name of a worksheet may not hold; nor may it begin or end with an apostrophe, or be Excel's own "History".
NOT_IN_NAMES = re.compile(r"[\x00-\x1f\[\]:*?/\\]+")
REASON = "Why it was not applied"
# Where a sheet goes: a path, or a file in memory.
Target = str | io.BytesIO
NOT_APPLIED = (ImportRow.Verdict.REJECTED, ImportRow.Verdict.CONFLICT)
OTHER_VALUES = "other_values"
WORK = Q(verdict__in=NOT_APPLIED) | Q(verdict=ImportRow.Verdict.DUPLICATE, problems__contains=[{"code": OTHER_VALUES}])


def rejects_sheet(one: Import, target: Target) -> None:
    """The rows that a person has to look at, like the original and in its order, with a last column that says why.

    A second row about the same thing is among them where it says something else than the first one (IMP-1).
    """
    rows = ImportRow.objects.filter(WORK, workspace=one.workspace_id, import_batch=one).order_by("number")
    wanted = rows.values_list("cells", "problems").iterator(chunk_size=2000)
    rows_with_reason = ([*cells, reason_of(problems)] for cells, problems in wanted)
    book = xlsxwriter.Workbook(target, OPTIONS)
    bold = book.add_format({"bold": True})
    name = sheet_name(str(one.layout.get("sheet") or ""))
    fill(book.add_worksheet(name), [*one.titles, REASON], rows_with_reason, bold)
    book.close()


def has_rejects(one: Import) -> bool:
    """Whether there is any such row."""
    return any(one.counts.get(verdict) for verdict in NOT_APPLIED) or any(
        problem["code"] == OTHER_VALUES for problem in one.problems
    )


def sheet_name(original: str) -> str:
    """The name of the sheet in the original, where a workbook takes it; the rows of a text file had none."""
    name = NOT_IN_NAMES.sub(" ", original).strip(" '")[:31].rstrip(" '")
    return name if name and name.lower() != "history" else "Rows"


def difference_sheet(one: Import, kind: Kind, context: Context, target: Target) -> None:
    """What an import would change or has changed: one line per field, and new rows like the original."""
    book = xlsxwriter.Workbook(target, OPTIONS)
    spread(book, "Changes", LINE_TITLES, lines_of(one, kind, context))
    if one.counts.get(ImportRow.Verdict.NEW):
        spread(book, "New rows", new_titles(one), new_lines_of(one, context))
    book.close()


def spread(book: Any, name: str, titles: Sequence[str], lines: Iterator[Line]) -> None:
    """Write lines on as many worksheets as they take, at least one."""
    bold = book.add_format({"bold": True})
    for number in count(1):
        part = islice(lines, SHEET_ROWS)
        first = next(part, None)
        if first is None and number > 1:
            break
        rows = chain([first] if first else [], part)
        fill(book.add_worksheet(name if number == 1 else f"{name} {number}"), titles, rows, bold)


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
