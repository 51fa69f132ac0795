"""Twelve months and what is overdue: every day in exactly one, at every border of a time zone."""

from __future__ import annotations

import calendar
import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from accounts.renewals.months import add_months, month_called, months_from
from csworkbench.common import clock

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
ZONES = st.sampled_from(["America/Chicago", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata", "UTC"])


@given(DAYS, st.integers(-800, 364))
def test_every_day_lies_in_one_month(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    months = months_from(today)
    holding = [month for month in months if month.holds(day)]
    assert len(holding) == (1 if day <= months[-1].last else 0)
    assert not holding or (holding[0].key == "overdue") == (day < today)


@given(DAYS)
def test_the_months_follow_each_other(today: date) -> None:
    months = months_from(today)
    assert len(months) == 13 and months[1].first == today
    assert all(one.last + timedelta(days=1) == following.first for one, following in itertools.pairwise(months))
    assert all(month.last.day == calendar.monthrange(month.last.year, month.last.month)[1] for month in months[1:])
    assert [month_called(months, month.key) for month in months] == list(months)
    assert month_called(months, "2019-13") is None


@given(st.integers(0, 2 * 365 * 24 * 60), ZONES)
def test_today_is_the_day_of_the_workspace(minutes: int, zone: str) -> None:
    """An hour before midnight UTC it is another month in some places, and the board follows the workspace's."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    with time_machine.travel(moment, tick=False):
        today = clock.today(zone)
        local = moment.astimezone(ZoneInfo(zone))
        months = months_from(today)
        assert months[1].key == f"{local:%Y-%m}"
        assert months[0].last < local.date() <= months[1].last


def test_the_last_hours_of_a_month() -> None:
    with time_machine.travel(datetime(2026, 12, 1, 3, 0, tzinfo=UTC), tick=False):
        assert months_from(clock.today("America/Chicago"))[1].title == "November 2026"
        assert months_from(clock.today("Europe/Oslo"))[1].title == "December 2026"


@given(DAYS, st.integers(1, 60))
def test_months_are_added_to_the_same_day_or_the_last(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)
