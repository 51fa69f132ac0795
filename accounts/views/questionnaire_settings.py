"""Questionnaires in the settings: versions, their editor, preview and publishing. An admin and CS Ops edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.fingerprints import fingerprint
from csworkbench.tenancy.frame import answered, lost_race, refuse, settings_page
from csworkbench.tenancy.http import WorkspaceRequest, member_required

from ..models import Account, Questionnaire
from ..questionnaires import queries, services
from ..questionnaires.definitions import (
    CHOOSING,
    MAX_QUESTIONS,
    MAX_SECTIONS,
    Sections,
    Sort,
    parse_sections,
    questions_of,
)
from ..questionnaires.differences import differences
from ..questionnaires.editing import act, edited
from ..questionnaires.forms import NewQuestionnaireForm
from ..questionnaires.prefilling import cannot_fill, offered_sources, prefill_accounts, source_label
from ..questionnaires.services import new_copy

EDITORS = ("admin", "ops")
TAB = "account_settings:questionnaires"
LOCKED = ("name", "description", "sections", "state")
State = Questionnaire.State


def version_or_404(request: WorkspaceRequest, pk: UUID) -> Questionnaire:
    return get_or_404(Questionnaire.objects.select_related("author"), request.workspace, pk)


@require_safe
@member_required()
def questionnaires(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Every questionnaire with its versions and how many accounts use which."""
    return list_page(request)


