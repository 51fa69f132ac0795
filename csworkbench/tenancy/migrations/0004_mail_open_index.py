"""One small index for mail that is due and for mail whose worker died."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_workspace_computed_at")]

    operations = [
        migrations.RemoveIndex(model_name="outgoingmail", name="mail_due_idx"),
        migrations.AddIndex(
            model_name="outgoingmail",
            index=models.Index(
                fields=["workspace", "next_try_at"],
                name="mail_open_idx",
                condition=models.Q(("state__in", ["queued", "sending"])),
            ),
        ),
    ]
