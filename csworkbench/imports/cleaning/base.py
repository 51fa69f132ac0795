"""The contract of a cleaner, and the loop that cleans a column of a block."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Cell = str | float | int | bool | None
# A clean value as the database reads it from text; a field with several columns gives a tuple.
Clean = str | tuple[str | None, ...] | None
CACHE_LIMIT = 20_000
# What is told of a cell, and what of it is told: a file may hold a million cells of 100,000 characters.
LONGEST_MESSAGE, LONGEST_TOLD = 500, 1000


class BadCell(Exception):
    """A cell that means nothing: why, and what may have been meant."""

    def __init__(self, code: str, message: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}…"
        self.suggestions = [text for text in suggestions if len(text) <= LONGEST_TOLD]


@dataclass(frozen=True)
class Signs:
    """What a whole column shows before its first cell is cleaned.

    ``complete`` says that every cell was looked at for the order of its dates: ``day_first`` is one that only makes
    sense with the day first, ``month_first`` one that only does with the month first. ``since_1904``: its numbers
    that are dates count from 1904.
    """

    complete: bool = False
    day_first: str = ""
    month_first: str = ""
    since_1904: bool = False


class Cleaner:
    """Cleans the cells of one column of one file; it may learn from what it has seen.

    ``one`` is never called for an empty cell. ``repeats`` says that values come again and again (a product, a tier),
    so that the answer is worth remembering. ``clean_already`` matches text that ``one`` would return as it is, of at
    most ``longest`` characters: a column that is clean already is seen to be so in one go.
    """

    repeats = False
    clean_already = ""
    longest = 0
    # How the cells were understood, where that was a decision ("day first"): shown to whoever approves.
    note = ""

    def __init__(self) -> None:
        self.forget()
        self._lines = re.compile(rf"(?:(?:{self.clean_already})?\n)*") if self.clean_already else None

    def forget(self) -> None:
        """Think about every cell anew."""
        self._known: dict[Cell, Clean] = {"": None}
        self._refused: dict[Cell, BadCell] = {}

    def heed(self, signs: Signs) -> None:
        """Take in what the whole column shows; called before any of its cells."""

    def one(self, value: Cell) -> Clean:
        """The clean value, None for a blank; raises BadCell."""
        raise NotImplementedError

    def column(self, values: Sequence[Cell]) -> tuple[list[Clean], list[tuple[int, BadCell]]]:
        """Clean values in order (None where blank or bad), and the bad cells by index."""
        if self.repeats:
            known = self._known
            try:
                return [known[value] for value in values], []
            except KeyError:
                return self._loop(values, self._remembered)
        if self._is_clean(values):
            return [value or None for value in values], []  # type: ignore[misc]
        return self._loop(values, self.one)

    def _is_clean(self, values: Sequence[Cell]) -> bool:
        if self._lines is None:
            return False
        try:
            text = "\n".join(values) + "\n"  # type: ignore[arg-type]
        except TypeError:  # a number or a truth value among them
            return False
        if text.count("\n") != len(values) or not unicodedata.is_normalized("NFC", text):
            return False
        return self._lines.fullmatch(text) is not None and max(map(len, values)) <= self.longest  # type: ignore[arg-type]

    def _loop(
        self, values: Sequence[Cell], one: Callable[[Cell], Clean]
    ) -> tuple[list[Clean], list[tuple[int, BadCell]]]:
        clean: list[Clean] = []
        bad: list[tuple[int, BadCell]] = []
        append = clean.append
        for index, value in enumerate(values):
            try:
                append(None if value == "" else one(value))
            except BadCell as problem:
                append(None)
                bad.append((index, problem))
        return clean, bad

    def _remembered(self, value: Cell) -> Clean:
        # 1, 1.0 and True are one key of a dictionary and one meaning in a sheet.
        if value in self._known:
            return self._known[value]
        if bad := self._refused.get(value):
            raise bad.with_traceback(None)
        if len(self._known) + len(self._refused) >= CACHE_LIMIT:
            self.forget()
        try:
            clean = self._known[value] = self.one(value)
        except BadCell as bad:
            self._refused[value] = bad
            raise
        return clean


def as_text(value: Cell) -> str:
    """A cell as one line of text: white space collapsed, a whole number without its ``.0``."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else str(value)


def told(value: Cell) -> str:
    """A cell as it is told in a problem and known again by a correction: not more of it than anyone reads."""
    return as_text(value)[:LONGEST_TOLD].rstrip()
