"""Pages of imports: everyone looks, CS Ops, leads and admins import."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csworkbench.common.pages import page_of
from csworkbench.common.sheets import CONTENT_TYPE
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from . import queries, services
from .forms import ColumnsForm, UploadForm
from .kinds import Kind, kind_called
from .models import Import
from .reading import RefusedFile
from .rejects import rejects_sheet, template_sheet

IMPORTERS = ("ops", "lead", "admin")
LIST_ROWS = 50


@require_safe
@member_required()
def import_list(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The history of all imports."""
    page = page_of(queries.history_of(request.workspace), request.GET.get("page"), size=LIST_ROWS)
    context = {"page": page, "may_import": request.member.has_role(*IMPORTERS)}
    return render_page(request, "imports/list.html", context, partial="import-list")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*IMPORTERS)
def upload(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Send a file and go to its import."""
    form = UploadForm(request.POST or None, request.FILES or None)
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
    return render(request, "imports/upload.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@member_required()
def template(request: WorkspaceRequest, workspace: str, kind: str) -> HttpResponse:
    """An empty sheet with the columns of a kind."""
    try:
        wanted = kind_called(kind)
    except KeyError:
        raise Http404("No such kind.") from None
    return download(template_sheet(wanted, wanted.context(request.workspace)), f"{wanted.key}-template.xlsx")


@require_safe
@member_required()
def detail(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponse:
    """One import, from what was seen to what became of it."""
    one = get_or_404(Import.objects.select_related("created_by", "approved_by"), request.workspace, pk)
    return show(request, one)


@require_POST
@member_required(*IMPORTERS)
def columns(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Choose what the columns are, and compare again."""
    one = get_or_404(Import.objects.all(), request.workspace, pk)
    form = ColumnsForm(request.POST, one=one, context=kind_called(one.kind).context(request.workspace))
    if not form.is_valid():
        return show(
            request, one, errors=[str(error) for errors in form.errors.values() for error in errors], status=422
        )
    try:
        problems = services.choose_columns(actor=request.member, one=one, mapping=form.cleaned_data["mapping"])
    except services.NotAllowed as refused:
        return lost_race(request, one, refused)
    if problems:
        one.mapping = form.cleaned_data["mapping"]
        return show(request, one, errors=problems, status=422)
    return moved(request, one)


@require_POST
@member_required(*IMPORTERS)
def approve(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Apply what was compared."""
    one = get_or_404(Import.objects.all(), request.workspace, pk)
    try:
        services.approve(actor=request.member, one=one)
    except services.NotAllowed as refused:
        return lost_race(request, one, refused)
    return moved(request, one)


@require_POST
@member_required(*IMPORTERS)
def cancel(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Give an import up before it is applied."""
    one = get_or_404(Import.objects.all(), request.workspace, pk)
    try:
        services.cancel(actor=request.member, one=one)
    except services.NotAllowed as refused:
        return lost_race(request, one, refused)
    messages.success(request, "The import is cancelled. Nothing was changed.")
    return moved(request, one)


@require_safe
@member_required()
def rejects(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponse:
    """The rows that were not applied, with the reasons, ready to correct and upload."""
    one = get_or_404(Import.objects.all(), request.workspace, pk)
    stem = one.file_name.rsplit(".", 1)[0]
    return download(rejects_sheet(one), f"{stem}-rejects.xlsx")


def show(request: WorkspaceRequest, one: Import, *, errors: list[str] | None = None, status: int = 200) -> HttpResponse:
    """The page of an import, or its panel for htmx."""
    kind = kind_called(one.kind)
    context = context_of(request, one, kind) | {"errors": errors or []}
    partial = "import-rows" if request.htmx.target == "import-rows" else "import-panel"
    return render_page(request, "imports/detail.html", context, partial=partial, status=status)


def context_of(request: WorkspaceRequest, one: Import, kind: Kind) -> dict[str, Any]:
    """What the page reads, as far as the import has come."""
    context: dict[str, Any] = {
        "one": one,
        "kind": kind,
        "may_import": request.member.has_role(*IMPORTERS),
        "states": Import.State,
    }
    if one.titles:
        known = kind.context(request.workspace)
        context |= {"columns": queries.columns_of(one, known), "field_groups": queries.field_groups(known)}
    if one.compared_at:
        found = queries.difference_of(one, kind, known, request.GET.get("show", ""), request.GET.get("page"))
        address = reverse("imports:detail", args=[request.workspace.slug, one.pk])
        context |= {
            "difference": found,
            "tabs": queries.verdict_tabs(one, found.verdict, address),
            "problem_groups": queries.problem_groups(one),
            "address": address,
        }
    if one.state == Import.State.READ and "errors" not in context:
        context["missing"] = kind.mapping_problems(
            frozenset(one.mapping) | frozenset(one.constants), kind.context(request.workspace)
        )
    return context


def moved(request: WorkspaceRequest, one: Import) -> HttpResponseBase:
    """The panel in its new state for htmx, else back to the page."""
    if request.htmx:
        return show(request, one)
    return redirect("imports:detail", request.workspace.slug, one.pk)


def lost_race(request: WorkspaceRequest, one: Import, refused: services.NotAllowed) -> HttpResponse:
    """409 with the import as it is now."""
    one.refresh_from_db()
    return show(request, one, errors=[str(refused)], status=409)


def download(data: bytes, name: str) -> HttpResponse:
    """A sheet as a file; Django quotes the name."""
    response = HttpResponse(data, content_type=CONTENT_TYPE)
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe.encode("ascii", "replace").decode()}"'
    return response
