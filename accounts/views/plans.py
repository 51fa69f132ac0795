"""Success and retention plans: the panel, the page, and the life of a plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import LOST_RACE, answered
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import Account, Plan
from ..plans import services
from ..plans.forms import ActionForm, EndForm, EntryForm, GoalForm, KitForm, PlanForm, StartForm
from ..plans.queries import ended_plans, plans_of, read_plan
from ..plans.starter import kit_for
from .onboarding import account_of
from .page import WRITERS

PAGE, PANEL = "accounts/plans/plan.html", "accounts/plans/panel.html"
KINDS: dict[str, str] = dict(Plan.Kind.choices)


def plan_of(request: WorkspaceRequest, account: UUID, pk: UUID) -> Plan:
    """A plan of an account of the workspace, or 404."""
    found = account_of(request, account)
    plan = get_or_404(Plan.objects.filter(account=found).select_related("author"), request.workspace, pk)
    plan.account, plan.workspace = found, request.workspace
    return plan


@require_safe
@member_required()
def panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """A fragment for htmx, a page of its own without."""
    found = account_of(request, account)
    views = plans_of(found, request.workspace)
    running = {view.plan.kind for view in views}
    today = request.workspace.today
    context = base(request, found) | {
        "plans": [(view, view.overdue_actions(today)) for view in views],
        "startable": [(kind, label) for kind, label in KINDS.items() if kind not in running],
        "ended": list(ended_plans(found, request.workspace)[:5]),
    }
    return render_page(request, PANEL, context, partial="!plan")


@require_safe
@member_required()
def plan(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID) -> HttpResponse:
    """The plan with everything, each part edited where it stands."""
    return show(request, plan_of(request, account, plan))


@require_safe
@member_required()
def paper(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID) -> HttpResponse:
    """The plan on paper: to hand to the account, without forms."""
    found = plan_of(request, account, plan)
    context = base(request, found.account) | {"view": read_plan(found, request.workspace)}
    return render_page(request, "accounts/plans/paper.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def start(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Start a plan, with goals and actions of the starter kit."""
    found = account_of(request, account)
    asked = (request.POST or request.GET).get("kind", "")
    kind = asked if asked in KINDS else Plan.Kind.SUCCESS.value
    form = StartForm(request.POST or None, account=found, kit=kit_for(found, kind), kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.start_plan(actor=request.member, account=found, **form.cleaned_data)
        except ValidationError as error:
            for text in error.messages:
                form.add_error(None, text)
        else:
            messages.success(request, "The plan is running.")
            return to_plan(request, made)
    context = base(request, found) | {"form": form, "kind": kind, "kinds": KINDS.items(), "kind_label": KINDS[kind]}
    return render_page(request, "accounts/plans/start.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def edit(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID) -> HttpResponse:
    """Correct a plan."""
    found = plan_of(request, account, plan)
    if found.state != Plan.State.OPEN:
        return lost(request, found)
    form = PlanForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.change_plan(actor=request.member, plan=form.save(commit=False), fields=form.changed_data)
        except services.PlanEnded:
            return lost(request, found)
        answered(request, "Saved.", changed=changed)
        return to_plan(request, found)
    return edit_page(request, found, form, "Edit the plan")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def end(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID) -> HttpResponse:
    """Say that a plan is achieved, or close it."""
    found = plan_of(request, account, plan)
    form = EndForm(request.POST or None, plan=found)
    if request.method != "POST":
        return lost(request, found) if found.state != Plan.State.OPEN else end_page(request, found, form)
    if form.is_valid():
        try:
            changed = services.end_plan(actor=request.member, plan=found, **pick(form.cleaned_data, "state", "note"))
        except services.PlanEnded:
            return lost(request, found)
        answered(request, "The plan has ended.", changed=changed)
        return to_plan(request, found)
    return end_page(request, found, form)


@require_POST
@member_required(*WRITERS)
def reopen(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID) -> HttpResponse:
    """Go on with a plan that ended."""
    found = plan_of(request, account, plan)
    try:
        changed = services.reopen_plan(actor=request.member, plan=found)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return show(request, found, status=422)
    answered(request, "The plan is running again.", changed=changed)
    return done(request, found)


@require_POST
@member_required(*WRITERS)
def entry(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID) -> HttpResponse:
    """Write down a check-in or a value statement."""
    found = plan_of(request, account, plan)
    form = EntryForm(request.POST, plan=found)
    if not form.is_valid():
        return show(request, found, {"entry_form": form}, status=422)
    try:
        made = services.write_entry(actor=request.member, plan=found, **form.cleaned_data)
    except services.PlanEnded:
        return lost(request, found)
    messages.success(request, f"{made.get_kind_display()} written down.")
    return done(request, found)


@require_POST
@member_required(*WRITERS)
def copy_kit(request: WorkspaceRequest, workspace: str, account: UUID, plan: UUID) -> HttpResponse:
    """Copy goals and actions of the starter kit into a plan that runs."""
    found = plan_of(request, account, plan)
    form = KitForm(request.POST, kit=kit_for(found.account, found.kind))
    if not form.is_valid():
        return show(request, found, {"kit_form": form}, status=422)
    try:
        added = services.copy_kit(actor=request.member, plan=found, keys=form.cleaned_data["copied"])
    except services.PlanEnded:
        return lost(request, found)
    answered(request, f"{added} copied.", changed=bool(added))
    return done(request, found)


def pick(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names}


def base(request: WorkspaceRequest, account: Account) -> dict[str, Any]:
    """What every page of plans says."""
    return {
        "account": account,
        "today": request.workspace.today,
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }


def show(
    request: WorkspaceRequest, plan: Plan, bound: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The page, or its part for htmx; ``bound`` holds a refused form with what was typed."""
    context = base(request, plan.account) | {"view": read_plan(plan, request.workspace)}
    if context["may_write"] and plan.state == Plan.State.OPEN:
        context |= {
            "entry_form": EntryForm(plan=plan),
            "goal_form": GoalForm(auto_id="goal_%s"),
            "action_form": ActionForm(plan=plan, auto_id="action_%s"),
            "kit_form": KitForm(kit=kit_for(plan.account, plan.kind), auto_id="kit_%s"),
        }
    return render_page(request, PAGE, context | (bound or {}), partial="plan-page", status=status)


def edit_page(request: WorkspaceRequest, plan: Plan, form: Any, title: str) -> HttpResponse:
    """A form of its own for a part of a plan."""
    context = base(request, plan.account) | {"plan": plan, "form": form, "title": title}
    return render_page(request, "accounts/plans/edit.html", context, status=422 if form.errors else 200)


def end_page(request: WorkspaceRequest, plan: Plan, form: EndForm) -> HttpResponse:
    context = base(request, plan.account) | {"view": read_plan(plan, request.workspace), "form": form}
    return render_page(request, "accounts/plans/end.html", context, status=422 if form.errors else 200)


def done(request: WorkspaceRequest, plan: Plan) -> HttpResponse:
    """After a write: the fresh page for htmx, a redirect otherwise."""
    if not request.htmx:
        return to_plan(request, plan)
    answer = show(request, plan_of(request, plan.account_id, plan.pk))
    return trigger_client_event(answer, "account-changed", after="settle")


def lost(request: WorkspaceRequest, plan: Plan) -> HttpResponse:
    """Somebody ended or reopened the plan meanwhile: 409 with the plan as it is now, or the way to it."""
    if request.htmx:
        messages.warning(request, f"{LOST_RACE} This is how it is now.")
        return show(request, plan_of(request, plan.account_id, plan.pk), status=409)
    address = reverse("accounts:plan", args=[request.workspace.slug, plan.account_id, plan.pk])
    return render(request, "409.html", {"reason": LOST_RACE, "current_url": address}, status=409)


def to_plan(request: WorkspaceRequest, plan: Plan) -> HttpResponse:
    return redirect("accounts:plan", request.workspace.slug, plan.account_id, plan.pk)
