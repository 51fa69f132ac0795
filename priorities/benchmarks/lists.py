"""Search and the account list in one workspace of any size: what typing and turning pages costs (ACC-10)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import quantiles

from django.db import connection

from accounts.finding import find
from accounts.listing import ORDERS, PAGE_SIZE, shown
from accounts.models import Account
from csworkbench.common.keyset import cursor_at, keyset_page
from csworkbench.common.measuring import Measurement, as_owner, counted_statements, median_in_turn
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.task_base import workspace_of

from .book import DICE

# A search answers while typing: the budget is a time, not a ratio.
SEARCH_BUDGET_SECONDS = 0.050
SEARCH_STATEMENTS = 14
# The thousandth page beside the first.
DEPTH_BUDGET = 1.5
DEEP, ROUNDS, TYPED = 0.9, 15, 9

# Three syllables make some 64,000 words, as rare and as common as surnames and places are.
WORD = """
CREATE FUNCTION word(n bigint, k int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg((ARRAY['ba','ker','lo','win','sta','ra','mont','fel','do','vi','har','ne','ston','qua','li','gre',
        'tor','ma','pen','sil','ber','cas','dun','el','fro','gal','hol','in','jas','kel','lam','mor','nor','ol','per',
        'ros','sal','tam','ul','ves'])[1 + dice(n, k * 3 + i) * 40 / 100], '') FROM generate_series(1, 3) i
$$
"""
ACCOUNTS = """
INSERT INTO accounts_account (workspace_id, name, search_name, tier, segment, growth_potential, stage, website,
    industry, time_zone, sf_id, lms_id, billing_id, health, health_reason, declared_frequency)
SELECT %(workspace)s, initcap(x.name), x.name, 1 + n %% 3, '', '', 'adoption', '', '', '',
       '001A' || lpad(n::text, 9, '0'), (1000000 + n)::text, '', 'green', '', ''
FROM generate_series(1, %(scale)s::bigint) AS n
CROSS JOIN LATERAL (SELECT word(n, 1) || ' ' || CASE WHEN dice(n, 50) < 60 THEN word(n, 2) || ' ' ELSE '' END
    || (ARRAY['clinic', 'dental group', 'wellness', 'urgent care', 'pediatrics', 'advisors', 'insurance agency',
              'home care'])[1 + dice(n, 51) * 8 / 100] AS name) x
"""
CONTACTS = """
INSERT INTO accounts_contact (workspace_id, account_id, first_name, last_name, title, email, phone, phone_extension,
    is_primary, is_decision_maker, validity, dnc)
SELECT workspace_id, id, initcap(word(n %% 700, 7)), initcap(word(n, 8)), '',
       word(n %% 700, 7) || '.' || word(n, 8) || '@a' || n || '.example.org', '', '', true, false, 'unknown', false
FROM (SELECT workspace_id, id, lms_id::bigint - 1000000 AS n FROM accounts_account WHERE workspace_id = %(workspace)s) a
"""
SPREAD = (
    "UPDATE accounts_accountfigures SET mrr_minor = 100 * dice(hashtext(account_id::text), 1),"
    " renews_on = current_date + dice(hashtext(account_id::text), 2) WHERE workspace_id = %(workspace)s",
    "UPDATE accounts_accountpriority SET level = 1 + dice(hashtext(account_id::text), 3) / 25,"
    " score = dice(hashtext(account_id::text), 4) WHERE workspace_id = %(workspace)s",
    "UPDATE accounts_accounthealth SET health = (ARRAY['red', 'yellow', 'undefined', 'green', 'green'])"
    "[1 + dice(hashtext(account_id::text), 5) / 20] WHERE workspace_id = %(workspace)s",
)
TABLES = (
    "accounts_account", "accounts_contact", "accounts_accountfigures", "accounts_accountpriority",
    "accounts_accounthealth", "accounts_searchterm", "accounts_searchvariant",
)  # fmt: skip


def bench_search(scale: int) -> Iterator[Measurement]:
    """What people type, from two letters to a slip in two words, in one workspace: the 95th percentile."""
    workspace = _load(scale)
    with workspace_of(workspace.pk):
        asked = list(_typed(workspace))
        for text in asked:
            find(workspace, text)
        seconds, most = [], 0
        for text in asked * 3:
            with counted_statements() as statements:
                start = time.perf_counter()
                find(workspace, text)
                seconds.append(time.perf_counter() - start)
            most = max(most, len(statements))
    slow = quantiles(seconds, n=20)[-1]
    yield Measurement("search", scale, slow, SEARCH_BUDGET_SECONDS, 1.0, most, most <= SEARCH_STATEMENTS)


def _typed(workspace: Workspace) -> Iterator[str]:
    for account in Account.objects.filter(workspace=workspace).order_by("lms_id")[: 5 * TYPED : 5]:
        words = account.search_name.split()
        contact = account.contacts.get(workspace=workspace)
        first, last = contact.first_name.lower(), contact.last_name.lower()
        yield from (
            words[0][:2], words[0][:4], words[0], f"{words[0]} {words[-1][:3]}", f"{words[-1]} {words[0][:4]}",
            words[0][:2] + words[0][3:], words[0][:3] + "x" + words[0][3:], f"{words[0][1:]} {words[-1]}",
            account.sf_id, account.lms_id[:6], last, f"{first} {last}", f"{last} {words[0]}", contact.email[:12],
            words[-1], f"{words[-2]} {words[-1]}",
        )  # fmt: skip


def bench_account_list(scale: int) -> Iterator[Measurement]:
    """For each order, a page nine tenths down beside the first page; the worst of them."""
    workspace = _load(scale)
    worst: Measurement | None = None
    with workspace_of(workspace.pk):
        rows = shown(Account.objects.filter(workspace=workspace))
        for sort, keys in ORDERS.items():
            edge = rows.order_by(*(key.ordering for key in keys))[int(scale * DEEP) : int(scale * DEEP) + 1]
            after = cursor_at(edge[0], keys)
            ways: list[Callable[[], float]] = [
                partial(_timed, partial(keyset_page, rows, keys, size=PAGE_SIZE, after=after)),
                partial(_timed, partial(keyset_page, rows, keys, size=PAGE_SIZE)),
            ]
            with counted_statements() as statements:
                page = keyset_page(rows, keys, size=PAGE_SIZE, after=after)
            deep, first = median_in_turn(ways, ROUNDS)
            made = Measurement(
                f"list by {sort}", scale, deep, first, DEPTH_BUDGET, len(statements), len(page) == PAGE_SIZE
            )
            worst = made if worst is None or made.ratio > worst.ratio else worst
    if worst is not None:
        yield worst


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _load(scale: int) -> Workspace:
    """One workspace of ``scale`` accounts with a contact each; the ledger is switched off while loading."""
    tables = ("accounts_account", "accounts_contact")
    as_owner(DICE, WORD, *(f"ALTER TABLE {table} DISABLE TRIGGER history_insert" for table in tables))
    workspace = Workspace.objects.create(slug="bench", name="Bench")
    with workspace_of(workspace.pk), connection.cursor() as cursor:
        for statement in (ACCOUNTS, CONTACTS, *SPREAD):
            cursor.execute(statement, {"workspace": workspace.pk, "scale": scale})
    as_owner(
        *(f"ALTER TABLE {table} ENABLE TRIGGER history_insert" for table in tables),
        "TRUNCATE accounts_dirtyaccount",
        *(f"VACUUM ANALYZE {table}" for table in TABLES),
    )
    return workspace
