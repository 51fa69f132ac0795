"""Triggers that keep figures true and mark accounts dirty, so that no write path can forget to."""

from django.db import migrations

from csworkbench.tenancy.protect import Protect, Track

NEW = "SELECT workspace_id, {key} AS account_id FROM new_rows"
OLD = "SELECT workspace_id, {key} AS account_id FROM old_rows"
TOUCHED = {"insert": NEW, "update": f"{NEW} UNION {OLD}", "delete": OLD}
REFERENCING = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
}

FIGURES = {
    "subscription": (
        """coalesce(sum(s.mrr_minor), 0) AS mrr_minor, min(s.renews_on) AS renews_on,
           coalesce(sum(s.contracted_users), 0) AS contracted_users,
           coalesce(sum(s.active_users), 0) AS active_users, count(s.id) AS products""",
        "AND s.ended_on IS NULL",
        ["mrr_minor", "renews_on", "contracted_users", "active_users", "products"],
    ),
    "moduleuse": ("max(s.last_used_at) AS last_used_at", "", ["last_used_at"]),
    "interaction": (
        """max(s.happened_at) AS last_interaction_at,
           max(s.happened_at) FILTER (WHERE s.answered OR s.direction = 'in') AS last_answered_at""",
        "",
        ["last_interaction_at", "last_answered_at"],
    ),
    "outcome": ("min(100 * s.actual / s.target) AS outcome_percent", "", ["outcome_percent"]),
}
MARKING = ("account", "subscription", "moduleuse", "interaction", "outcome", "contact")


def figures_sql(table: str, operation: str) -> str:
    """One function and trigger: recompute the figures that ``table`` feeds, for the accounts a statement touched."""
    sums, where, columns = FIGURES[table]
    touched = TOUCHED[operation].format(key="account_id")
    assignments = ", ".join(f"{column} = n.{column}" for column in columns)
    old = ", ".join(f"f.{column}" for column in columns)
    new = ", ".join(f"n.{column}" for column in columns)
    name = f"accounts_figures_{table}_{operation}"
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts_accountfigures f SET {assignments}
    FROM (
        SELECT t.workspace_id, t.account_id, {sums}
        FROM (SELECT DISTINCT workspace_id, account_id FROM ({touched}) x) t
        LEFT JOIN accounts_{table} s ON s.workspace_id = t.workspace_id AND s.account_id = t.account_id {where}
        GROUP BY t.workspace_id, t.account_id
    ) n
    WHERE f.workspace_id = n.workspace_id AND f.account_id = n.account_id AND ({old}) IS DISTINCT FROM ({new});
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER figures_{operation} AFTER {operation.upper()} ON accounts_{table}
{REFERENCING[operation]} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


def marking_sql(table: str, operation: str) -> str:
    """One function and trigger: mark the accounts a statement touched."""
    touched = TOUCHED[operation].format(key="id" if table == "account" else "account_id")
    name = f"accounts_mark_{table}_{operation}"
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_dirtyaccount (workspace_id, account_id)
    SELECT DISTINCT workspace_id, account_id FROM ({touched}) x;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER mark_{operation} AFTER {operation.upper()} ON accounts_{table}
{REFERENCING[operation]} FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


# Triggers of one event fire by name: "beside" comes before "figures" and "mark".
BESIDE = """
CREATE OR REPLACE FUNCTION accounts_create_beside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_accountfigures (workspace_id, account_id) SELECT workspace_id, id FROM new_rows;
    INSERT INTO accounts_accountpriority (workspace_id, account_id) SELECT workspace_id, id FROM new_rows;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER beside_insert AFTER INSERT ON accounts_account
REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION accounts_create_beside();
"""


def all_sql() -> str:
    parts = [BESIDE]
    for operation in TOUCHED:
        parts += [figures_sql(table, operation) for table in FIGURES]
        parts += [marking_sql(table, operation) for table in MARKING if (table, operation) != ("account", "delete")]
    return "\n".join(parts)


def drop_sql() -> str:
    names = ["accounts_create_beside"]
    for operation in TOUCHED:
        names += [f"accounts_figures_{table}_{operation}" for table in FIGURES]
        names += [
            f"accounts_mark_{table}_{operation}" for table in MARKING if (table, operation) != ("account", "delete")
        ]
    return "\n".join(f"DROP FUNCTION {name}() CASCADE;" for name in names)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("tenancy", "0002_history_and_protection")]

    operations = [
        migrations.RunSQL(all_sql(), drop_sql()),
        Protect("accounts"),
        Track("accounts_account"),
        Track("accounts_contact"),
        Track("accounts_subscription"),
        Track("accounts_interaction"),
        Track("accounts_note"),
        Track("accounts_outcome"),
    ]
