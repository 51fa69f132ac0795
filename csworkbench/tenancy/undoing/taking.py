"""Taking back units of a cause: find what it wrote, hold it, look what stands in the way, write the rest."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from the registry of models

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from django.db.models import Model

from csworkbench.common.statistics import refresh_statistics
from csworkbench.tenancy.history import model_of
from csworkbench.tenancy.models import HistoryEntry, Workspace

from . import hanging, restoring
from .hanging import ancestors, references_to
from .plan import Plan
from .reasons import Reason, reasons_of

BY_ACCOUNT: Literal["account"] = "account"
BY_ROW: Literal["row"] = "row"
COLUMNS = {BY_ACCOUNT: "account_id", BY_ROW: "row_id"}
# Whose later work on a new row is worth keeping; playbooks and the system only derived theirs from it.
PEOPLE = ("member", "import", "integration")
# From so many rows on, statistics matter.
MANY = 500
UNKNOWN = Reason("The history does not know what was written here.", "", "")

# Indexed look-ups, one for each key: a hash of the whole ledger would be far larger.
ENTRIES = """
SELECT u.key AS unit, e.id, e.table_name, e.row_id, e.account_id, e.operation, e.changes,
    starts_with(e.cause, %(undo)s) AS is_undo
FROM {keys} CROSS JOIN LATERAL (
    SELECT * FROM tenancy_historyentry h
    WHERE h.workspace_id = %(workspace)s AND h.{column} = u.key AND h.cause_id = %(cause)s OFFSET 0) e
