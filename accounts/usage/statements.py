"""The SQL of a chunk: staged text → rows with their reason or their keys → days of use and of seats.

Every statement runs over the temporary tables of one chunk in one transaction; see ``applying`` for their order.
"""

from __future__ import annotations

from .schema import MOST

# Which account each different way of naming one means. A Salesforce, LMS or Recurly id each has an index of its own,
# so that a chunk looks up its own ids however many accounts there are.
FIND_ACCOUNTS = (
    "CREATE TEMP TABLE usage_who ON COMMIT DROP AS SELECT row_number() OVER ()::int AS n, anyid, sf, lms, bill"
    " FROM (SELECT DISTINCT anyid, sf, lms, bill FROM import_stage WHERE fault = '') x",
    """
    CREATE TEMP TABLE usage_key ON COMMIT DROP AS
    SELECT DISTINCT n, kind, key FROM usage_who CROSS JOIN LATERAL (VALUES
        ('s', anyid), ('l', anyid), ('b', anyid), ('s', sf), ('l', lms), ('b', bill),
        ('l', CASE WHEN anyid ~ '^[0-9]{1,6}$' THEN lpad(anyid, 7, '0') ELSE '' END),
        ('l', CASE WHEN lms ~ '^[0-9]{1,6}$' THEN lpad(lms, 7, '0') ELSE '' END)) k (kind, key)
    WHERE key <> ''
    """,
    "ANALYZE usage_key",
    """
    CREATE TEMP TABLE usage_found ON COMMIT DROP AS
    SELECT n, (array_agg(DISTINCT account_id))[1] AS account_id, count(DISTINCT account_id) AS matches FROM (
        SELECT k.n, a.id AS account_id FROM usage_key k JOIN accounts_account a
            ON a.workspace_id = %(workspace)s AND a.sf_id = k.key AND a.sf_id <> '' WHERE k.kind = 's'
        UNION ALL
        SELECT k.n, a.id FROM usage_key k JOIN accounts_account a
            ON a.workspace_id = %(workspace)s AND a.lms_id = k.key AND a.lms_id <> '' WHERE k.kind = 'l'
        UNION ALL
        SELECT k.n, a.id FROM usage_key k JOIN accounts_account a
            ON a.workspace_id = %(workspace)s AND a.billing_id = k.key AND a.billing_id <> '' WHERE k.kind = 'b'
    ) x GROUP BY n
    """,
    """
    CREATE TEMP TABLE usage_account ON COMMIT DROP AS
    SELECT w.anyid, w.sf, w.lms, w.bill, f.account_id, coalesce(f.matches, 0) AS matches
    FROM usage_who w LEFT JOIN usage_found f ON f.n = w.n
    """,
    "ANALYZE usage_account",
)
# Few different texts of days: each is examined once.
FIND_DAYS = """
CREATE TEMP TABLE usage_day ON COMMIT DROP AS
SELECT said, CASE WHEN said ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(said, 'date') THEN said::date END
    AS day FROM (SELECT DISTINCT day AS said FROM import_stage WHERE fault = '') x
"""


def fits(column: str) -> str:
    """Whether the text of a staged column is a number that may stand in a row; what is longer has too many digits."""
    return f"s.{column} ~ '^[0-9]{{1,8}}$' AND s.{column}::int <= {MOST}"


def whole(column: str) -> str:
    """The text of a staged column as a number, NULL when it is none. Most columns of most rows are empty."""
    return f"CASE WHEN s.{column} = '' THEN NULL WHEN {fits(column)} THEN s.{column}::int END"


def wrong_number(column: str, *, needed: bool = False) -> str:
    """The reason why a staged column is no number, else NULL; an empty one is right unless it is needed."""
    empty = "'number_missing'" if needed else "NULL"
    return (
        f"CASE WHEN s.{column} = '' THEN {empty} WHEN {fits(column)} THEN NULL"
        f" WHEN s.{column} ~ '^-[0-9]' THEN 'negative' WHEN s.{column} ~ '^[0-9]+$' THEN 'number_large'"
        " ELSE 'number_bad' END"
    )


