"""Text, whole numbers, money and dates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from .base import BadCell, Cell, Clean, Cleaner, as_text

# Control and zero-width characters come with copied web text and make equal names differ.
CONTROLS = "\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
UNSEEN = re.compile(f"[{CONTROLS}]")
SEEN = rf"[^\s{CONTROLS}]"
SYMBOLS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP"}
AMOUNT = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[-+−])?\s*(?P<before>US\$|[$€£]|[A-Z]{3})?\s*(?P<sign2>[-−])?"
    r"\s*(?P<number>\d[\d.,\s']*)\s*(?P<after>US\$|[$€£]|[A-Z]{3})?\s*(?P<sign3>-)?\s*(?P<close>\))?",
    re.IGNORECASE,
)
# The usual ways, taken before all others: 1234.5, $1,234.50.
USUAL = re.compile(r"\s*\$?(\d{1,3}(?:,\d{3}){1,3}|\d{1,11})(?:\.(\d{2}))?\s*")
THOUSANDS = re.compile(r"\d{1,3}(?:([,.\s'])\d{3})+(?:(?!\1)[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?|\d+\.\d+")
MAX_MINOR = 10**13
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?)?")
SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})")
YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-\s.]*([A-Za-z]{3,9})\.?[-\s,.]*(\d{4}|\d{2})")
NAME_FIRST = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
SERIAL = re.compile(r"\d{5}(?:\.0+)?")
MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
EXCEL_EPOCH = date(1899, 12, 30)
# Serial numbers of the years 1954 to 2118: outside, a number in a date column is no date.
SERIALS = (20_000, 80_000)
YEARS = (1900, 2200)


class Text(Cleaner):
    """One line of text of at most ``limit`` characters."""

    clean_already = rf"{SEEN}+(?: {SEEN}+)*"

    def __init__(self, limit: int, *, repeats: bool = False) -> None:
        super().__init__()
        self.limit = self.longest = limit
        self.repeats = repeats

    def one(self, value: Cell) -> str | None:
        text = as_text(value)
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if UNSEEN.search(text):
            text = " ".join(UNSEEN.sub("", text).split())
        if len(text) > self.limit:
            raise BadCell("too_long", f"{len(text)} characters; at most {self.limit} fit.")
        return text or None


class Whole(Cleaner):
    """A whole number between 0 and ``most``."""

    repeats = True

    def __init__(self, most: int = 2_000_000_000) -> None:
        super().__init__()
        self.most = most

    def one(self, value: Cell) -> str | None:
        text = as_text(value).replace(",", "")
        if not text:
            return None
        if not text.isdecimal() or not text.isascii():
            raise BadCell("bad_number", "This is not a whole number.")
        if int(text) > self.most:
            raise BadCell("bad_number", f"At most {self.most:,} make sense here.")
        return str(int(text))


class Money(Cleaner):
    """An amount in minor units: ``$1,234.50``, `` 2832.19 ``, ``(12.00)``, ``1.234,50 EUR``."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self.currency = currency

    def one(self, value: Cell) -> str | None:
        if isinstance(value, float | int) and not isinstance(value, bool):
            hundred = value * 100
            if abs(hundred) < MAX_MINOR and abs(hundred - round(hundred)) < 1e-6 * max(1.0, abs(hundred) * 1e-7):
                return str(round(hundred))
            return self._minor(Decimal(repr(value)))
        text = str(value)
        if (usual := USUAL.fullmatch(text)) and ("$" not in text or self.currency == "USD"):
            return str(int(usual[1].replace(",", "") + (usual[2] or "00")))
        text = as_text(value)
        if not text:
            return None
        found = AMOUNT.fullmatch(text)
        if found is None or bool(found["open"]) != bool(found["close"]):
            raise BadCell("bad_money", f"“{text}” is not an amount of money.")
        self._check_currency(found["before"] or "", found["after"] or "")
        amount = self._number(found["number"].strip(), text)
        negative = found["open"] or found["sign"] in {"-", "−"} or found["sign2"] or found["sign3"]
        return self._minor(-amount if negative else amount)

    def _check_currency(self, before: str, after: str) -> None:
        for named in (before.upper(), after.upper()):
            if named and SYMBOLS.get(named, named) != self.currency:
                raise BadCell("other_currency", f"{named} is not this workspace's currency, {self.currency}.")

    def _number(self, number: str, text: str) -> Decimal:
        if not THOUSANDS.fullmatch(number):
            raise BadCell("bad_money", f"“{text}” is not an amount of money.")
        cents = re.search(r"[.,](\d{1,2})$", number)
        whole = number[: cents.start()] if cents else number
        if not cents and re.fullmatch(r"\d+\.\d{4,}", number):
            return Decimal(number)  # a computed amount such as 1234.56789; three digits are thousands
        return Decimal(re.sub(r"\D", "", whole) + ("." + cents[1] if cents else ""))

    def _minor(self, amount: Decimal) -> str:
        if not amount.is_finite():
            raise BadCell("bad_money", "This is not an amount of money.")
        minor = int((amount * 100).to_integral_value(ROUND_HALF_UP))
        if abs(minor) > MAX_MINOR:
            raise BadCell("bad_money", "This amount is too large.")
        return str(minor)


