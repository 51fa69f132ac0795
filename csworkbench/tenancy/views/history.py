"""The audit page: every change in plain words, by whom and when."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from ..forms import HistoryFilterForm
from ..history import PAGE, as_uuid, entries_of, lines, tracked_tables
from ..http import WorkspaceRequest, member_required
from ..models import HistoryEntry
from .frame import settings_page

# Without dates the page looks back this far, so that a filter with few hits does not read years.
LOOK_BACK = timedelta(days=30)


@require_safe
@member_required("admin", "ops")
def history(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """A page of the history, newest first; ``before`` names the entry the next page starts after."""
    form = HistoryFilterForm(request.GET or None, workspace=request.workspace, tables=tracked_tables())
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    start, end = asked.get("start"), asked.get("end")
    start = start or ((end or request.workspace.today) - LOOK_BACK)
    entries = entries_of(
        request.workspace, actor=asked.get("actor"), table=asked.get("table", ""), start=start, end=end
    )
    before = as_uuid(request.GET.get("before"))
    shown = list(entries.filter(id__lt=before)[: PAGE + 1] if before else entries[: PAGE + 1])
    context = {
        "form": form,
        "lines": lines(request.workspace, shown[:PAGE]),
        "start": start,
        "end": end,
        "older": older(request, shown),
        "newest": before is None,
        "zone": request.member.time_zone or request.workspace.time_zone,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return settings_page(request, "tenancy/history.html", "history", context, partial="history-list", status=status)


def older(request: WorkspaceRequest, shown: list[HistoryEntry]) -> str:
    """The query of the next page, or nothing on the last."""
    if len(shown) <= PAGE:
        return ""
    query = request.GET.copy()
    query["before"] = str(shown[PAGE - 1].pk)
    return query.urlencode()
