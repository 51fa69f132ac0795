"""The ledger in plain words: who changed what, from what to what, without knowing any higher app's models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import DateTimeField, Field, Model, QuerySet

from csworkbench.common import words

from .models import HistoryEntry, Member, Workspace
from .wording import Differences, tellers_of

PAGE = 50
NAMES = ("name", "title", "subject", "email", "label", "key", "field")
VERBS = {"insert": "added", "update": "changed", "delete": "removed"}
KINDS = {
    "member": "Somebody",
    "playbook": "A playbook",
    "import": "An import",
    "integration": "An integration",
    "system": "The system",
}
# Written by machines for machines; a reader learns nothing from them.
HIDDEN = frozenset({"id", "workspace_id", "search_name"})
# Columns that hold several fields at once: table and column → what differs, in words.
Tellers = Mapping[tuple[str, str], Differences]


@dataclass(frozen=True)
class Change:
    """One field of an entry, in words."""

    label: str
    before: str
    after: str


@dataclass
class Line:
    """One line of the history as it is read: ``who verb what name``, with the changed fields.

    Rows of one kind added at one stroke (an import, a year of holidays) are one line: ``count`` of them, ``names``.
    """

    at: datetime
    who: str
    verb: str
    table: str
    cause: str
    names: list[str]
    changes: list[Change] = field(default_factory=list)
    count: int = 1

    @property
    def what(self) -> str:
        """The kind of row, counted when there are several: ``holiday``, ``26 holidays``."""
        kind = thing(self.table).lower()
        return kind if self.count == 1 else words.count(self.count, kind)

    def takes_in(self, other: Line) -> bool:
        """Whether the next line tells of the same stroke."""
        same = (self.at, self.who, self.verb, self.table, self.cause)
        return self.verb == VERBS["insert"] and same == (other.at, other.who, other.verb, other.table, other.cause)


def entries_of(
    workspace: Workspace, *, actor: Member | None, table: str, start: date | None, end: date | None
) -> QuerySet[HistoryEntry]:
    """The history of a workspace, newest first; days are the workspace's own."""
    entries = HistoryEntry.objects.filter(workspace=workspace.pk).order_by("-id")
    if actor is not None:
        entries = entries.filter(actor_id=actor.pk)
    if table:
        entries = entries.filter(table_name=table)
    zone = ZoneInfo(workspace.time_zone)
    # The id carries the moment, so its index serves the dates; a day of slack covers long transactions.
    if start is not None:
        moment = datetime.combine(start, time(), zone)
        entries = entries.filter(at__gte=moment, id__gte=uuid7_floor(moment - timedelta(days=1)))
    if end is not None:
        moment = datetime.combine(end + timedelta(days=1), time(), zone)
        entries = entries.filter(at__lt=moment, id__lt=uuid7_floor(moment + timedelta(days=1)))
    return entries


