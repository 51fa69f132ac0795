"""Accounts, and the computed rows beside them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel, Workspace

from .catalogue import Instance


class Level(models.IntegerChoices):
    """How urgent an account or a task is; a lower number comes first."""

    CRITICAL = 1, "Critical"
    HIGH = 2, "High"
    MEDIUM = 3, "Medium"
    LOW = 4, "Low"


class Account(TenantModel):
    """A customer company a CSM looks after (ACC-1). Entered and imported columns only: see the 1:1 tables below."""

    class Health(models.TextChoices):
        GREEN = "green", "Green"
        YELLOW = "yellow", "Yellow"
        RED = "red", "Red"
        UNDEFINED = "undefined", "Undefined"

    class Stage(models.TextChoices):
        ONBOARDING = "onboarding", "Onboarding"
        ADOPTION = "adoption", "Adoption"
        MATURE = "mature", "Mature"
        RENEWAL = "renewal", "Renewal"
        CHURNED = "churned", "Churned"

    class Potential(models.TextChoices):
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    name = models.CharField(max_length=200)
    # Lower-case, accents and punctuation folded, so that a leakproof prefix match can use the index (§3).
    search_name = models.CharField(max_length=200, editable=False)
    instance = TenantForeignKey(Instance, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts")
    tier = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 (most important) to 3")
    segment = models.CharField(max_length=60, blank=True)
    growth_potential = models.CharField(max_length=6, choices=Potential.choices, blank=True)
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.ADOPTION)
    stage_since = models.DateField(null=True, blank=True)
    parent = TenantForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="locations")
    website = models.URLField(max_length=200, blank=True)
    industry = models.CharField(max_length=80, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    # Case-sensitive: two Salesforce ids may differ only in case.
    sf_id = models.CharField("Salesforce ID", max_length=18, blank=True)
    lms_id = models.CharField("LMS ID", max_length=20, blank=True)
    billing_id = models.CharField("Recurly ID", max_length=50, blank=True)
    owner = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="book")
    rsm = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    fmc_lead = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # What a member judged or a sheet said; what holds is ``effective_health``: an override, the scorecard, then this.
    health = models.CharField(max_length=9, choices=Health.choices, default=Health.UNDEFINED)
    health_since = models.DateField(null=True, blank=True)
    health_reason = models.CharField(max_length=200, blank=True)
    health_codes = ArrayField(models.CharField(max_length=40), default=list, blank=True, db_default=[])
    # Confirmed by a member; cases of the escalation desk set and clear it.
    escalated_since = models.DateField(null=True, blank=True)
    org_change_on = models.DateField("organisational change on", null=True, blank=True)
    org_change = models.CharField("organisational change", max_length=200, blank=True, db_default="")
    # Keys of subtypes chosen by hand; None leaves them to their conditions (ACC-2).
    subtypes_chosen = ArrayField(models.CharField(max_length=40), null=True, blank=True)
    past_due_since = models.DateField(null=True, blank=True)
    declared_frequency = models.CharField(
        max_length=8,
        blank=True,
        choices=[("daily", "Daily"), ("weekly", "Weekly"), ("monthly", "Monthly"), ("rarely", "Rarely")],
    )
    customer_since = models.DateField(null=True, blank=True)
    # Values of the workspace's custom fields by key: number, ISO date, text or truth value; see CustomField.
    custom = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "sf_id"], condition=~models.Q(sf_id=""), name="account_sf_once"
            ),
            models.UniqueConstraint(
                fields=["workspace", "lms_id"], condition=~models.Q(lms_id=""), name="account_lms_once"
            ),
            models.UniqueConstraint(
                fields=["workspace", "billing_id"],
                condition=~models.Q(billing_id=""),
                name="account_billing_once",
            ),
            models.CheckConstraint(
                condition=models.Q(tier__isnull=True) | models.Q(tier__range=(1, 3)),
                name="account_tier_1_to_3",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "owner"], name="account_owner_idx"),
            models.Index(fields=["workspace", "search_name", "id"], name="account_name_idx"),
            models.Index(fields=["workspace", "instance"], name="account_instance_idx"),
            models.Index(fields=["workspace", "parent"], name="account_parent_idx"),
            models.Index(fields=["workspace", "rsm"], name="account_rsm_idx"),
            models.Index(fields=["workspace", "fmc_lead"], name="account_fmc_idx"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def effective_health(self) -> str:
        """The health that holds now (HLT-1); reads ``standing``, so select it along for many accounts."""
        return self.standing.health or self.health

    @property
    def effective_health_since(self) -> date | None:
        """Since when it has held."""
        return self.standing.since if self.standing.health else self.health_since

    def get_effective_health_display(self) -> str:
        return str(self.Health(self.effective_health).label)


class AccountFigures(TenantModel):
    """Sums and last dates over an account's child rows, kept true by statement-level triggers on those tables."""

    id = None  # type: ignore[assignment]
    account = models.OneToOneField(
        Account, primary_key=True, on_delete=models.CASCADE, related_name="figures", db_constraint=False
    )
    mrr_minor = models.BigIntegerField(default=0, db_default=0)
    renews_on = models.DateField(null=True)
    contracted_users = models.IntegerField(default=0, db_default=0)
    active_users = models.IntegerField(default=0, db_default=0)
    inactive_users = models.IntegerField(default=0, db_default=0)
    terminated_users = models.IntegerField(default=0, db_default=0)
    # The earliest day by which a running subscription has to be cancelled.
    notice_on = models.DateField(null=True)
    products = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_used_at = models.DateTimeField(null=True)
    last_interaction_at = models.DateTimeField(null=True)
    last_answered_at = models.DateTimeField(null=True)
    outcome_percent = models.IntegerField(null=True)
    # Attempts without an answer since the last answer, and the first of them (USE-4).
    unanswered = models.IntegerField(default=0, db_default=0)
    unanswered_since = models.DateTimeField(null=True)
    # The latest mood a member noted: 1 positive, 0 neutral, -1 negative.
    sentiment = models.SmallIntegerField(null=True)
    sentiment_at = models.DateTimeField(null=True)
    recaps_owed = models.IntegerField(default=0, db_default=0)
    support_tickets_open = models.IntegerField(default=0, db_default=0)
    support_waits_since = models.DateTimeField(null=True)
    locations = models.IntegerField(default=0, db_default=0)
    # Written by the count of usage, not by triggers: windows slide with the calendar (accounts/usage).
    uses_7_days = models.IntegerField(default=0, db_default=0)
    uses_30_days = models.IntegerField(default=0, db_default=0)
    uses_90_days = models.IntegerField(default=0, db_default=0)
    uses_prior_30_days = models.IntegerField(default=0, db_default=0)
    active_days_28 = models.SmallIntegerField(default=0, db_default=0)
    modules_30_days = models.SmallIntegerField(default=0, db_default=0)
    users_30_days_ago = models.IntegerField(null=True)
    counted_on = models.DateField(null=True)
    # Written by the pipeline: subtypes whose condition holds, and the MRR that its history knows last.
    subtypes = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    mrr_noted_minor = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            # The orders of the account list: a page is read along one of these, however deep it lies.
            models.Index(fields=["workspace", "-mrr_minor", "account"], name="figures_by_mrr_idx"),
            models.Index(fields=["workspace", "renews_on", "account"], name="figures_by_renewal_idx"),
            models.Index(
                "workspace",
                models.F("last_interaction_at").asc(nulls_first=True),
                "account",
                name="figures_by_interaction_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"figures of {self.account_id}"


class AccountPriority(TenantModel):
    """The level and score of an account (PRI-1): written by the pipeline alone, in sets."""

    id = None  # type: ignore[assignment]
    account = models.OneToOneField(
        Account, primary_key=True, on_delete=models.CASCADE, related_name="priority", db_constraint=False
    )
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.LOW, db_default=Level.LOW.value)
    score = models.IntegerField(default=0, db_default=0)
    # Keys of the rules that matched, in rule order: the explanation reads what the same SQL decided.
    matched = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    rule_set_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField(null=True, help_text="When level, score or the matched rules last changed.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "level", "-score", "account"], name="priority_by_level_idx")
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.score}"


class DirtyAccount(models.Model):
    """An account whose facts changed since the pipeline last ran.

    Append-only for writers and deleted by the drain in the transaction that recomputes, so a change that commits in
    between leaves its own row and is never lost; no writer waits for another.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, db_index=False, related_name="+")
    account_id = models.UUIDField()
    marked_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "id"], name="dirty_order_idx")]

    def __str__(self) -> str:
        return str(self.account_id)


class Outcome(TenantModel):
    """A measurable customer goal (HLT-5), such as the number of leads against its target."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="outcomes")
    measure = models.CharField(max_length=60)
    target = models.IntegerField()
    actual = models.IntegerField(default=0)
    measured_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account", "measure"], name="outcome_once"),
            models.CheckConstraint(condition=models.Q(target__gt=0), name="outcome_target_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.actual}/{self.target}"
