"""Opening onboarding records and ticking their goals in sets, for a whole book or a handful of accounts.

SQL text, because records and their goals are an INSERT … SELECT and the goals reached an UPDATE … FROM the ORM's own
SELECT: a constant number of statements whatever the number of accounts, and a second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Exists, OuterRef, Value, When

from accounts.conditions import compile_condition, validate
from accounts.facts import FactContext
from accounts.models import Account, GoalTemplate, OnboardingGoal
from csworkbench.tenancy.models import Workspace

# Calendar days from the start of an onboarding to the day by which it should be through.
TARGET_DAYS = 30

# An account in onboarding has a record of this stay in the stage: a running one, or one that ended within it.
OPEN_RECORDS = """
WITH opened AS (
    INSERT INTO accounts_onboarding (workspace_id, account_id, state, started_on, target_on, note)
    SELECT a.workspace_id, a.id, 'open', n.started_on, n.started_on + %(days)s, ''
    FROM accounts_account a
    CROSS JOIN LATERAL (SELECT least(coalesce(a.stage_since, %(today)s), %(today)s) AS started_on) n
    WHERE a.workspace_id = %(workspace)s AND a.stage = 'onboarding'{only}
      AND NOT EXISTS (
        SELECT 1 FROM accounts_onboarding o
        WHERE o.workspace_id = a.workspace_id AND o.account_id = a.id
          AND (o.state = 'open' OR coalesce(o.ended_on, o.started_on) >= coalesce(a.stage_since, '-infinity'::date)))
    ORDER BY a.id
    ON CONFLICT DO NOTHING
    RETURNING id, workspace_id, account_id
), goals AS (
    INSERT INTO accounts_onboardinggoal (workspace_id, account_id, onboarding_id, template_id, label, place, note)
    SELECT o.workspace_id, o.account_id, o.id, t.id, t.label, t.place, ''
    FROM opened o
    JOIN accounts_account a ON a.workspace_id = o.workspace_id AND a.id = o.account_id
    JOIN accounts_goaltemplate t ON t.workspace_id = o.workspace_id AND t.is_active
        AND (t.instance_id IS NULL OR t.instance_id = a.instance_id)
    ORDER BY o.id, t.instance_id NULLS LAST
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM opened) + (SELECT count(*) FROM goals)
"""

TICK = """
UPDATE accounts_onboardinggoal g SET done_on = %s, done_by_id = NULL, note = ''
FROM ({select}) AS n ({columns}), accounts_onboarding o
WHERE g.workspace_id = %s AND g.account_id = n.account_id AND g.done_on IS NULL
  AND o.workspace_id = g.workspace_id AND o.id = g.onboarding_id AND o.state = 'open'
  AND CASE g.template_id {whens} ELSE false END
"""


def follow_onboarding(workspace: Workspace, context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """The pipeline's step: open the records that are missing, tick the goals that are reached; rows changed."""
    return open_missing(workspace.pk, context.today, accounts) + tick_reached(context, accounts)


def open_missing(workspace_id: int, today: date, accounts: Sequence[UUID] | None = None) -> int:
    """Open a record for every account in onboarding that has none of this stay, goals frozen from the templates."""
    only = "" if accounts is None else " AND a.id = ANY(%(accounts)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            OPEN_RECORDS.format(only=only),
            {"workspace": workspace_id, "today": today, "days": TARGET_DAYS, "accounts": list(accounts or [])},
        )
        return int(cursor.fetchone()[0])


def tick_reached(context: FactContext, accounts: Sequence[UUID] | None = None) -> int:
    """Tick the open goals whose condition holds; ``done_by`` stays empty, because the workbench saw it itself."""
    templates = [
        template
        for template in GoalTemplate.objects.filter(workspace=context.workspace_id, reached_when__isnull=False)
        if not validate(template.reached_when)  # a fact may have been retired since it was saved
    ]
    if not templates:
        return 0
    select, parameters = _reached(templates, context, accounts)
    # The select list is text of this module and the ORM's; every value is bound.
    reached = [f"reached_{index}" for index in range(len(templates))]
    whens = " ".join(f"WHEN %s THEN n.{name}" for name in reached)
    with connection.cursor() as cursor:
        cursor.execute(
            TICK.format(select=select, columns=", ".join(["account_id", *reached]), whens=whens),
            [context.today, *parameters, context.workspace_id, *(template.pk for template in templates)],
        )
        return int(cursor.rowcount)


def _reached(
    templates: Sequence[GoalTemplate], context: FactContext, accounts: Sequence[UUID] | None
) -> tuple[str, tuple[Any, ...]]:
    """One row for each account that waits for a goal, with a column for each template: does its condition hold?"""
    waiting = OnboardingGoal.objects.filter(
        workspace=context.workspace_id, account=OuterRef("pk"), done_on__isnull=True, onboarding__state="open"
    )
    queryset = Account.objects.filter(Exists(waiting), workspace=context.workspace_id).order_by()
    if accounts is not None:
        queryset = queryset.filter(pk__in=accounts)
    columns = {
        f"reached_{index}": Case(
            When(compile_condition(template.reached_when or {}, context), then=Value(True)), default=Value(False)
        )
        for index, template in enumerate(templates)
    }
    select, parameters = queryset.annotate(**columns).values("pk", *columns).query.sql_with_params()
    return select, parameters