# One row per staged row: ``problem`` and the text it is about, or what the row means.
READ = f"""
CREATE TEMP TABLE usage_read ON COMMIT DROP AS
SELECT s.row, s.record = 'users' AS of_users, a.account_id, m.id AS module_id, p.id AS product_id, d.day,
    {whole("uses")} AS uses, {whole("active_users")} AS active_users, {whole("active")} AS active,
    {whole("inactive")} AS inactive, {whole("terminated")} AS terminated, {whole("contracted")} AS contracted,
    CASE
        WHEN s.fault <> '' THEN s.fault
        WHEN s.record NOT IN ('', 'use', 'users') THEN 'record'
        WHEN coalesce(nullif(s.anyid, ''), nullif(s.sf, ''), nullif(s.lms, ''), nullif(s.bill, '')) IS NULL
            THEN 'account_missing'
        WHEN a.matches = 0 THEN 'account_unknown'
        WHEN a.matches > 1 THEN 'account_ambiguous'
        WHEN d.day IS NULL THEN 'day_bad'
        WHEN d.day > %(today)s::date THEN 'day_future'
        WHEN d.day < %(oldest)s::date THEN 'day_old'
        WHEN s.record = 'users' THEN CASE
            WHEN s.product = '' THEN 'product_missing'
            WHEN p.id IS NULL THEN 'product_unknown'
            ELSE coalesce({wrong_number("active", needed=True)}, {wrong_number("inactive")},
                {wrong_number("terminated")}, {wrong_number("contracted")}) END
        WHEN s.module = '' THEN 'module_missing'
        WHEN m.id IS NULL THEN 'module_unknown'
        ELSE coalesce({wrong_number("uses", needed=True)}, {wrong_number("active_users")})
    END AS problem
FROM import_stage s
LEFT JOIN usage_account a ON a.anyid = s.anyid AND a.sf = s.sf AND a.lms = s.lms AND a.bill = s.bill
LEFT JOIN usage_day d ON d.said = s.day
LEFT JOIN accounts_module m ON m.workspace_id = %(workspace)s AND m.key = s.module
LEFT JOIN accounts_product p ON p.workspace_id = %(workspace)s AND p.key = s.product AND s.record = 'users'
"""  # noqa: S608
# Of rows about the same thing, the last one counts.
LAST_USE = """
CREATE TEMP TABLE usage_use ON COMMIT DROP AS
SELECT DISTINCT ON (account_id, module_id, day) account_id, module_id, day, uses, active_users
FROM usage_read WHERE problem IS NULL AND NOT of_users ORDER BY account_id, module_id, day, row DESC
"""
LAST_SEATS = """
CREATE TEMP TABLE usage_seats ON COMMIT DROP AS
SELECT DISTINCT ON (account_id, product_id, day) account_id, product_id, day, active, inactive, terminated, contracted
FROM usage_read WHERE problem IS NULL AND of_users ORDER BY account_id, product_id, day, row DESC
"""
# A later statement of the same values still moves ``stated_at``: else an older drop that arrives after it would win.
UPSERT_USE = """
WITH written AS (
    INSERT INTO accounts_usageday AS u (workspace_id, account_id, module_id, day, uses, active_users, stated_at)
    SELECT %(workspace)s, account_id, module_id, day, uses, active_users, %(stated)s FROM usage_use
    ORDER BY account_id, module_id, day
    ON CONFLICT (workspace_id, account_id, module_id, day) DO UPDATE
        SET uses = excluded.uses, active_users = excluded.active_users, stated_at = excluded.stated_at
        WHERE u.stated_at < excluded.stated_at OR (u.stated_at = excluded.stated_at
            AND (u.uses, u.active_users) IS DISTINCT FROM (excluded.uses, excluded.active_users))
    RETURNING new.account_id, new.module_id, new.day, old.id IS NULL AS is_new, coalesce(old.uses, 0) AS was, new.uses,
        (old.uses, old.active_users) IS DISTINCT FROM (new.uses, new.active_users) AS differs
)
INSERT INTO usage_change SELECT * FROM written
"""
CHANGE_TABLE = (
    "CREATE TEMP TABLE usage_change (account_id uuid, module_id uuid, day date, is_new boolean, was integer,"
    " uses integer, differs boolean) ON COMMIT DROP"
)
UPSERT_SEATS = """
WITH written AS (
    INSERT INTO accounts_seatday AS u (workspace_id, account_id, product_id, day, active_users, inactive_users,
        terminated_users, stated_at)
    SELECT %(workspace)s, account_id, product_id, day, active, inactive, terminated, %(stated)s FROM usage_seats
    ORDER BY account_id, product_id, day
    ON CONFLICT (workspace_id, account_id, product_id, day) DO UPDATE
        SET active_users = excluded.active_users, inactive_users = excluded.inactive_users,
            terminated_users = excluded.terminated_users, stated_at = excluded.stated_at
        WHERE u.stated_at < excluded.stated_at OR (u.stated_at = excluded.stated_at AND
            (u.active_users, u.inactive_users, u.terminated_users) IS DISTINCT FROM
            (excluded.active_users, excluded.inactive_users, excluded.terminated_users))
    RETURNING new.account_id, new.product_id, old.id IS NULL AS is_new,
        (old.active_users, old.inactive_users, old.terminated_users) IS DISTINCT FROM
        (new.active_users, new.inactive_users, new.terminated_users) AS differs
)
INSERT INTO usage_seat_change SELECT * FROM written
"""
SEAT_CHANGE_TABLE = (
    "CREATE TEMP TABLE usage_seat_change (account_id uuid, product_id uuid, is_new boolean, differs boolean)"
    " ON COMMIT DROP"
)
SUPERSEDED_USE = """
SELECT count(*) FROM usage_use s JOIN accounts_usageday u ON u.workspace_id = %(workspace)s
    AND u.account_id = s.account_id AND u.module_id = s.module_id AND u.day = s.day AND u.stated_at > %(stated)s
"""
SUPERSEDED_SEATS = """
SELECT count(*) FROM usage_seats s JOIN accounts_seatday u ON u.workspace_id = %(workspace)s
    AND u.account_id = s.account_id AND u.product_id = s.product_id AND u.day = s.day AND u.stated_at > %(stated)s
"""
CONTRACTED = """
SELECT s.account_id::text, a.name, p.name, s.contracted, r.contracted_users
FROM usage_seats s
JOIN accounts_subscription r ON r.workspace_id = %(workspace)s AND r.account_id = s.account_id
    AND r.product_id = s.product_id AND r.ended_on IS NULL
JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = s.account_id
JOIN accounts_product p ON p.workspace_id = %(workspace)s AND p.id = s.product_id
WHERE s.contracted <> r.contracted_users ORDER BY a.name, p.name
"""
OUTLINE = """
SELECT count(*), count(*) FILTER (WHERE problem IS NOT NULL), count(*) FILTER (WHERE problem IS NULL AND of_users),
    min(day) FILTER (WHERE problem IS NULL), max(day) FILTER (WHERE problem IS NULL),
    count(*) FILTER (WHERE problem IS NULL AND day < %(stated)s::timestamptz::date - 2)
FROM usage_read
"""
PROBLEMS = """
WITH told AS (
    SELECT r.row, r.problem, CASE
        WHEN r.problem LIKE 'account%%' THEN concat_ws(' / ', nullif(s.anyid, ''), nullif(s.sf, ''), nullif(s.lms, ''),
            nullif(s.bill, ''))
        WHEN r.problem LIKE 'module%%' THEN s.module WHEN r.problem LIKE 'product%%' THEN s.product
        WHEN r.problem LIKE 'day%%' THEN s.day WHEN r.problem = 'record' THEN s.record
        WHEN r.of_users THEN concat_ws(' / ', s.active, s.inactive, s.terminated, s.contracted)
        ELSE concat_ws(' / ', s.uses, nullif(s.active_users, '')) END AS value
    FROM usage_read r JOIN import_stage s ON s.row = r.row WHERE r.problem IS NOT NULL
), counted AS (SELECT problem, value, count(*) AS rows, min(row) AS first FROM told GROUP BY 1, 2)
SELECT problem, value, rows, first FROM (
    SELECT *, row_number() OVER (PARTITION BY problem ORDER BY rows DESC, first) AS place FROM counted) x
WHERE place <= %(most)s ORDER BY problem, place
"""
PROBLEM_COUNTS = "SELECT problem, count(*)::int FROM usage_read WHERE problem IS NOT NULL GROUP BY 1"
REJECTS = """
SELECT r.row, r.problem, s.record, coalesce(nullif(s.anyid, ''), nullif(s.sf, ''), nullif(s.lms, ''), s.bill), s.module,
    s.product, s.day, s.uses, coalesce(nullif(s.active_users, ''), s.active), s.inactive, s.terminated, s.contracted
FROM usage_read r JOIN import_stage s ON s.row = r.row WHERE r.problem IS NOT NULL ORDER BY r.row LIMIT %(most)s
"""
