"""Dates of the demo, counted back from today in the workspace's time zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from csworkbench.common import clock

SATURDAY = 5
OPENS, CLOSES = 8 * 60 + 10, 17 * 60 + 10  # minutes after midnight


class Days:
    """Today in one workspace, and days relative to it; nothing here draws from a generator by the calendar."""

    def __init__(self, time_zone: str) -> None:
        self.zone = ZoneInfo(time_zone)
        self.now = clock.now()
        self.today = clock.today(time_zone)

    def ago(self, days: int) -> date:
        """The date some days back; a negative number looks ahead."""
        return self.today - timedelta(days=days)

    def workday(self, days: int) -> date:
        """The same, on the Friday before when it is a weekend: never later than asked."""
        day = self.ago(days)
        return day - timedelta(days=max(day.weekday() - SATURDAY + 1, 0))

    def coming_workday(self, days: int) -> date:
        """The date some days ahead, on the Monday after when it is a weekend."""
        day = self.ago(-days)
        return day + timedelta(days=max(7 - day.weekday(), 0) if day.weekday() >= SATURDAY else 0)

    def at(self, day: date, minutes: int) -> datetime:
        """A moment of a day in the workspace; never in the future."""
        moment = datetime.combine(day, time(minutes // 60, minutes % 60), self.zone)
        return min(moment, self.now)

    def office_hour(self, rng: Random, day: date) -> datetime:
        """A moment between eight and five."""
        return self.at(day, rng.randint(OPENS, CLOSES))

    def used(self, rng: Random, days: int) -> datetime:
        """A moment of use some days back, weekends and evenings included; today means within the last hours."""
        minutes = rng.randint(6 * 60, 21 * 60)
        if days == 0:
            return self.now - timedelta(minutes=minutes // 4)
        return self.at(self.ago(days), minutes)


def spoken(day: date) -> str:
    """A date as people say it: ``March 14``."""
    return f"{day:%B} {day.day}"
