"""Business days: Monday to Friday without the workspace's holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csworkbench.tenancy.calendar import add_business_days, business_days_between, holidays_of, is_business_day
from csworkbench.tenancy.models import Holiday, Workspace
from csworkbench.tenancy.scope import workspace_scope

A_MONDAY = date(2026, 11, 23)
THANKSGIVING = frozenset({date(2026, 11, 26), date(2026, 11, 27)})
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
HOLIDAYS = st.frozensets(st.integers(0, 60), max_size=20)


class TestIsBusinessDay:
    @pytest.mark.parametrize(
        ("offset", "business"), [(0, True), (3, False), (4, False), (5, False), (6, False), (7, True)]
    )
    def test_weekdays_that_are_no_holiday(self, offset: int, business: bool) -> None:
        assert is_business_day(A_MONDAY + timedelta(days=offset), THANKSGIVING) is business


class TestAddBusinessDays:
    @pytest.mark.parametrize(
        ("start", "days", "holidays", "expected"),
        [
            (A_MONDAY, 0, frozenset(), A_MONDAY),
            (A_MONDAY, 1, frozenset(), date(2026, 11, 24)),
            (A_MONDAY, 5, frozenset(), date(2026, 11, 30)),
            (A_MONDAY, 3, THANKSGIVING, date(2026, 11, 30)),
            (date(2026, 11, 28), 0, frozenset(), date(2026, 11, 30)),
            (date(2026, 11, 28), 1, frozenset(), date(2026, 12, 1)),
            (date(2026, 11, 26), 0, THANKSGIVING, date(2026, 11, 30)),
            (date(2026, 12, 24), 2, frozenset({date(2026, 12, 25), date(2027, 1, 1)}), date(2026, 12, 29)),
            (date(2028, 2, 28), 1, frozenset(), date(2028, 2, 29)),
        ],
    )
    def test_skips_weekends_and_holidays(
        self, start: date, days: int, holidays: frozenset[date], expected: date
    ) -> None:
        assert add_business_days(start, days, holidays) == expected

    @given(start=DAYS, days=st.integers(0, 40), offsets=HOLIDAYS)
    def test_lands_on_the_business_day_with_that_many_between(
        self, start: date, days: int, offsets: frozenset[int]
    ) -> None:
        holidays = frozenset(start + timedelta(days=offset) for offset in offsets)
        end = add_business_days(start, days, holidays)
        assert is_business_day(end, holidays)
        passed = [start + timedelta(days=n) for n in range((end - start).days)]
        first_counts = is_business_day(start, holidays)
        between = sum(is_business_day(day, holidays) for day in passed)
        assert between == days
        assert end > start or (days == 0 and first_counts)


class TestBusinessDaysBetween:
    @pytest.mark.parametrize(
        ("start", "end", "holidays", "expected"),
        [
            (A_MONDAY, A_MONDAY, frozenset(), 0),
            (A_MONDAY, date(2026, 11, 22), frozenset(), 0),
            (A_MONDAY, date(2026, 11, 24), frozenset(), 1),
            (A_MONDAY, date(2026, 11, 30), frozenset(), 5),
            (A_MONDAY, date(2026, 11, 30), THANKSGIVING, 3),
            (date(2026, 11, 27), date(2026, 11, 29), frozenset(), 0),
            (date(2026, 10, 20), A_MONDAY, frozenset(), 24),
            (date(2020, 2, 28), date(2020, 3, 2), frozenset(), 1),
        ],
    )
    def test_counts_what_passed(self, start: date, end: date, holidays: frozenset[date], expected: int) -> None:
        assert business_days_between(start, end, holidays) == expected

    @given(start=DAYS, length=st.integers(-5, 400), offsets=HOLIDAYS)
    def test_is_the_number_of_business_days_one_by_one(self, start: date, length: int, offsets: frozenset[int]) -> None:
        holidays = frozenset(start + timedelta(days=offset) for offset in offsets)
        passed = [start + timedelta(days=n) for n in range(1, length + 1)]
        expected = sum(is_business_day(day, holidays) for day in passed)
        assert business_days_between(start, start + timedelta(days=length), holidays) == expected

    @given(start=DAYS, first=st.integers(0, 200), second=st.integers(0, 200), offsets=HOLIDAYS)
    def test_two_stretches_add_up(self, start: date, first: int, second: int, offsets: frozenset[int]) -> None:
        holidays = [start + timedelta(days=offset) for offset in offsets]
        middle, end = start + timedelta(days=first), start + timedelta(days=first + second)
        parts = business_days_between(start, middle, holidays) + business_days_between(middle, end, holidays)
        assert parts == business_days_between(start, end, holidays)

    @given(start=DAYS, days=st.integers(1, 40), offsets=HOLIDAYS)
    def test_goes_back_what_adding_went_ahead(self, start: date, days: int, offsets: frozenset[int]) -> None:
        holidays = frozenset(start + timedelta(days=offset) for offset in offsets)
        begun = add_business_days(start, 0, holidays)
        assert business_days_between(begun, add_business_days(begun, days, holidays), holidays) == days


class TestHolidaysOf:
    def test_from_a_day_on_and_of_one_workspace(self, workspace: Workspace, other_workspace: Workspace) -> None:
        for offset in (-1, 0, 30):
            Holiday.objects.create(workspace=workspace, day=A_MONDAY + timedelta(days=offset), name="Closed")
        with workspace_scope(other_workspace.pk):
            Holiday.objects.create(workspace=other_workspace, day=A_MONDAY, name="Elsewhere")
        assert holidays_of(workspace.pk, A_MONDAY) == {A_MONDAY, A_MONDAY + timedelta(days=30)}
