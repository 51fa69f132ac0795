"""Counts over days of use: windows of 7, 30 and 90 days per account and module, and the figures of the account.

Two ways to the same numbers. What changed is added to windows that end today; everything else — a pair that is new, or
that slept so long that its windows end earlier — is counted from its days. So a night of five million rows costs what
those rows cost, not ninety times as much. At midnight the windows of a whole workspace slide by the days that leave.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import Workspace

from ..models import ModuleUse

LOCK = 7_104  # the family of advisory locks; the second key is the workspace's
# Windows by column: days from … to, counted backwards from the day they end on.
WINDOWS = {
    "uses_7_days": (6, 0),
    "uses_30_days": (29, 0),
    "uses_90_days": (89, 0),
    "uses_prior_30_days": (59, 30),
}
ACTIVE_DAYS = 28
# Sliding further than this reads more days than counting anew.
FAR = 14
SUMS = ", ".join(WINDOWS)
SETTINGS = {"statement_timeout": "550s", "work_mem": "96MB"}


def within(window: tuple[int, int], end: str) -> str:
    """Whether a day lies in the window that ends on ``end``."""
    return f"(d.day BETWEEN {end}::date - {window[0]} AND {end}::date - {window[1]})"


def summed(end: str, value: str = "d.uses") -> str:
    """Sums of the four windows that end on ``end``, as columns; a day has at most ``schema.MOST`` uses, so they fit."""
    return ", ".join(
        f"coalesce(sum({value}) FILTER (WHERE {within(window, end)}), 0)::int AS {column}"
        for column, window in WINDOWS.items()
    )


PAIRS = f"""
CREATE TEMP TABLE usage_pair ON COMMIT DROP AS
SELECT d.account_id, d.module_id, max(d.day) FILTER (WHERE d.uses > 0) AS last_day,
    {summed("%(today)s", "d.uses - d.was")}
FROM usage_change d WHERE d.differs GROUP BY 1, 2
"""  # noqa: S608
# Pairs whose windows do not end today: unknown ones, those a sheet said, and those asleep.
FRESH = """
CREATE TEMP TABLE usage_fresh ON COMMIT DROP AS
SELECT p.account_id, p.module_id FROM usage_pair p LEFT JOIN accounts_moduleuse u ON u.workspace_id = %(workspace)s
    AND u.account_id = p.account_id AND u.module_id = p.module_id WHERE u.counted_on IS DISTINCT FROM %(today)s::date
"""
ADD = f"""
UPDATE accounts_moduleuse u SET {", ".join(f"{column} = greatest(u.{column} + p.{column}, 0)" for column in WINDOWS)},
    last_used_at = greatest(u.last_used_at, p.last_day::timestamp AT TIME ZONE %(zone)s)
FROM usage_pair p
WHERE u.workspace_id = %(workspace)s AND u.account_id = p.account_id AND u.module_id = p.module_id
    AND u.counted_on = %(today)s::date
    AND ((p.uses_7_days, p.uses_30_days, p.uses_90_days, p.uses_prior_30_days) <> (0, 0, 0, 0)
        OR (u.last_used_at AT TIME ZONE %(zone)s)::date < p.last_day)
"""  # noqa: S608
COUNT_FRESH = f"""
INSERT INTO accounts_moduleuse AS u (workspace_id, account_id, module_id, last_used_at, {SUMS}, counted_on)
SELECT %(workspace)s, f.account_id, f.module_id,
    max(d.day) FILTER (WHERE d.uses > 0)::timestamp AT TIME ZONE %(zone)s, {summed("%(today)s")}, %(today)s::date
FROM usage_fresh f JOIN accounts_usageday d ON d.workspace_id = %(workspace)s AND d.account_id = f.account_id
    AND d.module_id = f.module_id
