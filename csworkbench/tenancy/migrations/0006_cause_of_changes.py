"""Changes name the undertaking they belong to, and a workspace may ask for a second person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0005_history_of_many_rows")]

    operations = [
        migrations.AddField("historyentry", "cause_id", models.UUIDField(null=True)),
        migrations.AddField(
            "workspace",
            "imports_need_approval",
            models.BooleanField(
                default=False,
                help_text="Whoever sent a sheet cannot apply it alone.",
                verbose_name="a second person approves imports",
            ),
        ),
    ]
