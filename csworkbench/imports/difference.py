"""Reads of what an import would change, or has changed: one page of rows, and all of them for a sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.db.models import Count, F, Func, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import QueryDict

from csworkbench.common.pages import page_of

from .cleaning import Cleaner
from .cleaning.base import as_text
from .corrections import Item, row_items
from .kinds import Change, Context, Kind
from .models import Import, ImportRow

PAGE_ROWS = 50
EXPORT_CHUNK = 2000
UNDONE, KEPT = "undone", "kept"
SHOWN = (
    ImportRow.Verdict.NEW,
    ImportRow.Verdict.CHANGED,
    ImportRow.Verdict.UNCHANGED,
    ImportRow.Verdict.REJECTED,
    ImportRow.Verdict.DUPLICATE,
    ImportRow.Verdict.CONFLICT,
    ImportRow.Verdict.CRM,
)
WORDS = dict(ImportRow.Verdict.choices) | {
    ImportRow.Verdict.DUPLICATE: "Duplicates",
    ImportRow.Verdict.CONFLICT: "Conflicts",
    UNDONE: "Taken back",
    KEPT: "Kept by the undo",
}
COMPARED = (ImportRow.Verdict.CHANGED, ImportRow.Verdict.CRM)


@dataclass(frozen=True)
class Asked:
    """Which rows the address asks for: their verdict, words in them, a column that they change, a page."""

    verdict: str
    q: str = ""
    column: str = ""
    page: str = ""

    @classmethod
    def of(cls, one: Import, query: QueryDict) -> Asked:
        """An unknown verdict shows the first that has rows."""
        verdict = query.get("show", "")
        if verdict not in WORDS:
            verdict = next((found for found in SHOWN if one.counts.get(found)), SHOWN[0])
        column = query.get("column", "").replace("\0", "") if verdict in COMPARED else ""
        return cls(
            verdict, " ".join(query.get("q", "").replace("\0", "").split())[:100], column[:100], query.get("page", "")
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.column)

    @property
    def query(self) -> str:
        """The address's parameters without the page, for the pager."""
        said = {"show": self.verdict, "q": self.q, "column": self.column}
        return urlencode({name: value for name, value in said.items() if value}) + "&"


@dataclass(frozen=True)
class ShownRow:
    """One row as the page shows it: its cells, old → new of what it changes, what the CRM holds, what is wrong."""

    number: int
    name: str
    cells: list[str]
    changes: list[Change]
    held: list[Change]
    problems: list[Item]
    kept: list[dict[str, Any]]


@dataclass(frozen=True)
class Difference:
    """One page of rows of one verdict.

    ``titles`` head the cells; ``columns`` may narrow the list: key, words, rows.
    """

    asked: Asked
    name_title: str
    titles: list[str]
    rows: list[ShownRow]
    page: Page[Any]
    columns: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def can_be_fixed(self) -> bool:
        return any(item.can_be_fixed for row in self.rows for item in row.problems)


def difference_of(one: Import, kind: Kind, context: Context, asked: Asked) -> Difference:
    """A page of rows, in a constant number of statements."""
    rows = rows_of(one, asked)
    page = page_of(rows, asked.page, size=PAGE_ROWS, count=None if asked.narrowed else count_of(one, asked.verdict))
    found = list(page.object_list)
    positions = sorted(set(one.mapping.values()))
    name_at = naming_column(one, kind, context)
    dated = days_of(one, context)
    shown = [
        ShownRow(
            row.number,
            cell(row.cells, name_at),
            [dated[at](row.cells) if at in dated else cell(row.cells, at) for at in positions],
            changes,
            held,
            row_items(one, row) if asked.verdict not in {UNDONE, KEPT} else [],
            row.kept_because,
        )
        for row, changes, held in described(found, kind, context)
    ]
    return Difference(
        asked,
        one.titles[name_at] if name_at is not None else "Row",
        [one.titles[position] for position in positions],
        shown,
        page,
        columns_changed(one, kind, context, asked.verdict) if asked.verdict in COMPARED else [],
    )


def rows_of(one: Import, asked: Asked) -> QuerySet[ImportRow]:
    """The rows asked for, in the order of the sheet."""
    rows = ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one).order_by("number")
    rows = rows.filter(undo=asked.verdict) if asked.verdict in {UNDONE, KEPT} else rows.filter(verdict=asked.verdict)
    if asked.q:
        rows = rows.annotate(text=Cast("cells", TextField())).filter(text__icontains=asked.q)
    if asked.column:
        rows = rows.filter(**{f"{compared_field(asked.verdict)}__has_key": asked.column})
    return rows


def count_of(one: Import, verdict: str) -> int:
    """Rows of a verdict, as counted when it was reached; unchanged ones are counted and not kept."""
    if verdict == ImportRow.Verdict.UNCHANGED:
        return 0
    if verdict in {UNDONE, KEPT}:
        return one.undone_rows if verdict == UNDONE else one.kept_rows
    return int(one.counts.get(verdict, 0))


def compared_field(verdict: str) -> str:
    return "held" if verdict == ImportRow.Verdict.CRM else "changes"