GROUP BY 2, 3 HAVING max(d.day) FILTER (WHERE d.uses > 0) IS NOT NULL ORDER BY 2, 3
ON CONFLICT (workspace_id, account_id, module_id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in WINDOWS)}, counted_on = excluded.counted_on,
    last_used_at = CASE WHEN (u.last_used_at AT TIME ZONE %(zone)s)::date
        < (excluded.last_used_at AT TIME ZONE %(zone)s)::date THEN excluded.last_used_at ELSE u.last_used_at END
"""  # noqa: S608
# Days on which an account did anything: a day counts once, whichever module says so. ``was`` is what held before.
FLIP = f"""
CREATE TEMP TABLE usage_flip ON COMMIT DROP AS
SELECT account_id, day, bool_or(was > 0) AS was, bool_or(uses > 0) AS now FROM usage_change
WHERE day > %(today)s::date - {ACTIVE_DAYS} GROUP BY 1, 2 HAVING bool_or(was > 0) <> bool_or(uses > 0)
"""  # noqa: S608
# Of those accounts and days, the modules that the chunk says nothing of: in a full night there are none to look up.
GAP = """
CREATE TEMP TABLE usage_gap ON COMMIT DROP AS
SELECT c.account_id, m.id AS module_id, c.day FROM usage_flip c CROSS JOIN unnest(%(modules)s::uuid[]) AS m (id)
LEFT JOIN usage_change x ON x.account_id = c.account_id AND x.module_id = m.id AND x.day = c.day
WHERE x.account_id IS NULL
"""
NEAR = """
CREATE TEMP TABLE usage_near ON COMMIT DROP AS
SELECT DISTINCT g.account_id, g.day FROM usage_gap g JOIN accounts_usageday d ON d.workspace_id = %(workspace)s
    AND d.account_id = g.account_id AND d.module_id = g.module_id AND d.day = g.day AND d.uses > 0
"""
ACTIVE = """
CREATE TEMP TABLE usage_active ON COMMIT DROP AS
SELECT c.account_id, sum(c.now::int - c.was::int)::int AS more FROM usage_flip c
LEFT JOIN usage_near n ON n.account_id = c.account_id AND n.day = c.day WHERE n.account_id IS NULL GROUP BY 1
"""
TOUCHED = """
CREATE TEMP TABLE usage_touched ON COMMIT DROP AS
SELECT account_id FROM usage_pair UNION SELECT account_id FROM usage_seat_change WHERE differs
"""
FIGURES = f"""
UPDATE accounts_accountfigures f SET
    {", ".join(f"{column} = n.{column}" for column in WINDOWS)}, modules_30_days = n.modules,
    active_days_28 = n.active_days, users_30_days_ago = n.users, counted_on = %(today)s::date
FROM (
    SELECT t.account_id, least(coalesce(sum(u.uses_7_days), 0), 2147483647)::int AS uses_7_days,
        least(coalesce(sum(u.uses_30_days), 0), 2147483647)::int AS uses_30_days,
        least(coalesce(sum(u.uses_90_days), 0), 2147483647)::int AS uses_90_days,
        least(coalesce(sum(u.uses_prior_30_days), 0), 2147483647)::int AS uses_prior_30_days,
        (count(*) FILTER (WHERE u.uses_30_days > 0))::int AS modules, t.active_days, t.users
    FROM usage_told t LEFT JOIN accounts_moduleuse u ON u.workspace_id = %(workspace)s AND u.account_id = t.account_id
        AND u.counted_on IS NOT NULL
    GROUP BY t.account_id, t.active_days, t.users
) n
WHERE f.workspace_id = %(workspace)s AND f.account_id = n.account_id
    AND (f.uses_7_days, f.uses_30_days, f.uses_90_days, f.uses_prior_30_days, f.modules_30_days, f.active_days_28,
        f.users_30_days_ago, f.counted_on)
    IS DISTINCT FROM (n.uses_7_days, n.uses_30_days, n.uses_90_days, n.uses_prior_30_days, n.modules, n.active_days,
        n.users, %(today)s::date)
