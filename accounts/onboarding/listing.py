"""The list of onboardings: what runs, overdue first; filters and pages from the address."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from accounts.models import Onboarding
from csworkbench.common.keyset import Key, KeysetPage, keyset_page
from csworkbench.tenancy.models import Workspace

from .forms import ListForm
from .queries import with_figures

PAGE_SIZE = 50
# By target: the longest overdue first; without a target last. Ended ones by their end, the last first.
RUNNING = (Key("target_on", nulls="last"), Key("id"))
ENDED = (Key("ended_on", falling=True, nulls="first"), Key("id"))


@dataclass(frozen=True)
class Listing:
    """One page of records; ``query`` is the address of the same list without its page."""

    form: ListForm
    page: KeysetPage[Onboarding]
    filtered: bool
    query: str


def filtered(workspace: Workspace, form: ListForm) -> QuerySet[Onboarding]:
    """The records a filter form asks for; an invalid part filters nothing."""
    form.is_valid()
    asked = form.cleaned_data
    records = with_figures(Onboarding.objects.filter(workspace=workspace), workspace)
    state = asked.get("state", "")
    if state in ("", "overdue"):
        records = records.filter(state=Onboarding.State.OPEN)
    elif state != "all":
        records = records.filter(state=state)
    if state == "overdue":
        records = records.filter(target_on__lt=workspace.today)
    if asked.get("owner"):
        records = records.filter(account__owner=asked["owner"])
    if asked.get("instance"):
        records = records.filter(account__instance=asked["instance"])
    if asked.get("adoption"):
        verdict = asked["adoption"]
        records = records.filter(Q(verdict__isnull=True) if verdict == "none" else Q(verdict=verdict))
    return records


def order_of(form: ListForm) -> tuple[Key, ...]:
    """Running records by target, ended ones by their end; the form has been validated."""
    return RUNNING if form.cleaned_data.get("state", "") in ("", "overdue") else ENDED


def list_onboardings(workspace: Workspace, query: QueryDict) -> Listing:
    """One page of the list: two statements beside the filters' choices."""
    form = ListForm(query, workspace=workspace)
    records = filtered(workspace, form)
    page = keyset_page(
        records, order_of(form), size=PAGE_SIZE, after=query.get("after", ""), before=query.get("before", "")
    )
    kept = {name: str(value) for name, value in query.items() if name in form.fields and value}
    return Listing(form, page, bool(kept), f"{urlencode(kept)}&" if kept else "")
