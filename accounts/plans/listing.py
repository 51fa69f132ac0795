"""The list of plans: what runs, the next check-in first; filters and pages from the address."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from accounts.models import Plan
from csworkbench.common.keyset import Key, KeysetPage, keyset_page
from csworkbench.tenancy.models import Workspace

from .forms import ListForm
from .queries import with_figures

PAGE_SIZE = 50
# The longest due check-in first; plans without a rhythm last. Ended ones by their end.
RUNNING = (Key("next_check_in_on", nulls="last"), Key("id"))
ENDED = (Key("ended_on", falling=True, nulls="first"), Key("id"))


@dataclass(frozen=True)
class Listing:
    """One page of plans; ``query`` is the address of the same list without its page."""

    form: ListForm
    page: KeysetPage[Plan]
    filtered: bool
    query: str


def filtered(workspace: Workspace, form: ListForm) -> QuerySet[Plan]:
    """The plans a filter form asks for; an invalid part filters nothing."""
    form.is_valid()
    asked = form.cleaned_data
    plans = with_figures(Plan.objects.filter(workspace=workspace), workspace)
    state = asked.get("state", "")
    if state != "all":
        plans = plans.filter(state=state or Plan.State.OPEN)
    if asked.get("owner"):
        plans = plans.filter(account__owner=asked["owner"])
    if asked.get("kind"):
        plans = plans.filter(kind=asked["kind"])
    if asked.get("due") == "check_in":
        plans = plans.filter(next_check_in_on__lte=workspace.today)
    elif asked.get("due") == "action":
        plans = plans.filter(Q(actions_overdue__gt=0))
    return plans


def order_of(form: ListForm) -> tuple[Key, ...]:
    """Running plans by their next check-in, ended ones by their end; the form has been validated."""
    return ENDED if form.cleaned_data.get("state", "") else RUNNING


def list_plans(workspace: Workspace, query: QueryDict) -> Listing:
    """One page of the list: two statements beside the filters' choices."""
    form = ListForm(query, workspace=workspace)
    plans = filtered(workspace, form)
    page = keyset_page(
        plans, order_of(form), size=PAGE_SIZE, after=query.get("after", ""), before=query.get("before", "")
    )
    kept = {name: str(value) for name, value in query.items() if name in form.fields and value}
    return Listing(form, page, bool(kept), f"{urlencode(kept)}&" if kept else "")
