"""The health step over a whole book against the same points, UPDATE and INSERT of days written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection

from accounts.facts import context_for
from accounts.health.scoring import judge_health
from accounts.health.starter import install_scorecards
from accounts.models import Module, Product, Scorecard
from csworkbench.common import clock
from csworkbench.common.measuring import Measurement, as_owner, best_in_turn, counted_statements, timed
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.task_base import workspace_of

from .book import load_books

BUDGET = 1.5
# Which share of the rows a pass has to change: everything (a new scorecard), a day's worth, nothing.
VARIANTS = (("health", 100), ("health_1", 1), ("health_0", 0))
PACK, MODULE = "compliance", "courses"
TABLES = ("accounts_accountfigures", "accounts_moduleuse", "accounts_healthoverride", "accounts_scorecard")
CHURNING = ("accounts_accounthealth", "accounts_healthday")
DAYS = (3, 5, 10, 14, 21, 30, 35, 60, 90)

FIGURES = """
UPDATE accounts_accountfigures f
SET uses_30_days = 40 + dice(a.n, 20),
    uses_prior_30_days = CASE WHEN dice(a.n, 21) < 90 THEN 20 + dice(a.n, 22) ELSE 0 END,
    active_days_28 = dice(a.n, 23) / 5, modules_30_days = dice(a.n, 24) / 25, counted_on = %(today)s,
    sentiment = CASE WHEN dice(a.n, 25) < 60 THEN dice(a.n, 26) / 34 - 1 END,
    support_waits_since = CASE WHEN dice(a.n, 27) < 20 THEN %(today)s::date - dice(a.n, 28) + interval '9 hours' END
FROM (SELECT workspace_id, id, ltrim(sf_id, 'SF')::bigint AS n FROM accounts_account
      WHERE workspace_id = %(workspace)s) a
