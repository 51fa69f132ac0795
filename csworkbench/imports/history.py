"""The history of imports as a list: what narrows it, what sorts it, and its sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.paginator import Page
from django.db.models import Case, F, IntegerField, OrderBy, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Lower
from django.http import QueryDict

from csworkbench.common.pages import page_of
from csworkbench.common.sheets import Column
from csworkbench.tenancy.models import Workspace

from .forms import HistoryForm
from .kinds import all_kinds
from .models import Import, ImportQuerySet
from .queries import history_of

PAGE_ROWS = 50
EXPORT_LIMIT = 50_000
LATEST = "-when"
# Column of the list → its words. Numbers and moments begin with the largest.
SORTS = {
    "file": "File",
    "state": "State",
    "new": "New",
    "changed": "Changed",
    "unchanged": "Unchanged",
    "left": "Left out",
    "who": "Sent by",
    "when": "When",
}
LARGEST_FIRST = frozenset({"new", "changed", "unchanged", "left", "when"})


@dataclass(frozen=True)
class Sort:
    """One sortable header; ``direction`` is what ``aria-sort`` says of the active one."""

    key: str
    label: str
    url: str
    active: bool
    direction: str = ""


@dataclass(frozen=True)
class Listing:
    """One page of imports and what is needed to move on from it."""

    form: HistoryForm
    page: Page[Import]
    headers: dict[str, Sort]
    sort: str
    narrowed: bool
    query: str

    @property
    def is_sorted(self) -> bool:
        """Whether somebody chose another order than the latest first."""
        return self.sort != LATEST


def list_imports(workspace: Workspace, query: QueryDict, address: str) -> Listing:
    """One page of the history as the address asks for it; unknown words of it count for nothing."""
    form = HistoryForm(query, workspace=workspace)
    sort = sort_of(query)
    kept = {name: value for name, value in query.items() if name in form.fields and value}
    carried = kept | ({"sort": sort} if sort != LATEST else {})
    page = page_of(ordered(history_of(workspace, form), sort), query.get("page"), size=PAGE_ROWS)
    labels = kind_labels()
    for one in page.object_list:
        one.kind_label = labels.get(one.kind, one.kind)
    return Listing(
        form,
        page,
        {key: header(key, sort, address, kept) for key in SORTS},
        sort,
        bool(kept),
        f"{urlencode(carried)}&" if carried else "",
    )


def sort_of(query: QueryDict) -> str:
    """The order that an address asks for: a column, with a minus for the largest first."""
    sort = query.get("sort", "")
    return sort if sort.removeprefix("-") in SORTS else LATEST


def header(key: str, sort: str, address: str, kept: Mapping[str, Any]) -> Sort:
    """A header that sorts by its column, and the other way round when the list is sorted by it already."""
    active, falls = sort.removeprefix("-") == key, sort.startswith("-")
    wanted_to_fall = not falls if active else key in LARGEST_FIRST
    url = f"{address}?{urlencode({**kept, 'sort': f'-{key}' if wanted_to_fall else key})}"
    return Sort(key, SORTS[key], url, active, ("descending" if falls else "ascending") if active else "")


def ordered(imports: ImportQuerySet, sort: str) -> ImportQuerySet:
    """Imports by one column; what has nothing there yet comes last, and the latest first among equals."""
    key, falls = sort.removeprefix("-"), sort.startswith("-")
    return imports.order_by(OrderBy(value_of(key), descending=falls, nulls_last=True), "-created_at", "-pk")


def value_of(key: str) -> Any:
    """What a column is sorted by."""
    if key == "state":
        steps = [When(state=state, then=Value(at)) for at, state in enumerate(Import.State.values)]
        return Case(*steps, output_field=IntegerField())
    if key == "left":
        return compared_only(sum((rows(name) for name in ("duplicate", "conflict")), rows("rejected")))
    if key in {"new", "changed", "unchanged"}:
        return compared_only(rows(key))
    return {"file": Lower("file_name"), "who": Lower("created_by__name"), "when": F("created_at")}[key]


def rows(verdict: str) -> Any:
    """The rows of a verdict as counted."""
    return Coalesce(Cast(KT(f"counts__{verdict}"), IntegerField()), 0)


def compared_only(value: Any) -> Case:
    """Nothing where nothing was counted yet."""
    return Case(When(compared_at__isnull=False, then=value), output_field=IntegerField())


def kind_labels() -> dict[str, str]:
    return {kind.key: kind.label for kind in all_kinds()}


def sheet_columns(workspace: Workspace) -> list[Column[Import]]:
    """The columns of the history as a sheet; days are the workspace's."""
    labels, zone = kind_labels(), ZoneInfo(workspace.time_zone)

    def day(moment: datetime | None) -> datetime | None:
        return moment.astimezone(zone) if moment else None

    def counted(verdict: str) -> Any:
        return lambda one: int(one.counts.get(verdict) or 0) if one.compared_at else None

    return [
        ("File", lambda one: one.file_name),
        ("Kind", lambda one: labels.get(one.kind, one.kind)),
        ("State", lambda one: one.get_state_display()),
        ("Rows", lambda one: one.rows if one.compared_at else None),
        ("New", counted("new")),
        ("Changed", counted("changed")),
        ("Unchanged", counted("unchanged")),
        ("Rejected", counted("rejected")),
        ("Duplicates", counted("duplicate")),
        ("Conflicts", counted("conflict")),
        ("The CRM's", counted("crm")),
        ("Applied", lambda one: one.applied_rows),
        ("Taken back", lambda one: one.undone_rows),
        ("Sent by", lambda one: one.created_by.name if one.created_by else ""),
        ("Sent on", lambda one: day(one.created_at)),
        ("Approved by", lambda one: one.approved_by.name if one.approved_by else ""),
        ("Finished on", lambda one: day(one.finished_at)),
    ]
