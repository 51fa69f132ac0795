"""What an address asks of the timeline: a kind, words, an author, a day, a place further back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from ..timeline import PAGE_SIZE, Asked, Place, end_of, kinds, place_of, words_in

LONGEST = 100


@dataclass(frozen=True)
class Filters:
    """The filters as they stand in the address; what makes no sense there is left out."""

    kind: str = "all"
    text: str = ""
    author: UUID | None = None
    day: date | None = None
    before: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        return words_in(self.text)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the kind is asked for: then the bar of filters stands open."""
        return bool(self.text or self.author or self.day)

    def asked(self, zone: ZoneInfo) -> Asked:
        """What each source is asked for; the day is one of the member's own."""
        places = [place_of(self.before), end_of(self.day, zone) if self.day else None]
        known: list[Place] = [place for place in places if place]
        return Asked(
            size=PAGE_SIZE,
            before=min(known, default=None),
            kind=self.kind,
            author=self.author,
            words=self.words,
        )

    def query(self, **changes: str) -> str:
        """The address of the same filters with some of them changed; empty values are left out, and so is the page."""
        now = {
            "kind": "" if self.kind == "all" else self.kind,
            "find": self.text,
            "by": str(self.author or ""),
            "on": self.day.isoformat() if self.day else "",
        }
        said = {name: value for name, value in (now | changes).items() if value}
        return f"?{urlencode(said)}" if said else "?"


def filters_from(query: Mapping[str, str]) -> Filters:
    """Filters as an address says them."""
    kind = query.get("kind", "")
    return Filters(
        kind=kind if kind in dict(kinds()) else "all",
        text=" ".join(query.get("find", "")[:LONGEST].replace("\x00", "").split()),
        author=_uuid(query.get("by", "")),
        day=_day(query.get("on", "")),
        before=query.get("before", "")[:60],
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 9000 else None
