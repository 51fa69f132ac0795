"""Whether a column writes the day or the month first: seen over all of its cells before any of them is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .titles import Row

# 31/12/2025, 31-12-25, 31.12.2025, with or without a time of the day.
SLASHED = re.compile(
    r"\s*(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:[,\s]\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\s*(?:[AaPp]\.?[Mm]\.?)?)?\s*",
    re.ASCII,
)
# The same in rows that are JSON already, as a cheap sign that a closer look is due.
IN_JSON = re.compile(r'"\s*\d{1,2}([/.-])\d{1,2}\1\d{2}', re.ASCII)
DAY, MONTH = "day", "month"
Orders = dict[str, str]


def order_of(first: int, second: int) -> str | None:
    """``month`` when only month first makes sense, ``day`` when only day first does, None when both or neither do."""
    if (first > 12) == (second > 12):
        return None
    return MONTH if second > 12 else DAY


def slashed_columns(rows: Iterable[Row]) -> set[int]:
    """Where these rows have a date whose order matters."""
    return {
        at
        for row in rows
        for at, cell in enumerate(row)
        if isinstance(cell, str) and len(cell) < 40 and SLASHED.fullmatch(cell)
    }


def orders_in(rows: Iterable[Row], columns: Iterable[int]) -> dict[int, Orders]:
    """For each column with such dates ``{"day": a cell that only day first explains, "month": …}``, or a part of it."""
    found: dict[int, Orders] = {}
    looked_at: list[tuple[int, Orders]] = [(at, {}) for at in columns]
    for row in rows:
        for at, orders in looked_at:
            cell = row[at]
            if not isinstance(cell, str) or len(cell) > 40 or not (date := SLASHED.fullmatch(cell)):
                continue
            found[at] = orders
            order = order_of(int(date[1]), int(date[3]))
            if order and order not in orders:
                orders[order] = cell.strip()
                if len(orders) > 1:
                    looked_at = [pair for pair in looked_at if len(pair[1]) < 2]
                    break
        if not looked_at:
            break
    return found
