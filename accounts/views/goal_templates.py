"""Settings → Onboarding: the goals that new records begin with. Everyone reads them; an admin and CS Ops edit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import answered, lost_race, refuse, settings_page
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from ..conditions import in_words, validate
from ..facts import context_for
from ..models import GoalTemplate
from ..onboarding import templates
from ..onboarding.forms import GoalForm
from ..onboarding.records import TARGET_DAYS
from .settings import EDITORS

TAB = "account_settings:onboarding"


@require_safe
@member_required()
def goals(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The goals of every instance and of each one."""
    return goals_page(request)


@require_POST
@member_required(*EDITORS)
def add(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Add a goal to the records that open from now on."""
    form = GoalForm(request.POST, workspace=request.workspace)
    if form.is_valid():
        try:
            made = templates.add_goal(actor=request.member, **form.values)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, f"{made.label} added.")
            return goals_answer(request)
    return goals_page(request, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*EDITORS)
def goal(request: WorkspaceRequest, workspace: str, goal_template: UUID) -> HttpResponse:
    """Change a goal."""
    found = template_or_404(request, goal_template)
    form = GoalForm(request.POST or None, workspace=request.workspace, template=found)
    if request.method != "POST":
        return goal_page(request, found, form)
    if form.is_stale:
        fresh = GoalForm(workspace=request.workspace, template=found)
        return lost_race(request, lambda: goal_page(request, found, fresh, status=409))
    if form.is_valid():
        try:
            changed = templates.change_goal(actor=request.member, template=found, **form.values)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, f"{found.label} saved.", changed=changed)
            return redirect(TAB, workspace)
    return goal_page(request, found, form, status=422)


@require_POST
@member_required(*EDITORS)
def retire(request: WorkspaceRequest, workspace: str, goal_template: UUID) -> HttpResponse:
    """Leave a goal out of new records."""
    return switch(request, goal_template, False, "is left out of new records.")


@require_POST
@member_required(*EDITORS)
def restore(request: WorkspaceRequest, workspace: str, goal_template: UUID) -> HttpResponse:
    """Put a goal into new records again."""
    return switch(request, goal_template, True, "is in new records again.")


def switch(request: WorkspaceRequest, pk: UUID, is_active: bool, said: str) -> HttpResponse:
    found = template_or_404(request, pk)
    changed = templates.switch_goal(actor=request.member, template=found, is_active=is_active)
    answered(request, f"{found.label} {said}", changed=changed)
    return goals_answer(request)


def template_or_404(request: WorkspaceRequest, pk: UUID) -> GoalTemplate:
    return get_or_404(GoalTemplate.objects.select_related("instance"), request.workspace, pk)


def goals_page(request: WorkspaceRequest, form: GoalForm | None = None, *, status: int = 200) -> HttpResponse:
    """Every goal with what reaches it by itself, those left out folded away."""
    facts = context_for(request.workspace)
    known = GoalTemplate.objects.filter(workspace=request.workspace).select_related("instance")
    rows: list[dict[str, Any]] = [
        {
            "goal": one,
            "words": in_words(one.reached_when, facts) if one.reached_when and not validate(one.reached_when) else "",
            "broken": bool(one.reached_when) and bool(validate(one.reached_when)),
        }
        for one in known.order_by("instance__name", "place", "label")
    ]
    rows.sort(key=lambda row: row["goal"].instance is not None)
    context: dict[str, Any] = {
        "active": [row for row in rows if row["goal"].is_active],
        "retired": [row for row in rows if not row["goal"].is_active],
        "days": TARGET_DAYS,
        "form": form or GoalForm(workspace=request.workspace, initial={"place": (len(rows) + 1) * 10}),
    }
    template = "accounts/onboarding/settings.html"
    return settings_page(request, template, TAB, context, partial="onboarding-goals", status=status)


def goal_page(request: WorkspaceRequest, found: GoalTemplate, form: GoalForm, *, status: int = 200) -> HttpResponse:
    """One goal with its form."""
    context = {"goal": found, "form": form}
    template = "accounts/onboarding/settings_goal.html"
    return settings_page(request, template, TAB, context, partial="onboarding-goal", status=status)


def goals_answer(request: WorkspaceRequest) -> HttpResponse:
    """After a write: the list for htmx, a redirect otherwise."""
    return goals_page(request) if request.htmx else redirect(TAB, request.workspace.slug)
