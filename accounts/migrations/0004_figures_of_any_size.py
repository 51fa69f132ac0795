"""Figures keep to what their columns hold: a goal in dollars times 100 is more than an integer."""

from django.db import migrations

# The functions of 0002 with one expression in place of another: table → (there, instead).
EXPRESSIONS = {
    "outcome": (
        "min(100 * s.actual / s.target)",
        "greatest(least(min(100 * s.actual::bigint / s.target), 2147483647), -2147483648)",
    ),
    "subscription": (
        """coalesce(sum(s.contracted_users), 0) AS contracted_users,
           coalesce(sum(s.active_users), 0) AS active_users""",
        """least(coalesce(sum(s.contracted_users), 0), 2147483647) AS contracted_users,
           least(coalesce(sum(s.active_users), 0), 2147483647) AS active_users""",
    ),
}
REPLACE = """
DO $do$
BEGIN
    EXECUTE replace(pg_get_functiondef('accounts_figures_{table}_{operation}'::regproc), $x${there}$x$, $x${instead}$x$);
END
$do$;
"""


def sql(*, back: bool) -> str:
    statements = []
    for table, pair in EXPRESSIONS.items():
        there, instead = reversed(pair) if back else pair
        for operation in ("insert", "update", "delete"):
            statements.append(REPLACE.format(table=table, operation=operation, there=there, instead=instead))
    return "\n".join(statements)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_keys_without_own_index")]

    operations = [migrations.RunSQL(sql(back=False), sql(back=True))]
