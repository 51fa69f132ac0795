"""The account page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..composer import composer_forms, contacts_of, opened, zone_of
from ..entries.filters import filters_from
from ..entries.lines import months_of
from ..entries.queries import correction_of
from ..models import Account
from ..panels import all_panels
from ..queries import subtypes_of
from ..timeline import Entry, kinds, timeline_of

WRITERS = ("csm", "lead", "ops", "admin")
PAGE = "accounts/detail.html"


@require_safe
@member_required()
def detail(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Header, composer and timeline; every other part of the page is a panel that loads by its address (ACC-5)."""
    return show(request, account_or_404(request, account))


def account_or_404(request: WorkspaceRequest, pk: UUID) -> Account:
    """An account of the request's workspace with the rows its page shows in the header.

    Of the members and accounts round it only the names are read: ``owner_name``, ``lead_name`` and so on.
    """
    accounts = Account.objects.select_related("figures", "priority", "standing").annotate(
        instance_name=F("instance__name"),
        owner_name=F("owner__name"),
        lead_id=F("owner__lead"),
        lead_name=F("owner__lead__name"),
        rsm_name=F("rsm__name"),
        fmc_lead_name=F("fmc_lead__name"),
        parent_name=F("parent__name"),
    )
    found = get_or_404(accounts, request.workspace, pk)
    found.workspace = request.workspace
    return found


def show(
    request: WorkspaceRequest, account: Account, bound: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The page, or its ``timeline`` for htmx; ``bound`` holds a refused form with what was typed."""
    context = timeline_context(request, account)
    context |= {"account": account, "today": request.workspace.today, "nav": "accounts"}
    if request.method != "GET" or request.htmx.target != "timeline":
        context |= composer_context(request, account) | head_context(request, account)
    return render_page(request, PAGE, context | (bound or {}), partial="timeline", status=status)


def timeline_context(request: WorkspaceRequest, account: Account) -> dict[str, Any]:
    """One page of the timeline with its filters; nothing else is read when a filter changes."""
    filters = filters_from(request.GET)
    zone = zone_of(request.member)
    here = reverse("accounts:detail", args=[request.workspace.slug, account.pk])
    told = timeline_of(account, request.workspace, filters.asked(zone))
    return {
        "filters": filters,
        "kinds": [(key, label, here + filters.query(kind="" if key == "all" else key)) for key, label in kinds()],
        "authors": authors_of(request, account, told.entries),
        "here": here,
        "months": months_of(told.entries, account, request.workspace, request.member, zone),
        "older": here + filters.query(before=told.older) if told.older else "",
        "newest": here + filters.query(on="") if filters.before or filters.day else "",
        "may_write": request.member.has_role(*WRITERS),
    }


def authors_of(request: WorkspaceRequest, account: Account, entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Whose entries one may ask for: one's own, the owner's, and of whoever wrote what is on the page."""
    names = {str(request.member.pk): f"{request.member.name} (you)"}
    round_it: Any = account
    for pk, name in ((account.owner_id, round_it.owner_name), (round_it.lead_id, round_it.lead_name)):
        if pk:
            names.setdefault(str(pk), name)
    for entry in entries:
        if entry.author_id and entry.author:
            names.setdefault(str(entry.author_id), entry.author)
    asked = request.GET.get("by", "")
    if asked and filters_from(request.GET).author:
        names.setdefault(asked, "The chosen member")
    return list(names.items())


def composer_context(request: WorkspaceRequest, account: Account) -> dict[str, Any]:
    """The composer's forms, begun as the address asks: with a kind, or as the correction of an older entry."""
    contacts = contacts_of(account)
    primary = contacts[0] if contacts and contacts[0].is_primary else None
    initial = correction_of(account, request.GET.get("correct", ""))
    kind = initial.get("kind") or opened(request.GET.get("log", ""))
    return {
        "primary": primary,
        "composer_open": kind or "call",
        "composer_begun": bool(kind),
        **composer_forms(account, request.member, contact=primary, contacts=contacts, initial=initial),
    }


def head_context(request: WorkspaceRequest, account: Account) -> dict[str, Any]:
    """What the header of an account says, and the addresses of its panels."""
    today = request.workspace.today
    since = account.effective_health_since
    names = {"workspace": request.workspace.slug, "account": account.pk}
    return {
        "days_in_stage": (today - account.stage_since).days if account.stage_since else None,
        "health_days": (today - since).days if since else None,
        "health_since": since,
        "subtypes": subtypes_of(account),
        "panels": [(panel, reverse(panel.name, kwargs=names)) for panel in all_panels()],
    }


def done(request: WorkspaceRequest, account: Account, kind: str = "") -> HttpResponse:
    """After a write: the fresh timeline for htmx, its composer open where it was; a redirect for a plain form."""
    if request.htmx:
        # What the entry changed elsewhere on the page, the priority above all, asks for itself anew.
        bound = {"composer_open": kind} if kind else {}
        fresh = account_or_404(request, account.pk)  # its figures have changed with the write
        return trigger_client_event(show(request, fresh, bound), "account-changed", after="settle")
    return redirect("accounts:detail", workspace=request.workspace.slug, account=account.pk)
