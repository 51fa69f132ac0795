"""The plans of a workspace, and their export."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from csworkbench.common.sheets import Column, sheet_response
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import Plan
from ..plans.forms import ListForm
from ..plans.listing import filtered, list_plans, order_of
from .lists import EXPORT_LIMIT


@require_safe
@member_required()
def plans(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Running plans, the next check-in first: progress, overdue actions."""
    context = {
        "listing": list_plans(request.workspace, request.GET),
        "today": request.workspace.today,
        "nav": "accounts",
    }
    return render_page(request, "accounts/plans/list.html", context, partial="list")


@require_safe
@member_required()
def export(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The filtered list as a spreadsheet that holds no formula."""
    form = ListForm(request.GET, workspace=request.workspace)
    found = filtered(request.workspace, form)
    rows = found.order_by(*(key.ordering for key in order_of(form)))[:EXPORT_LIMIT]
    columns: list[Column[Plan]] = [
        ("Account", lambda one: one.account.name),
        ("CSM", lambda one: one.account.owner.name if one.account.owner else ""),
        ("Kind", lambda one: one.get_kind_display()),
        ("Plan", lambda one: one.title),
        ("State", lambda one: one.get_state_display()),
        ("Starts", lambda one: one.starts_on),
        ("Until", lambda one: one.target_on),
        ("Lowest progress (%)", lambda one: one.lowest),  # type: ignore[attr-defined]
        ("Goals", lambda one: one.goal_count or 0),  # type: ignore[attr-defined]
        ("Goals reached", lambda one: one.goals_reached or 0),  # type: ignore[attr-defined]
        ("Actions open", lambda one: one.actions_open or 0),  # type: ignore[attr-defined]
        ("Actions overdue", lambda one: one.actions_overdue or 0),  # type: ignore[attr-defined]
        ("Next check-in", lambda one: one.next_check_in_on),
        ("Ended", lambda one: one.ended_on),
        ("What came of it", lambda one: one.ending_note),
    ]
    return sheet_response(f"plans-{request.workspace.today:%Y-%m-%d}.xlsx", columns, rows)