"""  # noqa: S608
ACTIVE_OF_STALE = f"""
CREATE TEMP TABLE usage_stale ON COMMIT DROP AS
SELECT t.account_id, count(DISTINCT d.day)::int AS active_days
FROM usage_touched t
JOIN accounts_accountfigures f ON f.workspace_id = %(workspace)s AND f.account_id = t.account_id
    AND f.counted_on IS DISTINCT FROM %(today)s::date
LEFT JOIN accounts_usageday d ON d.workspace_id = %(workspace)s AND d.account_id = t.account_id
    AND d.module_id = ANY(%(modules)s::uuid[]) AND d.day BETWEEN %(today)s::date - {ACTIVE_DAYS - 1} AND %(today)s::date
    AND d.uses > 0
GROUP BY 1
"""  # noqa: S608
# The users an account had 30 days ago: of each product what was last said by then.
USERS_AGO = """
    SELECT account_id, least(sum(active_users), 2147483647)::int AS users FROM (
        SELECT DISTINCT ON (s.account_id, s.product_id) s.account_id, s.active_users FROM accounts_seatday s
        WHERE s.workspace_id = %(workspace)s AND s.day <= %(today)s::date - 30 {only}
        ORDER BY s.account_id, s.product_id, s.day DESC) x
    WHERE active_users IS NOT NULL GROUP BY 1
"""
AGO = f"""
CREATE TEMP TABLE usage_ago ON COMMIT DROP AS
{USERS_AGO.format(only="AND s.account_id IN (SELECT account_id FROM usage_touched)")}
"""  # noqa: S608
TELL_TOUCHED = """
CREATE TEMP TABLE usage_told ON COMMIT DROP AS
SELECT t.account_id, greatest(coalesce(o.active_days, f.active_days_28 + coalesce(a.more, 0)), 0) AS active_days,
    g.users
FROM usage_touched t
JOIN accounts_accountfigures f ON f.workspace_id = %(workspace)s AND f.account_id = t.account_id
LEFT JOIN usage_stale o ON o.account_id = t.account_id
LEFT JOIN usage_active a ON a.account_id = t.account_id
LEFT JOIN usage_ago g ON g.account_id = t.account_id
"""
# The running subscription says what the latest day says, whichever drop brought it.
SUBSCRIPTIONS = """
UPDATE accounts_subscription r SET active_users = coalesce(n.active_users, r.active_users),
    inactive_users = coalesce(n.inactive_users, r.inactive_users),
    terminated_users = coalesce(n.terminated_users, r.terminated_users), counted_on = n.day
FROM (
    SELECT DISTINCT ON (s.account_id, s.product_id) s.* FROM accounts_seatday s
    JOIN (SELECT DISTINCT account_id, product_id FROM usage_seat_change) c
        ON c.account_id = s.account_id AND c.product_id = s.product_id
    WHERE s.workspace_id = %(workspace)s ORDER BY s.account_id, s.product_id, s.day DESC
) n
WHERE r.workspace_id = %(workspace)s AND r.account_id = n.account_id AND r.product_id = n.product_id
    AND r.ended_on IS NULL AND (r.counted_on IS NULL OR r.counted_on <= n.day)
    AND (r.active_users, r.inactive_users, r.terminated_users) IS DISTINCT FROM
        (coalesce(n.active_users, r.active_users), coalesce(n.inactive_users, r.inactive_users),
         coalesce(n.terminated_users, r.terminated_users))
