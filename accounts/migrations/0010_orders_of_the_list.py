"""The orders of the account list end with the account: a page is read along an index, however deep it lies."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_columns_with_defaults"),
        ("tenancy", "0008_entries_and_usage_kept"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="account",
            name="account_search_idx",
        ),
        migrations.RemoveIndex(
            model_name="accountfigures",
            name="figures_mrr_idx",
        ),
        migrations.RemoveIndex(
            model_name="accountfigures",
            name="figures_renews_idx",
        ),
        migrations.RemoveIndex(
            model_name="accountpriority",
            name="account_priority_idx",
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["workspace", "search_name", "id"], name="account_name_idx"),
        ),
        migrations.AddIndex(
            model_name="accountfigures",
            index=models.Index(fields=["workspace", "-mrr_minor", "account"], name="figures_by_mrr_idx"),
        ),
        migrations.AddIndex(
            model_name="accountfigures",
            index=models.Index(fields=["workspace", "renews_on", "account"], name="figures_by_renewal_idx"),
        ),
        migrations.AddIndex(
            model_name="accountfigures",
            index=models.Index(
                models.F("workspace"),
                models.OrderBy(models.F("last_interaction_at"), nulls_first=True),
                models.F("account"),
                name="figures_by_interaction_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="accountpriority",
            index=models.Index(fields=["workspace", "level", "-score", "account"], name="priority_by_level_idx"),
        ),
    ]
