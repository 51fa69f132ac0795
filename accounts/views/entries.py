"""What members write on an account: logging, noting, correcting, removing, and the recaps they owe (ACC-6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from .. import services
from ..composer import CorrectInteractionForm, CorrectNoteForm, LogForm, NoteForm, chosen_kind, opened, zone_of
from ..entries import services as entries
from ..entries.queries import entry_of, last_written_about, recaps_owed_by, versions_of
from ..finding import find
from ..models import Account, Interaction
from .page import WRITERS, account_or_404, done, show

FOUND = 12
KEPT = "What you typed is still here"


@require_POST
@member_required(*WRITERS)
def log(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Log a call, email, meeting or chat."""
    found = account_or_404(request, account)
    kind = chosen_kind(request.POST)
    form = LogForm(request.POST, account=found, actor=request.member, auto_id="log_%s")
    if form.is_valid():
        try:
            made = services.log_interaction(actor=request.member, account=found, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            owed = " Its recap is owed." if made.needs_recap else ""
            messages.success(request, f"Logged the {made.get_kind_display().lower()}.{owed}")
            return done(request, found, kind)
    return show(request, found, {"log_form": form, "composer_open": kind, "composer_begun": True}, status=422)


@require_POST
@member_required(*WRITERS)
def note(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """Write a note in the house format."""
    found = account_or_404(request, account)
    form = NoteForm(request.POST, auto_id="note_%s")
    if not form.is_valid():
        return show(request, found, {"note_form": form, "composer_open": "note", "composer_begun": True}, status=422)
    services.write_note(actor=request.member, account=found, **form.cleaned_data)
    messages.success(request, "Noted.")
    return done(request, found, "note")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def entry(request: WorkspaceRequest, workspace: str, account: UUID, entry: UUID) -> HttpResponse:
    """One interaction or note with its history; whoever wrote it corrects it here, within the workspace's hours."""
    found, row = entry_or_404(request, account, entry)
    form = form_for(request, found, row)
    if request.method != "POST":
        return entry_page(request, found, row, form)
    if not request.member.has_role(*WRITERS):
        raise PermissionDenied("Your role cannot do this here.")
    if not form.is_valid():
        return entry_page(request, found, row, form, status=422)
    try:
        changed = entries.correct_entry(
            actor=request.member, entry=row, values=form.written(row), seen=form.cleaned_data["seen"]
        )
    except entries.TooLate as late:
        form.add_error(None, f"{late} {KEPT}: copy it into a correction.")
        return entry_page(request, found, row, form, status=422)
    except ValidationError as refused:
        form.add_error(None, refused)
        return entry_page(request, found, row, form, status=422)
    except entries.Stale:
        return stale(request, found, row.pk, form)
    if changed:
        messages.success(request, "Saved. What it said before stays in its history.")
    else:
        messages.info(request, "Nothing changed.")
    return redirect("accounts:entry", workspace=workspace, account=found.pk, entry=row.pk)


def entry_or_404(request: WorkspaceRequest, account: UUID, pk: UUID) -> tuple[Account, entries.Row]:
    """An account of the workspace and one of its interactions or notes."""
    found = get_or_404(Account.objects.all(), request.workspace, account)
    found.workspace = request.workspace
    row = entry_of(found, pk)
    if row is None:
        raise Http404("No such row.")
    return found, row


def form_for(request: WorkspaceRequest, account: Account, row: entries.Row) -> CorrectInteractionForm | CorrectNoteForm:
    """The form that corrects an entry, with what it says now or what was sent."""
    data = request.POST if request.method == "POST" else None
    form: CorrectInteractionForm | CorrectNoteForm
    if isinstance(row, Interaction):
        zone = zone_of(request.member)
        initial = CorrectInteractionForm.values_of(row, zone)
        form = CorrectInteractionForm(data, account=account, actor=request.member, initial=initial)
    else:
        form = CorrectNoteForm(data, initial={"text": row.text})
    form.remember(entries.state_of(row))
    return form


def stale(request: WorkspaceRequest, account: Account, pk: UUID, form: Form) -> HttpResponse:
    """Somebody else was faster: the entry as it is now, what was typed kept, to be saved over it or given up."""
    row = entry_of(account, pk)
    if row is None:
        raise Http404("It has been removed.")
    again = request.POST.copy()
    again["seen"] = entries.state_of(row)
    form.data = again
    form.add_error(None, f"Someone else changed this after you opened it. {KEPT}: saving again puts it over theirs.")
    return entry_page(request, account, row, form, status=409)


def entry_page(
    request: WorkspaceRequest, account: Account, row: entries.Row, form: Form, *, status: int = 200
) -> HttpResponse:
    """An entry, its history, and what may be done with it."""
    closed = entries.why_closed(request.workspace, row)
    writes = request.member.has_role(*WRITERS)
    context: dict[str, Any] = {
        "account": account,
        "row": row,
        "is_note": not isinstance(row, Interaction),
        "versions": versions_of(row, request.workspace),
        "form": form,
        "closed": closed,
        "is_own": entries.is_own(request.member, row),
        "may_write": writes,
        "may_edit": writes and not closed and entries.is_own(request.member, row),
        "zone": zone_of(request.member),
        "nav": "accounts",
    }
    return render_page(request, "accounts/entry.html", context, status=status)


@require_POST
@member_required(*WRITERS)
def remove(request: WorkspaceRequest, workspace: str, account: UUID, entry: UUID) -> HttpResponse:
    """Take an entry away, within the hours in which it may be edited."""
    found, row = entry_or_404(request, account, entry)
    try:
        entries.remove_entry(actor=request.member, entry=row)
    except entries.TooLate as late:
        form = form_for(request, found, row)
        form.is_bound = False
        messages.error(request, str(late))
        return entry_page(request, found, row, form, status=422)
    except entries.Stale:
        raise Http404("It has been removed.") from None
    messages.success(request, "Removed. Its text stays in the history of the workspace.")
    return redirect("accounts:detail", workspace=workspace, account=found.pk)


@require_POST
@member_required(*WRITERS)
def recap(request: WorkspaceRequest, workspace: str, account: UUID, entry: UUID) -> HttpResponse:
    """Note that the recap of a meeting went out, or take that back."""
    found = account_or_404(request, account)
    row = get_or_404(Interaction.objects.filter(account=found), request.workspace, entry)
    sent = request.POST.get("sent") != "no"
    if entries.mark_recap_sent(actor=request.member, interaction=row, sent=sent):
        messages.success(request, f"Recap of {row.subject or 'the meeting'} {'sent' if sent else 'owed again'}.")
    else:
        messages.info(request, "Nothing changed.")
    back = request.POST.get("back", "")
    if back == "recaps":
        if request.htmx:
            return recaps_page(request)
        return redirect("accounts:recaps", workspace=workspace)
    if back == "entry":
        return redirect("accounts:entry", workspace=workspace, account=found.pk, entry=row.pk)
    return done(request, found)


@require_safe
@member_required()
def recaps(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The recaps the member owes, the longest waiting first."""
    return recaps_page(request)


def recaps_page(request: WorkspaceRequest) -> HttpResponse:
    """The list, or the ``recaps`` alone for htmx."""
    zone: ZoneInfo = zone_of(request.member)
    context = {
        "recaps": list(recaps_owed_by(request.member)[:200]),
        "zone": zone,
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, "accounts/recaps.html", context, partial="recaps")


@require_safe
@member_required(*WRITERS)
def quick_log(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Choose the account of a call, email, meeting, chat or note from anywhere; then its composer stands open."""
    kind = opened(request.GET.get("kind", "")) or "call"
    text = request.GET.get("find", "").replace("\x00", "").strip()[:100]
    if text:
        hits = find(request.workspace, text, FOUND)
        choices = [(hit.account_id, hit.title, hit.account if hit.contact else hit.detail) for hit in hits]
    else:
        choices = [(one.pk, one.name, "") for one in last_written_about(request.member, FOUND)]
    context = {
        "kind": kind,
        "text": text,
        "choices": [
            (f"{reverse('accounts:detail', args=[workspace, pk])}?log={kind}", name, detail)
            for pk, name, detail in choices
        ],
        "nav": "accounts",
    }
    return render_page(request, "accounts/quick_log.html", context, partial="matches")
