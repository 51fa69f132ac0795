"""What can be imported: the kinds, their columns, and an empty sheet of each."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from csworkbench.imports import queries
from csworkbench.imports.kinds import Kind, all_kinds, kind_called
from csworkbench.imports.rejects import template_sheet
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from .access import IMPORTERS
from .downloads import download


@require_safe
@member_required()
def kinds(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Everything that can be imported."""
    context = {"kinds": all_kinds(), "may_import": request.member.has_role(*IMPORTERS)}
    return render(request, "imports/kinds.html", context)


@require_safe
@member_required()
def kind(request: WorkspaceRequest, workspace: str, kind: str) -> HttpResponse:
    """The columns of one kind, the workspace's own among them."""
    wanted = kind_or_404(kind)
    context = wanted.context(request.workspace)
    shown = {
        "kind": wanted,
        "groups": queries.fields_by_group(context),
        "columns": len(context.fields),
        "may_import": request.member.has_role(*IMPORTERS),
    }
    return render(request, "imports/kind.html", shown)


@require_safe
@member_required()
def template(request: WorkspaceRequest, workspace: str, kind: str) -> HttpResponse:
    """An empty sheet with the columns of a kind."""
    wanted = kind_or_404(kind)
    return download(template_sheet(wanted, wanted.context(request.workspace)), f"{wanted.key}-template.xlsx")


def kind_or_404(key: str) -> Kind:
    """The registered kind, or 404."""
    try:
        return kind_called(key)
    except KeyError:
        raise Http404("No such kind.") from None
