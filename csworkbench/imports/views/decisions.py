"""What people decide about an import: its table, its columns, corrections, that it goes ahead, rests, ends or goes."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from csworkbench.imports import queries, services
from csworkbench.imports.corrections import corrections_of, stamp
from csworkbench.imports.forms import Columns, TableForm
from csworkbench.imports.models import Import
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from .access import IMPORTERS, the_import
from .page import lost_race, moved, show

STALE_DIFFERENCE = "It was compared again since this page was drawn. Look at what it would change now, then approve it."
STALE = "It was compared again since this page was drawn. Look at what is left, then correct it."


def is_number(text: str) -> bool:
    """Whether a text is a place in a list; thousands of digits are none, and no number either."""
    return text.isascii() and text.isdigit() and len(text) < 7


def decide(request: WorkspaceRequest, one: Import, decision: Callable[[], object]) -> HttpResponseBase:
    """Carry a decision out; 409 with the import as it is now when it has moved on."""
    try:
        decision()
    except services.NotAllowed as refused:
        return lost_race(request, one, refused)
    return moved(request, one)


@require_POST
@member_required(*IMPORTERS)
def table(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Read another sheet of the file, or another row of titles."""
    one = the_import(request, pk)
    form = TableForm(request.POST, one=one)
    if not form.is_valid():
        return show(request, one, table=form, status=422)
    chosen = form.cleaned_data
    # Another sheet has its titles somewhere else, unless somebody says where.
    other = chosen["sheet"] != one.layout.get("sheet", "") and chosen["header_row"] == one.layout.get("header_row")
    row = None if other else chosen["header_row"]
    return decide(
        request,
        one,
        lambda: services.choose_table(actor=request.member, one=one, sheet=chosen["sheet"], header_row=row),
    )


@require_POST
@member_required(*IMPORTERS)
def columns(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Choose what the columns are and what every row says, and compare again."""
    one = the_import(request, pk)
    kind = queries.kind_of(one)
    chosen = Columns(one, kind, kind.context(request.workspace))
    chosen.take(request.POST)
    if chosen.errors:
        return show(request, one, columns=chosen, errors=chosen.errors, status=422)
    try:
        problems = services.choose_columns(
            actor=request.member,
            one=one,
            mapping=chosen.mapping,
            constants=chosen.said,
            new_fields=chosen.new_fields,
        )
    except services.NotAllowed as refused:
        return lost_race(request, one, refused)
    if problems:
        return show(request, one, columns=chosen, errors=problems, status=422)
    return moved(request, one)


@require_POST
@member_required(*IMPORTERS)
def fix(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Correct cells, several at once, and compare again."""
    one = the_import(request, pk)
    if one.state != Import.State.READY or request.POST.get("seen", "") != stamp(one):
        return lost_race(request, one, services.NotAllowed(STALE))
    found = corrections_of(one, queries.kind_of(one).context(request.workspace), request.POST)
    if found.errors:
        return show(request, one, corrections=found, errors=found.errors, status=422)
    return decide(request, one, lambda: services.fix(actor=request.member, one=one, fixes=found.fixes(one)))


@require_POST
@member_required(*IMPORTERS)
def unfix(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Take one correction back, and compare again."""
    one = the_import(request, pk)
    position = request.POST.get("position", "")
    if request.POST.get("seen", "") != stamp(one) or not is_number(position):
        return lost_race(request, one, services.NotAllowed(STALE))
    return decide(request, one, lambda: services.unfix(actor=request.member, one=one, position=int(position)))


@require_POST
@member_required(*IMPORTERS)
def crm(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Decide whether fields that the CRM owns are written too."""
    one = the_import(request, pk)
    overwrite = request.POST.get("overwrite") == "yes"
    return decide(request, one, lambda: services.choose_crm(actor=request.member, one=one, overwrite=overwrite))


@require_POST
@member_required(*IMPORTERS)
def approve(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Apply what was compared, and seen: a page that was drawn before the last comparison approves nothing."""
    one = the_import(request, pk)
    if request.POST.get("seen", "") != stamp(one):
        return lost_race(request, one, services.NotAllowed(STALE_DIFFERENCE))
    return decide(request, one, lambda: services.approve(actor=request.member, one=one))


@require_POST
@member_required(*IMPORTERS)
def pause(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Let an import that is being applied rest."""
    one = the_import(request, pk)
    return decide(request, one, lambda: services.pause(actor=request.member, one=one))


@require_POST
@member_required(*IMPORTERS)
def resume(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Go on with an import that rests."""
    one = the_import(request, pk)
    return decide(request, one, lambda: services.resume(actor=request.member, one=one))


@require_POST
@member_required(*IMPORTERS)
def cancel(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Give an import up; what it wrote already stays until it is undone."""
    one = the_import(request, pk)
    return decide(request, one, lambda: services.cancel(actor=request.member, one=one))


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*IMPORTERS)
def undo(request: WorkspaceRequest, workspace: str, pk: UUID) -> HttpResponseBase:
    """Say what an undo takes back and what it leaves, then do it."""
    one = the_import(request, pk)
    if request.method == "POST":
        return decide(request, one, lambda: services.undo(actor=request.member, one=one))
    if not services.can_be_undone(one):
        messages.info(request, "This import has nothing to take back any more.")
        return moved(request, one)
    context = {"one": one, "kind": queries.kind_of(one), "undo_until": queries.undo_until(one)}
    return render(request, "imports/undo.html", context | queries.outlook_of(one))
