"""Reads of the pages of questionnaires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Q, QuerySet
from django.forms import BoundField

from accounts.models import Account, Answers, Contact, Questionnaire
from accounts.search import normalise_name
from csworkbench.tenancy.models import Member, Workspace

from .definitions import Question, Section, Sections, Sort, parse_sections, questions_of
from .forms import People, seen_of
from .merging import Conflict, Entry, Tally, is_confirmed, is_prefilled, tally
from .prefilling import source_label
from .values import in_words

State = Questionnaire.State


# -- Versions


@dataclass(frozen=True)
class Line:
    """One questionnaire in the settings: its versions, newest first, and how many accounts use each."""

    key: str
    versions: list[Questionnaire]

    @property
    def latest(self) -> Questionnaire:
        """The version that speaks for it: the published one, else the newest."""
        return next((one for one in self.versions if one.state == State.PUBLISHED), self.versions[0])


def lines_of(workspace: Workspace) -> list[Line]:
    """Every questionnaire, those in use first; each version counts the accounts whose current copy is of it."""
    in_use = Count("copies", filter=Q(copies__is_current=True, copies__workspace=workspace))
    rows = Questionnaire.objects.filter(workspace=workspace).select_related("author").annotate(accounts=in_use)
    lines: dict[str, list[Questionnaire]] = {}
    for row in rows.order_by("key", "-number"):
        lines.setdefault(row.key, []).append(row)
    known = [Line(key, versions) for key, versions in lines.items()]
    return sorted(known, key=lambda line: (line.latest.state == State.RETIRED, line.latest.name.casefold(), line.key))


def versions_of(workspace: Workspace, key: str) -> list[Questionnaire]:
    """The versions of a questionnaire, newest first, with the accounts that use each."""
    return next((line.versions for line in lines_of(workspace) if line.key == key), [])


# -- Copies of an account


@dataclass(frozen=True)
class Row:
    """One questionnaire on the panel of an account: its current copy, or the version one may start."""

    name: str
    kind: str
    copy: Answers | None
    published: Questionnaire | None

    @property
    def has_newer(self) -> bool:
        """Whether a newer version than the copy's is published."""
        return bool(self.copy and self.published and self.copy.questionnaire_id != self.published.pk)


def rows_of(account: Account, workspace: Workspace) -> list[Row]:
    """What the panel shows; two statements."""
    copies = {
        copy.key: copy
        for copy in Answers.objects.filter(workspace=workspace, account=account, is_current=True)
        .select_related("questionnaire", "completed_by")
        .defer("answers", "sections", "questionnaire__sections")
    }
    published = {
        one.key: one
        for one in Questionnaire.objects.filter(workspace=workspace, state=State.PUBLISHED).defer("sections")
    }
    rows = [
        Row(copy.name if copy else published[key].name, copy.kind if copy else published[key].kind, copy, version)
        for key in {**copies, **published}
        for copy, version in [(copies.get(key), published.get(key))]
    ]
    return sorted(rows, key=lambda row: (KINDS.index(row.kind), row.name.casefold()))


KINDS = Questionnaire.Kind.values


def older_copies(copy: Answers) -> QuerySet[Answers]:
    """The other copies of the same questionnaire for the same account, the current one first."""
    rows = Answers.objects.filter(workspace=copy.workspace_id, account=copy.account_id, key=copy.key)
    rows = rows.exclude(pk=copy.pk).select_related("questionnaire", "author")
    return rows.defer("answers", "sections", "questionnaire__sections").order_by("-is_current", "-created_at", "-pk")


@dataclass
class Asked:
    """One question as the page of a copy shows it."""

    question: Question
    entry: Entry
    words: str
    origin: str
    seen: str
    by: str = ""
    at: datetime | None = None
    on: date | None = None
    input: BoundField | None = None
    conflict: Conflict | None = None
    theirs: str = ""
    mine: str = ""

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def is_segments(self) -> bool:
        """Whether its choices stand in one row."""
        return self.question.sort == Sort.YES_NO

    @property
    def is_prefilled(self) -> bool:
        return is_prefilled(self.entry)

    @property
    def is_confirmed(self) -> bool:
        return is_confirmed(self.entry)


@dataclass(frozen=True)
class Part:
    """One section with its questions and how far they are."""

    section: Section
    asked: list[Asked]
    tally: Tally

    @property
    def waiting(self) -> int:
        """How many prefilled answers wait for a member's word."""
        return sum(one.is_prefilled for one in self.asked)


@dataclass(frozen=True)
class Sheet:
    """A copy as it is read or filled in."""

    copy: Answers
    parts: list[Part]
    tally: Tally
    conflicts: list[Asked] = field(default_factory=list)

    def asked(self, key: str) -> Asked | None:
        return next((one for part in self.parts for one in part.asked if one.key == key), None)

    def part_of(self, key: str) -> Part | None:
        return next((part for part in self.parts if any(one.key == key for one in part.asked)), None)

    @property
    def waiting(self) -> int:
        return sum(part.waiting for part in self.parts)


