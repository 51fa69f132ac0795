"""What hangs on rows that an undo would delete: some follows from them and goes along, the rest keeps them."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from the registry of models

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Field, Model

from csworkbench.tenancy.history import model_of
from csworkbench.tenancy.protect import is_tenant

from .plan import Plan

_followers: dict[type[Model], dict[str, Any]] = {}
_beforehand: list[Callable[[int], object]] = []
# Who made a row of a table without history, and when: the first of these columns that says so.
MAKERS = ("author_id", "created_by_id", "member_id", "closed_by_id", "assignee_id")
MOMENTS = ("at", "happened_at", "closed_at", "created_at", "started_at")


def follows(model: type[Model], **untouched: Any) -> None:
    """Rows of ``model`` merely follow from the row they hang on, as long as these columns still say so.

    ``follows(Task, source="playbook", closed_by_id=None)``: what a playbook made and nobody closed goes with its
    account; any other task keeps the account.
    """
    _followers[model] = untouched


def beforehand(function: Callable[[int], object]) -> None:
    """Call ``function(workspace_id)`` before an undo locks its first row: to wait for a pass over the same rows."""
    if function not in _beforehand:
        _beforehand.append(function)


def wait_for_others(workspace_id: int) -> None:
    """What has to be waited for before rows are locked."""
    for function in _beforehand:
        function(workspace_id)


@dataclass(frozen=True)
class Reference:
    """A foreign key to a table: rows of ``model`` hang on it by ``field``."""

    model: type[Model]
    field: Field[Any, Any]

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def column(self) -> str:
        return str(self.field.column)

    @property
    def is_beside(self) -> bool:
        """Whether such a row is nothing but a part of the other one, with its key."""
        return bool(self.field.primary_key)


@cache
def references_to(model: type[Model]) -> tuple[Reference, ...]:
    """Every foreign key of a tenant table to this one."""
    return tuple(
        Reference(one, field)
        for one in apps.get_models()
        if is_tenant(one)
        for field in one._meta.local_fields
        if field.is_relation and field.related_model is model
    )


@cache
def ancestors(model: type[Model] | None) -> frozenset[type[Model]]:
    """Every table that must exist before this one: a parent has fewer of them than its children."""
    found: set[type[Model]] = set()
    waiting = [model] if model else []
    while waiting:
        for field in waiting.pop()._meta.local_fields:
            target = field.related_model
            if isinstance(target, type) and target is not model and target not in found:
                found.add(target)
                waiting.append(target)
    return frozenset(found)


def references_in(plan: Plan) -> Iterator[tuple[str, Reference]]:
    """References to the tables that rows would be deleted from, and to what follows from those, level by level."""
    wanted = "SELECT DISTINCT table_name FROM undo_row WHERE is_new AND now IS NOT NULL"
    waiting = [model for (name,) in plan.rows(wanted) if (model := model_of(name))]
    seen = set(waiting)
    while waiting:
        model = waiting.pop(0)
        for reference in references_to(model):
            yield model._meta.db_table, reference
            if reference.model in _followers and reference.model not in seen:
                seen.add(reference.model)
                waiting.append(reference.model)


def hold_followers(plan: Plan, tables: list[str]) -> None:
    """Lock what follows from rows to delete, before those: a member's act locks a task first, then its account."""
    for model in sorted(_followers, key=lambda one: -len(ancestors(one))):
        for table in tables:
            for reference in references_to(model_of(table) or model):
                if reference.model is model:
                    plan.run(
                        f"""
                        SELECT 1 FROM (SELECT row_id FROM undo_row WHERE table_name = %(table)s AND is_new
                            ORDER BY row_id) r
                        CROSS JOIN LATERAL (SELECT 1 FROM "{reference.table}" x
                            WHERE x.workspace_id = %(workspace)s AND x."{reference.column}" = r.row_id
                            ORDER BY x.id FOR UPDATE) x
                        """,
                        table=table,
                    )


def look(plan: Plan, tables: list[str]) -> None:
    """Add what follows to ``undo_row`` and what stands in the way to ``undo_conflict``; the rows are held."""
    for table, reference in references_in(plan):
        if reference.is_beside:
            continue
        untouched = _followers.get(reference.model)
        if untouched is not None:
            take_followers(plan, table, reference, untouched)
        note_others(plan, table, reference)
    plan.run("ANALYZE undo_row (unit, table_name, row_id, is_new)")


def hanging(reference: Reference) -> str:
    """SQL: ``r`` a row to delete, ``x`` a row that hangs on it and does not go along already."""
    return f"""
        undo_row r CROSS JOIN LATERAL (
            SELECT * FROM "{reference.table}" y
            WHERE y.workspace_id = %(workspace)s AND y."{reference.column}" = r.row_id OFFSET 0) x
        WHERE r.table_name = %(table)s AND r.is_new AND r.now IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM undo_row p WHERE p.table_name = %(hanging)s AND p.row_id = x.id AND p.is_new
                AND p.unit = r.unit)
    """


def take_followers(plan: Plan, table: str, reference: Reference, untouched: dict[str, Any]) -> None:
    conditions = "".join(f' AND x."{name}" IS NOT DISTINCT FROM %(is_{name})s' for name in untouched)
    plan.run(
        f"""
        INSERT INTO undo_row (unit, table_name, row_id, is_new, follows, now)
        SELECT r.unit, %(hanging)s, x.id, true, true, '{{}}'::jsonb FROM {hanging(reference)}{conditions}
        """,
        table=table,
        hanging=reference.table,
        **{f"is_{name}": value for name, value in untouched.items()},
    )


def note_others(plan: Plan, table: str, reference: Reference) -> None:
    """Rows that somebody made keep the row they hang on; by whom, the ledger says, or the row itself.

    Of a row that follows from others it is told that somebody worked on it, whatever they left there.
    """
    makers = found(f"x.held ->> '{name}'" for name in MAKERS)
    moments = found(f"x.held ->> '{name}'" for name in MOMENTS)
    worked_on = model_of(table) in _followers
    plan.run(
        f"""
        INSERT INTO undo_conflict
        SELECT x.unit, %(named)s, {"x.parent" if worked_on else "x.id"}, %(column)s, NULL, NULL, %(way)s,
            coalesce(e.actor_id, ({makers})::uuid),
            coalesce(e.actor_kind, CASE WHEN {makers} IS NULL THEN 'system' ELSE 'member' END),
            coalesce(e.cause, ''), coalesce(e.at, ({moments})::timestamptz)
        FROM (SELECT r.unit, r.row_id AS parent, x.id, to_jsonb(x) AS held FROM {hanging(reference)}) x
        LEFT JOIN LATERAL (
            SELECT h.actor_id, h.actor_kind, h.cause, h.at FROM tenancy_historyentry h
            WHERE h.workspace_id = %(workspace)s AND h.row_id = x.id AND h.table_name = %(hanging)s
            ORDER BY h.id LIMIT 1) e ON true
        WHERE NOT EXISTS (SELECT 1 FROM undo_conflict c WHERE c.unit = x.unit AND c.way <> 'now'
            AND c.row_id IN (x.id, x.parent))
        """,
        table=table,
        hanging=reference.table,
        named=table if worked_on else reference.table,
        column=reference.column,
        way="worked" if worked_on or reference.model in _followers else "hangs",
    )


def found(expressions: Iterable[str]) -> str:
    """SQL: the first that is there."""
    return f"coalesce({', '.join(expressions)})"
