"""Statements written by hand need not name every column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_prepared_accounts_kept_true"),
    ]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="org_change",
            field=models.CharField(blank=True, db_default="", max_length=200, verbose_name="organisational change"),
        ),
        migrations.AlterField(
            model_name="contact",
            name="dnc_reason",
            field=models.CharField(blank=True, db_default="", max_length=200, verbose_name="why not to contact"),
        ),
        migrations.AlterField(
            model_name="contact",
            name="lms_user_id",
            field=models.CharField(blank=True, db_default="", max_length=40, verbose_name="LMS user ID"),
        ),
        migrations.AlterField(
            model_name="contact",
            name="validity_source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("member", "A member"),
                    ("lms", "LMS"),
                    ("crm", "CRM"),
                    ("billing", "Billing"),
                    ("import", "An import"),
                    ("bounce", "A bounced mail"),
                ],
                db_default="",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="renewal_note",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
    ]
