"""Moments in cells: a day in any of its disguises, with the time of the day where the cell has one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from csworkbench.imports.cleaning import BadCell, Cell, Clean, Cleaner, Date, Signs
from csworkbench.imports.kinds import Context

from .makers import MONTH_FIRST

TIME = re.compile(
    r"(?<![\d-])(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([AaPp])?\.?(?:[Mm]\.?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?\s*$"
)
DAY_SECONDS = 86_400


class Moment(Cleaner):
    """A moment as ISO text in UTC; without an offset it is in the workspace's time zone, without a time midnight."""

    def __init__(self, *, month_first: bool, zone: str) -> None:
        super().__init__()
        self.days = Date(month_first=month_first)
        self.zone = ZoneInfo(zone)

    def heed(self, signs: Signs) -> None:
        self.days.heed(signs)
        self.note = self.days.note

    def forget(self) -> None:
        super().forget()
        if hasattr(self, "days"):
            self.days.forget()

    def column(self, values: Sequence[Cell]) -> tuple[list[Clean], list[tuple[int, BadCell]]]:
        days, bad = self.days.column(values)
        self.note = self.days.note
        clean: list[Clean] = []
        for index, (day, value) in enumerate(zip(days, values, strict=True)):
            try:
                clean.append(None if day is None else self._moment(date.fromisoformat(str(day)), value))
            except BadCell as problem:
                clean.append(None)
                bad.append((index, problem))
        return clean, sorted(bad, key=lambda one: one[0])

    def one(self, value: Cell) -> str | None:
        day = self.days.one(value)
        return None if day is None else self._moment(date.fromisoformat(day), value)

    def _moment(self, day: date, value: Cell) -> str:
        if isinstance(value, float) and not isinstance(value, bool):
            # The part behind the point of a serial number is the time of the day.
            begin = datetime.combine(day, time(), self.zone)
            return _text(begin + timedelta(seconds=round(value % 1 * DAY_SECONDS)))
        found = TIME.search(value) if isinstance(value, str) else None
        if found is None:
            return _text(datetime.combine(day, time(), self.zone))
        hour = int(found[1])
        if found[4]:
            hour = hour % 12 + (12 if found[4] in "Pp" else 0)
        if hour > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
            raise BadCell("bad_time", f"“{found[0].strip()}” is no time of the day.")
        clock_time = time(hour, int(found[2]), int(found[3] or 0))
        return _text(datetime.combine(day, clock_time, self._offset(found[5])))

    def _offset(self, said: str | None) -> tzinfo:
        if said is None:
            return self.zone
        if said in {"Z", "UTC"}:
            return UTC
        try:
            return datetime.fromisoformat(f"2000-01-01T00:00:00{said[:3]}:{said[-2:]}").tzinfo or UTC
        except ValueError:
            raise BadCell("bad_time", f"“{said}” is no offset from UTC.") from None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def moment(context: Context) -> Cleaner:
    """The cleaner of a moment in a workspace."""
    return Moment(month_first=context.workspace.phone_region in MONTH_FIRST, zone=context.workspace.time_zone)
