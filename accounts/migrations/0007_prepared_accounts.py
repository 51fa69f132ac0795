"""Health, usage by day, questionnaires, plans, renewals, offers and search: what prepares a call."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import csworkbench.common.fields
import csworkbench.tenancy.models.base
from csworkbench.tenancy.protect import Protect


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_custom_fields_and_opportunities"),
        ("tenancy", "0008_entries_and_usage_kept"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountHealth",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="standing",
                        serialize=False,
                        to="accounts.account",
                    ),
                ),
                (
                    "health",
                    models.CharField(
                        blank=True,
                        choices=[("green", "Green"), ("yellow", "Yellow"), ("red", "Red"), ("undefined", "Undefined")],
                        db_default="",
                        default="",
                        max_length=9,
                    ),
                ),
                ("since", models.DateField(null=True)),
                (
                    "computed",
                    models.CharField(
                        blank=True,
                        choices=[("green", "Green"), ("yellow", "Yellow"), ("red", "Red"), ("undefined", "Undefined")],
                        db_default="",
                        default="",
                        max_length=9,
                    ),
                ),
                ("score", models.SmallIntegerField(null=True)),
                ("known", models.SmallIntegerField(help_text="Percent of the weight that is known.", null=True)),
                (
                    "points",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True), db_default=[], default=list, size=None
                    ),
                ),
                ("scorecard_id", models.UUIDField(null=True)),
                ("version", models.PositiveIntegerField(null=True)),
                (
                    "relationship",
                    models.CharField(
                        choices=[
                            ("healthy", "Healthy"),
                            ("undefined", "Undefined"),
                            ("risky", "Risky"),
                            ("escalated", "Escalated"),
                        ],
                        db_default="undefined",
                        default="undefined",
                        max_length=9,
                    ),
                ),
                ("changed_at", models.DateTimeField(help_text="When anything of this row last changed.", null=True)),
            ],
        ),
        migrations.CreateModel(
            name="AdoptionCheck",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("checked_on", models.DateField()),
                (
                    "verdict",
                    models.CharField(
                        choices=[("on_track", "On track"), ("behind", "Behind"), ("blocked", "Blocked")], max_length=8
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("request_key", models.UUIDField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answers",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.SlugField(db_index=False, max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("kyc", "KYC questionnaire"),
                            ("analysis", "Account analysis"),
                            ("checklist", "Checklist"),
                        ],
                        max_length=9,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("sections", models.JSONField(default=list)),
                ("answers", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ("completeness", models.PositiveSmallIntegerField(default=0)),
                ("confirmed", models.PositiveSmallIntegerField(default=0)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("completed_at", models.DateTimeField(null=True)),
                ("is_current", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name_plural": "answers",
            },
        ),
        migrations.CreateModel(
            name="Candidate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("cleared", "No longer fits"),
                            ("dismissed", "Dismissed"),
                            ("taken", "Taken up"),
                        ],
                        db_default="open",
                        default="open",
                        max_length=9,
                    ),
                ),
                ("found_on", models.DateField()),
                ("reason", models.CharField(blank=True, help_text="Why a member dismissed it.", max_length=200)),
                ("decided_at", models.DateTimeField(null=True)),
                ("rests_until", models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("member", "A member"),
                            ("lms", "LMS"),
                            ("crm", "CRM"),
                            ("billing", "Billing"),
                            ("import", "An import"),
                            ("bounce", "A bounced mail"),
                        ],
                        max_length=8,
                    ),
                ),
                ("field", models.CharField(max_length=40)),
                ("value", models.CharField(max_length=254)),
                ("details", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("accepted", "Accepted"),
                            ("kept", "Kept as it was"),
                            ("gone", "Gone"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="GoalTemplate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("label", models.CharField(max_length=120)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("reached_when", models.JSONField(blank=True, null=True)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["place", "label"],
            },
        ),
        migrations.CreateModel(
            name="HealthDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                (
                    "health",
                    models.CharField(
                        choices=[("green", "Green"), ("yellow", "Yellow"), ("red", "Red"), ("undefined", "Undefined")],
                        max_length=9,
                    ),
                ),
                ("score", models.SmallIntegerField(null=True)),
                (
                    "points",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(null=True), db_default=[], default=list, size=None
                    ),
                ),
                ("scorecard_id", models.UUIDField(null=True)),
                ("version", models.PositiveIntegerField(null=True)),
                ("is_override", models.BooleanField(db_default=False, default=False)),
            ],
        ),
        migrations.CreateModel(
            name="HealthOverride",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "health",
                    models.CharField(
                        choices=[("green", "Green"), ("yellow", "Yellow"), ("red", "Red"), ("undefined", "Undefined")],
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("expires_on", models.DateField(help_text="The last day it holds.")),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.SlugField(db_index=False, max_length=40)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("product", "Product not owned"),
                            ("users", "More users"),
                            ("unused", "Unused entitlement"),
                        ],
                        max_length=7,
                    ),
                ),
                ("condition", models.JSONField()),
                ("pitch", models.CharField(blank=True, help_text="What to say to the account.", max_length=300)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["place", "name"],
            },
        ),
        migrations.CreateModel(
            name="Onboarding",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Running"), ("completed", "Completed"), ("failed", "Failed to onboard")],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("started_on", models.DateField()),
                ("target_on", models.DateField(blank=True, null=True)),
                ("ended_on", models.DateField(null=True)),
                ("note", models.TextField(blank=True, help_text="What was reached, what is left, what to know.")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OnboardingGoal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("label", models.CharField(max_length=120)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("done_on", models.DateField(null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["place", "label"],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("success", "Success plan"), ("retention", "Retention plan")],
                        default="success",
                        max_length=9,
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Running"), ("achieved", "Achieved"), ("closed", "Closed")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("target_on", models.DateField(blank=True, null=True)),
                ("check_in_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("next_check_in_on", models.DateField(blank=True, null=True)),
                ("ended_on", models.DateField(null=True)),
                ("ending_note", models.CharField(blank=True, max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanAction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("done_on", models.DateField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("check_in", "Check-in"), ("value", "Value statement")], max_length=8),
                ),
                ("on", models.DateField()),
                ("text", models.TextField()),
                ("request_key", models.UUIDField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanGoal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("measure", models.CharField(max_length=120)),
                ("unit", models.CharField(blank=True, max_length=20)),
                ("baseline", models.DecimalField(decimal_places=2, max_digits=14)),
                ("target", models.DecimalField(decimal_places=2, max_digits=14)),
                ("current", models.DecimalField(decimal_places=2, max_digits=14)),
                ("due_on", models.DateField(blank=True, null=True)),
                ("measured_on", models.DateField(null=True)),
                ("reached_on", models.DateField(null=True)),
                ("place", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["place", "measure"],
            },
        ),
        migrations.CreateModel(
            name="Questionnaire",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.SlugField(db_index=False, max_length=40)),
                ("number", models.PositiveIntegerField(default=1)),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("kyc", "KYC questionnaire"),
                            ("analysis", "Account analysis"),
                            ("checklist", "Checklist"),
                        ],
                        default="kyc",
                        max_length=9,
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=300)),
                ("sections", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
                        default="draft",
                        max_length=9,
                    ),
                ),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("published_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="RenewalOutcome",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("due_on", models.DateField()),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("renewed", "Renewed"),
                            ("expanded", "Renewed for more"),
                            ("reduced", "Renewed for less"),
                            ("lost", "Lost"),
                        ],
                        max_length=8,
                    ),
                ),
                ("mrr_before_minor", models.BigIntegerField()),
                ("mrr_after_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "service_tier",
                    models.CharField(
                        blank=True,
                        choices=[("basic", "Basic"), ("standard", "Standard"), ("premium", "Premium")],
                        max_length=8,
                    ),
                ),
                ("renewed_to", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("decided_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="RevenueDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("mrr_minor", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Scorecard",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.SlugField(db_index=False, max_length=40)),
                ("name", models.CharField(max_length=80)),
                (
                    "place",
                    models.PositiveSmallIntegerField(default=0, help_text="The order in which scorecards are tried."),
                ),
                ("audience", models.JSONField(blank=True, null=True)),
                ("measures", models.JSONField(default=list)),
                ("green_from", models.PositiveSmallIntegerField(default=70)),
                ("yellow_from", models.PositiveSmallIntegerField(default=40)),
                ("least_known", models.PositiveSmallIntegerField(default=50)),
                (
                    "yellow_is",
                    models.CharField(
                        choices=[("healthy", "Healthy"), ("risky", "Risky")], default="risky", max_length=9
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["place", "key"],
            },
        ),
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("word", models.CharField(db_collation="C", max_length=254)),
                (
                    "kind",
                    models.CharField(
                        choices=[("n", "Name"), ("i", "External id"), ("p", "Person"), ("e", "E-mail")], max_length=1
                    ),
                ),
                ("account_id", models.UUIDField()),
                ("contact_id", models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchVariant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("variant", models.CharField(db_collation="C", max_length=40)),
                ("word", models.CharField(db_collation="C", max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="SeatDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("active_users", models.PositiveIntegerField(null=True)),
                ("inactive_users", models.PositiveIntegerField(null=True)),
                ("terminated_users", models.PositiveIntegerField(null=True)),
                ("stated_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Subtype",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.SlugField(db_index=False, max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("condition", models.JSONField(blank=True, null=True)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["place", "name"],
            },
        ),
        migrations.CreateModel(
            name="SupportTicket",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("source", models.CharField(default="sheet", max_length=20)),
                ("subject", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("support", "Support"),
                            ("integration", "Integration"),
                            ("customisation", "Customisation"),
                        ],
                        default="support",
                        max_length=13,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[("urgent", "Urgent"), ("normal", "Normal"), ("minor", "Minor")],
                        default="normal",
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("waiting", "Waiting for the account"), ("resolved", "Resolved")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("topic", models.CharField(blank=True, max_length=80)),
                ("opened_at", models.DateTimeField()),
                ("first_response_at", models.DateTimeField(blank=True, null=True)),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                ("url", models.URLField(blank=True, max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UsageDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField()),
                ("uses", models.PositiveIntegerField()),
                ("active_users", models.PositiveIntegerField(null=True)),
                ("stated_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="UsageDrop",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=csworkbench.common.fields.UUID7(), editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("upload", "Uploaded"), ("folder", "Watched folder"), ("api", "Sent")], max_length=6
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("path", models.CharField(blank=True, max_length=255)),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the file: the same one is applied once.", max_length=64),
                ),
                ("size", models.BigIntegerField(default=0)),
                ("token_name", models.CharField(blank=True, max_length=80)),
                ("schema_version", models.PositiveSmallIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Waiting"),
                            ("applying", "Being applied"),
                            ("applied", "Applied"),
                            ("repeated", "Repeated"),
                            ("failed", "Failed"),
                        ],
                        default="received",
                        max_length=8,
                    ),
                ),
                (
                    "stated_at",
                    models.DateTimeField(help_text="When the source made it; else when it arrived.", null=True),
                ),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("started_at", models.DateTimeField(null=True)),
                ("applied_at", models.DateTimeField(null=True)),
                ("report", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
            ],
        ),
        migrations.AddField(
            model_name="account",
            name="escalated_since",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="health_codes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="org_change",
            field=models.CharField(blank=True, max_length=200, verbose_name="organisational change"),
        ),
        migrations.AddField(
            model_name="account",
            name="org_change_on",
            field=models.DateField(blank=True, null=True, verbose_name="organisational change on"),
        ),
        migrations.AddField(
            model_name="account",
            name="subtypes_chosen",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), blank=True, null=True, size=None
            ),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="active_days_28",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="counted_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="inactive_users",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="locations",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="modules_30_days",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="mrr_noted_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="notice_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="recaps_owed",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="sentiment",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="sentiment_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="subtypes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=40), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="support_tickets_open",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="support_waits_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="terminated_users",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="unanswered",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="unanswered_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="users_30_days_ago",
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="uses_30_days",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="uses_7_days",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="uses_90_days",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="accountfigures",
            name="uses_prior_30_days",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="contact",
            name="dnc_reason",
            field=models.CharField(blank=True, max_length=200, verbose_name="why not to contact"),
        ),
        migrations.AddField(
            model_name="contact",
            name="dnc_since",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="contact",
            name="lms_user_id",
            field=models.CharField(blank=True, max_length=40, verbose_name="LMS user ID"),
        ),
        migrations.AddField(
            model_name="contact",
            name="validity_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
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
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="interaction",
            name="created_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.AddField(
            model_name="interaction",
            name="duration_minutes",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="interaction",
            name="edited_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="interaction",
            name="needs_recap",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="interaction",
            name="recap_sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="interaction",
            name="sentiment",
            field=models.SmallIntegerField(
                blank=True, choices=[(1, "Positive"), (0, "Neutral"), (-1, "Negative")], null=True
            ),
        ),
        migrations.AddField(
            model_name="moduleuse",
            name="counted_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="moduleuse",
            name="uses_7_days",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="moduleuse",
            name="uses_90_days",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="moduleuse",
            name="uses_prior_30_days",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="note",
            name="edited_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="auto_renews",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="counted_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="decided_at_account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.account",
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="decider",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.contact",
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="notice_days",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="renewal_note",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="subscription",
            name="renewal_probability",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscription",
            name="renewal_stage",
            field=models.CharField(
                choices=[
                    ("not_started", "Not started"),
                    ("contacted", "Contacted"),
                    ("negotiating", "Negotiating"),
                    ("committed", "Committed"),
                    ("at_risk", "At risk"),
                ],
                db_default="not_started",
                default="not_started",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="subscription",
            name="term_months",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                condition=models.Q(("needs_recap", True), ("recap_sent_at__isnull", True)),
                fields=["workspace", "author", "happened_at"],
                name="interaction_recap_idx",
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["workspace", "decider"], name="subscription_decider_idx"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["workspace", "decided_at_account"], name="subscription_decided_idx"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["workspace", "renews_on"], name="subscription_renews_idx"),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("renewal_probability__isnull", True), ("renewal_probability__lte", 100), _connector="OR"
                ),
                name="subscription_probability_percent",
            ),
        ),
        migrations.AddField(
            model_name="accounthealth",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="adoptioncheck",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="adoption_checks", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="adoptioncheck",
            name="author",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="adoptioncheck",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="answers",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="questionnaires", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="answers",
            name="author",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="answers",
            name="completed_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="answers",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="candidates", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="decided_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="difference",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="differences", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="difference",
            name="contact",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="differences",
                to="accounts.contact",
            ),
        ),
        migrations.AddField(
            model_name="difference",
            name="decided_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="difference",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="goaltemplate",
            name="instance",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.instance",
            ),
        ),
        migrations.AddField(
            model_name="goaltemplate",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="healthday",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="health_days", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="healthday",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="healthoverride",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="health_overrides", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="healthoverride",
            name="author",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="healthoverride",
            name="ended_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="healthoverride",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="product",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.product",
            ),
        ),
        migrations.AddField(
            model_name="offer",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="candidate",
            name="offer",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="candidates", to="accounts.offer"
            ),
        ),
        migrations.AddField(
            model_name="onboarding",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="onboardings", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="onboarding",
            name="ended_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="onboarding",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="adoptioncheck",
            name="onboarding",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="checks", to="accounts.onboarding"
            ),
        ),
        migrations.AddField(
            model_name="onboardinggoal",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="onboardinggoal",
            name="done_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="onboardinggoal",
            name="onboarding",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="goals", to="accounts.onboarding"
            ),
        ),
        migrations.AddField(
            model_name="onboardinggoal",
            name="template",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="accounts.goaltemplate"
            ),
        ),
        migrations.AddField(
            model_name="onboardinggoal",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="plans", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="author",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="plan",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="planaction",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="planaction",
            name="contact",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.contact",
            ),
        ),
        migrations.AddField(
            model_name="planaction",
            name="done_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="planaction",
            name="member",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tenancy.member",
            ),
        ),
        migrations.AddField(
            model_name="planaction",
            name="plan",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="actions", to="accounts.plan"
            ),
        ),
        migrations.AddField(
            model_name="planaction",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="planentry",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="planentry",
            name="author",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="planentry",
            name="plan",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="accounts.plan"
            ),
        ),
        migrations.AddField(
            model_name="planentry",
            name="said_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.contact",
            ),
        ),
        migrations.AddField(
            model_name="planentry",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="plangoal",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="plangoal",
            name="plan",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="goals", to="accounts.plan"
            ),
        ),
        migrations.AddField(
            model_name="plangoal",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="planaction",
            name="goal",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.plangoal",
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="author",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="answers",
            name="questionnaire",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="copies", to="accounts.questionnaire"
            ),
        ),
        migrations.AddField(
            model_name="renewaloutcome",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="renewal_outcomes", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="renewaloutcome",
            name="author",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="renewaloutcome",
            name="subscription",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="outcomes", to="accounts.subscription"
            ),
        ),
        migrations.AddField(
            model_name="renewaloutcome",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="revenueday",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="revenue_days", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="revenueday",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="scorecard",
            name="changed_by",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="scorecard",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="searchterm",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="searchvariant",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="seatday",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="seatday",
            name="product",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.product"
            ),
        ),
        migrations.AddField(
            model_name="seatday",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="subtype",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="supportticket",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="support_tickets", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="supportticket",
            name="requester",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.contact",
            ),
        ),
        migrations.AddField(
            model_name="supportticket",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="usageday",
            name="account",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.account"
            ),
        ),
        migrations.AddField(
            model_name="usageday",
            name="module",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.module"
            ),
        ),
        migrations.AddField(
            model_name="usageday",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenancy.workspace",
            ),
        ),
        migrations.AddField(
            model_name="usagedrop",
            name="sender",
            field=csworkbench.tenancy.models.base.TenantForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tenancy.member"
            ),
        ),
        migrations.AddField(
            model_name="usagedrop",
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
            model_name="accounthealth",
            index=models.Index(fields=["workspace", "health"], name="account_health_idx"),
        ),
        migrations.AddIndex(
            model_name="difference",
            index=models.Index(fields=["workspace", "account", "decision"], name="difference_account_idx"),
        ),
        migrations.AddIndex(
            model_name="difference",
            index=models.Index(fields=["workspace", "contact"], name="difference_contact_idx"),
        ),
        migrations.AddIndex(
            model_name="difference",
            index=models.Index(fields=["workspace", "decided_by"], name="difference_decider_idx"),
        ),
        migrations.AddConstraint(
            model_name="difference",
            constraint=models.UniqueConstraint(
                condition=models.Q(("contact__isnull", False)),
                fields=("workspace", "contact", "source", "field"),
                name="difference_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="difference",
            constraint=models.UniqueConstraint(
                condition=models.Q(("contact__isnull", True)),
                fields=("workspace", "account", "source", "value"),
                name="difference_person_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="goaltemplate",
            constraint=models.UniqueConstraint(
                fields=("workspace", "instance", "label"), name="goal_template_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="healthday",
            constraint=models.UniqueConstraint(fields=("workspace", "account", "day"), name="health_day_once"),
        ),
        migrations.AddIndex(
            model_name="healthoverride",
            index=models.Index(fields=["workspace", "account"], name="override_account_idx"),
        ),
        migrations.AddIndex(
            model_name="healthoverride",
            index=models.Index(fields=["workspace", "author"], name="override_author_idx"),
        ),
        migrations.AddIndex(
            model_name="healthoverride",
            index=models.Index(fields=["workspace", "ended_by"], name="override_ender_idx"),
        ),
        migrations.AddConstraint(
            model_name="healthoverride",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("workspace", "account"), name="override_once"
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(fields=["workspace", "product"], name="offer_product_idx"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(fields=("workspace", "key"), name="offer_once"),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["workspace", "offer", "state"], name="candidate_offer_idx"),
        ),
        migrations.AddIndex(
            model_name="candidate",
            index=models.Index(fields=["workspace", "decided_by"], name="candidate_decider_idx"),
        ),
        migrations.AddConstraint(
            model_name="candidate",
            constraint=models.UniqueConstraint(fields=("workspace", "account", "offer"), name="candidate_once"),
        ),
        migrations.AddIndex(
            model_name="onboarding",
            index=models.Index(fields=["workspace", "account"], name="onboarding_account_idx"),
        ),
        migrations.AddIndex(
            model_name="onboarding",
            index=models.Index(fields=["workspace", "ended_by"], name="onboarding_ender_idx"),
        ),
        migrations.AddConstraint(
            model_name="onboarding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("workspace", "account"), name="onboarding_open_once"
            ),
        ),
        migrations.AddIndex(
            model_name="adoptioncheck",
            index=models.Index(fields=["workspace", "account", "-checked_on"], name="adoption_account_idx"),
        ),
        migrations.AddIndex(
            model_name="adoptioncheck",
            index=models.Index(fields=["workspace", "onboarding"], name="adoption_onboarding_idx"),
        ),
        migrations.AddIndex(
            model_name="adoptioncheck",
            index=models.Index(fields=["workspace", "author"], name="adoption_author_idx"),
        ),
        migrations.AddConstraint(
            model_name="adoptioncheck",
            constraint=models.UniqueConstraint(
                condition=models.Q(("request_key__isnull", False)),
                fields=("workspace", "request_key"),
                name="adoption_request_once",
            ),
        ),
        migrations.AddIndex(
            model_name="onboardinggoal",
            index=models.Index(fields=["workspace", "account"], name="onboarding_goal_account_idx"),
        ),
        migrations.AddIndex(
            model_name="onboardinggoal",
            index=models.Index(fields=["workspace", "template"], name="onboarding_goal_template_idx"),
        ),
        migrations.AddIndex(
            model_name="onboardinggoal",
            index=models.Index(fields=["workspace", "done_by"], name="onboarding_goal_doer_idx"),
        ),
        migrations.AddConstraint(
            model_name="onboardinggoal",
            constraint=models.UniqueConstraint(
                fields=("workspace", "onboarding", "label"), name="onboarding_goal_once"
            ),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(fields=["workspace", "account"], name="plan_account_idx"),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(fields=["workspace", "author"], name="plan_author_idx"),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("workspace", "account", "kind"), name="plan_open_once"
            ),
        ),
        migrations.AddIndex(
            model_name="planentry",
            index=models.Index(fields=["workspace", "account"], name="plan_entry_account_idx"),
        ),
        migrations.AddIndex(
            model_name="planentry",
            index=models.Index(fields=["workspace", "plan", "-on"], name="plan_entry_plan_idx"),
        ),
        migrations.AddIndex(
            model_name="planentry",
            index=models.Index(fields=["workspace", "author"], name="plan_entry_author_idx"),
        ),
        migrations.AddIndex(
            model_name="planentry",
            index=models.Index(fields=["workspace", "said_by"], name="plan_entry_said_idx"),
        ),
        migrations.AddConstraint(
            model_name="planentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("request_key__isnull", False)),
                fields=("workspace", "request_key"),
                name="plan_entry_request_once",
            ),
        ),
        migrations.AddIndex(
            model_name="plangoal",
            index=models.Index(fields=["workspace", "account"], name="plan_goal_account_idx"),
        ),
        migrations.AddConstraint(
            model_name="plangoal",
            constraint=models.UniqueConstraint(fields=("workspace", "plan", "measure"), name="plan_goal_once"),
        ),
        migrations.AddConstraint(
            model_name="plangoal",
            constraint=models.CheckConstraint(
                condition=models.Q(("target", models.F("baseline")), _negated=True), name="plan_goal_moves"
            ),
        ),
        migrations.AddIndex(
            model_name="planaction",
            index=models.Index(fields=["workspace", "account"], name="plan_action_account_idx"),
        ),
        migrations.AddIndex(
            model_name="planaction",
            index=models.Index(fields=["workspace", "plan"], name="plan_action_plan_idx"),
        ),
        migrations.AddIndex(
            model_name="planaction",
            index=models.Index(fields=["workspace", "goal"], name="plan_action_goal_idx"),
        ),
        migrations.AddIndex(
            model_name="planaction",
            index=models.Index(fields=["workspace", "member"], name="plan_action_member_idx"),
        ),
        migrations.AddIndex(
            model_name="planaction",
            index=models.Index(fields=["workspace", "contact"], name="plan_action_contact_idx"),
        ),
        migrations.AddIndex(
            model_name="planaction",
            index=models.Index(fields=["workspace", "done_by"], name="plan_action_doer_idx"),
        ),
        migrations.AddIndex(
            model_name="questionnaire",
            index=models.Index(fields=["workspace", "author"], name="questionnaire_author_idx"),
        ),
        migrations.AddConstraint(
            model_name="questionnaire",
            constraint=models.UniqueConstraint(fields=("workspace", "key", "number"), name="questionnaire_once"),
        ),
        migrations.AddConstraint(
            model_name="questionnaire",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "published")),
                fields=("workspace", "key"),
                name="questionnaire_published_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaire",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")), fields=("workspace", "key"), name="questionnaire_draft_once"
            ),
        ),
        migrations.AddIndex(
            model_name="answers",
            index=models.Index(fields=["workspace", "account", "key"], name="answers_account_idx"),
        ),
        migrations.AddIndex(
            model_name="answers",
            index=models.Index(fields=["workspace", "questionnaire"], name="answers_questionnaire_idx"),
        ),
        migrations.AddIndex(
            model_name="answers",
            index=models.Index(fields=["workspace", "author"], name="answers_author_idx"),
        ),
        migrations.AddIndex(
            model_name="answers",
            index=models.Index(fields=["workspace", "completed_by"], name="answers_completer_idx"),
        ),
        migrations.AddConstraint(
            model_name="answers",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)),
                fields=("workspace", "account", "key"),
                name="answers_current_once",
            ),
        ),
        migrations.AddIndex(
            model_name="renewaloutcome",
            index=models.Index(fields=["workspace", "account"], name="renewal_outcome_account_idx"),
        ),
        migrations.AddIndex(
            model_name="renewaloutcome",
            index=models.Index(fields=["workspace", "due_on"], name="renewal_outcome_due_idx"),
        ),
        migrations.AddIndex(
            model_name="renewaloutcome",
            index=models.Index(fields=["workspace", "author"], name="renewal_outcome_author_idx"),
        ),
        migrations.AddConstraint(
            model_name="renewaloutcome",
            constraint=models.UniqueConstraint(
                fields=("workspace", "subscription", "due_on"), name="renewal_outcome_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="revenueday",
            constraint=models.UniqueConstraint(fields=("workspace", "account", "day"), name="revenue_day_once"),
        ),
        migrations.AddIndex(
            model_name="scorecard",
            index=models.Index(fields=["workspace", "changed_by"], name="scorecard_changer_idx"),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.UniqueConstraint(fields=("workspace", "key"), name="scorecard_once"),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("green_from__lte", 100), ("yellow_from__lt", models.F("green_from"))),
                name="scorecard_thresholds_rise",
            ),
        ),
        migrations.AddConstraint(
            model_name="scorecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("least_known__lte", 100)), name="scorecard_known_percent"
            ),
        ),
        migrations.AddIndex(
            model_name="searchterm",
            index=models.Index(fields=["workspace", "word", "account_id"], name="search_word_idx"),
        ),
        migrations.AddIndex(
            model_name="searchterm",
            index=models.Index(fields=["workspace", "account_id"], name="search_account_idx"),
        ),
        migrations.AddIndex(
            model_name="searchvariant",
            index=models.Index(fields=["workspace", "variant", "word"], name="search_variant_idx"),
        ),
        migrations.AddIndex(
            model_name="seatday",
            index=models.Index(fields=["workspace", "product"], name="seat_day_product_idx"),
        ),
        migrations.AddConstraint(
            model_name="seatday",
            constraint=models.UniqueConstraint(fields=("workspace", "account", "product", "day"), name="seat_day_once"),
        ),
        migrations.AddConstraint(
            model_name="subtype",
            constraint=models.UniqueConstraint(fields=("workspace", "key"), name="subtype_once"),
        ),
        migrations.AddIndex(
            model_name="supportticket",
            index=models.Index(fields=["workspace", "account", "-opened_at"], name="support_ticket_account_idx"),
        ),
        migrations.AddIndex(
            model_name="supportticket",
            index=models.Index(fields=["workspace", "requester"], name="support_ticket_requester_idx"),
        ),
        migrations.AddConstraint(
            model_name="supportticket",
            constraint=models.UniqueConstraint(fields=("workspace", "source", "key"), name="support_ticket_once"),
        ),
        migrations.AddIndex(
            model_name="usageday",
            index=models.Index(fields=["workspace", "day"], name="usage_day_idx"),
        ),
        migrations.AddIndex(
            model_name="usageday",
            index=models.Index(fields=["workspace", "module"], name="usage_day_module_idx"),
        ),
        migrations.AddConstraint(
            model_name="usageday",
            constraint=models.UniqueConstraint(fields=("workspace", "account", "module", "day"), name="usage_day_once"),
        ),
        migrations.AddIndex(
            model_name="usagedrop",
            index=models.Index(fields=["workspace", "-received_at"], name="usage_drop_recent_idx"),
        ),
        migrations.AddIndex(
            model_name="usagedrop",
            index=models.Index(fields=["workspace", "digest"], name="usage_drop_digest_idx"),
        ),
        migrations.AddIndex(
            model_name="usagedrop",
            index=models.Index(fields=["workspace", "sender"], name="usage_drop_sender_idx"),
        ),
        migrations.AddIndex(
            model_name="usagedrop",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "applying"])),
                fields=["workspace", "received_at"],
                name="usage_drop_waiting_idx",
            ),
        ),
        Protect("accounts"),
    ]
