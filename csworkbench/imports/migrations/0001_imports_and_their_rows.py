"""Imports and the rows of theirs that are not simply unchanged, behind row-level security."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import csworkbench.common.fields
import csworkbench.tenancy.models.base
from csworkbench.tenancy.protect import Protect, Track

# What a worker writes while it works is no change anyone made.
IGNORED = ["layout", "problems", "claimed_until", "attempts", "applied_rows", "applied_through"]


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenancy", "0002_history_and_protection"),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("file_name", models.CharField(max_length=200)),
                ("file_key", models.UUIDField(help_text="The name of the stored file.")),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Being read"),
                            ("read", "Columns to choose"),
                            ("mapped", "Being compared"),
                            ("ready", "Waiting for approval"),
                            ("applying", "Being applied"),
                            ("applied", "Applied"),
                            ("refused", "Refused"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="uploaded",
                        max_length=9,
                    ),
                ),
                ("error_code", models.CharField(blank=True, max_length=40)),
                ("error", models.CharField(blank=True, max_length=500)),
                ("layout", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("problems", models.JSONField(default=list)),
                ("applied_rows", models.PositiveIntegerField(default=0)),
                ("applied_through", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("compared_at", models.DateTimeField(null=True)),
                ("approved_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "approved_by",
                    csworkbench.tenancy.models.base.TenantForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
                    ),
                ),
                (
                    "created_by",
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
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="The row in the sheet, counted from 1.")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("changed", "Changed"),
                            ("rejected", "Rejected"),
                            ("duplicate", "Duplicate"),
                            ("conflict", "Conflict"),
                            ("unchanged", "Unchanged"),
                        ],
                        max_length=9,
                    ),
                ),
                ("target_id", models.UUIDField(null=True)),
                ("cells", models.JSONField(help_text="The row as the sheet had it.")),
                ("problems", models.JSONField(default=list)),
                ("changes", models.JSONField(default=dict)),
                (
                    "import_batch",
                    csworkbench.tenancy.models.base.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="import_rows", to="imports.import"
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
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["workspace", "-created_at"], name="import_history_idx"),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["workspace", "state"], name="import_state_idx"),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["workspace", "created_by"], name="import_creator_idx"),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["workspace", "approved_by"], name="import_approver_idx"),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("workspace", "import_batch", "number"), name="import_row_once"),
        ),
        Protect("imports"),
        Track("imports_import", ignore=IGNORED),
    ]
