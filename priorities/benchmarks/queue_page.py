"""The queue of a CSM with 5,000 open tasks against a bare view plus the bare query of its 50 rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from accounts.models import Module, Product
from csworkbench.common.measuring import Measurement, as_owner, counted_statements, median_in_turn
from csworkbench.tenancy.models import Member, Role, User, Workspace
from csworkbench.tenancy.task_base import workspace_of

from .. import pipeline
from ..queries import PAGE_SIZE
from .book import load_books

BUDGET, MOST_STATEMENTS = 3.0, 8
OPEN_TASKS, TASKS_PER_ACCOUNT, CSMS = 5_000, 3, 60
WARM, ROUNDS = 5, 31
SETTINGS: dict[str, Any] = {
    "ROOT_URLCONF": "priorities.benchmarks.bare",
    "ALLOWED_HOSTS": ["testserver"],
    # The hashed names of files need a collected folder, which a scratch run has none of.
    "STORAGES": {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
}

USES = """
INSERT INTO accounts_moduleuse (workspace_id, account_id, module_id, last_used_at, uses_30_days)
SELECT a.workspace_id, a.id, m.id, %(today)s::date - dice(ltrim(a.sf_id, 'SF')::bigint, 17), 4
FROM accounts_account a JOIN accounts_module m ON m.workspace_id = a.workspace_id
WHERE a.workspace_id = %(workspace)s
"""
# The measured CSM owns the first accounts; the others are shared out.
OWNERS = """
UPDATE accounts_account a SET owner_id = m.id
FROM (SELECT id, row_number() OVER (ORDER BY name) - 1 AS place FROM tenancy_member
      WHERE workspace_id = %(workspace)s) m
WHERE a.workspace_id = %(workspace)s
  AND m.place = CASE WHEN ltrim(a.sf_id, 'SF')::bigint <= %(own)s THEN 0
                     ELSE 1 + ltrim(a.sf_id, 'SF')::bigint %% %(others)s END
"""
TASKS = """
INSERT INTO playbooks_task (workspace_id, account_id, step_key, title, details, kind, source, severity, due_on, state,
    snooze_reason, outcome, outcome_note, why_facts, closed_because, snoozed_until)
SELECT workspace_id, account_id, '', 'Call about renewal ' || k, '',
       CASE k WHEN 1 THEN 'renewal' WHEN 2 THEN 'check_in' ELSE 'request' END,
       CASE k WHEN 3 THEN 'inbound' ELSE 'playbook' END,
       1 + dice(n, 20 + k) %% 3, %(today)s::date - 10 + dice(n, 30 + k) %% 40,
       CASE WHEN n <= %(own)s OR dice(n, 40 + k) < 33 THEN 'open' ELSE 'done' END, '', '', '',
       CASE k WHEN 1 THEN ARRAY['renews_on', 'health'] WHEN 2 THEN ARRAY['last_use:cases'] ELSE '{}' END, '',
       CASE WHEN dice(n, 50 + k) < 3 THEN %(today)s::date + 5 END
FROM (SELECT workspace_id, id AS account_id, ltrim(sf_id, 'SF')::bigint AS n FROM accounts_account
      WHERE workspace_id = %(workspace)s) a, generate_series(1, %(per_account)s) AS k
"""
TABLES = ("playbooks_task", "accounts_account", "accounts_moduleuse", "accounts_accountpriority")

# What a person would write for these 50 rows: the book and the tasks by their indexes, joins only for what is shown.
BARE_QUERY = """
SELECT t.*, a.name, coalesce(nullif(h.health, ''), a.health) AS health, a.tier,
       i.name, f.mrr_minor, f.renews_on, p.level, p.score, p.matched
