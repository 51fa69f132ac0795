"""Months as the board and the forecast count them: what is overdue, then twelve calendar months from today's on."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = 12
OVERDUE = "overdue"


@dataclass(frozen=True)
class Month:
    """One column: ``key`` is ``overdue`` or ``2026-12``; ``first`` is None where it reaches back without end."""

    key: str
    first: date | None
    last: date

    @property
    def title(self) -> str:
        """``Overdue`` or ``December 2026``."""
        return "Overdue" if self.first is None else f"{self.last:%B %Y}"

    @property
    def short(self) -> str:
        """``Overdue`` or ``Dec 26``: for a narrow column."""
        return "Overdue" if self.first is None else f"{self.last:%b %y}"

    def holds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and day <= self.last


def months_from(today: date) -> tuple[Month, ...]:
    """What is overdue, the rest of this month, and the eleven months that follow: no day twice, none left out."""
    made = [Month(OVERDUE, None, today - timedelta(days=1))]
    first = today
    for _ in range(MONTHS):
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        made.append(Month(f"{last:%Y-%m}", first, last))
        first = last + timedelta(days=1)
    return tuple(made)


def month_called(months: Sequence[Month], key: str) -> Month | None:
    """The month of a key, None for a key that none has."""
    return next((month for month in months if month.key == key), None)


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last of a shorter month: January 31 + 1 → February 28."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
