"""Differences between what stands here and what other systems say of people: of an account, and of the workspace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from csworkbench.common import words
from csworkbench.tenancy import hooks
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..models import Account, Contact, Difference
from ..people import decisions
from ..people.forms import ChosenForm, DifferenceFilter
from ..people.sides import all_differences, differences_of, field_choices
from .page import WRITERS

DIFFERENCES = "accounts/differences.html"
VERBS = {"accept": decisions.accept_differences, "keep": decisions.keep_differences}
SAID = {"accept": "accepted", "keep": "kept as it was"}


@require_safe
@member_required()
def differences(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """What systems say of the people of an account, side by side with what stands here."""
    return differences_page(request, account_or_404(request, account))


@require_POST
@member_required(*WRITERS)
def decide(request: WorkspaceRequest, workspace: str, account: UUID, verb: str) -> HttpResponse:
    """Accept or keep: one difference, or all that one source says of one contact."""
    found = account_or_404(request, account)
    done = VERBS[verb](actor=request.member, chosen=_chosen(request, found))
    tell(request, verb, done)
    return answer(request, found)


@require_POST
@member_required(*WRITERS)
def undo(request: WorkspaceRequest, workspace: str, account: UUID, difference: UUID) -> HttpResponse:
    """Take a decision back, as long as nobody went on from it."""
    found = account_or_404(request, account)
    rows = Difference.objects.filter(account=found).select_related("contact")
    row = get_or_404(rows, request.workspace, difference)
    try:
        decisions.undo_decision(actor=request.member, difference=row)
    except decisions.Conflict as conflict:
        messages.error(request, str(conflict))
        return differences_page(request, found, status=409)
    messages.success(request, "Taken back.")
    return answer(request, found)


@require_safe
@member_required(*WRITERS)
def everywhere(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Every open difference of the workspace, for whoever cleans up after a comparison."""
    return list_page(request)


@require_POST
@member_required(*WRITERS)
def decide_chosen(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Accept or keep the chosen ones of the list."""
    form = ChosenForm(request.POST, workspace=request.workspace)
    if not form.is_valid():
        said = [str(error) for errors in form.errors.values() for error in errors]
        return list_page(request, problem=said[0], status=422)
    verb = form.cleaned_data["verb"]
    done = VERBS[verb](actor=request.member, chosen=form.cleaned_data["chosen"])
    tell(request, verb, done)
    if request.htmx:
        hooks.run_after_write(request.workspace)
        return list_page(request)
    kept = {key: value for key in ("owner", "source", "field", "after") if (value := request.POST.get(key, ""))}
    response = redirect("accounts:all_differences", workspace)
    response["Location"] += f"?{urlencode(kept)}" if kept else ""
    return response


def account_or_404(request: WorkspaceRequest, pk: UUID) -> Account:
    return get_or_404(Account.objects.all(), request.workspace, pk)


def _chosen(request: WorkspaceRequest, account: Account) -> Any:
    """The differences that a form names: one by its id, or those of a contact by a source."""
    rows = Difference.objects.filter(workspace=request.workspace, account=account)
    if wanted := request.POST.get("difference", ""):
        return rows.filter(pk=get_or_404(rows, request.workspace, _uuid(wanted)).pk)
    people = Contact.objects.filter(account=account)
    person = get_or_404(people, request.workspace, _uuid(request.POST.get("contact", "")))
    rows = rows.filter(contact=person)
    source = request.POST.get("source", "")
    return rows.filter(source=source) if source else rows


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404("No such row.") from None


def tell(request: WorkspaceRequest, verb: str, done: decisions.Done) -> None:
    """Say what a decision did, and what it left."""
    if done.decided:
        messages.success(request, f"{words.count(done.decided, 'difference')} {SAID[verb]}.")
    elif not done.left:
        messages.info(request, "Somebody has decided this already.")
    if done.left:
        messages.warning(
            request, f"{words.count(done.left, 'difference')} left: two systems say different things. Take one of them."
        )


def differences_page(request: WorkspaceRequest, account: Account, *, status: int = 200) -> HttpResponse:
    """The differences of an account, or their fragment."""
    context = {
        "account": account,
        "differences": differences_of(account, request.workspace, request.member),
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, DIFFERENCES, context, partial="differences", status=status)


def answer(request: WorkspaceRequest, account: Account) -> HttpResponse:
    """After a decision: what is left for htmx, a redirect otherwise."""
    if request.htmx:
        return differences_page(request, account)
    return redirect("accounts:differences", workspace=request.workspace.slug, account=account.pk)


def list_page(request: WorkspaceRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """One page of the workspace's list; filters and where it begins come with the address or the form."""
    sent = request.POST if request.method == "POST" else request.GET
    form = DifferenceFilter(sent, workspace=request.workspace, fields=field_choices())
    chosen = form.cleaned_data if form.is_valid() else {}
    try:
        after = UUID(sent.get("after", "")) if sent.get("after") else None
    except ValueError:
        after = None
    kept = {key: sent[key] for key in ("owner", "source", "field") if sent.get(key)}
    context = {
        "form": form,
        "listing": all_differences(request.workspace, chosen, after),
        "kept": kept,
        "query": urlencode(kept),
        "after": str(after or ""),
        "is_filtered": bool(kept),
        "problem": problem,
        "nav": "accounts",
    }
    return render_page(request, "accounts/all_differences.html", context, partial="open-differences", status=status)