class Date(Cleaner):
    """A day as ISO text.

    Whether ``03/04/2027`` puts the month first is decided by the first block that has such dates: by those that fit
    one order only, else by ``month_first``. Later a date that fits the other order only is refused, never guessed;
    where a block has both kinds, the dates that fit both are.
    """

    repeats = True

    def __init__(self, *, month_first: bool) -> None:
        super().__init__()
        self.month_first = month_first
        self.orders: set[bool] = set()

    def column(self, values: Sequence[Cell]) -> tuple[list[Clean], list[tuple[int, BadCell]]]:
        if not self.orders:
            self._decide(values)
        return super().column(values)

    def _decide(self, values: Sequence[Cell]) -> None:
        seen = False
        for value in values:
            if isinstance(value, str) and (found := SLASHED.fullmatch(value.strip())):
                seen = True
                if (order := order_of(int(found[1]), int(found[3]))) is not None:
                    self.orders.add(order)
        if seen and not self.orders:
            self.orders.add(self.month_first)

    def one(self, value: Cell) -> str | None:
        if isinstance(value, float | int) and not isinstance(value, bool):
            return self._serial(float(value))
        text = as_text(value)
        if not text:
            return None
        if found := ISO.fullmatch(text) or YEAR_FIRST.fullmatch(text):
            return self._day(int(found[1]), int(found[2]), int(found[3]), text)
        if found := SLASHED.fullmatch(text):
            return self._slashed(int(found[1]), int(found[3]), year_of(found[4]), text)
        if found := NAMED.fullmatch(text):
            return self._day(year_of(found[3]), month_of(found[2]), int(found[1]), text)
        if found := NAME_FIRST.fullmatch(text):
            return self._day(int(found[3]), month_of(found[1]), int(found[2]), text)
        if SERIAL.fullmatch(text):
            return self._serial(float(text))
        raise self._bad(text)

    def _serial(self, number: float) -> str:
        if not SERIALS[0] <= number <= SERIALS[1]:
            raise self._bad(as_text(number))
        return (EXCEL_EPOCH + timedelta(days=int(number))).isoformat()

    def _slashed(self, first: int, second: int, year: int, text: str) -> str:
        fits = order_of(first, second)
        if fits is None and first != second and len(self.orders) > 1:
            raise BadCell("date_order", f"“{text}” may mean two days: this column writes dates in both orders.")
        if fits is not None and self.orders and fits not in self.orders:
            order = "day" if fits is False else "month"
            raise BadCell("date_order", f"“{text}” puts the {order} first, unlike the other dates of this column.")
        month_first = fits if fits is not None else (self.month_first if len(self.orders) != 1 else True in self.orders)
        return self._day(year, first, second, text) if month_first else self._day(year, second, first, text)

    def _day(self, year: int, month: int, day: int, text: str) -> str:
        try:
            found = date(year, month, day)
        except ValueError:
            raise self._bad(text) from None
        if not YEARS[0] <= year <= YEARS[1]:
            raise self._bad(text)
        return found.isoformat()

    def _bad(self, text: str) -> BadCell:
        return BadCell("bad_date", f"“{text}” is not a date. Write it as 2027-03-22.")


def order_of(first: int, second: int) -> bool | None:
    """True when only month first makes sense, False when only day first does, None when both or neither do."""
    if (first > 12) == (second > 12):
        return None
    return second > 12


def year_of(text: str) -> int:
    """Two digits mean 1970 to 2069."""
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 70 else 2000)


def month_of(text: str) -> int:
    """A month by its first three letters; 0 is no month."""
    return MONTHS.get(text[:3].lower(), 0)
