"""The team page of leads."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.facts import context_for
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..team import ORDERS, ordered, team_of, totals_of


@dataclass(frozen=True)
class Header:
    """A header that sorts."""

    label: str
    url: str
    active: bool
    direction: str


@require_safe
@member_required("lead", "ops", "admin")
def team(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Every CSM's load, or only the lead's own reports when the address asks for them."""
    mine = request.GET.get("show") == "mine"
    sort = request.GET.get("sort", "name")
    sort = sort if sort.removeprefix("-") in ORDERS else "name"
    rows = team_of(request.workspace, context_for(request.workspace), lead=request.member if mine else None)
    context = {
        "rows": ordered(rows, sort),
        "totals": totals_of(rows),
        "mine": mine,
        "headers": {key: _header(key, sort, reverse("priorities:team", args=[workspace]), mine) for key in ORDERS},
        "nav": "team",
    }
    return render_page(request, "priorities/team.html", context, partial="list")


def _header(key: str, sort: str, address: str, mine: bool) -> Header:
    """Sorts by its column, and the other way round when the table is sorted by it already."""
    active, turned = sort.removeprefix("-") == key, sort.startswith("-")
    query = ({"show": "mine"} if mine else {}) | {"sort": f"-{key}" if active and not turned else key}
    rising = (key == "name") != turned
    direction = ("ascending" if rising else "descending") if active else ""
    return Header(ORDERS[key][0], f"{address}?{urlencode(query)}", active, direction)
