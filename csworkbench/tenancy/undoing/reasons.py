"""Why a unit stays as it is, in words: what stands there now, by whom, since when."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from csworkbench.tenancy.history import HIDDEN, KINDS, changes_of, model_of, names_on, thing
from csworkbench.tenancy.models import HistoryEntry, Workspace
from csworkbench.tenancy.wording import tellers_of

from .plan import Plan

# So many reasons are told of each unit.
TOLD = 5
HANGING = ("hangs", "worked")
# Follow from another column.
FOLLOWING = HIDDEN | {"stage_since", "health_since"}

CONFLICTS = """
SELECT unit, table_name, row_id, column_name, key, value, way, actor_id, actor_kind, cause, at FROM (
    SELECT c.*, row_number() OVER (PARTITION BY c.unit
        ORDER BY c.column_name = ANY(%(following)s), c.at DESC NULLS LAST, c.table_name, c.column_name) AS nth
    FROM undo_conflict c) x
WHERE nth <= %(told)s ORDER BY unit, nth
"""


@dataclass(frozen=True)
class Reason:
    """``what`` stands in the way, ``who`` wrote it (blank when nobody recorded it), and when in ISO format."""

    what: str
    who: str
    at: str

    def as_json(self) -> dict[str, str]:
        return {"what": self.what, "who": self.who, "at": self.at}


@dataclass(frozen=True)
class Conflict:
    """One row of ``undo_conflict``."""

    unit: UUID
    table: str
    row: UUID
    column: str
    key: str | None
    value: str | None
    way: str
    actor: UUID | None
    actor_kind: str | None
    cause: str
    at: datetime | None

    @property
    def now(self) -> Any:
        """The value as Python has it: Django decodes JSON in its own field only."""
        return None if self.value is None else json.loads(self.value)

    def as_entry(self) -> HistoryEntry:
        """As the ledger would have it, for its words."""
        old: Any = None
        new: Any = self.now
        if self.key is not None:
            old, new = {}, {self.key: self.now}
            if self.now is None:
                old, new = {self.key: ""}, {}
        changes = {self.column: [old, new]} if self.way == "now" else {}
        return HistoryEntry(
            table_name=self.table, row_id=self.row, operation="update", changes=changes, actor_id=self.actor
        )


def reasons_of(plan: Plan, labels: Mapping[str, str]) -> dict[UUID, list[Reason]]:
    """The reasons of every unit that stays; a constant number of statements."""
    return reasons_for(plan.workspace, plan.rows(CONFLICTS, told=TOLD, following=list(FOLLOWING)), labels)


def reasons_for(
    workspace: Workspace, rows: list[tuple[Any, ...]], labels: Mapping[str, str]
) -> dict[UUID, list[Reason]]:
    """Conflicts in words, by unit."""
    conflicts = [Conflict(*row) for row in rows]
    if not conflicts:
        return {}
    entries = [one.as_entry() for one in conflicts]
    names = names_on(workspace, entries)
    tellers = tellers_of(workspace, {(one.table, one.column) for one in conflicts})
    shown = rows_called(workspace, [one for one in conflicts if one.way in HANGING])
    told: dict[UUID, list[Reason]] = defaultdict(list)
    for one, entry in zip(conflicts, entries, strict=True):
        who = said_by(one, names)
        at = one.at.isoformat() if one.at else ""
        if one.way == "now":
            said = changes_of(entry, names, workspace.currency, tellers)
            whats = [f"{label_of(one, change.label, labels)} is now {change.after}" for change in said]
        elif one.way == "gone":
            whats = [f"{thing(one.table)} was removed"]
        else:
            whats = [hangs_in_words(one, shown.get(one.row, ""))]
        if not whats and one.unit not in told:
            whats = [f"{thing(one.table)} was changed"]  # nothing but what follows from other columns
        for what in whats:
            reason = Reason(what, who, at)
            if reason not in told[one.unit]:
                told[one.unit].append(reason)
    return dict(told)


def label_of(one: Conflict, plain: str, labels: Mapping[str, str]) -> str:
    """What the undertaking calls a column, or what the ledger calls it."""
    return plain if one.key is not None else labels.get(one.column, plain)


def said_by(one: Conflict, names: Mapping[UUID, str]) -> str:
    """The member, or what kind of actor it was; an import beside the name of who sent it."""
    if one.actor_kind is None:
        return ""
    somebody = KINDS.get(one.actor_kind, KINDS["system"])
    name = names.get(one.actor) if one.actor else None
    if one.actor_kind == "member" or not one.cause:
        return name or somebody
    return f"{name}, {one.cause}" if name else one.cause


def hangs_in_words(one: Conflict, called: str) -> str:
    """``Note “11/21/26-QA-Asked for a quote” was added``."""
    kind = thing(one.table)
    named = f"{kind} “{called}”" if called else kind
    if one.way == "worked":
        return f"{named} was worked on"
    return f"{named} was added" if one.column == "account_id" else f"{named} refers to it"


def rows_called(workspace: Workspace, conflicts: list[Conflict]) -> dict[UUID, str]:
    """What the rows that hang on others are called; one statement for each table."""
    wanted: dict[type[Model], set[UUID]] = defaultdict(set)
    for one in conflicts:
        if model := model_of(one.table):
            wanted[model].add(one.row)
    return {
        row.pk: shortened(str(row))
        for model, ids in wanted.items()
        for row in model._default_manager.filter(workspace=workspace, pk__in=ids)
    }


def shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
