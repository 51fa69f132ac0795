"""Panels of the account page that read no more than a table or two: what it is, its products, opportunities."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..custom import active_fields, values_of
from ..models import Account
from ..queries import locations_of, opportunities_of
from .page import WRITERS, account_or_404


@require_safe
@member_required()
def about(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """What else one may ask of an account: its size, its custom fields, its roles, its locations (ACC-1)."""
    found = account_or_404(request, account)
    context = {
        "account": found,
        "custom_values": values_of(found, active_fields(request.workspace)),
        "locations": locations_of(found),
        "nav": "accounts",
    }
    return render_page(request, "accounts/about_panel.html", context, partial="!about")


@require_safe
@member_required()
def products(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """What is contracted against what is active, and the outcomes agreed with the account (ACC-4, HLT-5)."""
    found = get_or_404(Account.objects.all(), request.workspace, account)
    running = found.subscriptions.filter(workspace=request.workspace, ended_on__isnull=True)
    context = {
        "account": found,
        "subscriptions": list(running.select_related("product", "payer").order_by("product__name")),
        "outcomes": list(found.outcomes.filter(workspace=request.workspace)),
        "may_write": request.member.has_role(*WRITERS),
        "today": request.workspace.today,
        "nav": "accounts",
    }
    return render_page(request, "accounts/products_panel.html", context, partial="!products")


@require_safe
@member_required()
def opportunities(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """What may be sold to the account, open ones first (GRO-2)."""
    found = get_or_404(Account.objects.all(), request.workspace, account)
    known, ended = opportunities_of(found, request.workspace)
    context = {
        "account": found,
        "open_opportunities": known,
        "ended_opportunities": ended,
        "may_write": request.member.has_role(*WRITERS),
        "today": request.workspace.today,
        "nav": "accounts",
    }
    return render_page(request, "accounts/opportunities_panel.html", context, partial="!opportunities")
