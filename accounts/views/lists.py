"""The account list and its export."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from csworkbench.common.sheets import Column, sheet_response
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..forms import FilterForm
from ..listing import filtered, list_accounts, ordered
from ..models import Account

EXPORT_LIMIT = 50_000
RENEWS_SOON = timedelta(days=30)


@require_safe
@member_required()
def account_list(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Filter, sort and page through the accounts of the workspace."""
    listing = list_accounts(request.workspace, request.GET, reverse("accounts:list", args=[workspace]))
    today = request.workspace.today
    context = {
        "listing": listing,
        "today": today,
        "soon": today + RENEWS_SOON,
        "picking": request.GET.get("for") == "task",
        "nav": "accounts",
    }
    return render_page(request, "accounts/list.html", context, partial="list")


@require_safe
@member_required()
def export(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The filtered list as a spreadsheet that holds no formula."""
    form = FilterForm(request.GET, workspace=request.workspace)
    accounts = ordered(filtered(request.workspace, form), "name")[:EXPORT_LIMIT]
    currency = request.workspace.currency
    columns: list[Column[Account]] = [
        ("Account", lambda a: a.name),
        ("Salesforce ID", lambda a: a.sf_id),
        ("LMS ID", lambda a: a.lms_id),
        ("Recurly ID", lambda a: a.billing_id),
        ("Level", lambda a: a.priority.get_level_display()),
        ("Health", lambda a: a.get_effective_health_display()),
        ("Tier", lambda a: a.tier),
        ("Instance", lambda a: a.instance.name if a.instance else ""),
        ("Stage", lambda a: a.get_stage_display()),
        (f"MRR ({currency})", lambda a: a.figures.mrr_minor / 100),
        ("Renewal", lambda a: a.figures.renews_on),
        ("Owner", lambda a: a.owner.name if a.owner else ""),
    ]
    return sheet_response(f"accounts-{request.workspace.today:%Y-%m-%d}.xlsx", columns, accounts)
