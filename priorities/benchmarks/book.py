"""Books of any size for benchmarks, drawn by the database itself with plausible shares of everything."""

from __future__ import annotations

from typing import Any

from django.db import connection

from accounts.models import Product
from csworkbench.common.measuring import as_owner
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.task_base import workspace_of

from ..starter import install_rules

BOOK = 10_000
HISTORY = ("accounts_account", "accounts_subscription", "accounts_outcome", "accounts_interaction")
ANALYSED = (*HISTORY, "accounts_accountfigures", "accounts_accountpriority")

# ``dice(n, k)`` is 0 to 99, the same for the same row every time.
DICE = """
CREATE FUNCTION dice(n bigint, k int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (hashint8(n * 131 + k) & 2147483647) % 100 $$
"""
ACCOUNTS = """
INSERT INTO accounts_account (workspace_id, name, search_name, tier, segment, growth_potential, stage, stage_since,
    website, industry, time_zone, sf_id, lms_id, billing_id, health, health_since, health_reason, past_due_since,
    declared_frequency, customer_since)
SELECT %(workspace)s, 'Account ' || n, 'account ' || n,
       CASE WHEN dice(n, 1) < 15 THEN 1 WHEN dice(n, 1) < 50 THEN 2 WHEN dice(n, 1) < 95 THEN 3 END,
       CASE WHEN dice(n, 2) < 60 THEN 'Clinics' ELSE '' END,
       CASE WHEN dice(n, 3) < 20 THEN 'high' WHEN dice(n, 3) < 60 THEN 'low' ELSE '' END,
       CASE WHEN dice(n, 4) < 12 THEN 'onboarding' WHEN dice(n, 4) < 70 THEN 'adoption'
            WHEN dice(n, 4) < 92 THEN 'mature' ELSE 'churned' END,
       %(today)s::date - 40, '', '', '', 'SF' || n, '', '',
       CASE WHEN dice(n, 5) < 55 THEN 'green' WHEN dice(n, 5) < 75 THEN 'yellow'
            WHEN dice(n, 5) < 87 THEN 'red' ELSE 'undefined' END,
       %(today)s::date - 12, '',
       CASE WHEN dice(n, 6) < 4 THEN %(today)s::date - 9 END,
       CASE WHEN dice(n, 17) < 30 THEN 'daily' WHEN dice(n, 17) < 70 THEN 'weekly' ELSE '' END,
       %(today)s::date - 30 * dice(n, 7)
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
SUBSCRIPTIONS = """
INSERT INTO accounts_subscription (workspace_id, account_id, product_id, service_tier, mrr_minor, otr_minor, currency,
    contracted_users, active_users, renews_on, billed_to)
SELECT a.workspace_id, a.id, p.id, '', 5000 + 4000 * dice(a.n, 8), 0, 'USD', 20 + dice(a.n, 9), dice(a.n, 9),
       %(today)s::date - 20 + 4 * dice(a.n, 10), ''
FROM (SELECT workspace_id, id, ltrim(sf_id, 'SF')::bigint AS n FROM accounts_account
      WHERE workspace_id = %(workspace)s) a
JOIN (SELECT id, row_number() OVER (ORDER BY key) AS place FROM accounts_product
      WHERE workspace_id = %(workspace)s) p ON p.place = 1 OR dice(a.n, 11) < 30
"""
OUTCOMES = """
INSERT INTO accounts_outcome (workspace_id, account_id, measure, target, actual, measured_on)
SELECT workspace_id, id, 'Leads', 100, dice(ltrim(sf_id, 'SF')::bigint, 12), %(today)s::date - 3
FROM accounts_account WHERE workspace_id = %(workspace)s AND dice(ltrim(sf_id, 'SF')::bigint, 13) < 20
"""
INTERACTIONS = """
INSERT INTO accounts_interaction (workspace_id, account_id, kind, direction, answered, subject, body, happened_at)
SELECT workspace_id, id, 'call', 'out', dice(ltrim(sf_id, 'SF')::bigint, 14) < 60, 'Check-in', '',
       %(today)s::date - 2 * dice(ltrim(sf_id, 'SF')::bigint, 15) + interval '10 hours'
FROM accounts_account WHERE workspace_id = %(workspace)s AND dice(ltrim(sf_id, 'SF')::bigint, 16) < 80
"""


def load_books(scale: int) -> list[Workspace]:
    """``scale`` accounts with subscriptions, outcomes and calls, in workspaces of up to 10,000, starter rules in each.

    The ledger is switched off while loading and the marks are taken away: neither is part of a measurement.
    """
    as_owner(DICE, *(f"ALTER TABLE {table} DISABLE TRIGGER history_insert" for table in HISTORY))
    count = max(1, scale // BOOK)
    workspaces = [Workspace.objects.create(slug=f"bench-{n}", name=f"Bench {n}") for n in range(1, count + 1)]
    edges = [scale * n // count for n in range(count + 1)]
    for workspace, first, last in zip(workspaces, edges[:-1], edges[1:], strict=True):
        _load(workspace, first + 1, last)
    as_owner(
        *(f"ALTER TABLE {table} ENABLE TRIGGER history_insert" for table in HISTORY),
        "TRUNCATE accounts_dirtyaccount",
        *(f"VACUUM ANALYZE {table}" for table in ANALYSED),
    )
    return workspaces


def _load(workspace: Workspace, first: int, last: int) -> None:
    with workspace_of(workspace.pk):
        for key in ("learning", "compliance"):
            Product.objects.create(workspace=workspace, key=key, name=key.title())
        values: dict[str, Any] = {"workspace": workspace.pk, "today": workspace.today, "first": first, "last": last}
        with connection.cursor() as cursor:
            for statement in (ACCOUNTS, SUBSCRIPTIONS, OUTCOMES, INTERACTIONS):
                cursor.execute(statement, values)
        install_rules(workspace)
