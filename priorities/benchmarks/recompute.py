"""A full recompute of levels and scores against the same CASE as one hand-written UPDATE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection

from accounts.facts import context_for
from csworkbench.common import clock
from csworkbench.common.measuring import Measurement, as_owner, best_in_turn, counted_statements, timed
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.task_base import workspace_of

from ..models import RuleSet
from ..recompute import recompute_levels
from .book import load_books

BUDGET = 1.5
# Which share of the rows a pass has to change: everything (new rules), a day's worth, nothing.
VARIANTS = (("recompute", 100), ("recompute_1", 1), ("recompute_0", 0))

# The starter rules as a person would write them down once for this one statement.
BY_HAND = """
UPDATE accounts_accountpriority p
SET level = n.level, score = n.score, matched = n.matched, rule_set_id = %(rule_set)s,
    changed_at = CASE WHEN p.rule_set_id IS NULL
                        OR (p.level, p.score, p.matched) IS DISTINCT FROM (n.level, n.score, n.matched)
                      THEN %(now)s ELSE p.changed_at END
FROM (
    SELECT a.id,
           CASE WHEN a.tier = 1 AND a.held = 'red' AND a.stage <> 'churned'
                  OR a.tier = 2 AND a.stage = 'onboarding' AND a.growth_potential = 'high' AND a.held = 'red'
                  OR a.tier = 1 AND f.outcome_percent < 50 AND f.renews_on >= %(today)s AND f.renews_on < %(day_91)s
                     AND a.stage <> 'churned' THEN 1
                WHEN (a.tier = 1 OR a.tier = 2 AND a.held = 'red') AND a.stage <> 'churned' THEN 2
                WHEN (a.tier = 2 OR a.tier = 3 AND a.held = 'red') AND a.stage <> 'churned' THEN 3
                ELSE 4 END AS level,
           CASE WHEN a.held = 'red' AND a.stage <> 'churned' THEN 60 ELSE 0 END
             + CASE WHEN a.held = 'yellow' THEN 20 ELSE 0 END
             + CASE WHEN f.renews_on >= %(today)s AND f.renews_on < %(day_31)s THEN 40 ELSE 0 END
             + CASE WHEN f.renews_on >= %(today)s AND f.renews_on < %(day_91)s THEN 40 ELSE 0 END
             + CASE WHEN a.past_due_since IS NOT NULL THEN 50 ELSE 0 END
             + CASE WHEN f.last_answered_at < %(silent)s THEN 30 ELSE 0 END
             + least(greatest(coalesce(f.mrr_minor, 0), 0) / 10000, 99)::int AS score,
           array_remove(ARRAY[
               CASE WHEN a.tier = 1 AND a.stage <> 'churned' THEN 'tier_1' END,
               CASE WHEN a.tier = 2 AND a.stage <> 'churned' THEN 'tier_2' END,
               CASE WHEN a.tier = 3 AND a.held = 'red' AND a.stage <> 'churned' THEN 'tier_3_red' END,
               CASE WHEN a.tier = 2 AND a.held = 'red' AND a.stage <> 'churned' THEN 'tier_2_red' END,
               CASE WHEN a.tier = 1 AND a.held = 'red' AND a.stage <> 'churned' THEN 'tier_1_red' END,
               CASE WHEN a.tier = 2 AND a.stage = 'onboarding' AND a.growth_potential = 'high' AND a.held = 'red'
                    THEN 'onboarding_red' END,
               CASE WHEN a.tier = 1 AND f.outcome_percent < 50 AND f.renews_on >= %(today)s
                     AND f.renews_on < %(day_91)s AND a.stage <> 'churned' THEN 'low_outcome' END,
               CASE WHEN a.held = 'red' AND a.stage <> 'churned' THEN 'red' END,
               CASE WHEN a.held = 'yellow' THEN 'yellow' END,
               CASE WHEN f.renews_on >= %(today)s AND f.renews_on < %(day_31)s THEN 'renews_30' END,
               CASE WHEN f.renews_on >= %(today)s AND f.renews_on < %(day_91)s THEN 'renews_90' END,
               CASE WHEN a.past_due_since IS NOT NULL THEN 'past_due' END,
               CASE WHEN f.last_answered_at < %(silent)s THEN 'silent' END
           ]::varchar[], NULL) AS matched
    FROM (
        -- The health that holds; OFFSET 0 keeps it computed once.
        SELECT a.*, coalesce(nullif(h.health, ''), a.health) AS held FROM accounts_account a
        JOIN accounts_accounthealth h ON h.workspace_id = a.workspace_id AND h.account_id = a.id
        WHERE a.workspace_id = %(workspace)s OFFSET 0
    ) a
    JOIN accounts_accountfigures f ON f.workspace_id = a.workspace_id AND f.account_id = a.id
) n
WHERE p.workspace_id = %(workspace)s AND p.account_id = n.id
  AND (p.level, p.score, p.matched, p.rule_set_id) IS DISTINCT FROM (n.level, n.score, n.matched, %(rule_set)s)