"""
MARK = """
INSERT INTO accounts_dirtyaccount (workspace_id, account_id) SELECT %(workspace)s, account_id FROM usage_touched
"""
# From the windows of ``was_on`` to those of ``today``: days that entered are added, days that left are taken away.
MOVED = (
    " OR ".join(
        f"d.day BETWEEN %(was_on)s::date - {back} AND %(today)s::date - {back + 1}" for back in (-1, 6, 29, 59, 89)
    )
    .replace("- -1", "+ 1")
    .replace("%(today)s::date - 0", "%(today)s::date")
)
MOVES = ", ".join(
    f"sum(d.uses * ({within(window, '%(today)s')}::int - {within(window, '%(was_on)s')}::int)) AS {column}"
    for column, window in WINDOWS.items()
)
SLIDE = f"""
UPDATE accounts_moduleuse u SET {", ".join(f"{c} = greatest(u.{c} + coalesce(n.{c}, 0), 0)" for c in WINDOWS)},
    counted_on = %(today)s::date
FROM (
    SELECT p.id, {", ".join(f"m.{column}" for column in WINDOWS)} FROM accounts_moduleuse p
    LEFT JOIN (
        SELECT d.account_id, d.module_id, {MOVES} FROM accounts_usageday d
        WHERE d.workspace_id = %(workspace)s AND ({MOVED}) GROUP BY 1, 2
    ) m ON m.account_id = p.account_id AND m.module_id = p.module_id
    WHERE p.workspace_id = %(workspace)s AND p.counted_on = %(was_on)s::date
        AND (p.uses_90_days > 0 OR m.account_id IS NOT NULL)
) n
WHERE u.workspace_id = %(workspace)s AND u.id = n.id
"""  # noqa: S608
COUNT_ANEW = f"""
UPDATE accounts_moduleuse u SET {", ".join(f"{c} = n.{c}" for c in WINDOWS)}, counted_on = %(today)s::date
FROM (
    SELECT p.id, {summed("%(today)s")} FROM accounts_moduleuse p
    LEFT JOIN accounts_usageday d ON d.workspace_id = %(workspace)s AND d.account_id = p.account_id
        AND d.module_id = p.module_id AND d.day > %(today)s::date - 90
    WHERE p.workspace_id = %(workspace)s AND p.counted_on = %(was_on)s::date GROUP BY p.id
) n
WHERE u.workspace_id = %(workspace)s AND u.id = n.id AND (n.uses_90_days > 0 OR u.uses_90_days > 0)
"""  # noqa: S608
TELL_ALL = f"""
CREATE TEMP TABLE usage_told ON COMMIT DROP AS
SELECT f.account_id, coalesce(d.active_days, 0) AS active_days, g.users
FROM accounts_accountfigures f
LEFT JOIN (
    SELECT d.account_id, count(DISTINCT d.day)::int AS active_days FROM accounts_usageday d
    WHERE d.workspace_id = %(workspace)s AND d.day BETWEEN %(today)s::date - {ACTIVE_DAYS - 1} AND %(today)s::date
        AND d.uses > 0 GROUP BY 1
) d ON d.account_id = f.account_id
LEFT JOIN ({USERS_AGO.format(only="")}) g ON g.account_id = f.account_id
WHERE f.workspace_id = %(workspace)s AND f.counted_on IS NOT NULL AND (f.uses_90_days > 0 OR d.account_id IS NOT NULL
    OR g.users IS NOT NULL OR f.active_days_28 > 0 OR f.users_30_days_ago IS NOT NULL)
