"""Search while typing: accounts and people of the workspace (ACC-10)."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..finding import find

PAGE = "accounts/find.html"
ON_A_PAGE, IN_THE_BOX = 50, 8


@require_safe
@member_required()
def found(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The hits for ``q``: a few for the box of the top bar, more on a page of its own."""
    text = request.GET.get("q", "")[:100]
    hits = find(request.workspace, text, IN_THE_BOX if request.htmx else ON_A_PAGE)
    context = {"text": text.strip(), "hits": hits, "nav": "accounts"}
    return render_page(request, PAGE, context, partial="search-results")
