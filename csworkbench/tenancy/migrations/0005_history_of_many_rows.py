"""The ledger pairs old and new rows by hash: a session keeps the first plan of a trigger, made for a single row."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0004_mail_open_index")]

    operations = [
        # After a few updates of one row each, the kept plan compared every old row with every new one: 59 s for
        # 8,000 accounts instead of 4.
        migrations.RunSQL(
            "ALTER FUNCTION tenancy_record_history() SET enable_nestloop = off",
            "ALTER FUNCTION tenancy_record_history() RESET enable_nestloop",
        )
    ]
