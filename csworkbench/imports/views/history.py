"""The history of imports, and sending another sheet."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from csworkbench.common.sheets import sheet_response
from csworkbench.imports import history, queries, services
from csworkbench.imports.forms import MEGABYTE, HistoryForm, UploadForm, limit_of
from csworkbench.imports.kinds import all_kinds
from csworkbench.imports.reading import RefusedFile
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from .access import IMPORTERS


@require_safe
@member_required()
def import_list(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The history of all imports, narrowed and sorted by what the address says."""
    context = {
        "listing": history.list_imports(request.workspace, request.GET, reverse("imports:list", args=[workspace])),
        "may_import": request.member.has_role(*IMPORTERS),
    }
    return render_page(request, "imports/list.html", context, partial="list")


@require_safe
@member_required()
def export(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The history as the list shows it, as a sheet that holds no formula."""
    form = HistoryForm(request.GET, workspace=request.workspace)
    found = history.ordered(queries.history_of(request.workspace, form), history.sort_of(request.GET))
    columns = history.sheet_columns(request.workspace)
    name = f"imports-{request.workspace.today:%Y-%m-%d}.xlsx"
    return sheet_response(name, columns, found[: history.EXPORT_LIMIT])


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*IMPORTERS)
def upload(request: WorkspaceRequest, workspace: str) -> HttpResponseBase:
    """Send a file and go to its import."""
    kinds = all_kinds()
    first = request.GET.get("kind") or ("book" if any(kind.key == "book" for kind in kinds) else kinds[0].key)
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": first})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            one = services.store_upload(
                actor=request.member, kind=form.cleaned_data["kind"], name=file.name, pieces=file.chunks()
            )
        except RefusedFile as refused:
            form.add_error("file", refused.message)
        else:
            return redirect("imports:detail", workspace, one.pk)
    context = {
        "form": form,
        "kinds": kinds,
        "chosen": form["kind"].value(),
        "workbook_limit": limit_of("sheet.xlsx") // MEGABYTE,
        "text_limit": limit_of("sheet.csv") // MEGABYTE,
    }
    return render(request, "imports/upload.html", context, status=422 if form.errors else 200)
