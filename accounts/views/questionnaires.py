"""Questionnaires of an account: the panel, a copy that is filled in or read, and what is made of it on paper."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget

from csworkbench.common.sheets import CONTENT_TYPE
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest, member_required, render_page

from ..forms import FilterForm
from ..listing import filtered
from ..models import Account, Answers, Questionnaire
from ..questionnaires import queries, services, sheets
from ..questionnaires.definitions import Sections, parse_sections, questions_of
from ..questionnaires.forms import SEEN, AnswersForm
from ..questionnaires.merging import Conflict, Merged
from ..questionnaires.values import in_words
from .page import WRITERS

PANEL = "accounts/questionnaire_panel.html"
PAGE = "accounts/questionnaire.html"


def account_or_404(request: WorkspaceRequest, pk: UUID) -> Account:
    """An account of the request's workspace, bare: these pages show its name."""
    return get_or_404(Account.objects.all(), request.workspace, pk)


def copy_or_404(request: WorkspaceRequest, account: UUID, copy: UUID) -> Answers:
    """A copy of an account of the request's workspace."""
    copies = Answers.objects.filter(account=account)
    return get_or_404(
        copies.select_related("account", "questionnaire", "author", "completed_by"), request.workspace, copy
    )


@require_safe
@member_required()
def panel(request: WorkspaceRequest, workspace: str, account: UUID) -> HttpResponse:
    """The questionnaires of an account: how far each is, and those one may start."""
    found = account_or_404(request, account)
    context = {
        "account": found,
        "rows": queries.rows_of(found, request.workspace),
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }
    return render_page(request, PANEL, context, partial="!questionnaires")


