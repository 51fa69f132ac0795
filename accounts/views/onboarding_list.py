"""The onboardings of a workspace, and their export."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from csworkbench.common.sheets import Column, sheet_response
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import AdoptionCheck, Onboarding
from ..onboarding.forms import ListForm
from ..onboarding.listing import filtered, list_onboardings, order_of
from .lists import EXPORT_LIMIT


@require_safe
@member_required()
def onboardings(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """What runs, overdue first: goals done, days left, the last adoption check."""
    listing = list_onboardings(request.workspace, request.GET)
    context = {
        "listing": listing,
        "today": request.workspace.today,
        "verdicts": dict(AdoptionCheck.Verdict.choices),
        "nav": "accounts",
    }
    return render_page(request, "accounts/onboarding/list.html", context, partial="list")


@require_safe
@member_required()
def export(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The filtered list as a spreadsheet that holds no formula."""
    form = ListForm(request.GET, workspace=request.workspace)
    records = filtered(request.workspace, form)
    rows = records.order_by(*(key.ordering for key in order_of(form)))[:EXPORT_LIMIT]
    today, verdicts = request.workspace.today, dict(AdoptionCheck.Verdict.choices)
    columns: list[Column[Onboarding]] = [
        ("Account", lambda one: one.account.name),
        ("CSM", lambda one: one.account.owner.name if one.account.owner else ""),
        ("Instance", lambda one: one.account.instance.name if one.account.instance else ""),
        ("State", lambda one: one.get_state_display()),
        ("Started", lambda one: one.started_on),
        ("Target", lambda one: one.target_on),
        ("Ended", lambda one: one.ended_on),
        ("Days", lambda one: ((one.ended_on or today) - one.started_on).days),
        ("Goals", lambda one: one.goal_count or 0),  # type: ignore[attr-defined]
        ("Goals done", lambda one: one.goals_done or 0),  # type: ignore[attr-defined]
        ("Adoption", lambda one: verdicts.get(one.verdict, "")),  # type: ignore[attr-defined]
        ("Checked", lambda one: one.checked_on),  # type: ignore[attr-defined]
        ("Note", lambda one: one.note),
    ]
    return sheet_response(f"onboarding-{today:%Y-%m-%d}.xlsx", columns, rows)
