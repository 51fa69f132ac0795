"""Goals that carry the name of an outcome take its actual value, in sets.

SQL text, because it is an UPDATE … FROM a join of goals and outcomes by name: one statement whatever the number.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from accounts.facts import FactContext
from csworkbench.tenancy.models import Workspace

FOLLOW = """
UPDATE accounts_plangoal g SET current = n.actual, measured_on = n.measured_on,
    reached_on = CASE WHEN n.is_reached THEN coalesce(g.reached_on, n.measured_on) END
FROM (
    SELECT DISTINCT ON (g.id) g.id, o.actual, o.measured_on,
           CASE WHEN g.target > g.baseline THEN o.actual >= g.target ELSE o.actual <= g.target END AS is_reached
    FROM accounts_plangoal g
    JOIN accounts_plan p ON p.workspace_id = g.workspace_id AND p.id = g.plan_id AND p.state = 'open'
    JOIN accounts_outcome o ON o.workspace_id = g.workspace_id AND o.account_id = g.account_id
        AND lower(o.measure) = lower(g.measure)
    WHERE g.workspace_id = %(workspace)s{only}
    ORDER BY g.id, o.measured_on DESC, o.id
) n
WHERE g.workspace_id = %(workspace)s AND g.id = n.id
  AND (g.current, g.measured_on, g.reached_on IS NOT NULL) IS DISTINCT FROM (n.actual, n.measured_on, n.is_reached)
"""


def follow_outcomes(workspace: Workspace, context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """The pipeline's step: goals of running plans take the actual of the outcome they are named after; rows changed."""
    only = "" if accounts is None else " AND g.account_id = ANY(%(accounts)s)"
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW.format(only=only), {"workspace": workspace.pk, "accounts": list(accounts or [])})
        return int(cursor.rowcount)
