"""Upsell candidates (GRO-1): accounts that an offer fits, found and cleared in sets by the pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.conditions import compile_condition
from accounts.facts import FactContext
from accounts.models import Account, Offer
from csworkbench.tenancy.models import Workspace

# What is decided after the offers cannot decide about them.
DECIDED_LATER = ("candidate:", "upsell_candidates", "level", "score")
FIND = """
INSERT INTO accounts_candidate (workspace_id, account_id, offer_id, state, found_on, reason)
SELECT %s, n.id, %s, 'open', %s, ''
FROM ({select}) AS n (id)
WHERE NOT EXISTS (
    SELECT 1 FROM accounts_candidate c WHERE c.workspace_id = %s AND c.account_id = n.id AND c.offer_id = %s
      AND (c.state IN ('open', 'taken') OR c.state = 'dismissed' AND c.rests_until >= %s)
)
ON CONFLICT (workspace_id, account_id, offer_id) DO UPDATE
SET state = 'open', found_on = EXCLUDED.found_on, reason = '', decided_by_id = NULL, decided_at = NULL,
    rests_until = NULL
WHERE accounts_candidate.state <> 'taken'
"""
CLEAR = """
UPDATE accounts_candidate c SET state = 'cleared'
WHERE c.workspace_id = %s AND c.offer_id = %s AND c.state = 'open'{among}
  AND NOT EXISTS (SELECT 1 FROM ({select}) AS n (id) WHERE n.id = c.account_id)
"""
RETIRE = """
UPDATE accounts_candidate c SET state = 'cleared' FROM accounts_offer o
WHERE c.workspace_id = %s AND c.state = 'open' AND o.workspace_id = c.workspace_id AND o.id = c.offer_id
  AND NOT o.is_active
"""


def find_candidates(workspace: Workspace, context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """Open a candidate where an offer fits and clear it where it no longer does; two statements an offer, and one.

    One that a member dismissed rests until its day; one that was taken up stays so. Returns the rows changed.
    """
    changed = 0
    with connection.cursor() as cursor:
        for offer in Offer.objects.filter(workspace=workspace, is_active=True):
            fitting = Account.objects.filter(compile_condition(offer.condition, context), workspace=workspace)
            if accounts is not None:
                fitting = fitting.filter(pk__in=accounts)
            select, parameters = fitting.order_by().values_list("pk").query.sql_with_params()
            own: list[Any] = [workspace.pk, offer.pk]
            cursor.execute(FIND.format(select=select), [*own, context.today, *parameters, *own, context.today])
            changed += cursor.rowcount
            among = "" if accounts is None else " AND c.account_id = ANY(%s)"
            some: list[Any] = [] if accounts is None else [list(accounts)]
            cursor.execute(CLEAR.format(select=select, among=among), [*own, *some, *parameters])
            changed += cursor.rowcount
        cursor.execute(RETIRE, [workspace.pk])
        return changed + int(cursor.rowcount)
