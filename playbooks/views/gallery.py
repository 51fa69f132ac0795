"""The gallery of playbooks and the page of one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.facts import context_for
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from .. import engine, services
from ..definitions import parse_definition
from ..models import Playbook, PlaybookVersion, Run
from ..queries import playbook_cards

OPEN_RUNS = 100


@require_safe
@member_required()
def gallery(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Every playbook with what it did in the last 30 days."""
    context = {
        "cards": playbook_cards(request.workspace, context_for(request.workspace)),
        "may_pause": request.member.has_role("lead", "ops", "admin"),
        "nav": "playbooks",
    }
    return render_page(request, "playbooks/list.html", context)


@require_safe
@member_required()
def detail(request: WorkspaceRequest, workspace: str, playbook: UUID) -> HttpResponse:
    """One playbook from top to bottom: trigger, steps, who is in it now and who would enter today."""
    found = get_or_404(Playbook.objects.all(), request.workspace, playbook)
    facts = context_for(request.workspace)
    card = next(each for each in playbook_cards(request.workspace, facts) if each.playbook.pk == found.pk)
    definition = parse_definition(card.version.definition) if card.version else None
    entering = engine.entering(card.version, definition, facts) if card.version and definition else None
    context = {
        "card": card,
        "definition": definition,
        "versions": PlaybookVersion.objects.filter(workspace=request.workspace, playbook=found).order_by("-number"),
        "runs": Run.objects.filter(workspace=request.workspace, playbook=found, state=Run.State.OPEN)
        .select_related("account__owner", "account__standing")
        .order_by("-started_at")[:OPEN_RUNS],
        "entering": entering.count() if entering is not None else 0,
        "today": facts.today,
        "may_pause": request.member.has_role("lead", "ops", "admin"),
        "nav": "playbooks",
    }
    return render_page(request, "playbooks/detail.html", context)


@require_POST
@member_required("lead", "ops", "admin")
def pause(request: WorkspaceRequest, workspace: str, playbook: UUID) -> HttpResponse:
    """Stop or resume new runs; open ones still clear themselves."""
    found = get_or_404(Playbook.objects.all(), request.workspace, playbook)
    paused = request.POST.get("paused") == "yes"
    if services.set_paused(playbook=found, paused=paused):
        verb = "is paused: nothing new starts" if paused else "runs again"
        messages.success(request, f"“{found.name}” {verb}.")
    return redirect("playbooks:detail", workspace=workspace, playbook=found.pk)
