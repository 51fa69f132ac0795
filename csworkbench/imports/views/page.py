"""One import, from what was seen in the file to what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from csworkbench.imports import difference, queries, services
from csworkbench.imports.corrections import Corrections, groups_of, stamp
from csworkbench.imports.forms import Columns, TableForm
from csworkbench.imports.kinds import Context
from csworkbench.imports.models import Import
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from .access import IMPORTERS, the_import

PANEL, ROWS, STATUS, SHEETS = "import-panel", "import-rows", "import-status", "import-sheets"
# While it is compared again, what can be chosen stays on the page, out of reach.
CHOOSING = (Import.State.READ, Import.State.READY, Import.State.MAPPED)


@require_safe
@member_required()
def detail(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponse:
    """One import; htmx gets its rows alone, or while a worker is at it how far that is."""
    return show(request, the_import(request, pk))


def show(
    request: WorkspaceRequest,
    one: Import,
    *,
    errors: list[str] | None = None,
    status: int = 200,
    columns: Columns | None = None,
    table: TableForm | None = None,
    corrections: Corrections | None = None,
) -> HttpResponse:
    """The page of an import, its panel or a smaller part; forms that were refused keep what they held."""
    target = request.htmx.target
    context = base_context(request, one) | {"errors": errors or []}
    if target == STATUS and one.is_working and request.GET.get("was") == one.state:
        return render_page(request, "imports/detail.html", context, partial=STATUS)
    if target == SHEETS:
        return render(request, "imports/_sheets_out.html", context)
    context |= context_of(request, one, columns, table, corrections) | {"bar": queries.bar_of(one)}
    partial = {ROWS: ROWS, STATUS: f"!{PANEL}"}.get(target or "", PANEL)
    response = render_page(request, "imports/detail.html", context, partial=partial, status=status)
    if target == STATUS:
        # The work has ended meanwhile: everything around the status is new.
        response.headers["HX-Retarget"] = f"#{PANEL}"
    return response


def base_context(request: WorkspaceRequest, one: Import) -> dict[str, Any]:
    """What every part of the page reads."""
    may_import = request.member.has_role(*IMPORTERS)
    return {
        "one": one,
        "kind": queries.kind_of(one),
        "may_import": may_import,
        "may_choose": may_import and one.state in CHOOSING,
        "may_undo": may_import and services.can_be_undone(one),
        "undo_until": queries.undo_until(one),
        "sheets": queries.sheets_of(one) if one.compared_at else [],
        "address": reverse("imports:detail", args=[request.workspace.slug, one.pk]),
    }


def context_of(
    request: WorkspaceRequest,
    one: Import,
    columns: Columns | None,
    table: TableForm | None,
    corrections: Corrections | None,
) -> dict[str, Any]:
    """What the panel reads, as far as the import has come."""
    kind = queries.kind_of(one)
    known = kind.context(request.workspace)
    context: dict[str, Any] = {"seen": stamp(one)}
    if one.titles:
        columns = columns or Columns(one, kind, known)
        context |= {
            "table_form": table or TableForm(one=one),
            "columns": queries.columns_of(one, columns),
            "constants": columns.lines,
            "field_groups": queries.field_groups(kind, known),
            "column_groups": queries.field_groups(kind, known, new=True),
            "used": len(set(columns.mapping.values()) | set(columns.new_fields)),
        }
        if one.state == Import.State.READ:
            context |= {"missing": columns.missing(), "wanted": columns.wanted()}
    if one.compared_at:
        context |= compared_context(request, one, known, corrections)
    if one.state == Import.State.READY:
        context |= queries.approvers(one, request.member)
    return context


def compared_context(
    request: WorkspaceRequest, one: Import, known: Context, corrections: Corrections | None
) -> dict[str, Any]:
    """Problems, corrections and the difference."""
    asked = difference.Asked.of(one, request.GET)
    found = difference.difference_of(one, queries.kind_of(one), known, asked)
    groups = groups_of(one)
    if corrections:
        corrections.fill(item for group in groups for item in group.items)
        corrections.fill(item for row in found.rows for item in row.problems)
    address = reverse("imports:detail", args=[request.workspace.slug, one.pk])
    return {
        "asked": asked,
        "difference": found,
        "tabs": difference.verdict_tabs(one, asked, address),
        "problem_groups": groups,
        "fixes": queries.shown_fixes(one, known),
    }


def moved(request: WorkspaceRequest, one: Import) -> HttpResponseBase:
    """The panel in its new state for htmx, else back to the page."""
    if request.htmx:
        return show(request, one)
    return redirect("imports:detail", request.workspace.slug, one.pk)


def lost_race(request: WorkspaceRequest, one: Import, refused: services.NotAllowed) -> HttpResponse:
    """409 with the import as it is now."""
    one.refresh_from_db()
    return show(request, one, errors=[str(refused)], status=409)
