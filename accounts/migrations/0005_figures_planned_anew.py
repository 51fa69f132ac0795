"""Figures are planned for the rows at hand: a session keeps the first plan of a trigger, made for a single row."""

from django.db import migrations

# After a few writes of one row each, the kept plan took 21 s for 8,000 subscriptions instead of 1: it sums up all
# touched accounts again for every one of them. EXECUTE plans anew, knowing how many rows the statement touched.
TABLES = ("subscription", "moduleuse", "interaction", "outcome")
OPERATIONS = ("insert", "update", "delete")
REWRITE = """
DO $do$
DECLARE
    written text := pg_get_functiondef('accounts_figures_{table}_{operation}'::regproc);
BEGIN
    EXECUTE regexp_replace(written, $x${there}$x$, $x${instead}$x$);
END
$do$;
"""
FORWARDS = (
    r"BEGIN\s+(UPDATE .*?);\s+RETURN NULL",
    "BEGIN\n    EXECUTE $figures$\n    \\1\n    $figures$;\n    RETURN NULL",
)
BACKWARDS = (r"EXECUTE \$figures\$\s+(.*?)\s+\$figures\$;", r"\1;")


def sql(pair: tuple[str, str]) -> str:
    there, instead = pair
    return "\n".join(
        REWRITE.format(table=table, operation=operation, there=there, instead=instead)
        for table in TABLES
        for operation in OPERATIONS
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_figures_of_any_size")]

    operations = [migrations.RunSQL(sql(FORWARDS), sql(BACKWARDS))]
