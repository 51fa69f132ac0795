"""Days in any of the disguises that sheets give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from csworkbench.imports.reader.orders import DAY, MONTH, SLASHED, order_of

from .base import BadCell, Cell, Clean, Cleaner, Signs, as_text

# After a day, the time of the day says nothing: 09:30, 9:30:00 PM, T00:00:00.000Z, +02:00.
TIME = r"(?:(?:[T,\s]\s*)?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){TIME}", re.ASCII)
YEAR_FIRST_NAMED = re.compile(rf"(\d{{4}})[-\s/.]([A-Za-z]{{3,9}})\.?[-\s/.](\d{{1,2}}){TIME}", re.ASCII)
NAMED = re.compile(
    rf"{WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[-\s./]*([A-Za-z]{{3,9}})\.?[-\s,./']*(\d{{4}}|\d{{2}}){TIME}",
    re.ASCII | re.IGNORECASE,
)
NAME_FIRST = re.compile(
    rf"{WEEKDAY}([A-Za-z]{{3,9}})\.?[-\s./]*(\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*'?|[-\s./]+'?)(\d{{4}}|\d{{2}}){TIME}",
    re.ASCII | re.IGNORECASE,
)
SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)
COMPACT = re.compile(r"((?:19|20|21)\d{2})(\d{2})(\d{2})", re.ASCII)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
# Serial numbers of the years 1927 to 2173: outside, a number in a date column is no date.
SERIALS = (10_000, 99_999)
YEARS = (1900, 2200)
LONGEST = 60


class Date(Cleaner):
    """A day as ISO text.

    Whether ``03/04/2027`` puts the month first is decided by the whole column: a reader that has looked at all of it
    says so beforehand (``heed``), otherwise by the first block that has such dates. Dates that fit one order only
    decide for the rest; without any, ``month_first`` does; ``note`` says which it was. Where a column has both kinds,
    the dates that fit both are refused with both readings, never guessed.
    """

    repeats = True

    def __init__(self, *, month_first: bool) -> None:
        super().__init__()
        self.month_first = month_first
        self.orders: set[str] = set()
        self.complete = False
        self.epoch = EPOCH

    def heed(self, signs: Signs) -> None:
        self.epoch = EPOCH_1904 if signs.since_1904 else EPOCH
        if signs.complete and not self.complete:
            self.complete = True
            self.forget()
            self._decide(signs.day_first, signs.month_first)

    def column(self, values: Sequence[Cell]) -> tuple[list[Clean], list[tuple[int, BadCell]]]:
        if not self.orders:
            self._look(values)
        return super().column(values)

    def _look(self, values: Sequence[Cell]) -> None:
        """Decide by these cells, when no whole column was looked at."""
        seen = False
        shown = {DAY: "", MONTH: ""}
        for value in values:
            if isinstance(value, str) and (found := SLASHED.fullmatch(value)):
                seen = True
                if order := order_of(int(found[1]), int(found[3])):
                    shown[order] = shown[order] or value.strip()
        if seen:
            self._decide(shown[DAY], shown[MONTH])

    def _decide(self, day_first: str, month_first: str) -> None:
        self.orders = ({DAY} if day_first else set()) | ({MONTH} if month_first else set())
        if len(self.orders) > 1:
            self.note = f"both orders, as {day_first} and {month_first} show; a date that fits both is refused"
        elif self.orders:
            self.note = f"{DAY if day_first else MONTH} first, as {day_first or month_first} shows"
        else:
            self.orders = {MONTH if self.month_first else DAY}
            self.note = f"{MONTH if self.month_first else DAY} first, as is usual here"

    def one(self, value: Cell) -> str | None:
        if isinstance(value, float | int) and not isinstance(value, bool):
            return self._number(value)
        text = as_text(value)
        if not text:
            return None
        if len(text) > LONGEST:
            raise self._bad(text)
        if found := YEAR_FIRST.fullmatch(text):
            return self._day(int(found[1]), int(found[3]), int(found[4]), text)
        if found := SLASHED.fullmatch(text):
            return self._slashed(int(found[1]), int(found[3]), year_of(found[4]), text)
        return self._written(text)

    def _written(self, text: str) -> str:
        if found := NAMED.fullmatch(text):
            return self._day(year_of(found[3]), month_of(found[2]), int(found[1]), text)
        if found := NAME_FIRST.fullmatch(text):
            return self._day(year_of(found[3]), month_of(found[1]), int(found[2]), text)
        if found := YEAR_FIRST_NAMED.fullmatch(text):
            return self._day(int(found[1]), month_of(found[2]), int(found[3]), text)
        if SERIAL.fullmatch(text):
            return self._number(float(text.replace(",", ".")))
        if COMPACT.fullmatch(text):
            return self._number(int(text))
        raise self._bad(text)

    def _number(self, number: float) -> str:
        """A serial number, or 20271119 as some exports write a day."""
        if SERIALS[0] <= number <= SERIALS[1]:
            return (self.epoch + timedelta(days=int(number))).isoformat()
        if 0 < number < 1e8 and number == int(number) and (found := COMPACT.fullmatch(str(int(number)))):
            return self._day(int(found[1]), int(found[2]), int(found[3]), found[0])
        raise self._bad(as_text(number))

    def _slashed(self, first: int, second: int, year: int, text: str) -> str:
        fits = order_of(first, second)
        if fits is None and first != second and len(self.orders) > 1:
            readings = [self._day(year, first, second, text), self._day(year, second, first, text)]
            raise BadCell(
                "date_order", f"“{text}” may mean two days: this column writes dates in both orders.", readings
            )
        if fits and self.orders and fits not in self.orders:
            raise BadCell("date_order", f"“{text}” puts the {fits} first, unlike the other dates of this column.")
        usual = MONTH if self.month_first else DAY
        order = fits or (next(iter(self.orders)) if len(self.orders) == 1 else usual)
        return self._day(year, first, second, text) if order == MONTH else self._day(year, second, first, text)

    def _day(self, year: int, month: int, day: int, text: str) -> str:
        try:
            found = date(year, month, day)
        except ValueError:
            raise self._bad(text) from None
        if not YEARS[0] <= year <= YEARS[1]:
            raise self._bad(text)
        return found.isoformat()

    def _bad(self, text: str) -> BadCell:
        return BadCell("bad_date", f"“{text[:LONGEST]}” is not a date. Write it as 2027-03-22.")


def year_of(text: str) -> int:
    """Two digits mean 1970 to 2069."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 70 else 2000)


def month_of(text: str) -> int:
    """A month by its name or the beginning of it, of at least three letters; 0 is no month."""
    short = text.lower().replace("sept", "sep") if len(text) == 4 else text.lower()
    return next((at for at, name in enumerate(MONTHS, start=1) if name.startswith(short)), 0)
