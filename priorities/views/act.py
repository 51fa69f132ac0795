"""What a member does with a task: every action answers with the re-ranked board, and can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.composer import LogForm, NoteForm, chosen_kind
from accounts.facts import context_for
from accounts.models import Account
from accounts.services import log_interaction, write_note
from csworkbench.tenancy import hooks
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page
from csworkbench.tenancy.models import Member
from playbooks import services
from playbooks.models import Task

from .. import forms
from .queue import WRITERS, show, task_or_404


@require_POST
@member_required(*WRITERS)
def complete(request: WorkspaceRequest, workspace: str, task: UUID) -> HttpResponse:
    """Complete with an outcome (key ``e``)."""
    found = task_or_404(request, task)
    form = forms.CompleteForm(request.POST, auto_id="complete_%s")
    if not form.is_valid():
        return refuse(request, found, complete_form=form)

    def act() -> str:
        services.complete_task(actor=request.member, task=found, **form.cleaned_data)
        return f"Completed “{found.title}”."

    return answer(request, found, act, complete_form=form)


@require_POST
@member_required(*WRITERS)
def snooze(request: WorkspaceRequest, workspace: str, task: UUID) -> HttpResponse:
    """Snooze until a day, with a reason (key ``s``)."""
    found = task_or_404(request, task)
    form = forms.SnoozeForm(request.POST, auto_id="snooze_%s")
    if not form.is_valid():
        return refuse(request, found, snooze_form=form)
    today = context_for(request.workspace).today

    def act() -> str:
        services.snooze_task(actor=request.member, task=found, today=today, **form.cleaned_data)
        return f"Snoozed “{found.title}” until {form.cleaned_data['until']:%b %-d}."

    return answer(request, found, act, snooze_form=form)


@require_POST
@member_required(*WRITERS)
def hand_over(request: WorkspaceRequest, workspace: str, task: UUID) -> HttpResponse:
    """Hand the task to another member (key ``h``)."""
    found = task_or_404(request, task)
    form = forms.HandOverForm(request.POST, workspace=request.workspace, auto_id="hand_over_%s")
    if not form.is_valid():
        return refuse(request, found, hand_over_form=form)

    def act() -> str:
        services.hand_over_task(actor=request.member, task=found, **form.cleaned_data)
        return f"Handed “{found.title}” to {form.cleaned_data['to'].name}."

    return answer(request, found, act, hand_over_form=form)


@require_POST
@member_required(*WRITERS)
def log(request: WorkspaceRequest, workspace: str, task: UUID) -> HttpResponse:
    """Log a call, email, meeting or chat from the row (keys ``l``, ``m``); the task stays open."""
    found = task_or_404(request, task)
    kind = chosen_kind(request.POST)
    form = LogForm(request.POST, account=found.account, actor=request.member, auto_id=f"{kind}_%s")
    if not form.is_valid():
        return refuse(request, found, **{f"{kind}_form": form})

    def act() -> str:
        interaction = log_interaction(actor=request.member, account=found.account, **form.cleaned_data)
        services.record_interaction(actor=request.member, task=found, interaction=interaction)
        return f"Logged the {interaction.get_kind_display().lower()} with {found.account.name}."

    return answer(request, found, act, stay=True, **{f"{kind}_form": form})


@require_POST
@member_required(*WRITERS)
def note(request: WorkspaceRequest, workspace: str, task: UUID) -> HttpResponse:
    """Write a note in the house format (key ``n`` in the drawer); the task stays open."""
    found = task_or_404(request, task)
    form = NoteForm(request.POST, auto_id="note_%s")
    if not form.is_valid():
        return refuse(request, found, note_form=form)

    def act() -> str:
        written = write_note(actor=request.member, account=found.account, **form.cleaned_data)
        services.record_note(actor=request.member, task=found, note=written)
        return f"Noted on {found.account.name}."

    return answer(request, found, act, stay=True)


@require_POST
@member_required(*WRITERS)
def undo(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Take back the last action of the past half hour (key ``z``)."""
    try:
        action = services.undo_last(actor=request.member)
    except services.Conflict as conflict:
        messages.error(request, str(conflict))
        return board(request, status=409)
    if action is None:
        messages.info(request, "There is nothing to undo.")
        return board(request)
    hooks.run_after_write(request.workspace)
    messages.success(request, f"Undone: {action.get_verb_display().lower()} “{action.task.title}”.")
    selected = Task.objects.filter(workspace=request.workspace, pk=action.task_id).exists()
    return board(request, selected=task_or_404(request, action.task_id) if selected else None)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def add(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Add a task to an account by hand."""
    account = _account(request)
    data = request.POST if request.method == "POST" else None
    initial = {"account": account, "request_key": uuid4()}
    form = forms.AddTaskForm(data, workspace=request.workspace, initial=initial)
    if data is not None and form.is_valid():
        fields = dict(form.cleaned_data)
        task = services.add_task(
            actor=request.member,
            account=fields.pop("account"),
            request_key=fields.pop("request_key"),
            fields=fields,
        )
        messages.success(request, f"Added “{task.title}”.", extra_tags="undo")
        return redirect("accounts:detail", workspace=workspace, account=task.account_id)
    context = {"form": form, "account": account, "nav": "queue"}
    return render_page(request, "priorities/add_task.html", context, status=422 if form.errors else 200)


def _account(request: WorkspaceRequest) -> Account:
    wanted = request.POST.get("account") or request.GET.get("account", "")
    try:
        return get_or_404(Account.objects.all(), request.workspace, UUID(wanted))
    except ValueError:
        raise Http404("No such account.") from None


def answer(
    request: WorkspaceRequest, task: Task, act: Callable[[], str], *, stay: bool = False, **bound: Any
) -> HttpResponse:
    """Run an action; answer with the re-ranked board, or the refusal with what was typed."""
    try:
        said = act()
    except services.Refused as refused:
        for form in bound.values():
            form.add_error(None, str(refused))
        return refuse(request, task, **bound)
    except ValidationError as refused:
        for form in bound.values():
            form.add_error(None, refused)
        return refuse(request, task, **bound)
    except services.Conflict as conflict:
        messages.error(request, str(conflict))
        return board(request, status=409)
    # The member sees the effect at once: what their write marked is drained before the board is drawn.
    hooks.run_after_write(request.workspace)
    messages.success(request, said, extra_tags="undo")
    return board(request, selected=task_or_404(request, task.pk) if stay else None)


def refuse(request: WorkspaceRequest, task: Task, **bound: Any) -> HttpResponse:
    """The same drawer with the refused form, nothing lost."""
    return show(request, _owner(request), came_from(request), selected=task, bound=bound, status=422)


def board(request: WorkspaceRequest, *, selected: Task | None = None, status: int = 200) -> HttpResponse:
    """The board for htmx; for a plain form a redirect, so that a reload repeats nothing."""
    query = came_from(request)
    if not request.htmx and status < 400:
        owner = _owner(request)
        own = owner.pk == request.member.pk
        slug = request.workspace.slug
        address = (
            reverse("priorities:queue", args=[slug]) if own else reverse("priorities:queue_of", args=[slug, owner.pk])
        )
        kept = query.copy()
        kept.pop("task", None)
        if selected is not None:
            kept["task"] = str(selected.pk)
        return redirect(f"{address}?{kept.urlencode()}" if kept else address)
    return show(request, _owner(request), query, selected=selected, status=status)


def came_from(request: WorkspaceRequest) -> QueryDict:
    """The filters of the page the form stood on, carried in its hidden field ``back``."""
    return QueryDict(request.POST.get("back", "")[:300])


def _owner(request: WorkspaceRequest) -> Member:
    """Whose queue the form stood on: a lead may be working in a CSM's."""
    wanted = came_from(request).get("of", "")
    if not wanted or not request.member.has_role("lead", "ops", "admin"):
        return request.member
    try:
        pk = UUID(wanted)
    except ValueError:
        return request.member
    return Member.objects.filter(workspace=request.workspace, pk=pk).first() or request.member
