"""The team page of leads."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.facts import context_for
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..queries import team_of


@require_safe
@member_required("lead", "ops", "admin")
def team(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Every CSM's load, the lead's own reports first when the address asks for them."""
    mine = request.GET.get("show") == "mine"
    rows = team_of(request.workspace, context_for(request.workspace), lead=request.member if mine else None)
    return render_page(request, "priorities/team.html", {"rows": rows, "mine": mine, "nav": "team"}, partial="list")