"""
STALE = """
UPDATE accounts_accountpriority SET score = -1, rule_set_id = NULL
WHERE workspace_id = %s AND (hashtext(account_id::text) & 2147483647) %% 100 < %s
"""
CHECKSUM = """
SELECT count(*), sum(hashtextextended(concat_ws('|', account_id, level, score, matched, rule_set_id), 0))
FROM accounts_accountpriority WHERE workspace_id = %s
"""

Work = Callable[[Workspace, RuleSet], object]


def bench_recompute(scale: int) -> Iterator[Measurement]:
    """Three lines: all rows change, one in a hundred, none."""
    workspaces = load_books(scale)
    for name, percent in VARIANTS:
        yield _measure(name, percent, scale, workspaces)


def _measure(name: str, percent: int, scale: int, workspaces: list[Workspace]) -> Measurement:
    outcomes: dict[Work, list[object]] = {}

    def way(work: Work) -> Callable[[], float]:
        def run() -> float:
            _make_stale(workspaces, percent)
            seconds = timed(lambda: _everywhere(workspaces, work))
            outcomes[work] = _checksums(workspaces)
            return seconds

        return run

    seconds, floor = best_in_turn([way(_product), way(_by_hand)])
    same = outcomes[_product] == outcomes[_by_hand]
    return Measurement(name, scale, seconds, floor, BUDGET, _statements(workspaces[0]), same)


def _statements(workspace: Workspace) -> int:
    """How many statements one recompute of a workspace takes."""
    with workspace_of(workspace.pk):
        rules, context = _rules(workspace), context_for(workspace)
        with counted_statements() as statements:
            recompute_levels(rules, context)
    return len(statements)


def _everywhere(workspaces: list[Workspace], work: Work) -> None:
    for each in workspaces:
        with workspace_of(each.pk) as workspace:
            work(workspace, _rules(workspace))


def _rules(workspace: Workspace) -> RuleSet:
    return RuleSet.objects.get(workspace=workspace, state=RuleSet.State.PUBLISHED)


def _product(workspace: Workspace, rules: RuleSet) -> object:
    return recompute_levels(rules, context_for(workspace))


def _by_hand(workspace: Workspace, rules: RuleSet) -> object:
    context = context_for(workspace)
    days = {f"day_{n}": context.today + timedelta(days=n) for n in (31, 91)}
    silent = context.start_of(context.today - timedelta(days=59))
    values: dict[str, Any] = {"workspace": workspace.pk, "rule_set": rules.pk, "now": clock.now(), "silent": silent}
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, values | days | {"today": context.today})
        return cursor.rowcount


def _make_stale(workspaces: list[Workspace], percent: int) -> None:
    """Give a share of the rows something to change, and the table the same shape before every run."""
    for each in workspaces if percent else []:
        with workspace_of(each.pk), connection.cursor() as cursor:
            cursor.execute(STALE, [each.pk, percent])
    as_owner("VACUUM ANALYZE accounts_accountpriority")


def _checksums(workspaces: list[Workspace]) -> list[object]:
    sums: list[object] = []
    for each in workspaces:
        with workspace_of(each.pk), connection.cursor() as cursor:
            cursor.execute(CHECKSUM, [each.pk])
            sums.append(cursor.fetchone())
    return sums
