"""The audit page: every change in plain words, by whom and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from csworkbench.common.sheets import Column, sheet_response

from ..forms import HistoryFilterForm
from ..frame import settings_page
from ..history import PAGE, Change, Line, as_uuid, entries_of, lines, tracked_tables
from ..http import WorkspaceRequest, member_required
from ..models import HistoryEntry

# Without dates the page looks back this far, so that a filter with few hits does not read years.
LOOK_BACK = timedelta(days=30)
# What one sheet holds; the dates of the filter cut a longer history into several.
EXPORTED = 20_000


@require_safe
@member_required("admin", "ops")
def history(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """A page of the history, newest first; ``before`` names the entry the next page starts after."""
    form, entries, period = asked_for(request)
    before = as_uuid(request.GET.get("before"))
    shown = list((entries.filter(id__lt=before) if before else entries)[: PAGE + 1])
    context = period | {
        "form": form,
        "lines": lines(request.workspace, shown[:PAGE]),
        "older": older(request, shown),
        "newest": before is None,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return settings_page(
        request, "tenancy/history.html", "tenancy:history", context, partial="history-list", status=status
    )


@require_safe
@member_required("admin", "ops")
def export(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The history as a sheet, one row per changed field, filtered as the address says."""
    _, entries, _ = asked_for(request)
    zone = ZoneInfo(request.workspace.time_zone)
    columns: list[Column[tuple[Line, Change]]] = [
        ("When", lambda row: f"{row[0].at.astimezone(zone):%Y-%m-%d %H:%M:%S}"),
        ("Who", lambda row: row[0].who),
        ("Did", lambda row: f"{row[0].verb} {row[0].what}"),
        ("Name", lambda row: ", ".join(row[0].names)),
        ("Field", lambda row: row[1].label),
        ("Before", lambda row: row[1].before),
        ("After", lambda row: row[1].after),
        ("Cause", lambda row: row[0].cause),
    ]
    told = lines(request.workspace, entries[:EXPORTED])
    rows = ((line, change) for line in told for change in line.changes or [Change("", "", "")])
    return sheet_response(f"history-{request.workspace.today:%Y-%m-%d}.xlsx", columns, rows)


def asked_for(request: WorkspaceRequest) -> tuple[HistoryFilterForm, QuerySet[HistoryEntry], dict[str, Any]]:
    """The filter form, the entries the address asks for, and the period they lie in."""
    filtered = request.GET if set(request.GET) & set(HistoryFilterForm.FIELDS) else None
    form = HistoryFilterForm(filtered, workspace=request.workspace, tables=tracked_tables())
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    start, end = asked.get("start"), asked.get("end")
    start = start or ((end or request.workspace.today) - LOOK_BACK)
    entries = entries_of(
        request.workspace, actor=asked.get("actor"), table=asked.get("table", ""), start=start, end=end
    )
    return form, entries, {"start": start, "end": end}


def older(request: WorkspaceRequest, shown: list[HistoryEntry]) -> str:
    """The query of the next page, or nothing on the last."""
    if len(shown) <= PAGE:
        return ""
    query = request.GET.copy()
    query["before"] = str(shown[PAGE - 1].pk)
    return query.urlencode()
