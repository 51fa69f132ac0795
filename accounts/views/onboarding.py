"""The onboarding record of an account: its panel, its page, and what members do on them."""

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
from csworkbench.tenancy.frame import LOST_RACE, answered, refuse
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import Account, Onboarding, OnboardingGoal
from ..onboarding import services
from ..onboarding.forms import CheckForm, EndForm, TargetForm, TickForm
from ..onboarding.queries import Record, read_record, records_of
from .page import WRITERS

PAGE, PANEL, END = "accounts/onboarding/record.html", "accounts/onboarding/panel.html", "accounts/onboarding/end.html"


def account_of(request: WorkspaceRequest, pk: UUID) -> Account:
    """The account a panel or a record belongs to, or 404."""
    return get_or_404(Account.objects.select_related("workspace", "owner"), request.workspace, pk)


def record_of(request: WorkspaceRequest, account: UUID, pk: UUID) -> Onboarding:
    """A record of an account of the workspace, or 404."""
    found = account_of(request, account)
    records = Onboarding.objects.filter(account=found).select_related("ended_by")
    record = get_or_404(records, request.workspace, pk)
    record.account = found
    return record


@require_safe
@member_required()
def panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """A fragment for htmx, a page of its own without."""
    return show_panel(request, account_of(request, account))


@require_safe
@member_required()
def record(request: WorkspaceRequest, workspace: str, account: UUID, onboarding: UUID) -> HttpResponse:
    """The record with everything: goals, adoption checks, its end, and the records before it."""
    return show_record(request, record_of(request, account, onboarding))


