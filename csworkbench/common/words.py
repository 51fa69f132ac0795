"""How numbers and dates read on screen and in mail."""

from __future__ import annotations

from datetime import date, datetime

from . import clock

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


def money(minor: int | None, currency: str = "USD") -> str:
    """Minor units as a rounded amount with its currency: ``551167`` → ``$5,512``; an em dash when unknown."""
    if minor is None:
        return "—"
    sign = "−" if minor < 0 else ""
    # In whole numbers: round() takes half to the even dollar, and a float loses digits.
    amount = f"{(abs(minor) + 50) // 100:,}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{amount}" if symbol else f"{sign}{amount} {currency}"


def relative_day(day: date | None, today: date) -> str:
    """``today``, ``tomorrow``, ``yesterday``, ``in 42 d`` or ``12 d ago``; an em dash when unknown."""
    if day is None:
        return "—"
    days = (day - today).days
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in named:
        return named[days]
    return f"in {days} d" if days > 0 else f"{-days} d ago"


def relative_time(moment: datetime | None) -> str:
    """The distance of a moment from now in its largest unit; ``never`` when there is none."""
    if moment is None:
        return "never"
    seconds = int((clock.now() - moment).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{max(seconds, 0)} s ago"


def count(number: int, singular: str, plural: str = "") -> str:
    """``1 account``, ``2 accounts``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