@require_POST
@member_required(*EDITORS)
def add(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """Begin a questionnaire."""
    form = NewQuestionnaireForm(request.POST)
    if form.is_valid():
        try:
            made = services.create_questionnaire(actor=request.member, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            answered(request, f"{made.name} is a draft now. Add its sections and questions.")
            return redirect("account_settings:questionnaire", workspace, made.pk)
    return list_page(request, form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def questionnaire(request: WorkspaceRequest, workspace: str, questionnaire: UUID) -> HttpResponse:
    """One version: read by everyone; a draft is edited, each button keeping what was typed."""
    found = version_or_404(request, questionnaire)
    if request.method != "POST":
        return version_page(request, found, opened=request.GET.get("question", ""))
    if not request.member.has_role(*EDITORS):
        raise PermissionDenied("An admin or CS Ops edits questionnaires.")
    if is_stale(request, found):
        return lost_race(request, lambda: version_page(request, found, status=409))
    do = request.POST.get("do", "save")
    sent = {name: str(value) for name, value in request.POST.items()}
    taken = {one.key for one in _earlier_questions(request, found)}
    typed = edited(parse_sections(found.sections), sent)
    sections, at = act(typed, do, sent, taken)
    name, description = sent.get("name", found.name), sent.get("description", found.description)
    try:
        services.save_draft(actor=request.member, draft=found, name=name, description=description, sections=sections)
    except ValidationError as error:
        found.name, found.description = name, description
        opened = sent.get("opened", "")
        return version_page(request, found, sections=typed, opened=opened, problems=error.messages, status=422)
    opened = opened_next(do, at, sections)
    if request.htmx:
        return version_page(request, version_or_404(request, questionnaire), opened=opened, at=at)
    query = f"?{urlencode({'question': opened})}" if opened else ""
    anchor = f"#question-{at}" if at in {one.key for one in questions_of(sections)} else f"#section-{at}" * bool(at)
    return redirect(f"{reverse('account_settings:questionnaire', args=[workspace, found.pk])}{query}{anchor}")


def is_stale(request: WorkspaceRequest, found: Questionnaire) -> bool:
    """Whether the draft changed, or is none any more, since the form was drawn."""
    sent = request.POST.get("seen", "")
    return found.state != State.DRAFT or (bool(sent) and sent != fingerprint(found, LOCKED))


def opened_next(do: str, at: str, sections: Sections) -> str:
    """Which question stands open after a button: a new one, or the one whose “Edit” was pressed."""
    verb, _, key = do.partition(":")
    wanted = {"edit": key, "add-question": at}.get(verb, "")
    return wanted if wanted in {one.key for one in questions_of(sections)} else ""


def _earlier_questions(request: WorkspaceRequest, found: Questionnaire) -> list[Any]:
    """Questions of the other versions: a new question must not take over the answers of one that was removed."""
    others = Questionnaire.objects.filter(workspace=request.workspace, key=found.key).exclude(pk=found.pk)
    return [one for data in others.values_list("sections", flat=True) for one in questions_of(parse_sections(data))]


@require_POST
@member_required(*EDITORS)
def publish(request: WorkspaceRequest, workspace: str, questionnaire: UUID) -> HttpResponse:
    """Publish a draft; copies start from it, and it never changes again."""
    found = version_or_404(request, questionnaire)
    if is_stale(request, found):
        return lost_race(request, lambda: version_page(request, found, status=409))
    try:
        changed = services.publish_questionnaire(actor=request.member, draft=found)
    except ValidationError as error:
        return version_page(request, found, problems=error.messages, status=422)
    answered(request, f"{found.name}, version {found.number}, is published.", changed=changed)
    return redirect("account_settings:questionnaire", workspace, found.pk)


@require_POST
@member_required(*EDITORS)
def draft(request: WorkspaceRequest, workspace: str, questionnaire: UUID) -> HttpResponse:
    """Begin the next version as this one is; one that is begun already is opened."""
    found = version_or_404(request, questionnaire)
    made = services.draft_next_version(actor=request.member, version=found)
    return redirect("account_settings:questionnaire", workspace, made.pk)


@require_POST
@member_required(*EDITORS)
def retire(request: WorkspaceRequest, workspace: str, questionnaire: UUID) -> HttpResponse:
    """Start no more copies; those there are stay."""
    found = version_or_404(request, questionnaire)
    changed = services.retire_questionnaire(actor=request.member, version=found)
    answered(request, f"{found.name} is retired. Its copies stay.", changed=changed)
    return redirect("account_settings:questionnaire", workspace, found.pk)


@require_POST
@member_required(*EDITORS)
def discard(request: WorkspaceRequest, workspace: str, questionnaire: UUID) -> HttpResponse:
    """Throw a draft away."""
    found = version_or_404(request, questionnaire)
    changed = services.discard_draft(actor=request.member, draft=found)
    answered(request, f"The draft of {found.name} is gone.", changed=changed)
    return redirect(TAB, workspace)


@require_safe
@member_required()
def preview(request: WorkspaceRequest, workspace: str, questionnaire: UUID) -> HttpResponse:
    """A version as an account would see it, prefilled with what is known of it; nothing is kept."""
    found = version_or_404(request, questionnaire)
    words = request.GET.get("q", "")[:100]
    offered = queries.preview_accounts(request.workspace, request.member, words)
    account = _chosen(request) or next(iter(offered), None)
    sheet = None
    if account is not None:
        known = prefill_accounts(request.workspace, [account.pk], parse_sections(found.sections))
        copy = new_copy(account=account, questionnaire=found, answers=known.get(account.pk, {}), author=None)
        sheet = queries.sheet_of(copy, request.workspace, {})
    context = {"version": found, "account": account, "offered": offered, "words": words, "sheet": sheet}
    template = "accounts/settings_questionnaire_preview.html"
    return settings_page(request, template, TAB, context, partial="questionnaire-preview")


def _chosen(request: WorkspaceRequest) -> Account | None:
    """The account of the query, if it is one of the workspace."""
    try:
        pk = UUID(request.GET.get("account", ""))
    except ValueError:
        return None
    return Account.objects.filter(workspace=request.workspace, pk=pk).first()


def list_page(
    request: WorkspaceRequest, form: NewQuestionnaireForm | None = None, *, status: int = 200
) -> HttpResponse:
    """All questionnaires, and the form of a new one for those who edit."""
    context = {"lines": queries.lines_of(request.workspace), "form": form or NewQuestionnaireForm()}
    template = "accounts/settings_questionnaires.html"
    return settings_page(request, template, TAB, context, partial="questionnaire-list", status=status)


def version_page(
    request: WorkspaceRequest,
    found: Questionnaire,
    *,
    sections: Sections | None = None,
    opened: str = "",
    at: str = "",
    problems: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    """One version with what differs from another; a draft as the editor."""
    versions = queries.versions_of(request.workspace, found.key)
    against = _against(request, found, versions)
    shown = parse_sections(found.sections) if sections is None else sections
    editable = found.state == State.DRAFT and request.member.has_role(*EDITORS)
    context = {
        "version": found,
        "versions": versions,
        "accounts": next((one.accounts for one in versions if one.pk == found.pk), 0),  # type: ignore[attr-defined]
        "against": against,
        "differences": differences(parse_sections(against.sections), shown) if against else [],
        "sections": [(section, [_row(one) for one in section.questions]) for section in shown],
        "questions": sum(1 for _ in questions_of(shown)),
        "editable": editable,
        "opened": opened,
        "at": at or opened,
        "problems": problems,
        "missing": services.missing_to_publish(found) if editable and not problems else [],
        "sorts": Sort.choices,
        "choosing": [str(sort) for sort in CHOOSING],
        "sources": offered_sources(request.workspace) if editable and opened else [],
        "seen": request.POST.get("seen", "") if status == 422 else fingerprint(found, LOCKED),
        "has_draft": any(one.state == State.DRAFT for one in versions),
        "most_sections": MAX_SECTIONS,
        "most_questions": MAX_QUESTIONS,
    }
    template = "accounts/settings_questionnaire.html"
    return settings_page(request, template, TAB, context, partial="questionnaire-editor", status=status)


def _row(one: Any) -> dict[str, Any]:
    problem = cannot_fill(one.sort, one.prefill) if one.prefill else ""
    return {"question": one, "source": source_label(one.prefill) if one.prefill else "", "problem": problem}


def _against(
    request: WorkspaceRequest, found: Questionnaire, versions: Sequence[Questionnaire]
) -> Questionnaire | None:
    """The version to compare with: the number of the query, else the one before."""
    wanted = request.GET.get("against", "")
    others = [one for one in versions if one.pk != found.pk and one.state != State.DRAFT]
    chosen = next((one for one in others if str(one.number) == wanted), None)
    return chosen or next((one for one in others if one.number < found.number), None)
