"""Finding the table in a sheet: the header below titles, the columns that hold something, what is no data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from .refusal import MAX_COLUMNS, MAX_ROWS, Refusal, too_long, too_wide
from .titles import Row, Span, header_at, heading_of, name_columns, normalise, score, text_of

__all__ = ["Found", "Rows", "Table", "Wanted", "find_table", "normalise"]

LOOKED_AT = 60  # rows in which the header is sought
SAMPLED = 1000  # rows in which a column without a header must show something
TOTALS = {"total", "totals", "grand total", "sum", "sums", "subtotal", "sub total", "count", "average"}
SKIPPED_SHOWN = 50

Rows = Iterator[tuple[int, Row]]


@dataclass(frozen=True)
class Wanted:
    """What is looked for: titles that mean something, and the sheet and row of titles that a person chose."""

    hints: frozenset[str] = frozenset()
    sheet: str = ""
    header_row: int = 0

    def nothing_found(self, where: str) -> Refusal:
        """The refusal of a place without column titles."""
        if self.header_row:
            return Refusal("no_header", f"{where} has no column titles in row {self.header_row}. Choose another row.")
        return Refusal("no_header", f"{where} has no row of column titles. The first row should name the columns.")


@dataclass
class Table:
    """The table of a sheet: its labels, the cells to keep, and the rows below with their numbers in the sheet."""

    labels: list[str]
    positions: list[int]
    header_row: int
    score: int
    rows: Rows
    # The rows of the data once more, for a look at whole columns.
    again: Callable[[], Rows]
    skipped: list[dict[str, Any]] = field(default_factory=list)
    skipped_count: int = 0

    def data(self) -> Rows:
        """``(row number, kept cells)`` of each data row; blank rows, totals and trailing notes are left out."""
        positions = self.positions
        contiguous = positions == list(range(len(positions)))
        width = len(positions)
        for number, row in self._without_notes():
            if number > MAX_ROWS:
                raise too_long()
            if contiguous:
                yield number, row[:width]
            else:
                yield number, [row[position] for position in positions]

    def cells_again(self) -> Iterator[Row]:
        """The kept cells of every row below the header, once more."""
        positions = self.positions
        last = positions[-1] if positions else 0
        for _, row in self.again():
            if len(row) <= last:
                row = row + [""] * (last + 1 - len(row))  # noqa: PLW2901
            yield [row[position] for position in positions]

    def _without_notes(self) -> Rows:
        """Short rows wait: below the table they are notes, between full rows they are data."""
        waiting: list[tuple[int, Row, bool]] = []
        after_blank = False
        width = len(self.positions)
        few, half = (2 if width >= 4 else 0), width // 2
        for number, row in self.rows:
            filled = len(row) - row.count("")
            if not filled or (filled <= few and is_blank(row)):
                after_blank = True
            elif filled <= half and is_total(row):
                self._skip(number, row)
            elif filled <= few:
                waiting.append((number, row, after_blank))
            else:
                yield from ((held, cells) for held, cells, _ in waiting)
                waiting.clear()
                after_blank = False
                yield number, row
        for number, row, below_blank in waiting:
            if below_blank or first_text(row).startswith("*"):
                self._skip(number, row)
            else:
                yield number, row

    def _skip(self, number: int, row: Row) -> None:
        self.skipped_count += 1
        if len(self.skipped) < SKIPPED_SHOWN:
            self.skipped.append({"row": number, "text": first_text(row)[:80]})


# What a reader gives: the table, and what to say about the file.
Found = tuple[Table, dict[str, Any]]


def find_table(
    rows: Callable[[], Rows], wanted: Wanted, spans: Sequence[Span] = (), *, ragged: str = ""
) -> Table | None:
    """The table that ``rows()`` (numbered from 1) hold, or None when nothing looks like a header.

    ``ragged`` says what to do about a row that is longer than the header.
    """
    source = rows()
    head = list(islice(source, max(0, wanted.header_row - 1) + SAMPLED))
    scores = [score(row, wanted.hints) for _, row in head[:LOOKED_AT]]
    at = _chosen(head, wanted) if wanted.header_row else header_at([row for _, row in head[:LOOKED_AT]], scores)
    if at is None:
        return None
    heading = heading_of(head, at, wanted.hints, spans, chosen=bool(wanted.header_row))
    body, width = head[heading.last + 1 :], len(heading.titles)
    filled = {index for _, row in body for index, cell in enumerate(row) if cell != ""}
    positions = [index for index, title in enumerate(heading.titles) if title or index in filled]
    if len(positions) > MAX_COLUMNS:
        raise too_wide()
    labels = name_columns([heading.titles[position] for position in positions], positions)
    below = head[heading.last][0]
    return Table(
        labels,
        positions,
        below,
        scores[at] if at < len(scores) else 0,
        padded(body, source, width, ragged),
        lambda: ((number, row) for number, row in rows() if number > below),
    )


def _chosen(head: list[tuple[int, Row]], wanted: Wanted) -> int | None:
    """The row that a person chose, if any title is in it."""
    for at, (number, row) in enumerate(head):
        if number == wanted.header_row:
            return at if any(text_of(cell) for cell in row) else None
    return None


def padded(body: list[tuple[int, Row]], source: Rows, width: int, ragged: str) -> Rows:
    """Rows of one width; a filled cell beyond the header would otherwise vanish, so it refuses the file."""
    parts: tuple[Iterable[tuple[int, Row]], ...] = (body, source)
    for part in parts:
        for number, row in part:
            if len(row) < width:
                row = row + [""] * (width - len(row))  # noqa: PLW2901
            elif len(row) > width and any(cell != "" for cell in row[width:]):
                advice = ragged or "Put a value that contains the separator in quotes."
                raise Refusal("ragged", f"Row {number} has {len(row)} cells, the header {width}. {advice}")
            yield number, row


def is_blank(row: Row) -> bool:
    return all(isinstance(cell, str) and not cell.strip() for cell in row)


def first_text(row: Row) -> str:
    return next((text_of(cell) for cell in row if cell != ""), "")


def is_total(row: Row) -> bool:
    return normalise(first_text(row)) in TOTALS
