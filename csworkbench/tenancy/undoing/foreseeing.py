"""What an undo would probably come to, from the ledger alone: one statement that reads, nothing held or written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from csworkbench.tenancy.models import Workspace

from .plan import Plan
from .reasons import FOLLOWING, Reason, reasons_for
from .taking import COLUMNS, PEOPLE

EXAMPLES = 3
# The conflicts that ``taking`` finds, as far as the ledger knows them: what people did to a new row or added to a new
# account, and what anybody wrote to updated columns. One of each unit.
CONFLICTS = """
WITH entry AS MATERIALIZED (
    SELECT u.key AS unit, e.* FROM unnest(%(targets)s::uuid[]) u(key) CROSS JOIN LATERAL (
        SELECT h.id, h.table_name, h.row_id, h.operation, h.changes, h.actor_id, h.actor_kind, h.cause, h.at,
            h.cause_id IS NOT DISTINCT FROM %(cause)s AS is_ours, h.cause_id IS NOT NULL
                AND bool_or(starts_with(h.cause, %(undo)s)) OVER (PARTITION BY h.row_id, h.cause_id) AS taken_back
        FROM tenancy_historyentry h WHERE h.workspace_id = %(workspace)s AND h.{column} = u.key OFFSET 0) e),
ours AS MATERIALIZED (
    SELECT e.unit, e.table_name, e.row_id, bool_or(e.operation = 'insert') AS is_new,
        (array_agg(e.id ORDER BY e.id))[1] AS first_id, array_agg(DISTINCT c.key) AS columns
    FROM entry e LEFT JOIN LATERAL jsonb_object_keys(e.changes) c(key) ON true
    WHERE e.is_ours AND NOT e.taken_back GROUP BY e.unit, e.table_name, e.row_id)
SELECT DISTINCT ON (l.unit) l.unit, l.table_name, l.row_id, coalesce(c.key, 'account_id'), NULL,
    l.changes -> c.key -> 1,
    CASE WHEN o.unit IS NULL THEN 'hangs' WHEN l.operation = 'delete' THEN 'gone' ELSE 'now' END,
    l.actor_id, l.actor_kind, l.cause, l.at
FROM entry l
LEFT JOIN ours o ON o.unit = l.unit AND o.table_name = l.table_name AND o.row_id = l.row_id
LEFT JOIN ours top ON top.unit = l.unit AND top.row_id = l.unit AND top.is_new
LEFT JOIN LATERAL (
    SELECT k.key FROM jsonb_object_keys(l.changes) k(key) WHERE o.is_new OR k.key = ANY(o.columns)
    ORDER BY k.key = ANY(%(following)s), k.key LIMIT 1) c ON true
WHERE NOT l.is_ours AND NOT l.taken_back AND CASE
    WHEN o.unit IS NULL THEN top.unit IS NOT NULL AND l.operation = 'insert' AND l.actor_kind = ANY(%(people)s)
    WHEN l.id < o.first_id THEN false
    WHEN o.is_new THEN l.operation = 'update' AND l.actor_kind = ANY(%(people)s)
    ELSE l.operation = 'delete' OR c.key IS NOT NULL END
ORDER BY l.unit, l.id DESC
"""


@dataclass(frozen=True)
class Outlook:
    """The targets that would stay as they are, and the reasons of a few of them."""

    kept: frozenset[UUID]
    examples: Mapping[UUID, list[Reason]]


def outlook(
    workspace: Workspace,
    cause_id: UUID,
    targets: Collection[UUID],
    *,
    by: Literal["account", "row"],
    labels: Mapping[str, str],
) -> Outlook:
    """Look what stands in the way of taking back ``targets``; see ``take_back``, which has the last word.

    What has no history (a task that was completed, a nightly drop) is seen only then.
    """
    found = Plan(workspace, cause_id).rows(
        CONFLICTS.format(column=COLUMNS[by]), targets=list(targets), people=list(PEOPLE), following=list(FOLLOWING)
    )
    found.sort(key=lambda row: row[-1], reverse=True)
    return Outlook(frozenset(row[0] for row in found), reasons_for(workspace, found[:EXAMPLES], labels))
