"""Goals and actions of a plan."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import answered
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from ..models import Plan, PlanAction, PlanGoal
from ..plans import parts
from ..plans.forms import ActionForm, GoalForm, ValueForm
from ..plans.services import PlanEnded
from .page import WRITERS
from .plans import done, edit_page, lost, plan_of, show, to_plan


def goal_of(request: WorkspaceRequest, plan: Plan, pk: UUID) -> PlanGoal:
    """A goal of a plan, or 404."""
    goal = get_or_404(PlanGoal.objects.filter(plan=plan), request.workspace, pk)
    goal.plan = plan
    return goal


def action_of(request: WorkspaceRequest, plan: Plan, pk: UUID) -> PlanAction:
    """An action of a plan, or 404."""
    action = get_or_404(PlanAction.objects.filter(plan=plan), request.workspace, pk)
    action.plan = plan
    return action


@require_POST
@member_required(*WRITERS)
def add_goal(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID) -> HttpResponse:
    """Add a goal; it begins at its baseline."""
    found = plan_of(request, account, plan)
    goal = PlanGoal(workspace=request.workspace, account=found.account, plan=found)
    form = GoalForm(request.POST, instance=goal, auto_id="goal_%s")
    if form.is_valid():
        made = form.save(commit=False)
        made.current = made.baseline
        try:
            parts.save_goal(actor=request.member, goal=made, fields=())
        except PlanEnded:
            return lost(request, found)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            answered(request, f"{made.measure} added.")
            return done(request, found)
    return show(request, found, {"goal_form": form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def goal(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID, plan_goal: UUID) -> HttpResponse:
    """Correct a goal."""
    found = plan_of(request, account, plan)
    form = GoalForm(request.POST or None, instance=goal_of(request, found, plan_goal))
    if request.method == "POST" and form.is_valid():
        try:
            parts.save_goal(actor=request.member, goal=form.save(commit=False), fields=form.changed_data)
        except PlanEnded:
            return lost(request, found)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            answered(request, "Saved.", changed=bool(form.changed_data))
            return to_plan(request, found)
    return edit_page(request, found, form, "Edit a goal")


@require_POST
@member_required(*WRITERS)
def value(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID, plan_goal: UUID) -> HttpResponse:
    """Note where a goal is now."""
    found = plan_of(request, account, plan)
    goal = goal_of(request, found, plan_goal)
    form = ValueForm(request.POST, workspace=request.workspace)
    if form.is_valid():
        try:
            changed = parts.measure_goal(actor=request.member, goal=goal, **form.cleaned_data)
        except PlanEnded:
            return lost(request, found)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            answered(request, f"{goal.measure} noted.", changed=changed)
            return done(request, found)
    return show(request, found, {"value_form": form, "refused_goal": goal.pk}, status=422)


@require_POST
@member_required(*WRITERS)
def remove_goal(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID, plan_goal: UUID) -> HttpResponse:
    """Take a goal out of the plan."""
    found = plan_of(request, account, plan)
    goal = goal_of(request, found, plan_goal)
    try:
        changed = parts.remove_goal(actor=request.member, goal=goal)
    except PlanEnded:
        return lost(request, found)
    answered(request, f"{goal.measure} is out of the plan.", changed=changed)
    return done(request, found)


@require_POST
@member_required(*WRITERS)
def add_action(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID) -> HttpResponse:
    """Add an action."""
    found = plan_of(request, account, plan)
    action = PlanAction(workspace=request.workspace, account=found.account, plan=found)
    form = ActionForm(request.POST, instance=action, plan=found, auto_id="action_%s")
    if not form.is_valid():
        return show(request, found, {"action_form": form}, status=422)
    try:
        parts.save_action(actor=request.member, action=form.save(commit=False), fields=())
    except PlanEnded:
        return lost(request, found)
    answered(request, "Action added.")
    return done(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def action(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID, action: UUID) -> HttpResponse:
    """Correct an action."""
    found = plan_of(request, account, plan)
    form = ActionForm(request.POST or None, instance=action_of(request, found, action), plan=found)
    if request.method == "POST" and form.is_valid():
        try:
            parts.save_action(actor=request.member, action=form.save(commit=False), fields=form.changed_data)
        except PlanEnded:
            return lost(request, found)
        answered(request, "Saved.", changed=bool(form.changed_data))
        return to_plan(request, found)
    return edit_page(request, found, form, "Edit an action")


@require_POST
@member_required(*WRITERS)
def finish(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID, action: UUID) -> HttpResponse:
    """An action is done."""
    return act(request, plan_of(request, account, plan), action, parts.finish_action, "Done.")


@require_POST
@member_required(*WRITERS)
def resume(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID, action: UUID) -> HttpResponse:
    """An action is open after all."""
    return act(request, plan_of(request, account, plan), action, parts.resume_action, "The action is open again.")


@require_POST
@member_required(*WRITERS)
def remove_action(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID, action: UUID) -> HttpResponse:
    """Take an action out of the plan."""
    return act(request, plan_of(request, account, plan), action, parts.remove_action, "The action is out of the plan.")


def act(request: WorkspaceRequest, plan: Plan, pk: UUID, write: parts.Act, said: str) -> HttpResponse:
    """One named write over one action."""
    action = action_of(request, plan, pk)
    try:
        changed = write(actor=request.member, action=action)
    except PlanEnded:
        return lost(request, plan)
    answered(request, said, changed=changed)
    return done(request, plan)