"""
NOW = "CASE WHEN f.key IS NULL THEN r.now -> f.column_name ELSE r.now -> f.column_name -> f.key END"


def take_back(
    workspace: Workspace,
    cause_id: UUID,
    targets: Collection[UUID],
    *,
    by: Literal["account", "row"],
    is_target: Callable[[Sequence[UUID]], Collection[UUID]],
    labels: Mapping[str, str],
    written: Mapping[UUID, Mapping[str, Any]] | None = None,
    measured: set[str] | None = None,
) -> dict[UUID, list[Reason]]:
    """Take back what ``cause_id`` wrote about ``targets``: accounts with all that is theirs, or single rows.

    Everything about one target is taken back together or left together; the answer holds the targets that were left,
    each with its reasons. A row that the cause wrote beside its targets (the primary contact before a new one) shares
    the fate of all targets of its account; ``is_target`` picks from such ids those that are targets themselves.
    ``labels`` are words for columns where the cause has its own. ``written`` says what the cause wrote into new rows
    that others may change without the ledger (row → column → value as JSON): what stands there must still be that.
    ``measured`` remembers, from chunk to chunk, the tables whose statistics are fresh. The scope is open, and its
    actor's cause starts with ``UNDO_OF``. Doing it twice changes nothing.
    """
    hanging.wait_for_others(workspace.pk)
    plan = Plan(workspace, cause_id)
    plan.start()
    known = set() if measured is None else measured
    if len(targets) >= MANY:
        measure([HistoryEntry], known)
    unit_of = find(plan, list(targets), by, is_target)
    measure_new(plan, known)
    tables = hold(plan)
    look(plan, written or {})
    hanging.look(plan, tables)
    kept = reasons_of(plan, labels)
    restoring.write(plan, tables)
    left = {target: kept[unit] for target, unit in unit_of.items() if unit in kept}
    return left | {target: [UNKNOWN] for target in targets if target not in unit_of}


def measure_new(plan: Plan, measured: set[str]) -> None:
    """Refresh the statistics of all that may hang on many rows to delete, once.

    Each foreign key asks whether somebody still refers to such a row, and so do we. Planned over a workspace that the
    statistics do not know, these questions read it whole: 70 s for 20,000 accounts instead of 3.
    """
    counted = plan.rows("SELECT table_name, count(*) FROM undo_row WHERE is_new GROUP BY table_name")
    models = [model for name, rows in counted if rows >= MANY and (model := model_of(name))]
    measure([*models, *(reference.model for model in models for reference in references_to(model))], measured)


def measure(models: Iterable[type[Model]], measured: set[str]) -> None:
    stale = {model._meta.db_table: model for model in models if model._meta.db_table not in measured}
    refresh_statistics(*stale.values())
    measured |= set(stale)


def find(
    plan: Plan,
    targets: list[UUID],
    by: Literal["account", "row"],
    is_target: Callable[[Sequence[UUID]], Collection[UUID]],
) -> dict[UUID, UUID]:
    """Fill ``undo_entry`` and ``undo_row``; the unit of each target that the cause wrote about."""
    entries = ENTRIES.format(keys="unnest(%(keys)s::uuid[]) u(key)", column=COLUMNS[by])
    plan.run(f"CREATE TEMP TABLE undo_entry ON COMMIT DROP AS {entries}", keys=targets)
    if by == BY_ROW:
        join_what_stands_beside(plan, is_target)
    # A row that an undo of this cause has written is done.
    plan.run(
        """
        CREATE TEMP TABLE undo_row ON COMMIT DROP AS
        SELECT unit, table_name, row_id, bool_or(operation = 'insert') AS is_new, false AS follows,
            (array_agg(id ORDER BY id))[1] AS first_id, (array_agg(id ORDER BY id DESC))[1] AS last_id,
            NULL::jsonb AS now
        FROM undo_entry GROUP BY unit, table_name, row_id HAVING NOT bool_or(is_undo)
        """
    )
    plan.run("ANALYZE undo_row (unit, table_name, row_id, is_new)")
    target = "row_id" if by == BY_ROW else "unit"
    return dict(plan.rows(f"SELECT DISTINCT {target}, unit FROM undo_entry"))


def join_what_stands_beside(plan: Plan, is_target: Callable[[Sequence[UUID]], Collection[UUID]]) -> None:
    """An account where the cause wrote more rows than the targets is one unit, with all that was written there."""
    entries = ENTRIES.format(
        keys="(SELECT DISTINCT account_id AS key FROM undo_entry WHERE account_id IS NOT NULL) u", column="account_id"
    )
    found = plan.run(
        f"""
        CREATE TEMP TABLE undo_beside ON COMMIT DROP AS SELECT * FROM ({entries}) e
        WHERE NOT EXISTS (SELECT 1 FROM undo_entry k WHERE k.table_name = e.table_name AND k.row_id = e.row_id)
        """
    )
    if not found:
        return
    candidates = [row for (row,) in plan.rows("SELECT DISTINCT row_id FROM undo_beside")]
    beside = set(candidates) - set(is_target(candidates))
    if not beside:
        return
    joined = "SELECT unit FROM undo_beside WHERE row_id = ANY(%(beside)s)"
    plan.run(f"UPDATE undo_entry SET unit = account_id WHERE account_id IN ({joined})", beside=list(beside))
    plan.run(f"INSERT INTO undo_entry SELECT * FROM undo_beside WHERE unit IN ({joined})", beside=list(beside))


def hold(plan: Plan) -> list[str]:
    """Lock the rows, parents first as everyone does, and read what stands there now; returns their tables.

    An edit at the same moment is either seen by what follows, or comes after it.
    """
    found = [name for (name,) in plan.rows("SELECT DISTINCT table_name FROM undo_row")]
    tables = sorted(found, key=lambda name: (len(ancestors(model_of(name))), name))
    hanging.hold_followers(plan, tables)
    for table in tables:
        plan.run(
            f"""
            SELECT 1 FROM (SELECT row_id FROM undo_row WHERE table_name = %(table)s ORDER BY row_id) r
            CROSS JOIN LATERAL (SELECT 1 FROM "{table}" t WHERE t.workspace_id = %(workspace)s AND t.id = r.row_id
                FOR UPDATE) t
            """,
            table=table,
        )
    for table in tables:
        plan.run(
            f"""
            UPDATE undo_row r SET now = n.now FROM (
                SELECT k.row_id, t.now FROM undo_row k CROSS JOIN LATERAL (
                    SELECT to_jsonb(x) AS now FROM "{table}" x
                    WHERE x.workspace_id = %(workspace)s AND x.id = k.row_id OFFSET 0) t
                WHERE k.table_name = %(table)s) n
            WHERE r.table_name = %(table)s AND r.row_id = n.row_id
            """,
            table=table,
        )
    return tables


def look(plan: Plan, written: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Fill ``undo_field``, ``undo_later`` and ``undo_conflict``: what was written, and who went on since."""
    plan.run(FIELDS)
    plan.run(LATER)
    plan.run("ANALYZE undo_field (row_id)")
    plan.run("ANALYZE undo_later (row_id)")
    plan.run(
        """
        CREATE TEMP TABLE undo_conflict (unit uuid, table_name text, row_id uuid, column_name text, key text,
            value jsonb, way text, actor_id uuid, actor_kind text, cause text, at timestamptz) ON COMMIT DROP
        """
    )
    plan.run(UPDATED_SINCE)
    plan.run(WORKED_ON, people=list(PEOPLE))
    if written:
        known = json.dumps({str(row): values for row, values in written.items()})
        plan.run(CHANGED_UNSEEN, written=known)


