"""Finding the table in a sheet: the header below titles, the columns that hold something, what is no data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from .refusal import MAX_COLUMNS, MAX_ROWS, Refusal

Cell = Any  # str, float, int, bool, date, datetime, time or timedelta, as the readers give them
Row = list[Cell]

LOOKED_AT = 60  # rows in which the header is sought
SAMPLED = 1000  # rows in which a column without a header must show something
TOTALS = {"total", "totals", "grand total", "sum", "sums", "subtotal", "sub total", "count", "average"}
NOT_WORD = re.compile(r"[^a-z0-9]+")
NUMBER = re.compile(r"^[\s$€£(+-]*\d[\d\s.,/:-]*[\s)%]*$")
SKIPPED_SHOWN = 50


@dataclass
class Table:
    """The table of a sheet: its labels, the cells to keep, and the rows below with their numbers in the sheet."""

    labels: list[str]
    positions: list[int]
    header_row: int
    score: int
    rows: Iterator[tuple[int, Row]]
    skipped: list[dict[str, Any]] = field(default_factory=list)
    skipped_count: int = 0

    def data(self) -> Iterator[tuple[int, Row]]:
        """``(row number, kept cells)`` of each data row; blank rows, totals and trailing notes are left out."""
        positions = self.positions
        contiguous = positions == list(range(len(positions)))
        width = len(positions)
        for number, row in self._without_notes():
            if number > MAX_ROWS:
                raise Refusal("too_long", f"The sheet has more than {MAX_ROWS:,} rows. Split it and upload the parts.")
            if contiguous:
                yield number, row[:width]
            else:
                yield number, [row[position] for position in positions]

    def _without_notes(self) -> Iterator[tuple[int, Row]]:
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


def find_table(rows: Iterable[tuple[int, Row]], hints: frozenset[str]) -> Table | None:
    """The table that ``rows`` (numbered from 1) hold, or None when nothing looks like a header."""
    source = iter(rows)
    head = list(islice(source, SAMPLED))
    scores = [score(row, hints) for _, row in head[:LOOKED_AT]]
    at = header_at([row for _, row in head[:LOOKED_AT]], scores)
    if at is None:
        return None
    header_row, header = head[at]
    body = head[at + 1 :]
    positions = [
        index
        for index, label in enumerate(header)
        if text_of(label) or any(index < len(row) and row[index] != "" for _, row in body)
    ]
    if len(positions) > MAX_COLUMNS:
        raise Refusal("too_wide", f"The sheet has more than {MAX_COLUMNS} columns.")
    labels = name_columns([text_of(header[position]) for position in positions], positions)
    return Table(labels, positions, header_row, scores[at], padded(body, source, len(header)))


def header_at(rows: list[Row], scores: list[int]) -> int | None:
    """The best row; without one that has two labels, the first with any."""
    if scores and max(scores) > 0:
        return scores.index(max(scores))
    return next((at for at, row in enumerate(rows) if labels_of(row)), None)


def padded(body: list[tuple[int, Row]], source: Iterator[tuple[int, Row]], width: int) -> Iterator[tuple[int, Row]]:
    """Rows of one width; a filled cell beyond the header would otherwise vanish, so it refuses the file."""
    for part in (body, source):
        for number, row in part:
            if len(row) < width:
                row = row + [""] * (width - len(row))  # noqa: PLW2901
            elif len(row) > width and any(cell != "" for cell in row[width:]):
                raise Refusal(
                    "ragged",
                    f"Row {number} has {len(row)} cells, the header {width}. "
                    "Put a value that contains the separator in quotes.",
                )
            yield number, row


def score(row: Sequence[Cell], hints: frozenset[str]) -> int:
    """How much a row looks like a header: known words count most, numbers and dates speak against it."""
    filled = [cell for cell in row if cell != "" and not (isinstance(cell, str) and not cell.strip())]
    labels = labels_of(row)
    if len(labels) < min(2, len(row)):
        return 0
    return 10 * len(labels & hints) + 2 * len(labels) - 2 * (len(filled) - len(labels))


def labels_of(row: Sequence[Cell]) -> set[str]:
    """What in a row could be a column title: text that is no number and no address."""
    texts = [cell for cell in row if isinstance(cell, str) and not NUMBER.match(cell) and "@" not in cell]
    return {normalise(text) for text in texts} - {""}


def normalise(text: str) -> str:
    """A header as it is compared: ``"LMS\\nID*"`` becomes ``lms id``."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return NOT_WORD.sub(" ", text.lower()).strip()


def text_of(cell: Cell) -> str:
    """A header cell on one line."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def name_columns(labels: list[str], positions: list[int]) -> list[str]:
    """Unique labels: a nameless column is named by its letter, a repeated one gets a number."""
    seen: dict[str, int] = {}
    named = []
    for label, position in zip(labels, positions, strict=True):
        name = label[:100] or f"Column {letters(position)}"
        seen[name] = seen.get(name, 0) + 1
        named.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return named


def letters(position: int) -> str:
    """A column as a sheet names it: 0 is A, 26 is AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


def is_blank(row: Row) -> bool:
    return all(isinstance(cell, str) and not cell.strip() for cell in row)


def first_text(row: Row) -> str:
    return next((text_of(cell) for cell in row if cell != ""), "")


def is_total(row: Row) -> bool:
    return normalise(first_text(row)) in TOTALS