WHERE f.workspace_id = a.workspace_id AND f.account_id = a.id
"""
USES = """
INSERT INTO accounts_moduleuse (workspace_id, account_id, module_id, uses_30_days, last_used_at)
SELECT workspace_id, id, %(module)s, 0, %(today)s::date - dice(ltrim(sf_id, 'SF')::bigint, 29) + interval '12 hours'
FROM accounts_account WHERE workspace_id = %(workspace)s AND dice(ltrim(sf_id, 'SF')::bigint, 30) < 80
"""
OVERRIDES = """
INSERT INTO accounts_healthoverride (workspace_id, account_id, health, reason, expires_on)
SELECT workspace_id, id, 'red', 'Said so', %(today)s::date + 20
FROM accounts_account WHERE workspace_id = %(workspace)s AND dice(ltrim(sf_id, 'SF')::bigint, 31) < 1
"""

# The two starter scorecards as a person would write them down once for this one statement: what they share is
# computed once, the weights stand in the sums.
BY_HAND = """
WITH changed AS (
    UPDATE accounts_accounthealth h
    SET health = n.held, computed = n.computed, score = n.score, known = n.known, points = n.points,
        scorecard_id = n.scorecard, version = 1, relationship = n.relationship, changed_at = %(now)s,
        since = CASE WHEN coalesce(nullif(h.health, ''), n.judged) <> n.held THEN %(today)s
                     ELSE coalesce(CASE WHEN h.health = '' THEN n.judged_since ELSE h.since END, %(today)s) END
    FROM (
        SELECT s.*, coalesce(o.health, s.computed) AS held, o.health IS NOT NULL AS is_override,
               CASE WHEN s.escalated_since IS NOT NULL THEN 'escalated'
                    ELSE CASE coalesce(o.health, s.computed) WHEN 'green' THEN 'healthy'
                         WHEN 'undefined' THEN 'undefined' ELSE 'risky' END END AS relationship
        FROM (
            SELECT w.*, CASE WHEN w.score IS NULL THEN 'undefined' WHEN w.score >= 75 THEN 'green'
                             WHEN w.score >= 40 THEN 'yellow' ELSE 'red' END AS computed
            FROM (
                SELECT v.id, v.judged, v.judged_since, v.escalated_since, v.points,
                       CASE WHEN v.young THEN %(young)s::uuid ELSE %(general)s::uuid END AS scorecard,
                       (100 * v.weight / CASE WHEN v.young THEN 125 ELSE 140 END)::smallint AS known,
                       CASE WHEN 100 * v.weight / CASE WHEN v.young THEN 125 ELSE 140 END >= 35
                            THEN ((2 * v.total + v.weight) / (2 * v.weight))::smallint END AS score
                FROM (
                    SELECT p.id, p.judged, p.judged_since, p.escalated_since, p.young,
                           CASE WHEN p.young
                                THEN ARRAY[module_use, frequency, answers, attempts, sentiment, support, billing,
                                           organisation, judgement]
                                ELSE ARRAY[trend, frequency, breadth, module_use, answers, attempts, sentiment, support,
                                           billing, organisation, outcome, judgement] END AS points,
                           CASE WHEN p.young
                                THEN coalesce(module_use, 0) * 20 + coalesce(frequency, 0) * 10
                                   + coalesce(answers, 0) * 20 + coalesce(attempts, 0) * 10
                                   + coalesce(sentiment, 0) * 15 + support * 5 + billing * 5
                                   + coalesce(organisation, 0) * 5
                                   + coalesce(judgement, 0) * 35
                                ELSE coalesce(trend, 0) * 15 + coalesce(frequency, 0) * 10 + coalesce(breadth, 0) * 10
                                   + coalesce(module_use, 0) * 10 + coalesce(answers, 0) * 10
                                   + coalesce(attempts, 0) * 5 + coalesce(sentiment, 0) * 10
                                   + support * 10 + billing * 10
                                   + coalesce(organisation, 0) * 5 + coalesce(outcome, 0) * 10
                                   + coalesce(judgement, 0) * 35 END AS total,
                           CASE WHEN p.young
                                THEN CASE WHEN module_use IS NULL THEN 0 ELSE 20 END
                                   + CASE WHEN frequency IS NULL THEN 0 ELSE 10 END
                                   + CASE WHEN answers IS NULL THEN 0 ELSE 20 END
                                   + CASE WHEN attempts IS NULL THEN 0 ELSE 10 END
                                   + CASE WHEN sentiment IS NULL THEN 0 ELSE 15 END + 10
                                   + CASE WHEN organisation IS NULL THEN 0 ELSE 5 END
                                   + CASE WHEN judgement IS NULL THEN 0 ELSE 35 END
                                ELSE CASE WHEN trend IS NULL THEN 0 ELSE 15 END
                                   + CASE WHEN frequency IS NULL THEN 0 ELSE 10 END
                                   + CASE WHEN breadth IS NULL THEN 0 ELSE 10 END
                                   + CASE WHEN module_use IS NULL THEN 0 ELSE 10 END
                                   + CASE WHEN answers IS NULL THEN 0 ELSE 10 END
                                   + CASE WHEN attempts IS NULL THEN 0 ELSE 5 END
                                   + CASE WHEN sentiment IS NULL THEN 0 ELSE 10 END + 20
                                   + CASE WHEN organisation IS NULL THEN 0 ELSE 5 END
                                   + CASE WHEN outcome IS NULL THEN 0 ELSE 10 END
                                   + CASE WHEN judgement IS NULL THEN 0 ELSE 35 END END AS weight
                    FROM (
                        SELECT a.id, a.health AS judged, a.health_since AS judged_since, a.escalated_since, a.young,
                               (CASE WHEN t.trend >= 10 THEN 100 WHEN t.trend >= -10 THEN 85 WHEN t.trend >= -30 THEN 45
                                     WHEN t.trend IS NOT NULL THEN 0 END)::smallint AS trend,
                               (CASE WHEN t.met >= 90 THEN 100 WHEN t.met >= 60 THEN 75 WHEN t.met >= 30 THEN 40
                                     WHEN t.met IS NOT NULL THEN 0 END)::smallint AS frequency,
                               (CASE WHEN f.counted_on IS NULL THEN NULL WHEN f.modules_30_days >= 3 THEN 100
                                     WHEN f.modules_30_days = 2 THEN 80 WHEN f.modules_30_days = 1 THEN 50
                                     ELSE 0 END)::smallint AS breadth,
                               (CASE WHEN u.last_used_at IS NULL THEN NULL WHEN u.last_used_at >= %(end)s THEN 0
                                     WHEN a.young THEN CASE WHEN u.last_used_at >= %(day_10)s THEN 100
                                                            WHEN u.last_used_at >= %(day_21)s THEN 40 ELSE 0 END
                                     WHEN u.last_used_at >= %(day_30)s THEN 100
                                     WHEN u.last_used_at >= %(day_60)s THEN 40 ELSE 0 END)::smallint AS module_use,
                               (CASE WHEN f.last_answered_at IS NULL THEN NULL WHEN f.last_answered_at >= %(end)s THEN 0
                                     WHEN a.young THEN CASE WHEN f.last_answered_at >= %(day_10)s THEN 100
                                                            WHEN f.last_answered_at >= %(day_21)s THEN 60
                                                            WHEN f.last_answered_at >= %(day_35)s THEN 25 ELSE 0 END
                                     WHEN f.last_answered_at >= %(day_30)s THEN 100
                                     WHEN f.last_answered_at >= %(day_60)s THEN 60
                                     WHEN f.last_answered_at >= %(day_90)s THEN 25 ELSE 0 END)::smallint AS answers,
                               (CASE WHEN f.unanswered_since < %(old_30)s THEN 0
                                     WHEN f.unanswered_since < %(old_14)s THEN 30
                                     WHEN f.unanswered_since < %(old_5)s THEN 60
                                     WHEN f.unanswered_since IS NOT NULL THEN 80 END)::smallint AS attempts,
                               (CASE f.sentiment WHEN 1 THEN 100 WHEN 0 THEN 70 WHEN -1 THEN 0 END)::smallint
                                   AS sentiment,
                               (CASE WHEN f.support_waits_since < %(old_30)s THEN 0
                                     WHEN f.support_waits_since < %(old_14)s THEN 40
                                     WHEN f.support_waits_since < %(old_3)s THEN 70
                                     WHEN f.support_waits_since IS NULL THEN 100 ELSE 90 END)::smallint AS support,
                               (CASE WHEN a.past_due_since <= %(today)s - 30 THEN 0
                                     WHEN a.past_due_since <= %(today)s - 14 THEN 20
                                     WHEN a.past_due_since IS NULL THEN 100 ELSE 50 END)::smallint AS billing,
                               (CASE WHEN a.org_change_on BETWEEN %(today)s - 30 AND %(today)s THEN 20
                                     WHEN a.org_change_on BETWEEN %(today)s - 90 AND %(today)s THEN 50
                                     WHEN a.org_change_on IS NOT NULL THEN 100 END)::smallint AS organisation,
                               (CASE WHEN f.outcome_percent >= 100 THEN 100 WHEN f.outcome_percent >= 75 THEN 80
                                     WHEN f.outcome_percent >= 50 THEN 45
                                     WHEN f.outcome_percent IS NOT NULL THEN 0 END)::smallint AS outcome,
                               (CASE a.health WHEN 'green' THEN 100 WHEN 'yellow' THEN 50 WHEN 'red' THEN 0
                                     END)::smallint AS judgement
                        FROM (SELECT *, stage = 'onboarding' AS young FROM accounts_account) a
                        JOIN accounts_accountfigures f ON f.workspace_id = a.workspace_id AND f.account_id = a.id
                        CROSS JOIN LATERAL (
                            SELECT CASE WHEN f.counted_on IS NOT NULL THEN
                                   (f.uses_30_days::bigint - f.uses_prior_30_days) * 100
                                   / nullif(f.uses_prior_30_days, 0) END AS trend,
                                   CASE WHEN f.counted_on IS NOT NULL THEN f.active_days_28 * 100
                                   / CASE a.declared_frequency WHEN 'daily' THEN 20 WHEN 'weekly' THEN 4
                                     WHEN 'monthly' THEN 1 END END AS met
                            OFFSET 0
                        ) t
                        LEFT JOIN accounts_moduleuse u ON u.workspace_id = a.workspace_id AND u.account_id = a.id
                            AND u.module_id = %(module)s
                        WHERE a.workspace_id = %(workspace)s
                        OFFSET 0
                    ) p
                    OFFSET 0
                ) v
                OFFSET 0
            ) w
        ) s
        LEFT JOIN accounts_healthoverride o ON o.workspace_id = %(workspace)s AND o.account_id = s.id
            AND o.ended_at IS NULL AND o.expires_on >= %(today)s
    ) n
    WHERE h.workspace_id = %(workspace)s AND h.account_id = n.id
      AND (h.health, h.computed, h.score, h.known, h.points, h.scorecard_id, h.version, h.relationship)
          IS DISTINCT FROM (n.held, n.computed, n.score, n.known, n.points, n.scorecard, 1, n.relationship)
    RETURNING h.account_id, h.health, h.score, h.points, h.scorecard_id, n.is_override,
              (coalesce(nullif(old.health, ''), n.judged), old.score, old.points)
              IS DISTINCT FROM (h.health, h.score, h.points) AS moved
)
INSERT INTO accounts_healthday
    (workspace_id, account_id, day, health, score, points, scorecard_id, version, is_override)
