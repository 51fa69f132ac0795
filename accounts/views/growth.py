"""Where an account could grow, the family it belongs to, and what kind it is (ACC-1, ACC-2, GRO-1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from csworkbench.common.keyset import Key, keyset_page
from csworkbench.common.sheets import Column, sheet_response
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.frame import answered
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..facts import context_for
from ..growth import services
from ..growth.family import family_of
from ..growth.forms import CandidatesForm, DismissForm, ParentForm, SubtypesForm
from ..growth.queries import candidates_of, open_candidates, reasoned
from ..growth.subtypes import active_subtypes
from ..models import Account, Candidate
from .page import WRITERS

PAGE_SIZE = 50
EXPORT_LIMIT = 20_000
ORDER = [Key("account__figures__mrr_minor", falling=True), Key("pk")]
DECIDED = "Somebody else has decided about it meanwhile. This is how it is now."


def account_of(request: WorkspaceRequest, pk: UUID) -> Account:
    """An account of the workspace with its figures, or 404."""
    return get_or_404(Account.objects.select_related("figures", "standing", "parent"), request.workspace, pk)


# -- Upsell candidates


@require_safe
@member_required()
def growth_panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """The upsell candidates of an account with their reasons."""
    return show_growth(request, account_of(request, account))


def show_growth(
    request: WorkspaceRequest, account: Account, *, refused: tuple[UUID, DismissForm] | None = None, status: int = 200
) -> HttpResponse:
    found = reasoned(candidates_of(account, request.workspace), context_for(request.workspace))
    context = {
        "account": account,
        "open": [one for one in found if one.candidate.state == Candidate.State.OPEN],
        "decided": [one for one in found if one.candidate.state != Candidate.State.OPEN],
        "refused": refused[0] if refused else None,
        "dismiss_form": refused[1] if refused else DismissForm(auto_id=False),
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, "accounts/growth/panel.html", context, partial="!growth", status=status)


def candidate_of(request: WorkspaceRequest, account: UUID, pk: UUID) -> Candidate:
    """A candidate of an account of the workspace, or 404."""
    rows = Candidate.objects.filter(account=account).select_related("offer", "account")
    return get_or_404(rows, request.workspace, pk)


@require_POST
@member_required(*WRITERS)
def take_up(request: WorkspaceRequest, workspace: str, account: UUID, candidate: UUID) -> HttpResponse:
    """Make an opportunity of a candidate and go on to its form."""
    found = candidate_of(request, account, candidate)
    try:
        made = services.take_up(actor=request.member, candidate=found)
    except services.Decided:
        return lost(request, found.account)
    messages.success(request, "An opportunity is made of it. Say more about it here.")
    return redirect("accounts:edit_opportunity", workspace=workspace, account=found.account_id, opportunity=made.pk)


@require_POST
@member_required(*WRITERS)
def dismiss(request: WorkspaceRequest, workspace: str, account: UUID, candidate: UUID) -> HttpResponse:
    """Dismiss a candidate with a reason."""
    found = candidate_of(request, account, candidate)
    form = DismissForm(request.POST, auto_id=False)
    if not form.is_valid():
        return show_growth(request, account_of(request, account), refused=(found.pk, form), status=422)
    try:
        services.dismiss(actor=request.member, candidate=found, **form.cleaned_data)
    except services.Decided:
        return lost(request, found.account)
    messages.success(request, f"{found.offer.name} rests for 90 days.")
    return done(request, found.account)


@require_POST
@member_required(*WRITERS)
def bring_back(request: WorkspaceRequest, workspace: str, account: UUID, candidate: UUID) -> HttpResponse:
    """Take a dismissal back."""
    found = candidate_of(request, account, candidate)
    try:
        services.bring_back(actor=request.member, candidate=found)
    except services.Decided:
        return lost(request, found.account)
    messages.success(request, f"{found.offer.name} is open again.")
    return done(request, found.account)


def lost(request: WorkspaceRequest, account: Account) -> HttpResponse:
    messages.warning(request, DECIDED)
    return show_growth(request, account_of(request, account.pk), status=409)


def done(request: WorkspaceRequest, account: Account) -> HttpResponse:
    if request.htmx:
        return trigger_client_event(show_growth(request, account_of(request, account.pk)), "account-changed")
    return redirect("accounts:growth_panel", workspace=request.workspace.slug, account=account.pk)


@require_safe
@member_required()
def candidates(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Every open upsell candidate, the largest accounts first."""
    form = CandidatesForm(request.GET, workspace=request.workspace)
    page = keyset_page(
        _filtered(request, form),
        ORDER,
        size=PAGE_SIZE,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    kept = {key: str(value) for key, value in request.GET.items() if key in form.fields and value}
    context = {
        "form": form,
        "page": page,
        "rows": reasoned(page.rows, context_for(request.workspace)),
        "query": f"{urlencode(kept)}&" if kept else "",
        "filtered": bool(kept),
        "nav": "accounts",
    }
    return render_page(request, "accounts/growth/candidates.html", context, partial="list")


def _filtered(request: WorkspaceRequest, form: CandidatesForm) -> Any:
    form.is_valid()
    data = {key: value for key, value in form.cleaned_data.items() if value and key not in form.errors}
    paths = {"owner": "account__owner", "offer": "offer", "kind": "offer__kind"}
    return open_candidates(request.workspace).filter(**{paths[key]: value for key, value in data.items()})


@require_safe
@member_required()
def export_candidates(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The filtered list as a spreadsheet that holds no formula."""
    form = CandidatesForm(request.GET, workspace=request.workspace)
    rows = _filtered(request, form).order_by(*(key.ordering for key in ORDER))[:EXPORT_LIMIT]
    columns: list[Column[Candidate]] = [
        ("Account", lambda one: one.account.name),
        ("Offer", lambda one: one.offer.name),
        ("Product", lambda one: one.offer.product.name if one.offer.product else ""),
        ("What to say", lambda one: one.offer.pitch),
        ("Since", lambda one: one.found_on),
        (f"MRR ({request.workspace.currency})", lambda one: one.account.figures.mrr_minor / 100),
        ("Health", lambda one: one.account.get_effective_health_display()),
        ("Owner", lambda one: one.account.owner.name if one.account.owner else ""),
    ]
    return sheet_response(f"upsell-{request.workspace.today:%Y-%m-%d}.xlsx", columns, rows)


# -- Families and subtypes


@require_safe
@member_required()
def family_panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Who stands above and below an account, and what they come to together."""
    return show_family(request, account_of(request, account))


def show_family(
    request: WorkspaceRequest, account: Account, form: ParentForm | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "account": account,
        "family": family_of(account, request.workspace),
        "parent_form": form or ParentForm(account=account, workspace=request.workspace),
        "today": request.workspace.today,
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, "accounts/growth/family.html", context, partial="!family", status=status)


@require_POST
@member_required(*WRITERS)
def parent(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Put an account below another, or take it out of its family."""
    found = account_of(request, account)
    form = ParentForm(request.POST, account=found, workspace=request.workspace)
    if not form.is_valid():
        return show_family(request, found, form, status=422)
    try:
        changed = services.set_parent(actor=request.member, account=found, parent=form.cleaned_data["found"])
    except ValidationError as error:
        form.add_error("parent", error)
        return show_family(request, found, form, status=422)
    answered(request, "Saved.", changed=changed)
    if request.htmx:
        return trigger_client_event(show_family(request, account_of(request, account)), "account-changed")
    return redirect("accounts:family_panel", workspace=workspace, account=found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(*WRITERS)
def subtypes(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Overrule what kind of account it is, or leave it to the facts."""
    found = account_of(request, account)
    known = active_subtypes(request.workspace)
    form = SubtypesForm(request.POST or None, subtypes=known, account=found)
    if request.method == "POST" and form.is_valid():
        changed = services.choose_subtypes(actor=request.member, account=found, keys=form.chosen)
        answered(request, "Saved.", changed=changed)
        return redirect("accounts:detail", workspace=workspace, account=found.pk)
    told = [one.name for one in known if one.key in found.figures.subtypes]
    context = {"form": form, "account": found, "told": told, "known": known, "nav": "accounts"}
    return render_page(request, "accounts/growth/subtypes.html", context, status=422 if form.errors else 200)
