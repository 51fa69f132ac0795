"""Sheets that leave an import."""

from __future__ import annotations

import io
from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from csworkbench.common.sheets import CONTENT_TYPE
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from .access import the_import
from .page import moved


@require_safe
@member_required()
def rejects(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """The rows that were not applied, with the reasons, ready to correct and upload."""
    return sheet(request, the_import(request, pk), "rejects")


@require_safe
@member_required()
def export(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Every row that is not simply unchanged: verdict, field, old and new."""
    return sheet(request, the_import(request, pk), "changes")


@require_POST
@member_required()
def prepare(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Let a worker make a large sheet; the page offers it when it is there."""
    one = the_import(request, pk)
    sort = next((sort for sort in services.SORTS if sort == request.POST.get("sheet")), None)
    if sort is None:
        return HttpResponse("There is no such sheet.", status=422, content_type="text/plain; charset=utf-8")
    services.prepare_sheet(one=one, sort=sort)
    return moved(request, one)


def sheet(request: WorkspaceRequest, one: Import, sort: services.exporting.Sort) -> HttpResponseBase:
    """A sheet as a download; a large one that nobody has made yet is made on the page of the import."""
    wanted = services.SheetOut(one, sort)
    name = f"{stem_of(one.file_name)}-{sort}.xlsx"
    if not wanted.is_long:
        target = io.BytesIO()
        wanted.make(target)
        return download(target.getvalue(), name)
    if wanted.is_ready:
        with suppress(FileNotFoundError):
            return download(wanted.path.read_bytes(), name)
    messages.info(request, "This sheet is large: prepare it first, then download it here.")
    return redirect("imports:detail", request.workspace.slug, one.pk)


def stem_of(name: str) -> str:
    """A file name without its ending."""
    return name.rsplit(".", 1)[0]


def download(data: bytes, name: str) -> HttpResponse:
    """A sheet as a file, with a name that cannot break its header."""
    response = HttpResponse(data, content_type=CONTENT_TYPE)
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe.encode("ascii", "replace").decode()}"'
    return response
