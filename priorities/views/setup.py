"""First run: choose a starter pack, then import a book."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.models import Account
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..setup import PACKS, install_pack


@require_http_methods(["GET", "HEAD", "POST"])
@member_required("ops", "admin")
def setup(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Offer the starter packs; installing one again changes nothing."""
    wanted = request.POST.get("pack", "")
    if request.method == "POST" and wanted in {pack.key for pack in PACKS}:
        install_pack(request.workspace, wanted)
        messages.success(request, "The starter pack is in. Import a book next.")
        return redirect("priorities:setup", workspace=workspace)
    context = {
        "packs": PACKS,
        "installed": request.workspace.starter_pack,
        "has_accounts": Account.objects.filter(workspace=request.workspace).exists(),
        "refused": request.method == "POST",
        "nav": "queue",
    }
    return render_page(request, "priorities/setup.html", context, status=422 if request.method == "POST" else 200)
