"""Text, whole numbers and money."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from .base import BadCell, Cell, Cleaner, as_text

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
LONGEST_AMOUNT = 100


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
        text = text.lstrip("0") or "0"
        if len(text) > len(str(self.most)) or int(text) > self.most:
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
        if len(text) > LONGEST_AMOUNT and len(text := as_text(text)) > LONGEST_AMOUNT:
            raise BadCell("bad_money", f"“{text}” is not an amount of money.")
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