def columns_changed(one: Import, kind: Kind, context: Context, verdict: str) -> list[tuple[str, str, int]]:
    """What the rows of a verdict change: the column as stored, its words, how many rows; the most frequent first."""
    key = Func(F(compared_field(verdict)), function="jsonb_object_keys", output_field=TextField())
    key.set_returning = True
    found = (
        ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one, verdict=verdict)
        .annotate(column=key)
        .values_list("column")
        .annotate(rows=Count("pk"))
        .order_by("-rows", "column")
    )
    counted = [(str(column), int(rows)) for column, rows in found]
    words = kind.describe([{column: [None, None]} for column, _ in counted], context)
    return [
        (column, label[0].label if label else column, rows)
        for (column, rows), label in zip(counted, words, strict=True)
    ]


def described(
    rows: Sequence[ImportRow], kind: Kind, context: Context
) -> Iterator[tuple[ImportRow, list[Change], list[Change]]]:
    """Rows with their changes and what is held, in words."""
    changes = kind.describe([row.changes for row in rows], context)
    held = kind.describe([row.held for row in rows], context)
    return zip(rows, changes, held, strict=True)


def naming_column(one: Import, kind: Kind, context: Context) -> int | None:
    """The column that people know a row by, else the first one."""
    key = kind.naming_field(frozenset(one.mapping), context)
    return one.mapping[key] if key else min(one.mapping.values(), default=None)


def cell(cells: Sequence[Any], position: int | None) -> str:
    """A cell as text; nothing where the row is shorter than its table."""
    return as_text(cells[position]) if position is not None and position < len(cells) else ""


def days_of(one: Import, context: Context) -> dict[int, Callable[[Sequence[Any]], str]]:
    """For the columns that hold a day: their cells as text, and a day that Excel counts from 1900 as a day."""

    def shown(position: int, cleaner: Cleaner) -> Callable[[Sequence[Any]], str]:
        def day(cells: Sequence[Any]) -> str:
            value = cells[position] if position < len(cells) else None
            if isinstance(value, bool) or not isinstance(value, int | float):
                return cell(cells, position)
            (clean,), _ = cleaner.column([value])
            return clean if isinstance(clean, str) else cell(cells, position)

        return day

    days = [known for known in context.fields if set(known.columns.values()) == {"date"} and known.key in one.mapping]
    return {one.mapping[known.key]: shown(one.mapping[known.key], known.cleaner(context)) for known in days}


def verdict_tabs(one: Import, asked: Asked, address: str) -> list[dict[str, Any]]:
    """Tabs over the verdicts that have rows, and over what an undo took back and left."""
    counts = [(str(verdict), int(one.counts.get(verdict) or 0)) for verdict in SHOWN]
    counts += [(UNDONE, one.undone_rows), (KEPT, one.kept_rows)]
    return [
        {
            "label": WORDS[verdict],
            "url": f"{address}?show={verdict}#import-rows",
            "active": verdict == asked.verdict,
            "count": f"{rows:,}",
        }
        for verdict, rows in counts
        if rows or verdict == asked.verdict
    ]


Line = Sequence[Any]
LINE_TITLES = ("Row", "Name", "Verdict", "Field", "Old", "New or reason")


def lines_of(one: Import, kind: Kind, context: Context) -> Iterator[Line]:
    """Every row that differs or is left out, one line per field: row, name, verdict, field, old, new or reason."""
    name_at = naming_column(one, kind, context)
    rows = ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one).order_by("number")
    source = rows.exclude(verdict=ImportRow.Verdict.NEW).iterator(chunk_size=EXPORT_CHUNK)
    while chunk := list(islice(source, EXPORT_CHUNK)):
        for row, changes, held in described(chunk, kind, context):
            start = (row.number, cell(row.cells, name_at), WORDS[row.verdict])
            yield from ((*start, *rest) for rest in _parts(row, changes, held))


def _parts(row: ImportRow, changes: Iterable[Change], held: Iterable[Change]) -> Iterator[tuple[str, str, str]]:
    """Field, old and new of each thing a row says."""
    parts = [(change.label, change.old, change.new) for change in changes]
    parts += [(f"{change.label} (the CRM’s, not written)", change.old, change.new) for change in held]
    parts += [(problem["column"] or "", as_text(problem.get("value")), problem["message"]) for problem in row.problems]
    yield from parts or [("", "", "")]


def new_titles(one: Import) -> list[str]:
    """What heads the lines of ``new_lines_of``."""
    return ["Row", *(one.titles[position] for position in sorted(set(one.mapping.values()))), "Remark"]


def new_lines_of(one: Import, context: Context) -> Iterator[Line]:
    """Every new row in one line: row, its cells that are imported, what there is to remark on it."""
    positions = sorted(set(one.mapping.values()))
    dated = days_of(one, context)
    rows = ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one, verdict=ImportRow.Verdict.NEW)
    source = rows.order_by("number").values_list("number", "cells", "problems").iterator(chunk_size=EXPORT_CHUNK)
    for number, cells, problems in source:
        said = [dated[at](cells) if at in dated else cells[at] if at < len(cells) else None for at in positions]
        yield [number, *said, reason_of(problems) if problems else ""]


def reason_of(problems: Sequence[Mapping[str, Any]]) -> str:
    """All problems of a row in one cell."""
    reasons = []
    for problem in problems:
        where = f"{problem['column']}: " if problem.get("column") else ""
        hint = f" Perhaps {', '.join(problem['suggestions'])}?" if problem.get("suggestions") else ""
        reasons.append(f"{where}{problem['message']}{hint}")
    return " · ".join(reasons)