# Of several changes by the cause the oldest old value counts, and the newest new one. An object (custom fields) is
# taken apart, so that a change of one of its keys leaves the others to whoever wrote them.
FIELDS = """
CREATE TEMP TABLE undo_field ON COMMIT DROP AS
SELECT r.unit, r.table_name, r.row_id, c.key AS column_name, k.key AS key,
    (array_agg(k.old ORDER BY e.id))[1] AS old, (array_agg(k.new ORDER BY e.id DESC))[1] AS new,
    (array_agg(e.id ORDER BY e.id))[1] AS first_id
FROM undo_row r JOIN undo_entry e ON e.table_name = r.table_name AND e.row_id = r.row_id
CROSS JOIN LATERAL jsonb_each(e.changes) c
CROSS JOIN LATERAL (SELECT jsonb_typeof(c.value -> 0) = 'object' AND jsonb_typeof(c.value -> 1) = 'object' AS both) o
CROSS JOIN LATERAL (
    SELECT NULL::text AS key, c.value -> 0 AS old, c.value -> 1 AS new WHERE NOT o.both
    UNION ALL
    SELECT n.key, c.value -> 0 -> n.key, c.value -> 1 -> n.key
    FROM jsonb_object_keys(CASE WHEN o.both THEN (c.value -> 0) || (c.value -> 1) ELSE '{}' END) n(key)
    WHERE c.value -> 0 -> n.key IS DISTINCT FROM c.value -> 1 -> n.key) k
WHERE NOT r.is_new AND e.operation = 'update'
GROUP BY r.unit, r.table_name, r.row_id, c.key, k.key
"""

# What another undertaking wrote and took back again stands in nobody's way.
LATER = """
CREATE TEMP TABLE undo_later ON COMMIT DROP AS
SELECT r.unit, r.table_name, r.row_id, r.is_new, r.now, e.id, e.operation, e.changes, e.actor_id, e.actor_kind,
    e.cause, e.at
FROM undo_row r CROSS JOIN LATERAL (
    SELECT h.*, h.cause_id IS NOT NULL AND bool_or(starts_with(h.cause, %(undo)s)) OVER (PARTITION BY h.cause_id)
        AS taken_back
    FROM tenancy_historyentry h
    WHERE h.workspace_id = %(workspace)s AND h.row_id = r.row_id AND h.table_name = r.table_name
        AND h.id > r.first_id AND h.cause_id IS DISTINCT FROM %(cause)s OFFSET 0) e
WHERE NOT e.taken_back
"""

# An updated field that is neither what it was nor what the cause wrote, or that somebody wrote since.
UPDATED_SINCE = f"""
INSERT INTO undo_conflict
SELECT DISTINCT ON (f.unit, f.table_name, f.row_id, f.column_name, f.key)
    f.unit, f.table_name, f.row_id, f.column_name, f.key, {NOW}, CASE WHEN r.now IS NULL THEN 'gone' ELSE 'now' END,
    l.actor_id, l.actor_kind, l.cause, l.at
FROM undo_field f JOIN undo_row r ON r.table_name = f.table_name AND r.row_id = f.row_id
LEFT JOIN undo_later l ON l.table_name = f.table_name AND l.row_id = f.row_id AND l.id > f.first_id
    AND (l.operation = 'delete' OR (l.changes ? f.column_name AND (f.key IS NULL OR
        l.changes -> f.column_name -> 0 -> f.key IS DISTINCT FROM l.changes -> f.column_name -> 1 -> f.key)))
WHERE {NOW} IS DISTINCT FROM f.old AND (l.id IS NOT NULL OR {NOW} IS DISTINCT FROM f.new)
    OR r.now IS NULL
ORDER BY f.unit, f.table_name, f.row_id, f.column_name, f.key, l.id DESC
"""

# A new row that people went on with.
WORKED_ON = """
INSERT INTO undo_conflict
SELECT DISTINCT ON (l.unit, l.table_name, l.row_id, c.key) l.unit, l.table_name, l.row_id, c.key, NULL,
    l.now -> c.key, 'now', l.actor_id, l.actor_kind, l.cause, l.at
FROM undo_later l CROSS JOIN LATERAL jsonb_object_keys(l.changes) c(key)
WHERE l.is_new AND l.now IS NOT NULL AND l.operation = 'update' AND l.actor_kind = ANY(%(people)s)
ORDER BY l.unit, l.table_name, l.row_id, c.key, l.id DESC
"""

# A new row that somebody changed without the ledger; nobody knows who, nor when.
CHANGED_UNSEEN = """
INSERT INTO undo_conflict
SELECT r.unit, r.table_name, r.row_id, v.key, NULL, r.now -> v.key, 'now', NULL, NULL, NULL, NULL
FROM jsonb_each(%(written)s::jsonb) w JOIN undo_row r ON r.row_id = w.key::uuid
CROSS JOIN LATERAL jsonb_each(w.value) v
WHERE r.is_new AND r.now IS NOT NULL AND r.now -> v.key IS DISTINCT FROM v.value AND NOT EXISTS (
    SELECT 1 FROM undo_conflict c WHERE c.row_id = r.row_id AND c.table_name = r.table_name AND c.column_name = v.key)
"""