@require_POST
@member_required(*WRITERS)
def start(request: WorkspaceRequest, workspace: str, account: UUID, questionnaire: UUID) -> HttpResponse:
    """Start a copy; started already, it leads to the one there is."""
    found = account_or_404(request, account)
    version = get_or_404(Questionnaire.objects.all(), request.workspace, questionnaire)
    try:
        copy = services.start_copy(actor=request.member, account=found, questionnaire=version)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("accounts:questionnaires", workspace, account)
    return redirect("accounts:questionnaire", workspace, account, copy.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def questionnaire(request: WorkspaceRequest, workspace: str, account: UUID, copy: UUID) -> HttpResponse:
    """One copy: filled in by those who write, read by everyone; what is sent is merged answer by answer."""
    found = copy_or_404(request, account, copy)
    if request.method != "POST":
        return copy_page(request, found)
    if not request.member.has_role(*WRITERS):
        raise PermissionDenied("Your role reads questionnaires.")
    sections = parse_sections(found.sections)
    form = _bound(request, found, sections)
    form.is_valid()
    try:
        merged = services.save_answers(
            actor=request.member, copy=found, given=_given(request, form), confirm=_to_confirm(request, sections)
        )
        if not form.refused and not merged.conflicts:
            _go_on(request, found, merged)
    except services.Closed as closed:
        return _closed(request, found, form, closed)
    if form.refused or merged.conflicts:
        status = 409 if merged.conflicts else 422
        return copy_page(request, found, form=form, conflicts=merged.conflicts, status=status)
    if request.htmx:
        return copy_page(request, copy_or_404(request, account, copy))
    return redirect("accounts:questionnaire", workspace, account, copy)


def _go_on(request: WorkspaceRequest, copy: Answers, merged: Merged) -> None:
    """What a button asks for beside saving: to complete the copy, or to take prefilled answers anew."""
    then = request.POST.get("then", "")
    if then == "complete" and services.complete_copy(actor=request.member, copy=copy):
        messages.success(request, f"{copy.name} is completed.")
    elif then == "refresh":
        changed = services.refresh_answers(actor=request.member, copy=copy)
        told = f"{changed} prefilled answer{'s' * (changed != 1)} brought up to date."
        messages.success(request, told if changed else "The prefilled answers are up to date.")
    else:
        say_what_was_saved(request, merged)


@require_POST
@member_required(*WRITERS)
def answer(request: WorkspaceRequest, workspace: str, account: UUID, copy: UUID) -> HttpResponse:
    """One answer as it is typed, or confirmed: its question for htmx, the page again for a plain form."""
    found = copy_or_404(request, account, copy)
    key = request.POST.get("question", "")
    sections = parse_sections(found.sections)
    if key not in {one.key for one in questions_of(sections)}:
        return redirect("accounts:questionnaire", workspace, account, copy)
    form = _bound(request, found, sections, only={key})
    form.is_valid()
    confirm = {key} & set(request.POST.getlist("confirm"))
    try:
        merged = services.save_answers(actor=request.member, copy=found, given=_given(request, form), confirm=confirm)
    except services.Closed as closed:
        return _closed(request, found, form, closed)
    status = 409 if merged.conflicts else 422 if form.refused else 200
    if not request.htmx:
        if status != 200:
            return copy_page(request, found, form=form, conflicts=merged.conflicts, status=status)
        say_what_was_saved(request, merged)
        return redirect("accounts:questionnaire", workspace, account, copy)
    context = copy_context(request, found, form=form, conflicts=merged.conflicts)
    context |= {"asked": context["sheet"].asked(key), "part": context["sheet"].part_of(key)}
    whole = request.htmx.target == f"question-{key}"
    name = "accounts/_questionnaire_question.html" if whole else "accounts/_questionnaire_state.html"
    return render(request, name, context | {"is_answer": True}, status=status)


def _bound(
    request: WorkspaceRequest, copy: Answers, sections: Sections, only: Collection[str] | None = None
) -> AnswersForm:
    """The form of what was sent; questions that were not sent are left alone."""
    sent = {name.removeprefix(SEEN) for name in request.POST if name.startswith(SEEN)}
    people = queries.people_of(copy.account, request.workspace)
    only = sent if only is None else sent & set(only)
    return AnswersForm(request.POST, sections=sections, answers=copy.answers, people=people, only=only)


def _given(request: WorkspaceRequest, form: AnswersForm) -> dict[str, Any]:
    """What was said, without the question where the member takes what somebody else wrote."""
    taken = request.POST.get("take", "")
    return {key: given for key, given in form.given().items() if key != taken}


def _to_confirm(request: WorkspaceRequest, sections: Sections) -> set[str]:
    """The questions whose shown answers a button confirms: one, or all of a section."""
    chosen = set(request.POST.getlist("confirm"))
    titles = set(request.POST.getlist("confirm_section"))
    return chosen | {one.key for section in sections if section.key in titles for one in section.questions}


def say_what_was_saved(request: WorkspaceRequest, merged: Merged) -> None:
    """What a save did; one that changed nothing says so too."""
    saved, confirmed = len(merged.saved), len(merged.confirmed)
    told = [f"{saved} answer{'s' * (saved != 1)} saved"] * bool(saved)
    told += [f"{confirmed} confirmed"] * bool(confirmed)
    if told:
        messages.success(request, f"{', '.join(told)}.")
    else:
        messages.info(request, "Nothing changed.")


def _closed(request: WorkspaceRequest, copy: Answers, form: AnswersForm, closed: services.Closed) -> HttpResponse:
    """The copy was completed or replaced after the page was drawn: 409 with what was typed, and nothing of it kept."""
    given, currency = form.given(), request.workspace.currency
    typed = [
        (one.label, in_words(one, given[key].value, currency))
        for key, one in form.questions.items()
        if key in given and not given[key].is_untouched
    ]
    copy = copy_or_404(request, copy.account_id, copy.pk)
    response = copy_page(request, copy, problem=str(closed), typed=typed, status=409)
    if request.htmx:
        # An answer typed into one question is answered with the whole sheet: there is nothing to type into any more.
        response = retarget(reswap(response, "outerHTML"), "#sheet")
    return response


def copy_context(
    request: WorkspaceRequest,
    copy: Answers,
    *,
    form: AnswersForm | None = None,
    conflicts: Iterable[Conflict] = (),
) -> dict[str, Any]:
    """What the page of a copy shows; a refused or conflicting input keeps what was typed."""
    may_answer = request.member.has_role(*WRITERS) and copy.is_current and copy.completed_at is None
    inputs, refused = {}, form.refused if form else {}
    if may_answer:
        people = form.people if form else queries.people_of(copy.account, request.workspace)
        fresh = AnswersForm(sections=parse_sections(copy.sections), answers=copy.answers, people=people)
        inputs = fresh.inputs()
        if form is not None:
            inputs |= form.inputs({*refused, *(one.key for one in conflicts)})
    names = queries.names_of(request.workspace)
    sheet = queries.sheet_of(copy, request.workspace, names, inputs=inputs, conflicts=conflicts, seen=refused)
    return {
        "account": copy.account,
        "copy": copy,
        "sheet": sheet,
        "may_answer": may_answer,
        "may_write": request.member.has_role(*WRITERS),
        "nav": "accounts",
    }


def copy_page(
    request: WorkspaceRequest,
    copy: Answers,
    *,
    form: AnswersForm | None = None,
    conflicts: Iterable[Conflict] = (),
    problem: str = "",
    typed: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    """The page of a copy, or its sheet for htmx."""
    context = copy_context(request, copy, form=form, conflicts=conflicts)
    published = Questionnaire.objects.filter(
        workspace=request.workspace, key=copy.key, state=Questionnaire.State.PUBLISHED
    )
    newer = published.exclude(pk=copy.questionnaire_id).defer("sections").first() if copy.is_current else None
    context |= {
        "newer": newer,
        "older": list(queries.older_copies(copy)),
        "refused": len(form.refused) if form else 0,
        "problem": problem,
        "typed": typed,
    }
    return render_page(request, PAGE, context, partial="!sheet", status=status)


@require_POST
@member_required(*WRITERS)
def reopen(request: WorkspaceRequest, workspace: str, account: UUID, copy: UUID) -> HttpResponse:
    """Open a completed copy again."""
    found = copy_or_404(request, account, copy)
    changed = services.reopen_copy(actor=request.member, copy=found)
    return _done(request, found, f"{found.name} is open again." if changed else "")


@require_POST
@member_required(*WRITERS)
def renew(request: WorkspaceRequest, workspace: str, account: UUID, copy: UUID) -> HttpResponse:
    """Put a copy of the newest version in the place of this one, with the answers it can keep."""
    found = copy_or_404(request, account, copy)
    try:
        made = services.renew_copy(actor=request.member, copy=found)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("accounts:questionnaire", workspace, account, copy)
    told = "" if made.pk == found.pk else "Answers taken over into the new version. The old copy stays readable."
    return _done(request, made, told)


def _done(request: WorkspaceRequest, copy: Answers, told: str) -> HttpResponse:
    if told:
        messages.success(request, told)
    else:
        messages.info(request, "Nothing changed.")
    return redirect("accounts:questionnaire", request.workspace.slug, copy.account_id, copy.pk)


@require_safe
@member_required()
def print_copy(request: WorkspaceRequest, workspace: str, account: UUID, copy: UUID) -> HttpResponse:
    """A copy for paper: every question with its answer, and which of them nobody confirmed."""
    found = copy_or_404(request, account, copy)
    sheet = queries.sheet_of(found, request.workspace, queries.names_of(request.workspace))
    context = {"account": found.account, "copy": found, "sheet": sheet, "nav": "accounts"}
    return render_page(request, "accounts/questionnaire_print.html", context)


@require_safe
@member_required()
def export_copy(request: WorkspaceRequest, workspace: str, account: UUID, copy: UUID) -> HttpResponse:
    """One copy as a spreadsheet that holds no formula."""
    found = copy_or_404(request, account, copy)
    sheet = queries.sheet_of(found, request.workspace, queries.names_of(request.workspace))
    return as_download(sheets.sheet_of_copy(sheet), f"{found.account.name} {found.name}")


@require_safe
@member_required()
def book(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """How far each questionnaire is over the accounts that the filters leave."""
    form = FilterForm(request.GET, workspace=request.workspace)
    accounts = filtered(request.workspace, form)
    kept = request.GET.copy()
    context = {
        "form": form,
        "progress": queries.progress_over(request.workspace, accounts),
        "accounts": accounts.count(),
        "query": kept.urlencode(),
        "nav": "accounts",
    }
    return render_page(request, "accounts/questionnaire_book.html", context, partial="progress")


@require_safe
@member_required()
def export_book(request: WorkspaceRequest, workspace: str, questionnaire: UUID) -> HttpResponse:
    """The current copies of a questionnaire over the filtered accounts, a row per account."""
    version = get_or_404(Questionnaire.objects.all(), request.workspace, questionnaire)
    accounts = filtered(request.workspace, FilterForm(request.GET, workspace=request.workspace))
    return as_download(sheets.sheet_over_book(request.workspace, version.key, accounts), version.name)


def as_download(content: bytes, name: str) -> HttpResponse:
    """An xlsx under a name that every system can hold."""
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{slugify(name)[:80] or "answers"}.xlsx"'
    return response
