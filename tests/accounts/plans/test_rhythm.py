"""Check-ins move on to business days, and never back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.plans.rhythm import next_check_in
from csworkbench.tenancy.calendar import is_business_day

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
HOLIDAYS = st.frozensets(DAYS, max_size=20)


@pytest.mark.parametrize(
    ("on", "days", "planned", "expected"),
    [
        (date(2026, 11, 23), 7, None, date(2026, 11, 30)),
        (date(2026, 11, 20), 1, None, date(2026, 11, 23)),  # a Saturday
        (date(2026, 11, 19), 7, None, date(2026, 11, 27)),  # Thanksgiving
        (date(2026, 11, 2), 7, date(2026, 11, 30), date(2026, 11, 30)),  # noted late
        (date(2026, 11, 23), 7, date(2026, 11, 23), date(2026, 11, 30)),
    ],
)
def test_next(on: date, days: int, planned: date | None, expected: date) -> None:
    assert next_check_in(on, days, planned, {date(2026, 11, 26)}) == expected


@given(DAYS, st.integers(1, 365), st.none() | DAYS, HOLIDAYS)
def test_it_moves_forward_and_keeps_its_distance(
    on: date, days: int, planned: date | None, holidays: frozenset[date]
) -> None:
    following = next_check_in(on, days, planned, holidays)
    assert following >= on + timedelta(days=days)
    assert planned is None or following >= planned
    assert following == planned or is_business_day(following, holidays)


@given(DAYS, DAYS, st.integers(1, 365), HOLIDAYS)
def test_a_later_check_in_never_comes_back_earlier(
    one: date, other: date, days: int, holidays: frozenset[date]
) -> None:
    first, second = sorted([one, other])
    assert next_check_in(first, days, None, holidays) <= next_check_in(second, days, None, holidays)
