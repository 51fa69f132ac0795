"""Fields of a workspace's own, who owns which field, and opportunities."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import csworkbench.common.fields
import csworkbench.tenancy.models.base
from csworkbench.tenancy.protect import Protect, Track


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_figures_planned_anew"),
        ("tenancy", "0007_history_names_its_cause"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="custom",
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.CreateModel(
            name="CustomField",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=40)),
                ("label", models.CharField(max_length=80)),
                (
                    "sort",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("choice", "Choice"),
                            ("yes_no", "Yes or no"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, db_default=[], default=list, size=None
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True, help_text="A retired field keeps its values and is no longer shown."
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
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
                "ordering": ["label"],
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "key"), name="custom_field_once"),
                    models.CheckConstraint(
                        condition=models.Q(("key__regex", "^[a-z][a-z0-9_]{0,39}$")), name="custom_field_key_is_a_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FieldOwner",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "entity",
                    models.CharField(
                        choices=[("account", "Account"), ("contact", "Contact"), ("opportunity", "Opportunity")],
                        max_length=12,
                    ),
                ),
                ("field", models.CharField(help_text="The column of the model.", max_length=40)),
                (
                    "owner",
                    models.CharField(choices=[("crm", "CRM"), ("workbench", "Workbench")], default="crm", max_length=9),
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
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "entity", "field"), name="field_owner_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Opportunity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("sf_id", models.CharField(blank=True, max_length=18, verbose_name="Salesforce ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("expansion", "Expansion revenue"), ("renewal", "Renewal"), ("new", "New business")],
                        default="expansion",
                        max_length=9,
                    ),
                ),
                ("stage", models.CharField(blank=True, max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")], default="open", max_length=4
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[("hot", "Hot"), ("warm", "Warm"), ("potential", "Potential need")],
                        max_length=9,
                    ),
                ),
                ("mrr_minor", models.BigIntegerField(default=0)),
                ("otr_minor", models.BigIntegerField(default=0)),
                ("currency", models.CharField(default="USD", max_length=3)),
                ("closes_on", models.DateField(blank=True, null=True)),
                ("lead_source", models.CharField(blank=True, max_length=60)),
                ("next_step", models.CharField(blank=True, max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "account",
                    csworkbench.tenancy.models.base.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="opportunities", to="accounts.account"
                    ),
                ),
                (
                    "contact",
                    csworkbench.tenancy.models.base.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.contact",
                    ),
                ),
                (
                    "originator",
                    csworkbench.tenancy.models.base.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tenancy.member",
                    ),
                ),
                (
                    "owner",
                    csworkbench.tenancy.models.base.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="tenancy.member",
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
                "verbose_name_plural": "opportunities",
                "indexes": [
                    models.Index(fields=["workspace", "account"], name="opportunity_account_idx"),
                    models.Index(fields=["workspace", "owner"], name="opportunity_owner_idx"),
                    models.Index(fields=["workspace", "originator"], name="opportunity_originator_idx"),
                    models.Index(fields=["workspace", "contact"], name="opportunity_contact_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("sf_id", ""), _negated=True),
                        fields=("workspace", "sf_id"),
                        name="opportunity_sf_once",
                    )
                ],
            },
        ),
        Protect("accounts"),
        Track("accounts_customfield"),
        Track("accounts_fieldowner"),
        Track("accounts_opportunity"),
        # The nightly drop of usage is no change anyone made; what a member or a sheet says is.
        Track("accounts_moduleuse", by=["member", "import"]),
    ]