@require_POST
@member_required(*WRITERS)
def open_record(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Start an onboarding."""
    found = account_of(request, account)
    try:
        opened = services.open_onboarding(actor=request.member, account=found)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return show_panel(request, found) if request.htmx else redirect("accounts:detail", workspace, found.pk)
    messages.success(request, "Onboarding is running.")
    return changed(request, opened)


@require_POST
@member_required(*WRITERS)
def tick(request: WorkspaceRequest, workspace: str, account: UUID, onboarding: UUID, goal: UUID) -> HttpResponse:
    """A goal is reached."""
    record, found = goal_of(request, account, onboarding, goal)
    form = TickForm(request.POST)
    if not form.is_valid():
        return show_record(request, record, {"refused_goal": found.pk, "tick_form": form}, status=422)
    try:
        news = services.tick_goal(actor=request.member, goal=found, **form.cleaned_data)
    except services.RecordMoved:
        return lost(request, record)
    answered(request, f"“{found.label}” is reached.", changed=news)
    return changed(request, record)


@require_POST
@member_required(*WRITERS)
def untick(request: WorkspaceRequest, workspace: str, account: UUID, onboarding: UUID, goal: UUID) -> HttpResponse:
    """A goal is not reached after all."""
    record, found = goal_of(request, account, onboarding, goal)
    by_itself = found.done_on is not None and found.done_by_id is None
    try:
        news = services.untick_goal(actor=request.member, goal=found)
    except services.RecordMoved:
        return lost(request, record)
    later = " From now on only members tick it." if by_itself else ""
    answered(request, f"“{found.label}” is open again.{later}", changed=news)
    return changed(request, record)


@require_POST
@member_required(*WRITERS)
def check(request: WorkspaceRequest, workspace: str, account: UUID, onboarding: UUID) -> HttpResponse:
    """Update the adoption record."""
    record = record_of(request, account, onboarding)
    form = CheckForm(request.POST, workspace=request.workspace)
    if not form.is_valid():
        return show_record(request, record, {"check_form": form}, status=422)
    services.check_adoption(actor=request.member, account=record.account, onboarding=record, **form.cleaned_data)
    messages.success(request, "The adoption record is updated.")
    return changed(request, record)


@require_POST
@member_required(*WRITERS)
def target(request: WorkspaceRequest, workspace: str, account: UUID, onboarding: UUID) -> HttpResponse:
    """Move the target."""
    record = record_of(request, account, onboarding)
    form = TargetForm(request.POST)
    if form.is_valid():
        try:
            moved = services.change_target(actor=request.member, onboarding=record, **form.cleaned_data)
        except services.RecordMoved:
            return lost(request, record)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, "The target moved.", changed=moved)
            return changed(request, record)
    return show_record(request, record, {"target_form": form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def complete(request: WorkspaceRequest, workspace: str, account: UUID, onboarding: UUID) -> HttpResponse:
    """Complete the record: shows what is left undone, asks once."""
    return end(request, record_of(request, account, onboarding), Onboarding.State.COMPLETED)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def fail(request: WorkspaceRequest, workspace: str, account: UUID, onboarding: UUID) -> HttpResponse:
    """Say that the account failed to onboard, and why."""
    return end(request, record_of(request, account, onboarding), Onboarding.State.FAILED)


@require_POST
@member_required(*WRITERS)
def reopen(request: WorkspaceRequest, workspace: str, account: UUID, onboarding: UUID) -> HttpResponse:
    """Go on with a record that ended."""
    record = record_of(request, account, onboarding)
    try:
        record.state = services.reopen_onboarding(actor=request.member, onboarding=record).state
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
        return show_record(request, record, status=422)
    messages.success(request, "Onboarding is running again.")
    return changed(request, record)


def end(request: WorkspaceRequest, record: Onboarding, state: str) -> HttpResponse:
    """Both ends of a record: a form that says what is left, then the service."""
    read = read_record(record, request.workspace.today, checks=1)
    form = EndForm(request.POST or None, record=read, state=state)
    if record.state == state:
        messages.info(request, "It is so already.")
        return to_record(request, record)
    if record.state != Onboarding.State.OPEN or (request.method == "POST" and form.is_stale):
        return lost(request, record)
    if request.method == "POST" and form.is_valid():
        write = services.complete_onboarding if state == Onboarding.State.COMPLETED else services.fail_onboarding
        try:
            news = write(actor=request.member, onboarding=record, note=form.cleaned_data["note"])
        except services.RecordMoved:
            return lost(request, record)
        except ValidationError as error:
            refuse(form, error)
        else:
            done = "Onboarding is completed." if state == Onboarding.State.COMPLETED else "Noted: failed to onboard."
            answered(request, done, changed=news)
            return to_record(request, record)
    context = {"account": record.account, "record": read, "form": form, "state": state, "nav": "accounts"}
    return render_page(request, END, context, status=422 if form.errors else 200)


def goal_of(
    request: WorkspaceRequest, account: UUID, onboarding: UUID, goal: UUID
) -> tuple[Onboarding, OnboardingGoal]:
    """A goal with its record, or 404."""
    record = record_of(request, account, onboarding)
    return record, get_or_404(OnboardingGoal.objects.filter(onboarding=record), request.workspace, goal)


def show_panel(request: WorkspaceRequest, account: Account, *, status: int = 200) -> HttpResponse:
    """The panel: the running record, or the last one in short."""
    records = records_of(account, request.workspace)
    shown = read_record(records[0], request.workspace.today, checks=1) if records else None
    return render_page(request, PANEL, page_context(request, account, shown), partial="!onboarding", status=status)


def show_record(
    request: WorkspaceRequest, record: Onboarding, bound: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The page, or its part for htmx; ``bound`` holds a refused form with what was typed."""
    read = read_record(record, request.workspace.today)
    context = page_context(request, record.account, read) | {
        "others": [one for one in records_of(record.account, request.workspace) if one.pk != record.pk],
        "check_form": CheckForm(workspace=request.workspace),
        "target_form": TargetForm(initial={"target_on": record.target_on}),
        **(bound or {}),
    }
    return render_page(request, PAGE, context, partial="onboarding-record", status=status)


def page_context(request: WorkspaceRequest, account: Account, read: Record | None) -> dict[str, Any]:
    return {
        "account": account,
        "record": read,
        "today": request.workspace.today,
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }


def changed(request: WorkspaceRequest, record: Onboarding) -> HttpResponse:
    """After a write: for htmx the panel or the page it stands on, and the account page learns of it."""
    if not request.htmx:
        return to_record(request, record)
    if request.htmx.target == "onboarding":
        answer = show_panel(request, record.account)
    else:
        answer = show_record(request, record_of(request, record.account_id, record.pk))
    return trigger_client_event(answer, "account-changed", after="settle")


def lost(request: WorkspaceRequest, record: Onboarding) -> HttpResponse:
    """Somebody ended or reopened the record meanwhile: 409 with the record as it is now, or the way to it."""
    now = record_of(request, record.account_id, record.pk)
    if not request.htmx:
        address = reverse("accounts:onboarding", args=[request.workspace.slug, record.account_id, record.pk])
        return render(request, "409.html", {"reason": LOST_RACE, "current_url": address}, status=409)
    messages.warning(request, f"{LOST_RACE} This is how it is now.")
    if request.htmx.target == "onboarding":
        return show_panel(request, now.account, status=409)
    return show_record(request, now, status=409)


def to_record(request: WorkspaceRequest, record: Onboarding) -> HttpResponse:
    return redirect("accounts:onboarding", request.workspace.slug, record.account_id, record.pk)
