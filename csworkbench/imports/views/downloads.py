"""Sheets that leave an import."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from csworkbench.common.sheets import CONTENT_TYPE
from csworkbench.imports import queries
from csworkbench.imports.rejects import difference_sheet, rejects_sheet
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from .access import the_import


@require_safe
@member_required()
def rejects(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponse:
    """The rows that were not applied, with the reasons, ready to correct and upload."""
    one = the_import(request, pk)
    return download(rejects_sheet(one), f"{stem_of(one.file_name)}-rejects.xlsx")


@require_safe
@member_required()
def export(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponse:
    """Every row that is not simply unchanged: verdict, field, old and new."""
    one = the_import(request, pk)
    kind = queries.kind_of(one)
    data = difference_sheet(one, kind, kind.context(request.workspace))
    return download(data, f"{stem_of(one.file_name)}-changes.xlsx")


def stem_of(name: str) -> str:
    """A file name without its ending."""
    return name.rsplit(".", 1)[0]


def download(data: bytes, name: str) -> HttpResponse:
    """A sheet as a file, with a name that cannot break its header."""
    response = HttpResponse(data, content_type=CONTENT_TYPE)
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe.encode("ascii", "replace").decode()}"'
    return response
