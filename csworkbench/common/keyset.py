"""Pages that start after a row rather than after a number of rows: the thousandth costs what the first costs.

A cursor holds the sort values of the row it stands at, so a page is found by the index of its order however deep it
lies, and rows that come or go meanwhile neither repeat nor hide others.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
# A count beyond this is told as "more than": nobody reads on, and counting would grow with the table.
MOST_COUNTED = 10_000
LONGEST = 600


@dataclass(frozen=True)
class Key:
    """One column of an order: a path from the model; where its nulls stand if it has any ("first" or "last").

    ``among`` names all values, rising, of a computed column that no index serves: each is looked for by itself, along
    the index of the columns that follow.
    """

    path: str
    falling: bool = False
    nulls: str = ""
    among: tuple[int, ...] = ()

    @property
    def reversed(self) -> Key:
        return replace(self, falling=not self.falling, nulls={"first": "last", "last": "first"}.get(self.nulls, ""))

    @property
    def ordering(self) -> Any:
        options = {"nulls_first": True} if self.nulls == "first" else {"nulls_last": True} if self.nulls else {}
        return F(self.path).desc(**options) if self.falling else F(self.path).asc(**options)

    def value_of(self, row: Any) -> Any:
        """The row's value, as JSON can hold it."""
        value = row
        for name in self.path.split("__"):
            value = getattr(value, name) if value is not None else None
        return value if value is None or isinstance(value, int | str) else _as_text(value)

    def beyond(self, value: Any) -> list[Q]:
        """What comes after ``value`` in this column, as disjoint parts in their order."""
        if self.among:
            return [self.same(one) for one in self.every if (one < value) is self.falling and one != value]
        if value is None:
            return [Q(**{f"{self.path}__isnull": False})] if self.nulls == "first" else []
        further = Q(**{f"{self.path}__{'lt' if self.falling else 'gt'}": value})
        return [further, Q(**{f"{self.path}__isnull": True})] if self.nulls == "last" else [further]

    @property
    def every(self) -> tuple[int, ...]:
        """All values in the order of this column."""
        return tuple(reversed(self.among)) if self.falling else self.among

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})


def _as_text(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot stand in a cursor.")


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """Rows of one page; ``next`` and ``previous`` are cursors, empty at the ends of the list."""

    rows: list[Row]
    next: str
    previous: str
    count: int
    # Whether there are more rows than were counted.
    is_more: bool

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def keyset_page(
    rows: QuerySet[Row], keys: Sequence[Key], *, size: int, after: str = "", before: str = "", counted: bool = True
) -> KeysetPage[Row]:
    """The page after or before a cursor, the first one for none or one that makes no sense.

    ``keys`` end with a unique column. A page is one to a few statements over ranges of the order's index, and a count
    up to ``MOST_COUNTED`` unless ``counted`` is off.
    """
    count = rows.order_by()[: MOST_COUNTED + 1].count() if counted else 0
    backwards = bool(before and not after)
    order = [key.reversed for key in keys] if backwards else list(keys)
    values = _decoded(after or before, len(keys))
    try:
        found = _take(rows, order, values, size + 1)
    except (ValidationError, ValueError, TypeError, OverflowError):
        values, backwards = None, False
        found = _take(rows, list(keys), None, size + 1)
    further = len(found) > size
    page = found[:size]
    if backwards:
        page.reverse()
    at_start = values is None or (backwards and not further)
    at_end = not further and not backwards
    return KeysetPage(
        rows=page,
        next="" if at_end or not page else cursor_at(page[-1], keys),
        previous="" if at_start or not page else cursor_at(page[0], keys),
        count=min(count, MOST_COUNTED),
        is_more=count > MOST_COUNTED,
    )


def _take(rows: QuerySet[Row], keys: Sequence[Key], values: list[Any] | None, limit: int) -> list[Row]:
    """Up to ``limit`` rows beyond the values: the nearest part first, so that each part is one range of the index."""
    ordered = rows.order_by(*(key.ordering for key in keys))
    if values is None and not keys[0].among:
        return list(ordered[:limit])
    found: list[Row] = []
    for part in _parts(keys, values) if values is not None else [keys[0].same(one) for one in keys[0].every]:
        found += ordered.filter(part)[: limit - len(found)]
        if len(found) == limit:
            break
    return found


def _parts(keys: Sequence[Key], values: Sequence[Any]) -> Iterator[Q]:
    for index in range(len(keys) - 1, -1, -1):
        same = Q()
        for key, value in zip(keys[:index], values[:index], strict=True):
            same &= key.same(value)
        for beyond in keys[index].beyond(values[index]):
            yield same & beyond


def cursor_at(row: Any, keys: Sequence[Key]) -> str:
    """The cursor that stands at a row."""
    values = [key.value_of(row) for key in keys]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(place: str, length: int) -> list[Any] | None:
    """The values of a place; None for anything that is none."""
    if not place or len(place) > LONGEST:
        return None
    try:
        values = json.loads(urlsafe_b64decode(place + "=" * (-len(place) % 4)))
    except (ValueError, RecursionError):
        return None
    sound = isinstance(values, list) and len(values) == length
    plain = sound and all(_is_plain(value) for value in values)
    return values if plain else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    return value is None or (type(value) is int and abs(value) < 2**63)
