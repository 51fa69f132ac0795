"""The workspace's settings and its holidays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ..access import get_or_404
from ..forms import FederalHolidaysForm, HolidayForm, WorkspaceForm
from ..frame import answered, lost_race, refuse, settings_page
from ..http import WorkspaceRequest, member_required
from ..models import Holiday, Role
from ..services import add_federal_holidays, add_holiday, remove_holiday, update_workspace


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def settings(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """What holds for everyone in the workspace; an admin changes it."""
    if request.method == "POST" and not request.member.has_role(Role.ADMIN):
        raise PermissionDenied("Only an admin changes the workspace.")
    form = WorkspaceForm(request.POST or None, workspace=request.workspace)
    if request.method != "POST":
        return workspace_page(request, form)
    if form.is_stale:
        fresh = WorkspaceForm(workspace=request.workspace)
        return lost_race(request, lambda: workspace_page(request, fresh, status=409))
    if not form.is_valid():
        return workspace_page(request, form, status=422)
    chosen = {key: value for key, value in form.cleaned_data.items() if key != "seen"}
    changed = update_workspace(actor=request.member, workspace=request.workspace, **chosen)
    answered(request, "Settings saved.", changed=changed)
    if request.htmx:
        return workspace_page(request, WorkspaceForm(workspace=request.workspace))
    return redirect("tenancy:settings", request.workspace.slug)


@require_safe
@member_required()
def holidays(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The days that are not business days."""
    return holidays_page(request)


@require_POST
@member_required("admin", "ops")
def holiday_add(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Add one holiday."""
    form = HolidayForm(request.POST)
    if form.is_valid():
        try:
            holiday = add_holiday(actor=request.member, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, f"{holiday.name} added.")
            return holidays_answer(request)
    return holidays_page(request, {"holiday_form": form}, status=422)


@require_POST
@member_required("admin", "ops")
def holiday_add_federal(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Add the US federal holidays of a year; those that are there stay as they are."""
    form = FederalHolidaysForm(request.POST, this_year=request.workspace.today.year)
    if not form.is_valid():
        return holidays_page(request, {"federal_form": form}, status=422)
    year = form.cleaned_data["year"]
    added = add_federal_holidays(actor=request.member, year=year)
    answered(request, f"{added} US federal holidays of {year} added.", changed=bool(added))
    return holidays_answer(request)


@require_POST
@member_required("admin", "ops")
def holiday_remove(request: WorkspaceRequest, workspace: str, holiday: UUID) -> HttpResponse:
    """Make a holiday a business day again."""
    shown = get_or_404(Holiday.objects.all(), request.workspace, holiday)
    remove_holiday(actor=request.member, holiday=shown)
    answered(request, f"{shown.name} removed.")
    return holidays_answer(request)


def workspace_page(request: WorkspaceRequest, form: WorkspaceForm, status: int = 200) -> HttpResponse:
    """The settings of the workspace, or their form for htmx."""
    context = {"form": form}
    return settings_page(
        request, "tenancy/settings.html", "tenancy:settings", context, partial="workspace-form", status=status
    )


def holidays_page(request: WorkspaceRequest, forms: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """The calendar's exceptions by day, past years folded away."""
    today = request.workspace.today
    days = list(Holiday.objects.filter(workspace=request.workspace.pk).order_by("day"))
    context = {
        "coming": [day for day in days if day.day >= today],
        "past": [day for day in reversed(days) if day.day < today],
        "today": today,
        "holiday_form": HolidayForm(),
        "federal_form": FederalHolidaysForm(this_year=today.year),
    }
    return settings_page(
        request,
        "tenancy/holidays.html",
        "tenancy:holidays",
        context | (forms or {}),
        partial="holidays",
        status=status,
    )


def holidays_answer(request: WorkspaceRequest) -> HttpResponse:
    """After a write: the list for htmx, a redirect otherwise."""
    if request.htmx:
        return holidays_page(request)
    return redirect("tenancy:holidays", request.workspace.slug)
