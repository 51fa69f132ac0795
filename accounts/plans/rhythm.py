"""When the next check-in of a plan is due."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from csworkbench.tenancy.calendar import add_business_days


def next_check_in(on: date, days: int, planned: date | None, holidays: Collection[date]) -> date:
    """The business day ``days`` calendar days after a check-in ``on``, or the next one after that.

    It only moves forward: a check-in that is noted late, for a day long past, does not pull ``planned`` back.
    """
    following = add_business_days(on + timedelta(days=days), 0, holidays)
    return following if planned is None else max(following, planned)
