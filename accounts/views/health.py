"""The health of an account with its reasons: judged, overridden, escalated where it stands (HLT-1…3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from csworkbench.common import charts
from csworkbench.tenancy import hooks
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import answered, refuse
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..facts import context_for
from ..health.forms import JudgeForm, OverrideForm
from ..health.queries import TREND_DAYS, Health, health_of
from ..health.services import judgement
from ..models import Account
from .page import WRITERS

PAGE = "accounts/health_panel.html"


def account_of(request: WorkspaceRequest, pk: UUID) -> Account:
    """An account of the workspace with its health, or 404."""
    found = get_or_404(Account.objects.select_related("standing", "figures"), request.workspace, pk)
    found.workspace = request.workspace
    return found


@require_safe
@member_required()
def health_panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """A fragment for htmx, a page of its own without."""
    return show(request, account_of(request, account))


def show(
    request: WorkspaceRequest, account: Account, bound: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The panel; ``bound`` holds a refused form with what was typed."""
    today = request.workspace.today
    health = health_of(account, request.workspace, context_for(request.workspace))
    context = {
        "account": account,
        "health": health,
        "days": (today - health.since).days if health.since else None,
        "today": today,
        "chart": trend_of(health),
        "judge_form": JudgeForm(account=account),
        "override_form": OverrideForm(account=account, workspace=request.workspace),
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, PAGE, context | (bound or {}), partial="!health-panel", status=status)


def trend_of(health: Health) -> charts.Chart | None:
    """The score of the last half year over the colours of the scorecard; None where there never was a score."""
    if not any(point.score is not None for point in health.trend):
        return None
    bands = []
    if health.green_from is not None and health.yellow_from is not None:
        bands = [
            charts.Band("Red", 0, health.yellow_from, "bad"),
            charts.Band("Yellow", health.yellow_from, health.green_from, "warn"),
            charts.Band("Green", health.green_from, 100, "good"),
        ]
    points = [(f"{point.day:%b} {point.day.day}", point.score) for point in health.trend]
    return charts.line_chart(
        title="Health score",
        series=[charts.Series("Score", points)],
        bands=bands,
        between=(0, 100),
        height=160,
        span=f"{min(TREND_DAYS, len(points))} days",
        key="health-trend",
    )


@require_POST
@member_required(*WRITERS)
def judge(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Judge the health, with a reason; scorecards may measure it, and without one it holds."""
    found = account_of(request, account)
    form = JudgeForm(request.POST, account=found)
    if form.is_valid():
        try:
            changed = judgement.judge(actor=request.member, account=found, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, f"Judged {found.get_health_display().lower()}.", changed=changed)
            return done(request, found)
    return show(request, found, {"judge_form": form, "open": "judge"}, status=422)


@require_POST
@member_required(*WRITERS)
def override(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Put one's word over the computed health until a day; the queue follows at once."""
    found = account_of(request, account)
    form = OverrideForm(request.POST, account=found, workspace=request.workspace)
    if form.is_valid():
        try:
            made = judgement.override_health(actor=request.member, account=found, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, f"Health counts as {made.get_health_display().lower()} now.")
            return done(request, found)
    return show(request, found, {"override_form": form, "open": "override"}, status=422)


@require_POST
@member_required(*WRITERS)
def end_override(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Let the computed health hold again."""
    found = account_of(request, account)
    changed = judgement.end_override(actor=request.member, account=found)
    answered(request, "The computed health holds again.", changed=changed)
    return done(request, found)


@require_POST
@member_required(*WRITERS)
def escalate(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Confirm that the relationship is escalated, or that it no longer is (HLT-2)."""
    found = account_of(request, account)
    if request.POST.get("escalated") == "yes":
        changed = judgement.mark_escalated(actor=request.member, account=found)
        answered(request, "Marked as escalated.", changed=changed)
    else:
        changed = judgement.clear_escalated(actor=request.member, account=found)
        answered(request, "No longer escalated.", changed=changed)
    return done(request, found)


def done(request: WorkspaceRequest, account: Account) -> HttpResponse:
    """The panel as it is now, with what the write changed; a redirect for a plain form."""
    if not request.htmx:
        return redirect("accounts:detail", workspace=request.workspace.slug, account=account.pk)
    hooks.run_after_write(request.workspace)
    fresh = account_of(request, account.pk)
    return trigger_client_event(show(request, fresh), "account-changed", after="settle")
