"""How long an entry may be edited, and how long days of usage are kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0007_history_names_its_cause"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="edit_window_hours",
            field=models.PositiveSmallIntegerField(
                db_default=24,
                default=24,
                help_text="How long its author may edit or remove one.",
                verbose_name="hours to edit an entry",
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="usage_days_kept",
            field=models.PositiveSmallIntegerField(
                db_default=120,
                default=120,
                help_text="From 100 to 800; older days are cleared away.",
                verbose_name="days of usage kept",
            ),
        ),
    ]