SELECT %(workspace)s, account_id, %(today)s, health, score, points, scorecard_id, 1, is_override
FROM changed WHERE moved
ON CONFLICT (workspace_id, account_id, day) DO UPDATE
SET health = excluded.health, score = excluded.score, points = excluded.points, scorecard_id = excluded.scorecard_id,
    version = excluded.version, is_override = excluded.is_override
"""
STALE = """
UPDATE accounts_accounthealth SET score = -1, points = '{}'
WHERE workspace_id = %s AND (hashtext(account_id::text) & 2147483647) %% 100 < %s
"""
FORGET = """
DELETE FROM accounts_healthday
WHERE workspace_id = %s AND (hashtext(account_id::text) & 2147483647) %% 100 < %s
"""
CHECKSUM = """
SELECT count(*), sum(hashtextextended(concat_ws('|', account_id, health, coalesce(since::text, '-'), computed,
                                               coalesce(score::text, '-'), known, points::text, scorecard_id, version,
                                               relationship), 0)),
       (SELECT sum(hashtextextended(concat_ws('|', account_id, day, health, coalesce(score::text, '-'), points::text,
                                              scorecard_id, version, is_override), 0))
        FROM accounts_healthday WHERE workspace_id = %s)
FROM accounts_accounthealth WHERE workspace_id = %s
"""

Work = Callable[[Workspace], object]


def bench_health(scale: int) -> Iterator[Measurement]:
    """Three lines: all rows change, one in a hundred, none."""
    workspaces = load_books(scale)
    for workspace in workspaces:
        _load(workspace)
    as_owner("TRUNCATE accounts_dirtyaccount", *(f"VACUUM ANALYZE {table}" for table in TABLES))
    for name, percent in VARIANTS:
        yield _measure(name, percent, scale, workspaces)


def _load(workspace: Workspace) -> None:
    with workspace_of(workspace.pk):
        product = Product.objects.get(workspace=workspace, key="learning")
        module = Module.objects.create(
            workspace=workspace, product=product, key=MODULE, name="Courses", use_label="course assigned"
        )
        install_scorecards(workspace, PACK)
        with connection.cursor() as cursor:
            for statement in (FIGURES, USES, OVERRIDES):
                cursor.execute(statement, {"workspace": workspace.pk, "today": workspace.today, "module": module.pk})


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
    """How many statements the step takes for a workspace."""
    with workspace_of(workspace.pk), counted_statements() as statements:
        _product(workspace)
    return len(statements)


def _everywhere(workspaces: list[Workspace], work: Work) -> None:
    for each in workspaces:
        with workspace_of(each.pk) as workspace:
            work(workspace)


def _product(workspace: Workspace) -> object:
    return judge_health(workspace, context_for(workspace))


def _by_hand(workspace: Workspace) -> object:
    context = context_for(workspace)
    one = timedelta(days=1)
    cards = dict(Scorecard.objects.filter(workspace=workspace).values_list("key", "pk"))
    values: dict[str, Any] = {
        "workspace": workspace.pk,
        "today": context.today,
        "now": clock.now(),
        "end": context.start_of(context.today + one),
        "young": cards["onboarding"],
        "general": cards["general"],
        "module": Module.objects.get(workspace=workspace, key=MODULE).pk,
    }
    values |= {f"day_{days}": context.start_of(context.today - days * one) for days in DAYS}
    values |= {f"old_{days}": context.start_of(context.today - (days - 1) * one) for days in DAYS}
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, values)
        return cursor.rowcount


def _make_stale(workspaces: list[Workspace], percent: int) -> None:
    """Give a share of the rows something to change, and the tables the same shape before every run."""
    for each in workspaces if percent else []:
        with workspace_of(each.pk), connection.cursor() as cursor:
            cursor.execute(STALE, [each.pk, percent])
            cursor.execute(FORGET, [each.pk, percent])
    as_owner(*(f"VACUUM ANALYZE {table}" for table in CHURNING))


def _checksums(workspaces: list[Workspace]) -> list[object]:
    sums: list[object] = []
    for each in workspaces:
        with workspace_of(each.pk), connection.cursor() as cursor:
            cursor.execute(CHECKSUM, [each.pk, each.pk])
            sums.append(cursor.fetchone())
    return sums
