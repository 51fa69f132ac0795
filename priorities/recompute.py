"""Levels, scores and task ranks, written in sets; the one module of this app that composes SQL text.

The SELECT comes from the ORM with its parameters; this module wraps it into an UPDATE that writes changed rows only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import connection

from accounts.facts import FactContext
from accounts.models import Account
from csworkbench.common import clock

from .models import RuleSet
from .rules import with_ranks

DUE_SOON = timedelta(days=3)
OVERDUE_POINTS, DUE_SOON_POINTS, INBOUND_POINTS = 40, 20, 10


def recompute_levels(rule_set: RuleSet, context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """Give every account (or those of ``accounts``) its level and score; returns how many changed."""
    if accounts is not None and not accounts:
        return 0
    queryset = Account.objects.filter(workspace=context.workspace_id).order_by()
    if accounts is not None:
        queryset = queryset.filter(pk__in=accounts)
    select, parameters = with_ranks(queryset, rule_set.rules, context).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            # The SELECT is the ORM's text with its values bound.
            "UPDATE accounts_accountpriority p"  # noqa: S608
            " SET level = n.level, score = n.score, matched = n.matched, rule_set_id = %s, changed_at ="
            " CASE WHEN p.rule_set_id IS NULL"
            " OR (p.level, p.score, p.matched) IS DISTINCT FROM (n.level, n.score, n.matched)"
            " THEN %s ELSE p.changed_at END"
            f" FROM ({select}) AS n (account_id, level, score, matched)"
            " WHERE p.workspace_id = %s AND p.account_id = n.account_id"
            " AND (p.level, p.score, p.matched, p.rule_set_id) IS DISTINCT FROM (n.level, n.score, n.matched, %s)",
            [rule_set.pk, clock.now(), *parameters, context.workspace_id, rule_set.pk],
        )
        return int(cursor.rowcount)


RANK_TASKS = """
UPDATE playbooks_task t SET level = n.level, score = n.score
FROM (
    SELECT t.id,
           greatest(1, least(4, p.level + CASE t.severity WHEN 1 THEN -1 WHEN 3 THEN 1 ELSE 0 END)) AS level,
           p.score
             + CASE WHEN t.due_on < %(today)s THEN %(overdue)s WHEN t.due_on <= %(soon)s THEN %(due_soon)s ELSE 0 END
             + CASE WHEN t.source = 'inbound' THEN %(inbound)s ELSE 0 END AS score
    FROM playbooks_task t
    JOIN accounts_accountpriority p ON p.workspace_id = t.workspace_id AND p.account_id = t.account_id
    WHERE t.workspace_id = %(workspace)s AND t.state = 'open'{only}
) n
WHERE t.workspace_id = %(workspace)s AND t.id = n.id AND (t.level, t.score) IS DISTINCT FROM (n.level, n.score)
"""


def rank_tasks(context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """Rank open tasks: the account's level, moved by severity; its score, plus due date and inbound (PRI-3)."""
    only = "" if accounts is None else " AND t.account_id = ANY(%(accounts)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            RANK_TASKS.format(only=only),
            {
                "today": context.today,
                "soon": context.today + DUE_SOON,
                "overdue": OVERDUE_POINTS,
                "due_soon": DUE_SOON_POINTS,
                "inbound": INBOUND_POINTS,
                "workspace": context.workspace_id,
                "accounts": list(accounts or []),
            },
        )
        return int(cursor.rowcount)
