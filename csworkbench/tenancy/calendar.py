"""Business days of a workspace: Monday to Friday without its holidays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from .models import Holiday

ONE_DAY = timedelta(days=1)


def holidays_of(workspace_id: int, start: date) -> frozenset[date]:
    """The holidays of a workspace from a day on; one statement."""
    return frozenset(Holiday.objects.filter(workspace=workspace_id, day__gte=start).values_list("day", flat=True))


def is_business_day(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < 5 and day not in holidays


def add_business_days(start: date, days: int, holidays: Collection[date]) -> date:
    """The business day ``days`` after ``start``; for 0, ``start`` or the next business day after it."""
    day = start
    while not is_business_day(day, holidays):
        day += ONE_DAY
    for _ in range(days):
        day += ONE_DAY
        while not is_business_day(day, holidays):
            day += ONE_DAY
    return day


def business_days_between(start: date, end: date, holidays: Collection[date]) -> int:
    """How many business days have passed from ``start`` to ``end``: those after ``start``, ``end`` included.

    0 when ``end`` is not after ``start``. Weeks are counted, not walked: decades cost no more than days.
    """
    if end <= start:
        return 0
    weeks, rest = divmod((end - start).days, 7)
    # What is left over of a week lies at its beginning, right after the first day.
    days = weeks * 5 + sum((start + timedelta(days=n)).weekday() < 5 for n in range(1, rest + 1))
    return days - sum(start < day <= end and day.weekday() < 5 for day in set(holidays))