FROM (
    SELECT t.id, t.account_id, t.title, t.level, t.score, t.due_on, t.kind, t.source, t.severity, t.why_facts
    FROM (
        SELECT t.* FROM accounts_account a JOIN playbooks_task t ON t.workspace_id = %(workspace)s
          AND t.account_id = a.id AND t.state = 'open' AND t.assignee_id IS NULL
        WHERE a.workspace_id = %(workspace)s AND a.owner_id = %(member)s
        UNION ALL
        SELECT t.* FROM playbooks_task t
        WHERE t.workspace_id = %(workspace)s AND t.state = 'open' AND t.assignee_id = %(member)s
    ) t
    WHERE t.snoozed_until IS NULL OR t.snoozed_until <= %(today)s
    ORDER BY t.level, t.score DESC, t.due_on NULLS LAST, t.id LIMIT 50
) t
JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = t.account_id
JOIN accounts_accountfigures f ON f.workspace_id = %(workspace)s AND f.account_id = a.id
JOIN accounts_accountpriority p ON p.workspace_id = %(workspace)s AND p.account_id = a.id
JOIN accounts_accounthealth h ON h.workspace_id = %(workspace)s AND h.account_id = a.id
LEFT JOIN accounts_instance i ON i.workspace_id = %(workspace)s AND i.id = a.instance_id
ORDER BY t.level, t.score DESC, t.due_on NULLS LAST, t.id
"""


def bench_queue_page(scale: int) -> Iterator[Measurement]:
    """One line: the median page of a member's own queue, through the whole stack."""
    workspaces = load_books(scale)
    members = [_load_tasks(workspace) for workspace in workspaces]
    with workspace_of(workspaces[0].pk) as workspace:
        pipeline.sweep(workspace)
    as_owner(*(f"VACUUM ANALYZE {table}" for table in TABLES))
    yield _measure(scale, workspaces[0], members[0])


def _load_tasks(workspace: Workspace) -> Member:
    """Members, use and three tasks per account; returns the CSM with 5,000 open ones."""
    with workspace_of(workspace.pk):
        members = [_member(workspace, number) for number in range(CSMS)]
        Module.objects.create(
            workspace=workspace,
            product=Product.objects.filter(workspace=workspace)[0],
            key="cases",
            name="Cases",
            use_label="case created",
        )
        values: dict[str, Any] = {
            "workspace": workspace.pk,
            "today": workspace.today,
            "own": -(-OPEN_TASKS // TASKS_PER_ACCOUNT),
            "others": CSMS - 1,
            "per_account": TASKS_PER_ACCOUNT,
        }
        with connection.cursor() as cursor:
            for statement in (USES, OWNERS, TASKS):
                cursor.execute(statement, values)
    return members[0]


def _member(workspace: Workspace, number: int) -> Member:
    name = f"Member {number:03}"
    user = User.objects.create(email=f"member{number}.{workspace.pk}@example.org", name=name)
    return Member.objects.create(workspace=workspace, user=user, name=name, roles=[Role.CSM.value])


def _measure(scale: int, workspace: Workspace, member: Member) -> Measurement:
    with override_settings(**SETTINGS):
        client = Client()
        client.force_login(member.user)
        page, bare = (reverse(name, args=[workspace.slug]) for name in ("priorities:queue", "bare"))
        ways: list[Callable[[], float]] = [
            partial(get, client, page),
            partial(get, client, bare),
            partial(_bare_query, workspace, member),
        ]
        for way in ways * WARM:
            way()
        with counted_statements() as statements:
            get(client, page)
        seconds, view, query = median_in_turn(ways, ROUNDS)
    return Measurement(
        "queue_page", scale, seconds, view + query, BUDGET, len(statements), len(statements) <= MOST_STATEMENTS
    )


def get(client: Client, address: str) -> float:
    """Seconds of one visit; an error when the page did not answer."""
    start = time.perf_counter()
    response = client.get(address)
    seconds = time.perf_counter() - start
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}")
    return seconds


def _bare_query(workspace: Workspace, member: Member) -> float:
    """The query alone: the bare view has opened a workspace already."""
    values: dict[str, Any] = {"workspace": workspace.pk, "member": member.pk, "today": workspace.today}
    with workspace_of(workspace.pk), connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute(BARE_QUERY, values)
        rows = cursor.fetchall()
        seconds = time.perf_counter() - start
    if len(rows) > PAGE_SIZE:
        raise RuntimeError("the bare query is not one page")
    return seconds