def sheet_of(
    copy: Answers,
    workspace: Workspace,
    names: dict[str, str],
    *,
    inputs: Mapping[str, BoundField] | None = None,
    conflicts: Iterable[Conflict] = (),
    seen: Mapping[str, str] | None = None,
) -> Sheet:
    """A copy with what its page says of each answer; no statement.

    ``names`` are member ids → names; ``seen`` holds what a refused input was drawn from, by question.
    """
    sections = parse_sections(copy.sections)
    clashing = {one.key: one for one in conflicts}
    parts = []
    for section in sections:
        asked = [_asked(one, copy.answers.get(one.key, {}), workspace, names) for one in section.questions]
        for one in asked:
            one.input = (inputs or {}).get(one.key)
            one.seen = (seen or {}).get(one.key, one.seen)
            _clash(one, clashing.get(one.key), workspace)
        parts.append(Part(section, asked, tally(section.questions, copy.answers)))
    known = [one for part in parts for one in part.asked if one.conflict]
    return Sheet(copy, parts, tally(questions_of(sections), copy.answers), known)


def _asked(question: Question, entry: Entry, workspace: Workspace, names: dict[str, str]) -> Asked:
    at, on = entry.get("at"), entry.get("on")
    return Asked(
        question,
        entry,
        words=in_words(question, entry.get("value"), workspace.currency),
        origin=source_label(entry["from"]) if entry.get("from") else "",
        seen=seen_of(entry),
        by=names.get(entry.get("by") or "", "somebody") if entry.get("by") else "",
        at=datetime.fromisoformat(at) if at else None,
        on=date.fromisoformat(on) if on else None,
    )


def _clash(one: Asked, conflict: Conflict | None, workspace: Workspace) -> None:
    if conflict is not None:
        one.conflict = conflict
        one.theirs = in_words(one.question, conflict.theirs.get("value"), workspace.currency)
        one.mine = in_words(one.question, conflict.mine, workspace.currency)


def names_of(workspace: Workspace) -> dict[str, str]:
    """Member id → name of everyone who ever was here; one statement."""
    return {str(pk): name for pk, name in Member.objects.filter(workspace=workspace).values_list("pk", "name")}


def people_of(account: Account, workspace: Workspace) -> People:
    """Who can be chosen in a copy of an account; two statements."""
    contacts = Contact.objects.filter(workspace=workspace, account=account).order_by("-is_primary", "last_name", "pk")
    members = Member.objects.active().filter(workspace=workspace).order_by("name")
    return People(
        [(str(one.pk), one.name) for one in contacts],
        [(str(pk), name) for pk, name in members.values_list("pk", "name")],
    )


# -- Copies over a book


@dataclass(frozen=True)
class Progress:
    """How far a questionnaire is over some accounts; percents are averages over those that have a copy."""

    questionnaire: Questionnaire
    copies: int = 0
    completed: int = 0
    completeness: int = 0
    confirmed: int = 0


def progress_over(workspace: Workspace, accounts: QuerySet[Account]) -> list[Progress]:
    """Every questionnaire with its current copies among some accounts; two statements."""
    rows = Answers.objects.filter(workspace=workspace, is_current=True, account__in=accounts.order_by().values("pk"))
    summed = (
        rows.order_by()
        .values("key")
        .annotate(copies=Count("pk"), completed=Count("completed_at"), full=Avg("completeness"), sure=Avg("confirmed"))
        .values_list("key", "copies", "completed", "full", "sure")
    )
    sums = {key: (copies, completed, round(full), round(sure)) for key, copies, completed, full, sure in summed}
    speaking = Questionnaire.objects.filter(workspace=workspace).exclude(state=State.DRAFT).defer("sections")
    latest = {one.key: one for one in speaking.order_by("number")}
    known = [
        Progress(one, *sums.get(one.key, ()))
        for one in latest.values()
        if one.key in sums or one.state == State.PUBLISHED
    ]
    return sorted(known, key=lambda one: (KINDS.index(one.questionnaire.kind), one.questionnaire.name.casefold()))


def copies_over(workspace: Workspace, key: str, accounts: QuerySet[Account]) -> QuerySet[Answers]:
    """The current copies of a questionnaire for some accounts, by the account's name."""
    rows = Answers.objects.filter(workspace=workspace, key=key, is_current=True, account__in=accounts.values("pk"))
    return rows.select_related("account__owner", "questionnaire", "completed_by").order_by("account__search_name", "pk")


def columns_over(workspace: Workspace, key: str, used: Iterable[UUID]) -> Sections:
    """The sections whose questions are columns of an export: of the newest version in use, then what older ones had."""
    versions = Questionnaire.objects.filter(workspace=workspace, key=key, pk__in=list(used)).order_by("-number")
    seen: set[str] = set()
    columns: list[Section] = []
    for version in versions:
        for section in parse_sections(version.sections):
            fresh = tuple(one for one in section.questions if one.key not in seen)
            seen |= {one.key for one in fresh}
            columns += [Section(section.key, section.title, fresh)] if fresh else []
    return tuple(columns)


def preview_accounts(workspace: Workspace, member: Member, words: str) -> Sequence[Any]:
    """Some accounts to preview with: those whose name begins so, else of the member's own book, else any."""
    rows = Account.objects.filter(workspace=workspace).order_by("search_name", "pk")
    if words.strip():
        return list(rows.filter(search_name__startswith=normalise_name(words))[:8])
    return list(rows.filter(owner=member)[:8]) or list(rows[:8])