def uuid7_floor(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment."""
    milliseconds = max(int(moment.astimezone(UTC).timestamp() * 1000), 0)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62))


@cache
def tracked_tables() -> list[tuple[str, str]]:
    """The tables a history entry can name, with their word, by word."""
    models = [model for model in apps.get_models() if any(f.name == "workspace" for f in model._meta.local_fields)]
    names = [*(model._meta.db_table for model in models), Workspace._meta.db_table]
    return sorted(((name, thing(name)) for name in names), key=lambda pair: pair[1])


@cache
def model_of(table: str) -> type[Model] | None:
    """The model behind a table, if it still exists."""
    return next((model for model in apps.get_models() if model._meta.db_table == table), None)


def thing(table: str) -> str:
    """A table as one word of the glossary: ``accounts_account`` → ``Account``."""
    model = model_of(table)
    return str(model._meta.verbose_name).capitalize() if model else table.partition("_")[2].replace("_", " ")


def lines(workspace: Workspace, entries: Iterable[HistoryEntry]) -> list[Line]:
    """Entries in words; a constant number of queries for a page: one per kind of thing named on it."""
    page = list(entries)
    names = names_on(workspace, page)
    mentioned = {(entry.table_name, column) for entry in page for column in entry.changes}
    tellers = tellers_of(workspace, mentioned)
    told: list[Line] = []
    for entry in page:
        next_line = line(entry, names, workspace.currency, tellers)
        if told and told[-1].takes_in(next_line):
            told[-1].count += 1
            told[-1].names += next_line.names
        else:
            told.append(next_line)
    return told


def line(entry: HistoryEntry, names: dict[UUID, str], currency: str, tellers: Tellers) -> Line:
    """One entry in words."""
    name = name_of(entry, names)
    somebody = KINDS.get(entry.actor_kind, KINDS["system"])
    return Line(
        at=entry.at,
        who=names.get(entry.actor_id, somebody) if entry.actor_id else somebody,
        verb=VERBS.get(entry.operation, entry.operation),
        table=entry.table_name,
        cause=entry.cause,
        names=[name] if name else [],
        changes=[] if entry.operation == "insert" else changes_of(entry, names, currency, tellers),
    )


def name_of(entry: HistoryEntry, names: dict[UUID, str]) -> str:
    """What the changed row is called, or the account it belongs to."""
    for key in NAMES:
        if entry.operation == "delete" and isinstance(entry.changes.get(key), list):
            return str(entry.changes[key][0])
    found = names.get(entry.row_id) if entry.row_id else None
    account = names.get(entry.account_id) if entry.account_id else None
    return found or (f"of {account}" if account else "")


def changes_of(entry: HistoryEntry, names: dict[UUID, str], currency: str, tellers: Tellers) -> list[Change]:
    """The changed fields with their labels; a removed row shows what it held."""
    model = model_of(entry.table_name)
    columns = {f.column: f for f in model._meta.local_fields} if model else {}
    told = []
    for column, pair in sorted(entry.changes.items()):
        before, after = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
        if column in HIDDEN or (entry.operation == "delete" and before in (None, "", [], {})):
            continue
        if teller := tellers.get((entry.table_name, column)):
            told += [Change(*difference) for difference in teller(before, after)]
            continue
        known = columns.get(column)
        label = (
            (str(known.verbose_name) if known else column.replace("_", " ")).removesuffix(" minor").removeprefix("is ")
        )
        old, new = (say(known, value, names, currency) for value in (before, after))
        told.append(Change(label.capitalize(), old, new))
    return told


def say(known: Field[Any, Any] | None, value: Any, names: dict[UUID, str], currency: str = "USD") -> str:
    """One value for people: names for references, labels for choices, yes and no, a dash for nothing."""
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(say(getattr(known, "base_field", None), item, names) for item in value)
    if known is not None and known.is_relation:
        row = as_uuid(value)
        return names.get(row, "another row") if row else str(value)
    if isinstance(known, DateTimeField):
        return f"{str(value)[:16].replace('T', ' ')} UTC"
    if known is not None and known.name.endswith("_minor"):
        return words.money(int(value), currency)
    choices = dict(known.flatchoices) if known is not None and known.choices else {}
    text = str(choices.get(value, value))
    return text if len(text) <= 120 else f"{text[:119]}…"


def names_on(workspace: Workspace, entries: list[HistoryEntry]) -> dict[UUID, str]:
    """The names of every row, actor, account and reference a page mentions, read table by table."""
    wanted: dict[type[Model], set[UUID]] = defaultdict(set)
    account = model_of("accounts_account")
    for entry in entries:
        model = model_of(entry.table_name)
        if entry.actor_id:
            wanted[Member].add(entry.actor_id)
        if entry.account_id and account:
            wanted[account].add(entry.account_id)
        if model is None:
            continue
        if entry.row_id:
            wanted[model].add(entry.row_id)
        for known in model._meta.local_fields:
            target = known.related_model
            if isinstance(target, type) and target is not Workspace:
                pair = entry.changes.get(known.column)
                wanted[target] |= {row for value in pair or () if (row := as_uuid(value))}
    found: dict[UUID, str] = {}
    for model, ids in wanted.items():
        found |= names_in(workspace, model, ids)
    return found


def names_in(workspace: Workspace, model: type[Model], ids: set[UUID]) -> dict[UUID, str]:
    """Names of rows of one table of the workspace; none for a table without a name column."""
    columns = {f.name for f in model._meta.local_fields}
    name = next((key for key in NAMES if key in columns), None)
    if name is None or not ids or "workspace" not in columns:
        return {}
    rows = model._default_manager.filter(workspace_id=workspace.pk, pk__in=ids)
    return {pk: str(value) for pk, value in rows.values_list("pk", name) if value}


def as_uuid(value: Any) -> UUID | None:
    """A JSON value as an id, if it is one."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