"""  # noqa: S608
TEMPORARY = tuple(
    f"usage_{name}" for name in ("pair", "fresh", "flip", "gap", "near", "active", "ago", "touched", "stale", "told")
)


def hold(stage: Stage) -> None:
    """Be the only one who writes days and counts of this workspace until the transaction ends."""
    stage.run("SELECT pg_advisory_xact_lock(%(family)s, %(workspace)s)", family=LOCK)


def slide(workspace: Workspace, today: date) -> int:
    """Let the windows of a workspace end on ``today``; returns how many rows changed. The caller holds the lock."""
    stage = Stage(workspace.pk, {}, {"today": today, "zone": workspace.time_zone})
    for name, value in SETTINGS.items():
        stage.run("SELECT set_config(%(name)s, %(value)s, true)", name=name, value=value)
    ends = (
        ModuleUse.objects.filter(workspace=workspace, counted_on__lt=today, uses_90_days__gt=0)
        .order_by()
        .values_list("counted_on", flat=True)
        .distinct()
    )
    changed = 0
    for was_on in ends:
        if was_on is None:
            continue
        far = (today - was_on).days > FAR
        changed += stage.write(COUNT_ANEW if far else SLIDE, was_on=was_on)
    return changed


def is_behind(workspace: Workspace, today: date) -> bool:
    """Whether midnight has passed and nothing has counted since: a drop that is faster than the sweep counts first."""
    if not Workspace.objects.filter(pk=workspace.pk).exclude(swept_on=today).exists():
        return False
    return ModuleUse.objects.filter(workspace=workspace, counted_on__lt=today, uses_90_days__gt=0).exists()


def recount(workspace: Workspace, today: date) -> int:
    """Windows and figures of the whole workspace as of ``today`` (midnight); only rows that change are written."""
    stage = Stage(workspace.pk, {}, {"today": today, "zone": workspace.time_zone})
    hold(stage)
    changed = slide(workspace, today)
    drop_temporary(stage)
    stage.run(TELL_ALL)
    stage.run("ANALYZE usage_told")
    changed += stage.write(FIGURES)
    drop_temporary(stage)
    return changed


def count_changes(stage: Stage, modules: list[Any]) -> None:
    """Add what ``usage_change`` and ``usage_seat_change`` hold to the counts; the caller holds the lock."""
    drop_temporary(stage)
    values = {"modules": modules}
    stage.run(PAIRS)
    stage.run("ANALYZE usage_pair")
    stage.run(FRESH)
    stage.run("ANALYZE usage_fresh")
    stage.run("ANALYZE usage_change")
    stage.write(ADD)
    stage.run(FLIP)
    stage.run("ANALYZE usage_flip")
    stage.run(GAP, **values)
    stage.run("ANALYZE usage_gap")
    stage.run(TOUCHED)
    stage.run("ANALYZE usage_touched")
    # By index: a workspace's days are many times what a chunk asks for. Nothing else may loop: the statistics do not
    # know today's days yet, expect one row of them, and a join of temporary tables then took five minutes.
    stage.run("SET LOCAL enable_nestloop = on")
    stage.write(COUNT_FRESH)
    for statement in (NEAR, ACTIVE_OF_STALE, AGO):
        stage.run(statement, **values)
    stage.run("SET LOCAL enable_nestloop = off")
    stage.run(ACTIVE)
    stage.run(TELL_TOUCHED)
    stage.run("ANALYZE usage_told")
    stage.write(FIGURES)
    stage.write(SUBSCRIPTIONS)
    stage.run(MARK)


def drop_temporary(stage: Stage) -> None:
    stage.run(f"DROP TABLE IF EXISTS {', '.join(TEMPORARY)}")


def count_workspace(workspace: Workspace, today: date) -> None:
    """Count everything from its days, whatever stood there: after a bulk load that wrote days by itself."""
    stage = Stage(workspace.pk, {}, {"today": today, "zone": workspace.time_zone})
    hold(stage)
    drop_temporary(stage)
    stage.run("DROP TABLE IF EXISTS usage_change, usage_seat_change")
    stage.run(
        "CREATE TEMP TABLE usage_fresh ON COMMIT DROP AS SELECT DISTINCT account_id, module_id FROM accounts_usageday"
        " WHERE workspace_id = %(workspace)s"
    )
    stage.run("ANALYZE usage_fresh")
    stage.write(COUNT_FRESH)
    stage.run(
        "UPDATE accounts_accountfigures SET counted_on = %(today)s::date WHERE workspace_id = %(workspace)s"
        " AND account_id IN (SELECT account_id FROM usage_fresh)"
    )
    stage.run(TELL_ALL)
    stage.write(FIGURES)
    drop_temporary(stage)
