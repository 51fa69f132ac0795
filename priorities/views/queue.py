"""The queue page and its drawer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.composer import drawer_forms
from accounts.facts import context_for
from accounts.models import Account
from csworkbench.tenancy.access import get_or_404, member_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page
from csworkbench.tenancy.models import Member
from playbooks.models import Task

from .. import forms
from ..queries import Drawer, Filters, Queue, drawer_of, queue_of

PAGE = "priorities/queue.html"
WRITERS = ("csm", "lead", "ops", "admin")


@require_safe
@member_required()
def queue(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The member's own queue: the home page."""
    return show(request, request.member, request.GET)


@require_safe
@member_required("lead", "ops", "admin")
def queue_of_member(request: WorkspaceRequest, workspace: str, member: UUID) -> HttpResponse:
    """Another CSM's queue, for those who lead (QUE-5)."""
    return show(request, member_or_404(request, member), request.GET)


@require_safe
@member_required()
def drawer(request: WorkspaceRequest, workspace: str, task: UUID) -> HttpResponse:
    """One task's brief; without htmx the queue with that task selected."""
    found = task_or_404(request, task)
    if request.htmx:
        context = drawer_context(request, found) | {"back": request.GET.urlencode()}
        return render_page(request, PAGE, context, partial="!drawer")
    return show(request, request.member, request.GET, selected=found)


def task_or_404(request: WorkspaceRequest, pk: UUID) -> Task:
    """A task of the request's workspace with all that the drawer shows of its account."""
    tasks = Task.objects.select_related(
        "account__figures",
        "account__priority",
        "account__standing",
        "account__instance",
        "account__owner",
        "assignee",
        "run__playbook",
    )
    return get_or_404(tasks, request.workspace, pk)


def filters_from(query: QueryDict) -> Filters:
    """Filters as the address says; anything that is not a filter is ignored."""
    level, page = query.get("level", ""), query.get("page", "")
    return Filters(
        level=int(level) if level in {"1", "2", "3", "4"} else None,
        kind=query.get("kind", "") if query.get("kind") in Task.Kind.values else "",
        source=query.get("source", "") if query.get("source") in Task.Source.values else "",
        snoozed=query.get("show") == "snoozed",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def show(
    request: WorkspaceRequest,
    owner: Member,
    query: QueryDict,
    *,
    selected: Task | None = None,
    bound: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole queue page, or its ``board`` for htmx."""
    own = owner.pk == request.member.pk
    slug = request.workspace.slug
    address = reverse("priorities:queue", args=[slug]) if own else reverse("priorities:queue_of", args=[slug, owner.pk])
    made = queue_of(
        owner=owner,
        viewer=request.member,
        workspace=request.workspace,
        context=context_for(request.workspace),
        filters=filters_from(query),
        address=address,
    )
    context: dict[str, Any] = {
        "queue": made,
        "may_write": request.member.has_role(*WRITERS),
        "nav": "queue",
        "back": made.back,
    }
    if not made.rows and not made.snoozed_count:
        # Only an empty page asks whether the workspace is empty: then it shows the way in instead of calm.
        context["first_run"] = not Account.objects.filter(workspace=request.workspace).exists()
    chosen = selected or _chosen(request, made, query.get("task", ""))
    if chosen is not None:
        context |= drawer_context(request, chosen, bound)
    return render_page(request, PAGE, context, partial="board", status=status)


def _chosen(request: WorkspaceRequest, made: Queue, wanted: str) -> Task | None:
    """The task the address names, if it is on the page: a plain link selects without JavaScript."""
    return next((task_or_404(request, row.task.pk) for row in made.rows if str(row.task.pk) == wanted), None)


def drawer_context(request: WorkspaceRequest, task: Task, bound: dict[str, Any] | None = None) -> dict[str, Any]:
    """The drawer with its forms; ``bound`` replaces those that were refused, keeping what was typed."""
    brief: Drawer = drawer_of(task, context_for(request.workspace), request.workspace)
    made: dict[str, Any] = {
        "complete_form": forms.CompleteForm(auto_id="complete_%s"),
        "snooze_form": forms.SnoozeForm(auto_id="snooze_%s"),
        "hand_over_form": forms.HandOverForm(workspace=request.workspace, auto_id="hand_over_%s"),
        **drawer_forms(task.account, request.member, brief.contact),
    }
    return {"drawer": brief, "may_write": request.member.has_role(*WRITERS), **made, **(bound or {})}
