"""The ledger of an account in words: what changed, from what to what, and who did it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models

from csworkbench.common import words
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.wording import Differences, tellers_of

from .models import (
    Account,
    AdoptionCheck,
    Answers,
    Contact,
    HealthOverride,
    Interaction,
    Note,
    Onboarding,
    OnboardingGoal,
    Opportunity,
    Outcome,
    Plan,
    PlanAction,
    PlanEntry,
    PlanGoal,
    RenewalOutcome,
    Subscription,
)
from .naming import names_of

LABELS: dict[type[models.Model], str] = {
    Interaction: "interaction",
    Note: "note",
    Account: "account",
    Contact: "contact",
    Subscription: "subscription",
    Outcome: "outcome",
    Opportunity: "opportunity",
    HealthOverride: "health override",
    RenewalOutcome: "outcome of a renewal",
    Onboarding: "onboarding record",
    OnboardingGoal: "onboarding goal",
    AdoptionCheck: "adoption check",
    Plan: "plan",
    PlanGoal: "plan goal",
    PlanAction: "plan action",
    PlanEntry: "plan entry",
    Answers: "questionnaire",
}
TABLES = {model._meta.db_table: model for model in LABELS}
# What follows from another column, or says nothing to a person.
HIDDEN = frozenset(
    {
        "search_name",
        "workspace_id",
        "id",
        "account_id",
        "request_key",
        "created_at",
        "stage_since",
        "health_since",
        "onboarding_id",
        "template_id",
        "plan_id",
        "changed_at",
        "completeness",
        "confirmed",
        "completed_by_id",
        "questionnaire_id",
    }
)
PLURALS = {"opportunity": "opportunities", "outcome of a renewal": "outcomes of renewals", "plan entry": "plan entries"}
COLUMNS = {
    "mrr_minor": "MRR",
    "otr_minor": "OTR",
    "is_primary": "primary contact",
    "is_decision_maker": "decision maker",
    "renews_on": "renewal",
}
# Rows that one act wrote one after the other are told as one.
TOGETHER = timedelta(minutes=1)
# Stand in the timeline as themselves: only that one was removed is told as a change.
THEMSELVES = tuple(model._meta.db_table for model in (Interaction, Note))
# Rows read for each change that is asked for: most acts write one to three.
ROWS_EACH = 3
Field = tuple[str, str, str]
# Columns that hold several fields at once: table and column → what differs, in words.
Tellers = Mapping[tuple[str, str], Differences]


@dataclass(frozen=True)
class Change:
    """One act on the rows of an account; ``fields`` holds ``(field, old, new)`` in words.

    ``last`` is the id of its oldest row in the ledger: the next page of changes lies below it.
    """

    at: datetime
    title: str
    actor: str
    actor_id: UUID | None
    cause: str
    fields: tuple[Field, ...]
    last: UUID


def changes_of(account: Account, workspace: Workspace, limit: int) -> list[Change]:
    """The newest changes, newest first; notes and interactions stand in the timeline as themselves."""
    return page_of_changes(account, workspace, limit)[0]


def page_of_changes(
    account: Account,
    workspace: Workspace,
    limit: int,
    *,
    below: UUID | None = None,
    actor: UUID | None = None,
) -> tuple[list[Change], UUID | None]:
    """At most ``limit`` changes below an id of the ledger, and the id above which they are all there are.

    The id is None at the ledger's end. Two statements whatever the depth: a bounded stretch of the ledger, and the
    names that it mentions; another for custom fields or answers where one of them changed.
    """
    entries = HistoryEntry.objects.filter(workspace=workspace, account_id=account.pk, table_name__in=TABLES)
    entries = entries.exclude(table_name__in=THEMSELVES, operation__in=("insert", "update"))
    entries = entries.filter(pk__lt=below) if below else entries
    entries = entries.filter(actor_id=actor) if actor else entries
    most = limit * ROWS_EACH
    read = list(entries.order_by("-pk")[:most])
    acts = _acts(read, limit)
    ended = len(read) < most and len(acts) < limit
    if not ended and len(acts) > 1 and acts[-1][-1] is read[-1]:
        acts.pop()  # may go on below what was read
    rows = [row for act in acts for row in act]
    names = _names(workspace, acts)
    wording = tellers_of(workspace, {(row.table_name, column) for row in rows for column in row.changes})
    told = [_change(act, names, workspace.currency, wording) for act in acts]
    if ended:
        return told, None
    return told, told[-1].last if told else read[-1].pk


def _acts(rows: Iterable[HistoryEntry], limit: int) -> list[list[HistoryEntry]]:
    """Rows added or removed by one act, together; each update that says something by itself. Reads no further."""
    acts: list[list[HistoryEntry]] = []
    for row in rows:
        last = acts[-1][-1] if acts else None
        if last is not None and row.operation != "update" and _same_act(last, row):
            acts[-1].append(row)
        elif len(acts) == limit:
            break
        elif row.operation != "update" or _telling(row):
            acts.append([row])
    return acts


def _telling(row: HistoryEntry) -> list[str]:
    """The changed columns a person wants to read of."""
    columns = _columns(TABLES[row.table_name])
    return [column for column in row.changes if column in columns and column not in HIDDEN]


def _same_act(last: HistoryEntry, row: HistoryEntry) -> bool:
    same = ("operation", "actor_id", "actor_kind", "cause")
    return last.at - row.at <= TOGETHER and all(getattr(last, name) == getattr(row, name) for name in same)


def _change(group: Sequence[HistoryEntry], names: Mapping[Any, str], currency: str, tellers: Tellers) -> Change:
    first = group[0]
    fields = _fields(first, names, currency, tellers) if first.operation == "update" else ()
    return Change(
        at=first.at,
        title=_title(group, names),
        actor=_actor(first, names),
        actor_id=first.actor_id,
        cause=first.cause,
        fields=fields,
        last=group[-1].pk,
    )


def _title(group: Sequence[HistoryEntry], names: Mapping[Any, str]) -> str:
    """``Contact Ada Gallo changed``, or ``Account and 3 subscriptions added``."""
    verb = {"insert": "added", "update": "changed", "delete": "removed"}[group[0].operation]
    counts = Counter(LABELS[TABLES[row.table_name]] for row in reversed(group))
    parts = [
        label if number == 1 else words.count(number, label, PLURALS.get(label, "")) for label, number in counts.items()
    ]
    if gone := _gone_entry(group[0]) if len(group) == 1 else "":
        parts = [gone]
    elif len(group) == 1 and group[0].row_id in names:
        parts = [f"{parts[0]} {names[group[0].row_id]}"]
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"{listed[:1].upper()}{listed[1:]} {verb}"


def _gone_entry(row: HistoryEntry) -> str:
    """``call “Renewal”`` of a removed interaction, by what the ledger kept of it."""
    if row.table_name != Interaction._meta.db_table:
        return ""
    kind, subject = (row.changes.get(column, [""])[0] for column in ("kind", "subject"))
    return f"{kind or 'interaction'} “{subject}”" if subject else str(kind or "interaction")


def _actor(row: HistoryEntry, names: Mapping[Any, str]) -> str:
    name = names.get(row.actor_id) if row.actor_id else None
    if row.actor_kind == "member":
        return name or "A member"
    return f"{row.actor_kind.capitalize()}{f' by {name}' if name else ''}"


def _fields(row: HistoryEntry, names: Mapping[Any, str], currency: str, tellers: Tellers) -> tuple[Field, ...]:
    columns = _columns(TABLES[row.table_name])
    fields: list[Field] = []
    for name in _telling(row):
        if teller := tellers.get((row.table_name, name)):
            fields += teller(*row.changes[name])
            continue
        old, new = (in_words(columns[name], value, names, currency) for value in row.changes[name])
        fields.append((COLUMNS.get(name) or str(columns[name].verbose_name), old, new))
    return tuple(fields)


def _columns(model: type[models.Model]) -> dict[str, Any]:
    return {field.attname: field for field in model._meta.concrete_fields}


def in_words(column: Any, value: Any, names: Mapping[Any, str], currency: str) -> str:
    """A value as the ledger keeps it (JSON), as a person would say it."""
    if value in (None, "", []):
        return "—"
    if column.is_relation:
        return names.get(UUID(value), "another record")
    if column.attname.endswith("_minor"):
        return words.money(value, currency)
    if isinstance(value, list):
        choices = dict(column.base_field.flatchoices)
        return ", ".join(str(choices.get(each, each)) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(column, models.DateField) and not isinstance(column, models.DateTimeField):
        day = date.fromisoformat(value)
        return f"{day:%b} {day.day}, {day.year}"
    return str(dict(column.flatchoices).get(value, value))


def _names(workspace: Workspace, acts: Sequence[Sequence[HistoryEntry]]) -> dict[Any, str]:
    """The names that these acts are told with; one statement. Rows that are only counted are not named."""
    wanted: dict[type[models.Model], set[UUID]] = {}
    for row, counted in ((row, len(act) > 1) for act in acts for row in act):
        model = TABLES[row.table_name]
        if row.actor_id:
            wanted.setdefault(Member, set()).add(row.actor_id)
        if row.row_id and model is not Account and not counted:
            wanted.setdefault(model, set()).add(row.row_id)
        for related, value in _mentions(model, row):
            wanted.setdefault(related, set()).add(value)
    return names_of(workspace, wanted)


def _mentions(model: type[models.Model], row: HistoryEntry) -> Iterable[tuple[type[models.Model], UUID]]:
    columns = _columns(model)
    for column in _telling(row):
        if columns[column].is_relation:
            yield from ((columns[column].related_model, UUID(value)) for value in row.changes[column] if value)
