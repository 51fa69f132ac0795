"""The history of imports, and sending another sheet."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from csworkbench.common.pages import page_of
from csworkbench.imports import queries, services
from csworkbench.imports.forms import MEGABYTE, HistoryForm, UploadForm, limit_of
from csworkbench.imports.kinds import all_kinds
from csworkbench.imports.reading import RefusedFile
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from .access import IMPORTERS

LIST_ROWS = 50


@require_safe
@member_required()
def import_list(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The history of all imports, narrowed by what the address says."""
    form = HistoryForm(request.GET, workspace=request.workspace)
    page = page_of(queries.history_of(request.workspace, form), request.GET.get("page"), size=LIST_ROWS)
    labels = {kind.key: kind.label for kind in all_kinds()}
    for one in page.object_list:
        one.kind_label = labels.get(one.kind, one.kind)
    asked = request.GET.copy()
    asked.pop("page", None)
    context = {
        "page": page,
        "form": form,
        "query": f"{asked.urlencode()}&" if asked else "",
        "narrowed": any(asked.get(name) for name in form.fields),
        "may_import": request.member.has_role(*IMPORTERS),
    }
    return render_page(request, "imports/list.html", context, partial="import-list")


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
