"""The one source of time, so that a frozen clock freezes everything."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return timezone.now()


def today(time_zone: str) -> date:
    """The calendar date at this moment in an IANA time zone such as ``America/Chicago``."""
    return now().astimezone(ZoneInfo(time_zone)).date()
