"""Subscriptions of an account by hand, and the panel of its renewals."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import LOST_RACE
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import Subscription
from ..renewals import services
from ..renewals.forms import SubscriptionForm
from ..renewals.panel import renewals_of
from ..renewals.probability import BY_HEALTH_WORDS
from .page import WRITERS, account_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def subscription(
    request: WorkspaceRequest, workspace: str, account: UUID, subscription: UUID | None = None
) -> HttpResponse:
    """Add a subscription, correct one, or end it."""
    found = account_or_404(request, account)
    # Said here, or the form would show what the database would put in for it.
    blank = {"currency": request.workspace.currency, "renewal_note": ""}
    one = Subscription(workspace=request.workspace, account=found, **blank)
    if subscription is not None:
        rows = Subscription.objects.filter(account=found).select_related("product", "payer", "decided_at_account")
        if request.method == "POST":
            # Until it is saved nobody else saves it: what the form was drawn from is what stands there.
            rows = rows.select_for_update(of=("self",))
        one = get_or_404(rows, request.workspace, subscription)
        one.account = found
    form = SubscriptionForm(request.POST or None, instance=one, account=found)
    if request.method == "POST" and form.is_stale:
        return render(request, "409.html", {"reason": LOST_RACE, "current_url": request.path}, status=409)
    if request.method == "POST" and form.is_valid() and saved(request, form):
        messages.success(request, "Saved.")
        return redirect("accounts:detail", workspace=workspace, account=found.pk)
    title = f"Edit {one.product.name}" if subscription else "Add a subscription"
    context = {"form": form, "account": found, "title": title, "nav": "accounts"}
    return render_page(request, "accounts/edit.html", context, status=422 if form.errors else 200)


def saved(request: WorkspaceRequest, form: SubscriptionForm) -> bool:
    """Save what the form says; a refusal stands beside its field."""
    try:
        services.save_subscription(
            actor=request.member, subscription=form.save(commit=False), fields=form.changed_columns
        )
    except services.Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True


@require_safe
@member_required()
def renewal_panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """The renewals of an account: a fragment for htmx, a page of its own without."""
    found = account_or_404(request, account)
    today: date = request.workspace.today
    context: dict[str, Any] = {
        "account": found,
        "renewals": renewals_of(found, request.workspace),
        "today": today,
        "by_health": BY_HEALTH_WORDS,
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, "accounts/renewal_panel.html", context, partial="!renewal")
