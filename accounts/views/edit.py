"""Correcting an account by hand."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from csworkbench.tenancy.frame import lost_race
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from .. import services
from ..forms import AccountForm
from ..people.services import hold_account
from .page import WRITERS, account_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def edit(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Correct an account by hand; whoever was slower than somebody else looks at it as it is now."""
    found = account_or_404(request, account)
    if request.method == "POST":
        hold_account(found)
        found = account_or_404(request, account)
    form = AccountForm(request.POST or None, instance=found, workspace=request.workspace)
    if request.method == "POST" and form.is_stale:
        return lost_race(
            request,
            lambda: edit_page(request, AccountForm(instance=found, workspace=request.workspace), status=409),
        )
    if request.method == "POST" and form.is_valid():
        services.save_account(account=form.save(commit=False), fields=form.changed_columns, custom=form.changed_custom)
        messages.success(request, "Saved.")
        return redirect("accounts:detail", workspace=workspace, account=found.pk)
    return edit_page(request, form, status=422 if form.errors else 200)


def edit_page(request: WorkspaceRequest, form: AccountForm, *, status: int = 200) -> HttpResponse:
    """The form of an account."""
    account = form.instance
    context = {"form": form, "account": account, "title": f"Edit {account.name}", "nav": "accounts"}
    return render_page(request, "accounts/edit.html", context, status=status)
