"""Opportunities of an account."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from .. import services
from ..forms import OpportunityForm
from ..models import Opportunity
from .page import WRITERS, account_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def opportunity(
    request: WorkspaceRequest, workspace: str, account: UUID, opportunity: UUID | None = None
) -> HttpResponse:
    """Add an opportunity, or correct one."""
    found = account_or_404(request, account)
    one = Opportunity(workspace=request.workspace, account=found, currency=request.workspace.currency)
    if opportunity is not None:
        one = get_or_404(Opportunity.objects.filter(account=found), request.workspace, opportunity)
    form = OpportunityForm(request.POST or None, instance=one, account=found)
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        services.save_opportunity(actor=request.member, opportunity=saved, fields=form.changed_columns)
        messages.success(request, "Saved.")
        return redirect("accounts:detail", workspace=workspace, account=found.pk)
    title = f"Edit {one.name}" if opportunity else "Add an opportunity"
    context = {"form": form, "account": found, "title": title, "nav": "accounts"}
    return render_page(request, "accounts/edit.html", context, status=422 if form.errors else 200)
