"""Settings of accounts: custom fields, and who owns which field. Everyone reads them; an admin and CS Ops edit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import answered, lost_race, refuse, settings_page
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from .. import custom, ownership
from ..models import CustomField
from ..settings_forms import FieldForm, NewFieldForm, OwnersForm

EDITORS = ("admin", "ops")


@require_safe
@member_required()
def fields(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The fields of accounts that the workspace has of its own."""
    return fields_page(request)


@require_POST
@member_required(*EDITORS)
def add(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Add a field."""
    form = NewFieldForm(request.POST)
    if form.is_valid():
        try:
            made = custom.add_field(actor=request.member, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, f"{made.label} added.")
            return fields_answer(request)
    return fields_page(request, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*EDITORS)
def field(request: WorkspaceRequest, workspace: str, field: UUID) -> HttpResponse:
    """Rename a field, or change what can be chosen."""
    found = get_or_404(CustomField.objects.all(), request.workspace, field)
    form = FieldForm(request.POST or None, field=found)
    if request.method != "POST":
        return field_page(request, found, form)
    if form.is_stale:
        return lost_race(request, lambda: field_page(request, found, FieldForm(field=found), status=409))
    if form.is_valid():
        chosen = {key: value for key, value in form.cleaned_data.items() if key != "seen"}
        try:
            changed = custom.change_field(actor=request.member, field=found, **chosen)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, f"{found.label} saved.", changed=changed)
            return redirect("account_settings:fields", workspace)
    return field_page(request, found, form, status=422)


@require_POST
@member_required(*EDITORS)
def retire(request: WorkspaceRequest, workspace: str, field: UUID) -> HttpResponse:
    """Stop showing a field; its values are kept."""
    found = get_or_404(CustomField.objects.all(), request.workspace, field)
    changed = custom.retire_field(actor=request.member, field=found)
    answered(request, f"{found.label} is retired. Its values are kept.", changed=changed)
    return fields_answer(request)


@require_POST
@member_required(*EDITORS)
def restore(request: WorkspaceRequest, workspace: str, field: UUID) -> HttpResponse:
    """Show a retired field again."""
    found = get_or_404(CustomField.objects.all(), request.workspace, field)
    try:
        changed = custom.restore_field(actor=request.member, field=found)
    except ValidationError as error:
        return fields_page(request, problem=" ".join(error.messages), status=422)
    answered(request, f"{found.label} is shown again.", changed=changed)
    return fields_answer(request)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def owners(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Who has the last word on each field of the records that the CRM knows."""
    if request.method == "POST" and not request.member.has_role(*EDITORS):
        raise PermissionDenied("An admin or CS Ops decides who owns a field.")
    form = OwnersForm(request.POST or None, workspace=request.workspace)
    if request.method != "POST":
        return owners_page(request, form)
    if form.is_stale:
        return lost_race(request, lambda: owners_page(request, OwnersForm(workspace=request.workspace), status=409))
    if not form.is_valid():
        return owners_page(request, form, status=422)
    changed = ownership.choose_owners(actor=request.member, owners=form.owners)
    answered(request, f"Saved: {changed} field{'s' * (changed != 1)} changed hands.", changed=bool(changed))
    if request.htmx:
        return owners_page(request, OwnersForm(workspace=request.workspace))
    return redirect("account_settings:owners", workspace)


def fields_page(
    request: WorkspaceRequest, form: NewFieldForm | None = None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The fields in use with how many accounts have a value, retired ones folded away."""
    known = list(CustomField.objects.filter(workspace=request.workspace))
    filled = custom.filled_counts(request.workspace)
    rows = [{"field": one, "filled": filled.get(one.key, 0)} for one in known]
    context: dict[str, Any] = {
        "active": [row for row in rows if row["field"].is_active],  # type: ignore[attr-defined]
        "retired": [row for row in rows if not row["field"].is_active],  # type: ignore[attr-defined]
        "most": custom.MOST_FIELDS,
        "form": form or NewFieldForm(),
        "problem": problem,
    }
    template, tab = "accounts/settings_fields.html", "account_settings:fields"
    return settings_page(request, template, tab, context, partial="custom-fields", status=status)


def field_page(request: WorkspaceRequest, found: CustomField, form: FieldForm, *, status: int = 200) -> HttpResponse:
    """One field with its form."""
    filled = custom.filled_counts(request.workspace).get(found.key, 0)
    context = {"field": found, "form": form, "filled": filled}
    template, tab = "accounts/settings_field.html", "account_settings:fields"
    return settings_page(request, template, tab, context, partial="custom-field", status=status)


def fields_answer(request: WorkspaceRequest) -> HttpResponse:
    """After a write: the list for htmx, a redirect otherwise."""
    if request.htmx:
        return fields_page(request)
    return redirect("account_settings:fields", request.workspace.slug)


def owners_page(request: WorkspaceRequest, form: OwnersForm, *, status: int = 200) -> HttpResponse:
    """Every field with its owner."""
    template, tab = "accounts/settings_owners.html", "account_settings:owners"
    return settings_page(request, template, tab, {"form": form}, partial="field-owners", status=status)
