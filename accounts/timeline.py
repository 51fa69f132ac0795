"""The timeline of an account: what happened, from every floor, in one order (ACC-6).

Pages are found by place, not by number: each source is asked for what lies below the last entry that was shown, so
that a page far back costs what the first one costs. Higher apps register their own entries with ``add_source``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from csworkbench.tenancy.models import Workspace

from .models import Account

PAGE_SIZE = 20
MOST_WORDS = 6
# When it happened, and an id that orders what happened at once.
Place = tuple[datetime, UUID]


@dataclass(frozen=True)
class Entry:
    """One thing that happened; ``kind`` names its icon, ``row`` is the interaction or note behind it."""

    kind: str
    at: datetime
    place: Place
    title: str
    text: str = ""
    author: str = ""
    author_id: UUID | None = None
    # What stands below the title, and words with a tone (good, warn, bad) after it.
    about: str = ""
    signs: tuple[tuple[str, str], ...] = ()
    row: Any = None
    changes: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a source is asked for: at most ``size`` entries below a place, of one kind, of one member, with words."""

    size: int
    before: Place | None = None
    kind: str = "all"
    author: UUID | None = None
    words: tuple[str, ...] = ()


# The entries, newest first, and the place above which they are all there are; None at the end.
Read = tuple[list[Entry], Place | None]
Source = Callable[[Account, Workspace, Asked], Read]


@dataclass(frozen=True)
class Timeline:
    """One page of entries, newest first; ``older`` is the mark of the next page, empty at the end."""

    entries: list[Entry]
    older: str


_labels: dict[str, str] = {}
_sources: dict[str, Source] = {}


def add_source(kind: str, label: str, source: Source) -> None:
    """Register who tells the entries of a kind; ``label`` names the filter (seam 2).

    A source costs one statement, whatever it finds; one that tells several kinds is asked once.
    """
    _labels[kind] = label
    _sources[kind] = source


def kinds() -> list[tuple[str, str]]:
    """The filters: everything, then each kind; the changes come last."""
    known = sorted(_labels.items(), key=lambda pair: pair[0] == "change")
    return [("all", "All"), *known]


def timeline_of(account: Account, workspace: Workspace, asked: Asked) -> Timeline:
    """One page of what happened with an account; one statement for each source, two for the changes."""
    wanted = [_sources[asked.kind]] if asked.kind in _sources else list(dict.fromkeys(_sources.values()))
    entries: list[Entry] = []
    horizons: list[Place] = []
    for source in wanted:
        found, horizon = source(account, workspace, asked)
        entries += found
        if horizon is not None:
            horizons.append(horizon)
    # Below the highest horizon something may be missing yet: it belongs to the next page.
    floor = max(horizons, default=None)
    entries = sorted((one for one in entries if floor is None or one.place >= floor), key=_place, reverse=True)
    shown = entries[: asked.size]
    if len(entries) > asked.size:
        return Timeline(shown, mark_of(shown[-1].place))
    return Timeline(shown, mark_of(floor) if floor else "")


def _place(entry: Entry) -> Place:
    return entry.place


def below(rows: QuerySet[Any], moment: str, asked: Asked) -> QuerySet[Any]:
    """Rows of a source in the timeline's order, below the place that is asked for, one more than a page."""
    if asked.before is not None:
        at, key = asked.before
        rows = rows.filter(Q(**{f"{moment}__lt": at}) | Q(**{moment: at, "pk__lt": key}), **{f"{moment}__lte": at})
    return rows.order_by(f"-{moment}", "-pk")[: asked.size + 1]


def told(rows: Iterable[Model], asked: Asked, entry: Callable[[Any], Entry]) -> Read:
    """The rows that ``below`` gave as entries, with the place down to which they are complete."""
    entries = [entry(row) for row in rows]
    return entries, entries[-1].place if len(entries) > asked.size else None


def with_words(rows: QuerySet[Any], asked: Asked, *columns: str) -> QuerySet[Any]:
    """Rows that hold every word asked for in one of some columns; within one account, so no index is missed."""
    for word in asked.words:
        rows = rows.filter(Q(*((f"{column}__icontains", word) for column in columns), _connector=Q.OR))
    return rows


def mark_of(place: Place) -> str:
    """A place as an address carries it: microseconds and an id."""
    at, key = place
    return f"{(at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)}-{key.hex}"


def place_of(mark: str) -> Place | None:
    """The place of a mark; None for a mark that nobody made."""
    found = re.fullmatch(r"([0-9]{1,17})-([0-9a-f]{32})", mark)
    if found is None:
        return None
    at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(found[1]))
    return at, UUID(found[2])


def end_of(day: date, zone: Any) -> Place:
    """The place just above all that happened up to a day of a time zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1), UUID(int=0)


def words_in(text: str) -> tuple[str, ...]:
    """What to search for: the words of a text, each once, the first few."""
    return tuple(dict.fromkeys(text.split()))[:MOST_WORDS]


def marked(text: str, words: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The pieces of a text, and whether each is one of the words that were searched for."""
    if not words:
        yield text, False
        return
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    for number, piece in enumerate(re.split(f"({pattern})", text, flags=re.IGNORECASE)):
        if piece:
            yield piece, number % 2 == 1
