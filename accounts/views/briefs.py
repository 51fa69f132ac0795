"""The brief of an account, or of a book, to be printed (ACC-5)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..briefs.queries import briefs_of, with_heads
from ..facts import context_for
from ..forms import FilterForm
from ..listing import filtered
from ..models import Account

# A hundred sheets are a book; more is a print job nobody waits for.
MOST = 100


@require_safe
@member_required()
def brief(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """One account on one sheet."""
    found = get_or_404(with_heads(Account.objects.all()), request.workspace, account)
    return page(request, [found], f"Brief of {found.name}", account=found)


@require_safe
@member_required()
def briefs(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """A sheet for each account that the filters of the list leave, the first hundred by name."""
    form = FilterForm(request.GET, workspace=request.workspace)
    accounts = with_heads(filtered(request.workspace, form)).order_by("search_name", "pk")
    found = list(accounts[: MOST + 1])
    return page(request, found[:MOST], "Briefs", is_more=len(found) > MOST)


def page(
    request: WorkspaceRequest,
    accounts: list[Account],
    title: str,
    *,
    account: Account | None = None,
    is_more: bool = False,
) -> HttpResponse:
    context = {
        "title": title,
        "briefs": briefs_of(request.workspace, accounts, context_for(request.workspace)),
        "one": account,
        "is_more": is_more,
        "most": MOST,
        "today": request.workspace.today,
        "nav": "accounts",
    }
    return render_page(request, "accounts/briefs.html", context)
