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

from .custom import Wording
from .models import Account, Contact, Opportunity, Outcome, Subscription

LABELS: dict[type[models.Model], str] = {
    Account: "account",
    Contact: "contact",
    Subscription: "subscription",
    Outcome: "outcome",
    Opportunity: "opportunity",
}
TABLES = {model._meta.db_table: model for model in LABELS}
# What follows from another column, or says nothing to a person.
HIDDEN = frozenset(
    {"search_name", "workspace_id", "id", "account_id", "request_key", "created_at", "stage_since", "health_since"}
)
PLURALS = {"opportunity": "opportunities"}
COLUMNS = {
    "mrr_minor": "MRR",
    "otr_minor": "OTR",
    "is_primary": "primary contact",
    "is_decision_maker": "decision maker",
    "renews_on": "renewal",
}
# Rows that one act wrote one after the other are told as one.
TOGETHER = timedelta(minutes=1)
Field = tuple[str, str, str]


@dataclass(frozen=True)
class Change:
    """One act on the rows of an account; ``fields`` holds ``(field, old, new)`` in words."""

    at: datetime
    title: str
    actor: str
    cause: str
    fields: tuple[Field, ...]


def changes_of(account: Account, workspace: Workspace, limit: int) -> list[Change]:
    """The newest changes, newest first; notes and interactions stand in the timeline as themselves."""
    entries = HistoryEntry.objects.filter(workspace=workspace, account_id=account.pk, table_name__in=TABLES)
    acts = _acts(entries.order_by("-pk").iterator(chunk_size=200), limit)
    rows = [row for act in acts for row in act]
    names = _names(workspace, rows)
    custom = Wording(workspace) if any("custom" in row.changes for row in rows) else None
    return [_change(act, names, workspace.currency, custom) for act in acts]


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


def _change(group: Sequence[HistoryEntry], names: Mapping[Any, str], currency: str, custom: Wording | None) -> Change:
    first = group[0]
    fields = _fields(first, names, currency, custom) if first.operation == "update" else ()
    return Change(first.at, _title(group, names), _actor(first, names), first.cause, fields)


def _title(group: Sequence[HistoryEntry], names: Mapping[Any, str]) -> str:
    """``Contact Ada Gallo changed``, or ``Account and 3 subscriptions added``."""
    verb = {"insert": "added", "update": "changed", "delete": "removed"}[group[0].operation]
    counts = Counter(LABELS[TABLES[row.table_name]] for row in reversed(group))
    parts = [
        label if number == 1 else words.count(number, label, PLURALS.get(label, "")) for label, number in counts.items()
    ]
    if len(group) == 1 and group[0].row_id in names:
        parts = [f"{parts[0]} {names[group[0].row_id]}"]
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"{listed[:1].upper()}{listed[1:]} {verb}"


def _actor(row: HistoryEntry, names: Mapping[Any, str]) -> str:
    name = names.get(row.actor_id) if row.actor_id else None
    if row.actor_kind == "member":
        return name or "A member"
    return f"{row.actor_kind.capitalize()}{f' by {name}' if name else ''}"


def _fields(row: HistoryEntry, names: Mapping[Any, str], currency: str, custom: Wording | None) -> tuple[Field, ...]:
    columns = _columns(TABLES[row.table_name])
    fields: list[Field] = []
    for name in _telling(row):
        if name == "custom" and custom is not None:
            fields += custom(*row.changes[name])
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


def _names(workspace: Workspace, rows: Sequence[HistoryEntry]) -> dict[Any, str]:
    """The names behind every id these rows mention; one statement for each table mentioned."""
    wanted: dict[type[models.Model], set[UUID]] = {}
    for row in rows:
        model = TABLES[row.table_name]
        if row.actor_id:
            wanted.setdefault(Member, set()).add(row.actor_id)
        if row.row_id and model is not Account:
            wanted.setdefault(model, set()).add(row.row_id)
        for related, value in _mentions(model, row):
            wanted.setdefault(related, set()).add(value)
    names: dict[Any, str] = {}
    for model, ids in wanted.items():
        found = model._default_manager.filter(workspace=workspace, pk__in=ids)
        if model is Subscription:
            found = found.select_related("product")
        names |= {row.pk: _name(row) for row in found}
    return names


def _mentions(model: type[models.Model], row: HistoryEntry) -> Iterable[tuple[type[models.Model], UUID]]:
    columns = _columns(model)
    for column in _telling(row):
        if columns[column].is_relation:
            yield from ((columns[column].related_model, UUID(value)) for value in row.changes[column] if value)


def _name(row: Any) -> str:
    if isinstance(row, Subscription):
        return str(row.product)
    return str(row.measure) if isinstance(row, Outcome) else str(row)
