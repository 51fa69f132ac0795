"""The account page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from .. import services
from ..composer import LogForm, NoteForm, chosen_kind, composer_forms
from ..custom import active_fields, values_of
from ..facts import context_for
from ..forms import HealthForm
from ..models import Account
from ..queries import opportunities_of
from ..timeline import KINDS, timeline_of

WRITERS = ("csm", "lead", "ops", "admin")
PAGE = "accounts/detail.html"


@require_safe
@member_required()
def detail(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Header, composer and timeline, people, products and use; panels of higher apps load by address."""
    return show(request, account_or_404(request, account))


def account_or_404(request: WorkspaceRequest, pk: UUID) -> Account:
    """An account of the request's workspace with the rows its page shows in the header."""
    accounts = Account.objects.select_related(
        "figures", "priority", "instance", "owner__lead", "rsm", "fmc_lead", "parent", "workspace"
    )
    return get_or_404(accounts, request.workspace, pk)


def show(
    request: WorkspaceRequest, account: Account, bound: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The page, or its ``timeline`` for htmx; ``bound`` holds a refused form with what was typed."""
    kind = request.GET.get("kind", "all")
    kind = kind if kind in dict(KINDS) else "all"
    page = request.GET.get("page", "1")
    number = max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 4 else 1
    today = request.workspace.today
    entries, older = timeline_of(account, request.workspace, kind=kind, page=number)
    contacts = list(account.contacts.filter(workspace=request.workspace).order_by("-is_primary", "last_name"))
    primary = contacts[0] if contacts and contacts[0].is_primary else None
    open_ones, ended = opportunities_of(account, request.workspace)
    context = {
        "account": account,
        "facts": context_for(request.workspace),
        "today": today,
        "days_in_stage": (today - account.stage_since).days if account.stage_since else None,
        "health_days": (today - account.health_since).days if account.health_since else None,
        "entries": entries,
        "older": number + 1 if older else None,
        "newer": number - 1 if number > 1 else None,
        "kind": kind,
        "kinds": KINDS,
        "contacts": contacts,
        "primary": primary,
        "subscriptions": account.subscriptions.filter(
            workspace=request.workspace, ended_on__isnull=True
        ).select_related("product", "payer"),
        "uses": account.uses.filter(workspace=request.workspace).select_related("module").order_by("-last_used_at"),
        "outcomes": account.outcomes.filter(workspace=request.workspace),
        "locations": account.locations.filter(workspace=request.workspace)
        .select_related("figures")
        .order_by("name")[:20],
        "custom_values": values_of(account, active_fields(request.workspace)),
        "open_opportunities": open_ones,
        "ended_opportunities": ended,
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
        **composer_forms(account, primary),
        "health_form": HealthForm(initial={"health": account.health}, auto_id="health_%s"),
        **(bound or {}),
    }
    return render_page(request, PAGE, context, partial="timeline", status=status)


@require_POST
@member_required(*WRITERS)
def log(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Log a call, email, meeting or chat."""
    found = account_or_404(request, account)
    kind = chosen_kind(request.POST)
    form = LogForm(request.POST, account=found, auto_id=f"{kind}_%s")
    if not form.is_valid():
        return show(request, found, {f"{kind}_form": form, "composer_open": kind}, status=422)
    interaction = services.log_interaction(actor=request.member, account=found, **form.cleaned_data)
    messages.success(request, f"Logged the {interaction.get_kind_display().lower()}.")
    return done(request, found, kind)


@require_POST
@member_required(*WRITERS)
def note(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Write a note in the house format."""
    found = account_or_404(request, account)
    form = NoteForm(request.POST, auto_id="note_%s")
    if not form.is_valid():
        return show(request, found, {"note_form": form, "composer_open": "note"}, status=422)
    services.write_note(actor=request.member, account=found, **form.cleaned_data)
    messages.success(request, "Noted.")
    return done(request, found, "note")


@require_POST
@member_required(*WRITERS)
def health(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Judge the health, with a reason; the queue follows at once."""
    found = account_or_404(request, account)
    form = HealthForm(request.POST, auto_id="health_%s")
    if not form.is_valid():
        return show(request, found, {"health_form": form, "health_open": True}, status=422)
    if services.judge_health(account=found, **form.cleaned_data):
        messages.success(request, f"Health is {found.get_health_display().lower()} now.")
    return redirect("accounts:detail", workspace=workspace, account=found.pk)


def done(request: WorkspaceRequest, account: Account, kind: str) -> HttpResponse:
    """After an entry: the fresh timeline for htmx, its composer open where it was; a redirect for a plain form."""
    if request.htmx:
        # What the entry changed elsewhere on the page, the priority above all, asks for itself anew.
        return trigger_client_event(show(request, account, {"composer_open": kind}), "account-changed", after="settle")
    return redirect("accounts:detail", workspace=request.workspace.slug, account=account.pk)
