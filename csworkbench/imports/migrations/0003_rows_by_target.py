"""Undoing looks rows up by what they are about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0002_second_look_and_undo"),
        ("tenancy", "0007_history_names_its_cause"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("target_id__isnull", False)),
                fields=["workspace", "import_batch", "target_id"],
                name="import_row_target_idx",
            ),
        ),
    ]
