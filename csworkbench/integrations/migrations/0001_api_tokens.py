"""Tokens by which outside systems reach a workspace."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import csworkbench.common.fields
import csworkbench.tenancy.models.base
from csworkbench.tenancy.protect import Protect, Track


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0008_entries_and_usage_kept"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("digest", models.CharField(help_text="SHA-256 of the secret.", max_length=64)),
                ("beginning", models.CharField(max_length=12)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("last_used_at", models.DateTimeField(editable=False, null=True)),
                ("expires_on", models.DateField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                (
                    "author",
                    csworkbench.tenancy.models.base.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
                    ),
                ),
                (
                    "revoked_by",
                    csworkbench.tenancy.models.base.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenancy.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "author"], name="api_token_author_idx"),
                    models.Index(fields=["workspace", "revoked_by"], name="api_token_revoker_idx"),
                ],
                "constraints": [models.UniqueConstraint(fields=("workspace", "digest"), name="api_token_once")],
            },
        ),
        Protect("integrations"),
        Track("integrations_apitoken", ignore=["last_used_at"]),
    ]
