"""Pages of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class _Counted(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """A paginator whose count the page has computed already, so that it is not asked for twice."""

    def __init__(self, rows: QuerySet[Any] | Sequence[Any], size: int, count: int) -> None:
        super().__init__(rows, size)
        self.__dict__["count"] = count


def page_of(rows: QuerySet[Any], wanted: str | None, *, size: int, count: int | None = None) -> Page[Any]:
    """The page an address asks for; a number that makes no sense gives the nearest page that does."""
    paginator = Paginator(rows, size) if count is None else _Counted(rows, size, count)
    return paginator.get_page(wanted if wanted and wanted.isascii() and len(wanted) < 7 else 1)
