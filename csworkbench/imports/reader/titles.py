"""Column titles: which row holds them, when two rows do, and what each column is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Cell = Any  # str, float, int, bool, date, datetime, time or timedelta, as the readers give them
Row = list[Cell]
# ((first row, first column), (last row, last column)), from 0.
Span = tuple[tuple[int, int], tuple[int, int]]

NOT_WORD = re.compile(r"[^a-z0-9]+")
NUMBER = re.compile(r"^[\s$€£(+-]*\d[\d\s.,/:-]*[\s)%]*$")
REMARK = re.compile(r"\s*[(\[].*[)\]]\s*", re.DOTALL)
MAX_TITLE = 100
# The pattern tries every blank of a longer cell against every other.
LONGEST_NUMBER = 200


def score(row: Sequence[Cell], hints: frozenset[str]) -> int:
    """How much a row looks like a header: known words count most, numbers and dates speak against it."""
    filled = [cell for cell in row if not is_empty(cell)]
    labels = labels_of(row)
    if len(labels) < min(2, len(row)):
        return 0
    return 10 * len(labels & hints) + 2 * len(labels) - 2 * (len(filled) - len(labels))


def header_at(rows: list[Row], scores: list[int]) -> int | None:
    """The best row; without one that has two labels, the first with any."""
    if scores and max(scores) > 0:
        return scores.index(max(scores))
    return next((at for at, row in enumerate(rows) if labels_of(row)), None)


def labels_of(row: Sequence[Cell]) -> set[str]:
    """What in a row could be a column title: text that is no number and no address."""
    return {normalise(text) for text in row if is_label(text)} - {""}


def is_label(cell: Cell) -> bool:
    """Whether a cell could be a column title."""
    if not isinstance(cell, str) or "@" in cell or not cell.strip():
        return False
    return len(cell) > LONGEST_NUMBER or not NUMBER.match(cell)


def is_empty(cell: Cell) -> bool:
    """Whether there is nothing to see in a cell."""
    return isinstance(cell, str) and not cell.strip()


def normalise(text: str) -> str:
    """A header as it is compared: ``"LMS\\nID*"`` becomes ``lms id``."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return NOT_WORD.sub(" ", text.lower()).strip()


def text_of(cell: Cell) -> str:
    """A header cell on one line."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).replace("\0", "").split())


@dataclass(frozen=True)
class Heading:
    """The titles of a table: the row they end in (an index), and one title per column of the sheet."""

    last: int
    titles: list[str]


def heading_of(
    numbered: Sequence[tuple[int, Row]], at: int, hints: frozenset[str], spans: Iterable[Span], *, chosen: bool
) -> Heading:
    """The titles in row ``at`` of these, together with the row below or above where two rows hold them.

    A person who chose the row meant no other below it.
    """
    spans = list(spans)
    if not chosen and at + 1 < len(numbered) and (group := _groups(numbered[at], numbered[at + 1], hints, spans)):
        return Heading(at + 1, _joined(group, numbered[at][1], numbered[at + 1][1], hints))
    if at and (group := _groups(numbered[at - 1], numbered[at], hints, spans)):
        return Heading(at, _joined(group, numbered[at - 1][1], numbered[at][1], hints))
    return Heading(at, [text_of(cell) for cell in numbered[at][1]])


def _groups(
    top: tuple[int, Row], below: tuple[int, Row], hints: frozenset[str], spans: list[Span]
) -> dict[int, int] | None:
    """Column → column of the title that stands over it; None when the two rows are not one heading."""
    (number, row), (next_number, sub) = top, below
    filled = [at for at, cell in enumerate(sub) if not is_empty(cell)]
    if next_number != number + 1 or not filled or not all(is_label(sub[at]) for at in filled):
        return None
    if len(labels_of(row)) > 1 and all(REMARK.fullmatch(sub[at]) for at in filled):
        return {at: at for at in filled}
    merged = {
        column: left
        for (first, left), (last, right) in spans
        if first == last == number - 1 and right > left and left < len(row) and not is_empty(row[left])
        for column in range(left, right + 1)
    }
    if merged:
        # A title over the whole table groups nothing, nor does one in a row that says something of its own.
        several = sum(column in merged for column in filled) > 1 and not set(filled) <= _widest(merged)
        apart = any(at < len(row) and not is_empty(row[at]) for at in filled if at not in merged)
        return merged if several and not apart else None
    return _guessed(row, sub, filled, hints)


def _widest(merged: dict[int, int]) -> set[int]:
    lefts = list(merged.values())
    most = max(set(lefts), key=lefts.count)
    return {column for column, left in merged.items() if left == most}


def _guessed(row: Row, sub: Row, filled: list[int], hints: frozenset[str]) -> dict[int, int] | None:
    """Groups of a sheet that forgot its merged cells: blanks right of a title, with known titles below all of them."""
    above: dict[int, int] = {}
    left = None
    for at, cell in enumerate(row):
        if is_label(cell):
            left = at
        elif not is_empty(cell):
            return None
        elif left is not None and at < len(sub) and not is_empty(sub[at]):
            above[at] = above[left] = left
    grouped = set(above) == set(filled) and any(is_label(cell) for at, cell in enumerate(row) if at not in above)
    known = sum(normalise(sub[at]) in hints for at in filled)
    return above if grouped and known > 1 else None


def _joined(groups: dict[int, int], row: Row, sub: Row, hints: frozenset[str]) -> list[str]:
    """One title per column: the lower one where it says enough, with its group where it does not."""
    lower = [text_of(cell) for cell in sub]
    folded = [normalise(text) for text in lower]
    titles = []
    for at in range(max(len(row), len(sub))):
        own = lower[at] if at < len(lower) else ""
        group = text_of(row[groups.get(at, at)]) if groups.get(at, at) < len(row) else ""
        if not own or not group or (at not in groups and own):
            titles.append(own or (group if at not in groups or groups[at] == at else ""))
        elif groups[at] == at and REMARK.fullmatch(own):
            titles.append(group if normalise(group) in hints else f"{group} {own}")
        elif normalise(own) in hints and folded.count(normalise(own)) == 1:
            titles.append(own)
        else:
            titles.append(f"{group} {own}")
    return titles


def name_columns(labels: list[str], positions: list[int]) -> list[str]:
    """Unique labels: a nameless column is named by its letter, a repeated one gets a number."""
    taken = {label[:MAX_TITLE] for label in labels}
    seen: dict[str, int] = {}
    named = []
    for label, position in zip(labels, positions, strict=True):
        name = label[:MAX_TITLE] or f"Column {letters(position)}"
        seen[name] = seen.get(name, 0) + 1
        unique = name
        while seen[name] > 1 and (unique := f"{name} ({seen[name]})") in taken:
            seen[name] += 1
        taken.add(unique)
        named.append(unique)
    return named


def letters(position: int) -> str:
    """A column as a sheet names it: 0 is A, 26 is AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name
