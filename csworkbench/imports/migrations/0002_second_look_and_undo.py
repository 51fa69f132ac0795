"""Chosen tables, constants, corrections, who owns what, pausing and undoing; and what columns were the last time."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import csworkbench.common.fields
import csworkbench.tenancy.models.base
from csworkbench.tenancy.protect import Protect, Track

IGNORED = [
    "layout", "problems", "claimed_until", "attempts", "applied_rows", "applied_through", "undone_rows",
    "undone_through", "kept_rows",
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0001_imports_and_their_rows"),
        ("tenancy", "0007_history_names_its_cause"),
    ]

    operations = [
        migrations.CreateModel(
            name="ColumnMemory",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("shape", models.CharField(help_text="SHA-256 of the titles, in any order.", max_length=64)),
                ("columns", models.JSONField(default=dict)),
                ("constants", models.JSONField(default=dict)),
                ("used_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddField(
            model_name="import",
            name="constants",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="import",
            name="fixes",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="import",
            name="kept_rows",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="import",
            name="overwrites_crm",
            field=models.BooleanField(default=False, help_text="Whether fields that the CRM owns are written too."),
        ),
        migrations.AddField(
            model_name="import",
            name="table",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="import",
            name="undone_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="import",
            name="undone_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="import",
            name="undone_rows",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="import",
            name="undone_through",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importrow",
            name="held",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="importrow",
            name="kept_because",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="importrow",
            name="undo",
            field=models.CharField(blank=True, choices=[("undone", "Undone"), ("kept", "Kept")], max_length=6),
        ),
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(
                choices=[
                    ("uploaded", "Being read"),
                    ("read", "Columns to choose"),
                    ("mapped", "Being compared"),
                    ("ready", "Waiting for approval"),
                    ("applying", "Being applied"),
                    ("paused", "Paused"),
                    ("applied", "Applied"),
                    ("undoing", "Being undone"),
                    ("undone", "Undone"),
                    ("refused", "Refused"),
                    ("cancelled", "Cancelled"),
                ],
                default="uploaded",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="importrow",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("new", "New"),
                    ("changed", "Changed"),
                    ("rejected", "Rejected"),
                    ("duplicate", "Duplicate"),
                    ("conflict", "Conflict"),
                    ("crm", "The CRM's"),
                    ("unchanged", "Unchanged"),
                ],
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["workspace", "undone_by"], name="import_undoer_idx"),
        ),
        migrations.AddField(
            model_name="columnmemory",
            name="member",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="columnmemory",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddIndex(
            model_name="columnmemory",
            index=models.Index(fields=["workspace", "member"], name="column_memory_member_idx"),
        ),
        migrations.AddConstraint(
            model_name="columnmemory",
            constraint=models.UniqueConstraint(fields=("workspace", "kind", "shape"), name="column_memory_once"),
        ),
        Protect("imports"),
        Track("imports_import", ignore=IGNORED),
    ]
