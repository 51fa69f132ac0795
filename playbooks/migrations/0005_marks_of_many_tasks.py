"""The marking of tasks pairs old and new rows by hash: see the ledger's migration of the same day."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("playbooks", "0004_keys_without_own_index")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION playbooks_mark_task_update() SET enable_nestloop = off",
            "ALTER FUNCTION playbooks_mark_task_update() RESET enable_nestloop",
        )
    ]
