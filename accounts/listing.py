"""The account list: filters, order and pages, all from the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.lookups import Exact
from django.http import QueryDict
from django.utils.http import urlencode

from csworkbench.common.keyset import Key, KeysetPage, keyset_page
from csworkbench.tenancy.models import Workspace

from .facts.health import effective_health
from .finding import matching
from .forms import FilterForm
from .models import Account

PAGE_SIZE = 50
HEALTH_ORDER = {"red": 0, "yellow": 1, "undefined": 2, "green": 3}
COLOURS = tuple(HEALTH_ORDER.values())

# Each key as it helps most at the first click; with a minus the other way round. Unknown dates stay where they belong.
ORDERS: dict[str, list[Key]] = {
    "priority": [Key("priority__level"), Key("priority__score", falling=True), Key("pk")],
    "-priority": [Key("priority__level", falling=True), Key("priority__score"), Key("pk")],
    "name": [Key("search_name"), Key("pk")],
    "-name": [Key("search_name", falling=True), Key("pk")],
    "mrr": [Key("figures__mrr_minor", falling=True), Key("pk")],
    "-mrr": [Key("figures__mrr_minor"), Key("pk")],
    "renewal": [Key("figures__renews_on", nulls="last"), Key("pk")],
    "-renewal": [Key("figures__renews_on", falling=True, nulls="last"), Key("pk")],
    "health": [Key("health_order", among=COLOURS), Key("figures__mrr_minor", falling=True), Key("pk")],
    "-health": [Key("health_order", falling=True, among=COLOURS), Key("figures__mrr_minor", falling=True), Key("pk")],
    "last_interaction": [Key("figures__last_interaction_at", nulls="first"), Key("pk")],
    "-last_interaction": [Key("figures__last_interaction_at", falling=True, nulls="last"), Key("pk")],
}
FALLING = frozenset({"mrr"})


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
    """One page of accounts and what is needed to move on from it."""

    form: FilterForm
    page: KeysetPage[Account]
    sorts: list[Sort]
    filtered: bool
    query: str
    sort: str

    @property
    def headers(self) -> dict[str, Sort]:
        """The sortable headers by column."""
        return {sort.key: sort for sort in self.sorts}


def filtered(workspace: Workspace, form: FilterForm) -> QuerySet[Account]:
    """The accounts a valid filter form asks for; an invalid part filters nothing."""
    accounts = Account.objects.filter(workspace=workspace)
    data = (
        form.cleaned_data if form.is_valid() else {k: v for k, v in form.cleaned_data.items() if k not in form.errors}
    )
    for field, path in (("owner", "owner"), ("tier", "tier"), ("stage", "stage"),
                        ("instance", "instance"), ("level", "priority__level")):  # fmt: skip
        if data.get(field):
            accounts = accounts.filter(**{path: data[field]})
    if data.get("health"):
        accounts = accounts.filter(Exact(effective_health(), data["health"]))
    words = data.get("q", "").strip()
    return accounts.filter(matching(workspace, words)) if words else accounts


def list_accounts(workspace: Workspace, query: QueryDict, address: str) -> Listing:
    """One page of the list, found by its cursor; a constant number of statements beside the filters' choices."""
    form = FilterForm(query, workspace=workspace)
    sort = query.get("sort", "priority")
    sort = sort if sort in ORDERS else "priority"
    kept: dict[str, Any] = {key: value for key, value in query.items() if key in form.fields and value}
    # Somebody who adds a task chooses its account here, and keeps choosing while filtering.
    carried = {"sort": sort} | ({"for": "task"} if query.get("for") == "task" else {})
    return Listing(
        form=form,
        page=keyset_page(
            shown(filtered(workspace, form)),
            ORDERS[sort],
            size=PAGE_SIZE,
            after=query.get("after", ""),
            before=query.get("before", ""),
        ),
        sorts=[_header(key, label, sort, address, kept | carried) for key, label in FilterForm.SORTS],
        filtered=bool(kept),
        query=urlencode(kept | carried) + "&",
        sort=sort,
    )


def _header(key: str, label: str, sort: str, address: str, kept: dict[str, Any]) -> Sort:
    """A header that sorts by its column, and the other way round when the list is sorted by it already."""
    active, reverse = sort.removeprefix("-") == key, sort.startswith("-")
    wanted = f"-{key}" if active and not reverse else key
    rising = (key in FALLING) == reverse
    direction = ("ascending" if rising else "descending") if active else ""
    return Sort(key, label, f"{address}?{urlencode(kept | {'sort': wanted})}", active, direction)


def shown(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Accounts with all that a row of the list shows and is sorted by, in one statement."""
    whens = [When(Exact(effective_health(), health), then=Value(place)) for health, place in HEALTH_ORDER.items()]
    # Every account has these rows. Said so, the joins are plain ones, and a page is read along the index of its order.
    beside = accounts.filter(figures__isnull=False, priority__isnull=False, standing__isnull=False)
    return beside.annotate(health_order=Case(*whens, output_field=IntegerField())).select_related(
        "figures", "priority", "standing", "instance", "owner", "parent"
    )


def ordered(accounts: QuerySet[Account], sort: str) -> QuerySet[Account]:
    """All of them in list order, for an export."""
    return shown(accounts).order_by(*(key.ordering for key in ORDERS[sort]))
