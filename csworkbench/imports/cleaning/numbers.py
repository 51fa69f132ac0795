"""Numbers that may have a fraction: scores, and the workspace's own fields."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from .base import BadCell, Cell, Cleaner, as_text

# 1,234.5 or 1.234,5 or 1 234; then 12.5 or 12,5; then 1.5E+03 as sheets show large numbers.
GROUPED = re.compile(r"([-+−]?)([1-9]\d{0,2}(?:([,.\s'])\d{3})(?:\3\d{3})*)(?:(?!\3)[.,](\d+))?", re.ASCII)
PLAIN = re.compile(r"([-+−]?)(\d+)?(?:[.,](\d+))?", re.ASCII)
SCIENTIFIC = re.compile(r"[-+]?\d(?:\.\d{1,15})?[eE][-+]?\d{1,3}", re.ASCII)
PERCENT = re.compile(r"[-+−]?\d[\d.,]*\s*%", re.ASCII)
LIMIT = Decimal(10) ** 15


class Number(Cleaner):
    """A decimal number of at most ``places`` places, between ``least`` and ``most`` (10^15 either way without them).

    One comma or point before three digits separates thousands, as in money; ``0,125`` cannot. A percentage is refused
    with both readings as suggestions: a sheet holds 85 % as 0.85, a person may mean 85.
    """

    def __init__(self, least: float | None = None, most: float | None = None, *, places: int = 6) -> None:
        super().__init__()
        self.least = -LIMIT if least is None else Decimal(str(least))
        self.most = LIMIT if most is None else Decimal(str(most))
        self.step = Decimal(1).scaleb(-places)

    def one(self, value: Cell) -> str | None:
        if isinstance(value, bool):
            raise BadCell("bad_number", "Yes or no is not a number.")
        if isinstance(value, float | int):
            return self._checked(Decimal(repr(value)))
        text = as_text(value)
        return self._checked(decimal_of(text)) if text else None

    def _checked(self, number: Decimal) -> str:
        if not number.is_finite() or not -LIMIT <= number <= LIMIT:
            raise BadCell("bad_number", "This number is too large.")
        rounded = number.quantize(self.step, ROUND_HALF_UP)
        if not self.least <= rounded <= self.most:
            raise BadCell("bad_number", f"{plain(rounded)} is not {self._range()}.")
        return plain(rounded)

    def _range(self) -> str:
        if self.most == LIMIT:
            return f"{plain(self.least)} or more"
        if self.least == -LIMIT:
            return f"{plain(self.most)} or less"
        return f"between {plain(self.least)} and {plain(self.most)}"


def decimal_of(text: str) -> Decimal:
    """A number as a person writes it; raises BadCell."""
    if found := GROUPED.fullmatch(text):
        sign, whole, _, fraction = found.groups()
        return signed(sign, re.sub(r"\D", "", whole), fraction)
    if (found := PLAIN.fullmatch(text)) and (found[2] or found[3]):
        return signed(found[1], found[2] or "0", found[3])
    if SCIENTIFIC.fullmatch(text):
        return Decimal(text)
    if PERCENT.fullmatch(text):
        number = decimal_of(text.rstrip("% \t"))
        raise BadCell("percent", f"“{text}” may mean two numbers.", [plain(number), plain(number.scaleb(-2))])
    raise BadCell("bad_number", f"“{text[:60]}” is not a number.")


def signed(sign: str, whole: str, fraction: str | None) -> Decimal:
    number = Decimal(f"{whole}.{fraction}" if fraction else whole)
    return -number if sign in {"-", "−"} else number


def plain(number: Decimal) -> str:
    """A number without exponent, trailing zeros and minus zero."""
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
