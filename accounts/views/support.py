"""The support picture of an account: a panel of its page, and a page of its own."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import Account
from ..support.queries import lasting, support_of


@require_safe
@member_required()
def support_panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Open support tickets, how fast they are answered and resolved, what recurs, and the past ones."""
    found = get_or_404(Account.objects.all(), request.workspace, account)
    support = support_of(found, request.workspace)
    past = [(one, lasting(one.resolved_at - one.opened_at) if one.resolved_at else "") for one in support.past]
    context = {"account": found, "support": support, "past": past, "nav": "accounts"}
    return render_page(request, "accounts/support_panel.html", context, partial="!support")
