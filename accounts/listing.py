"""The account list: filters, order and pages, all from the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils.http import urlencode

from csworkbench.common.pages import page_of
from csworkbench.tenancy.models import Workspace

from .forms import FilterForm
from .models import Account, Contact
from .search import normalise_name

PAGE_SIZE = 50
HEALTH_ORDER = {"red": 0, "yellow": 1, "undefined": 2, "green": 3}

RENEWAL, LAST = F("figures__renews_on"), F("figures__last_interaction_at")
# Each key as it helps most at the first click; with a minus the other way round. Unknown dates stay where they belong.
ORDERS: dict[str, list[Any]] = {
    "priority": ["priority__level", "-priority__score", "pk"],
    "-priority": ["-priority__level", "priority__score", "pk"],
    "name": ["search_name", "pk"],
    "-name": ["-search_name", "pk"],
    "mrr": ["-figures__mrr_minor", "pk"],
    "-mrr": ["figures__mrr_minor", "pk"],
    "renewal": [RENEWAL.asc(nulls_last=True), "pk"],
    "-renewal": [RENEWAL.desc(nulls_last=True), "pk"],
    "health": ["health_order", "-figures__mrr_minor", "pk"],
    "-health": ["-health_order", "-figures__mrr_minor", "pk"],
    "last_interaction": [LAST.asc(nulls_first=True), "pk"],
    "-last_interaction": [LAST.desc(nulls_last=True), "pk"],
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
    page: Page[Account]
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
    for field, path in (("owner", "owner"), ("tier", "tier"), ("health", "health"), ("stage", "stage"),
                        ("instance", "instance"), ("level", "priority__level")):  # fmt: skip
        if data.get(field):
            accounts = accounts.filter(**{path: data[field]})
    words = data.get("q", "").strip()
    return accounts.filter(_matching(words, workspace)) if words else accounts


def _matching(words: str, workspace: Workspace) -> Q:
    """Names by any word's beginning, external ids whole, contacts by e-mail.

    LIKE is not leakproof, so under a policy no index serves it: one pass over the accounts, some 0.1 s for 100,000.
    """
    name = normalise_name(words)
    matches = Q(search_name__startswith=name) | Q(search_name__contains=f" {name}") if name else Q()
    ids = Q(sf_id=words) | Q(lms_id=words) | Q(billing_id=words)
    # Not a join: an account with two such contacts stands once, in the list and in the export.
    people = Contact.objects.filter(workspace=workspace, email=words.lower()).values("account")
    return matches | ids | (Q(pk__in=people) if "@" in words else Q())


def list_accounts(workspace: Workspace, query: QueryDict, address: str) -> Listing:
    """One page of the list; three statements beside the filters' choices."""
    form = FilterForm(query, workspace=workspace)
    sort = query.get("sort", "priority")
    sort = sort if sort in ORDERS else "priority"
    kept: dict[str, Any] = {key: value for key, value in query.items() if key in form.fields and value}
    # Somebody who adds a task chooses its account here, and keeps choosing while filtering.
    carried = {"sort": sort} | ({"for": "task"} if query.get("for") == "task" else {})
    return Listing(
        form=form,
        page=page_of(ordered(filtered(workspace, form), sort), query.get("page"), size=PAGE_SIZE),
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


def ordered(accounts: QuerySet[Account], sort: str) -> QuerySet[Account]:
    """Accounts in list order with all a row shows, in one statement."""
    if sort.removeprefix("-") == "health":
        whens = [When(health=health, then=Value(place)) for health, place in HEALTH_ORDER.items()]
        accounts = accounts.annotate(health_order=Case(*whens, output_field=IntegerField()))
    return accounts.select_related("figures", "priority", "instance", "owner", "parent").order_by(*ORDERS[sort])
