"""Use of an account (its panel), and the drops that bring it (settings)."""

from __future__ import annotations

import json
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from csworkbench.common import charts
from csworkbench.common.pages import page_of
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import answered, settings_page
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import Account, UsageDrop
from ..usage import queries, reporting, ticking
from ..usage.applying import path_of
from ..usage.folder import folder_of
from ..usage.forms import DropForm
from ..usage.receiving import receive_drop, store_file
from ..usage.schema import RefusedDrop

PAGE = 30
CHARTED = 4
SENDERS = ("admin", "ops")
State = UsageDrop.State


@require_safe
@member_required()
def panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """A fragment for htmx, a page of its own without."""
    found = get_or_404(Account.objects.select_related("figures"), request.workspace, account)
    today = request.workspace.today
    lines = queries.module_lines(found, today)
    figures = found.figures
    change = queries.change_of(figures.uses_30_days, figures.uses_prior_30_days) if figures.counted_on else None
    context = {
        "account": found,
        "lines": lines,
        "chart": chart_of([line for line in lines if line.is_counted][:CHARTED]),
        "seats": queries.seat_lines(found),
        "frequency": queries.frequency_of(found),
        "change": change,
        "fewer": -(change or 0),
        "today": today,
        "nav": "accounts",
    }
    return render_page(request, "accounts/usage_panel.html", context, partial="!use")


def chart_of(lines: list[queries.ModuleLine]) -> charts.Chart | None:
    """Uses per week of the modules that are used most."""
    if not any(uses for line in lines for _, uses in line.weeks):
        return None
    series = [
        charts.Series(line.use.module.name, [(f"{first:%b} {first.day}", uses) for first, uses in line.weeks])
        for line in lines
    ]
    return charts.line_chart(title="Uses per week", series=series, span="13 weeks", key="use-chart", x_head="Week from")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*SENDERS)
def drops(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The drops of the workspace, and the form that sends one."""
    if request.method != "POST":
        return drops_page(request, DropForm())
    form = DropForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            drop = upload(request, form)
        except RefusedDrop as refused:
            form.add_error("file", refused.message)
        else:
            if drop.state == State.FAILED:
                form.add_error("file", drop.report["error"])
            else:
                said = "arrived before and is not applied again" if drop.state == State.REPEATED else "is being applied"
                answered(request, f"{drop.name} {said}.")
                return redirect("account_settings:drop", workspace, drop.pk)
    return drops_page(request, form, status=422)


def upload(request: WorkspaceRequest, form: DropForm) -> UsageDrop:
    file = form.cleaned_data["file"]
    return receive_drop(
        workspace_id=request.workspace.pk,
        source=UsageDrop.Source.UPLOAD,
        name=file.name or "usage",
        stored=store_file(request.workspace.pk, file.chunks()),
        sender=request.member,
        stated_at=form.cleaned_data["stated_at"],
    )


@require_safe
@member_required(*SENDERS)
def drop(request: WorkspaceRequest, workspace: str, drop: UUID) -> HttpResponse:
    """One drop with its report."""
    found = get_or_404(UsageDrop.objects.select_related("sender"), request.workspace, drop)
    report = found.report
    problems = reporting.told(report)
    context = {
        "drop": found,
        "counts": [(label, report.get(name, 0)) for name, label in COUNTS],
        "days": report.get("days", []),
        "problems": problems,
        "contracted": report.get("contracted", [])[: reporting.SHOWN],
        "ignored": report.get("ignored", []),
        "error": report.get("error", ""),
        "same_as": report.get("same_as", ""),
        "is_open": found.state in (State.RECEIVED, State.APPLYING),
        "has_rejects": bool(problems and found.path),
    }
    return settings_page(request, "accounts/usage_drop.html", "account_settings:usage", context, partial="drop")


COUNTS = (
    ("rows", "Rows"),
    ("new", "New"),
    ("changed", "Changed"),
    ("unchanged", "Unchanged"),
    ("superseded", "Superseded"),
    ("late", "Late"),
    ("repeated", "Repeated in the file"),
    ("rejected", "Rejected"),
)


@require_safe
@member_required(*SENDERS)
def rejects(request: WorkspaceRequest, workspace: str, drop: UUID) -> HttpResponse:
    """The rejected rows with their reasons as csv."""
    found = get_or_404(UsageDrop.objects.all(), request.workspace, drop)
    if not found.path:
        raise Http404("Its files have been cleared away.")
    response = HttpResponse(reporting.read_rejects(path_of(found)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="rejects-{found.received_at:%Y-%m-%d}.csv"'
    return response


def drops_page(request: WorkspaceRequest, form: DropForm, *, status: int = 200) -> HttpResponse:
    if not request.member.has_role(*SENDERS):
        raise PermissionDenied("An admin or CS Ops sees how usage arrives.")
    state = request.GET.get("state", "")
    state = state if state in State.values else ""
    page = page_of(queries.drops_of(request.workspace, state), request.GET.get("page"), size=PAGE)
    arrival = queries.arrival_of(request.workspace)
    context = {
        "page": page,
        "rows": [(one, sum(each["rows"] for each in reporting.told(one.report))) for one in page.object_list],
        "query": f"state={state}&" if state else "",
        "state": state,
        "states": State.choices,
        "form": form,
        "arrival": arrival,
        "folder": folder_of(request.workspace),
        "folder_ready": ticking.folder_is_writable(request.workspace),
        "address": request.build_absolute_uri(f"/api/w/{request.workspace.slug}/usage/"),
        "days_kept": max(request.workspace.usage_days_kept, 100),
        "example": json.dumps({"schema": 1, "generated_at": "2026-11-22T02:10:00Z"}),
    }
    template, tab = "accounts/usage_drops.html", "account_settings:usage"
    return settings_page(request, template, tab, context, partial="drops", status=status)
