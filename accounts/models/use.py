"""What an account pays for and how much of it is used."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Value
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel

from .account import Account
from .catalogue import Module, Product
from .people import Contact


class Subscription(TenantModel):
    """Account × product (ACC-4). Money is kept in minor units of ``currency``."""

    class ServiceTier(models.TextChoices):
        BASIC = "basic", "Basic"
        STANDARD = "standard", "Standard"
        PREMIUM = "premium", "Premium"

    class RenewalStage(models.TextChoices):
        NOT_STARTED = "not_started", "Not started"
        CONTACTED = "contacted", "Contacted"
        NEGOTIATING = "negotiating", "Negotiating"
        COMMITTED = "committed", "Committed"
        AT_RISK = "at_risk", "At risk"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="subscriptions")
    product = TenantForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    service_tier = models.CharField(max_length=8, choices=ServiceTier.choices, blank=True)
    mrr_minor = models.BigIntegerField(default=0)
    otr_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="USD")
    contracted_users = models.PositiveIntegerField(null=True, blank=True)
    active_users = models.PositiveIntegerField(null=True, blank=True)
    inactive_users = models.PositiveIntegerField(null=True, blank=True)
    terminated_users = models.PositiveIntegerField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    renews_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    # Who pays can differ from who uses: an enterprise bills centrally while its advisors pay.
    payer = TenantForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    billed_to = models.CharField(max_length=120, blank=True)
    # The day whose count of users stands above; an earlier one does not overwrite it.
    counted_on = models.DateField(null=True, editable=False)
    term_months = models.PositiveSmallIntegerField(null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(null=True, blank=True)
    auto_renews = models.BooleanField(null=True, blank=True)
    renewal_stage = models.CharField(
        max_length=12, choices=RenewalStage.choices, default=RenewalStage.NOT_STARTED, db_default="not_started"
    )
    # Percent; None follows from the health.
    renewal_probability = models.PositiveSmallIntegerField(null=True, blank=True)
    decider = TenantForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # The renewal of an enterprise is decided elsewhere than where its advisors work.
    decided_at_account = TenantForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    renewal_note = models.CharField(max_length=200, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account", "product"],
                condition=models.Q(ended_on__isnull=True),
                name="subscription_running_once",
            ),
            models.CheckConstraint(
                condition=models.Q(renewal_probability__isnull=True) | models.Q(renewal_probability__lte=100),
                name="subscription_probability_percent",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="subscription_account_idx"),
            models.Index(fields=["workspace", "product"], name="subscription_product_idx"),
            models.Index(fields=["workspace", "payer"], name="subscription_payer_idx"),
            models.Index(fields=["workspace", "decider"], name="subscription_decider_idx"),
            models.Index(fields=["workspace", "decided_at_account"], name="subscription_decided_idx"),
            models.Index(fields=["workspace", "renews_on"], name="subscription_renews_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} × {self.product_id}"

    @property
    def unused_users(self) -> int | None:
        """Contracted users that are not active: the discrepancy ACC-4 flags; None when either is unknown."""
        if self.contracted_users is None or self.active_users is None:
            return None
        return self.contracted_users - self.active_users


class ModuleUse(TenantModel):
    """The last use of a module by an account (USE-1); one row per pair, moved forward only."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="uses")
    module = TenantForeignKey(Module, on_delete=models.CASCADE, related_name="+")
    last_used_at = models.DateTimeField()
    uses_30_days = models.PositiveIntegerField(default=0)
    uses_7_days = models.PositiveIntegerField(default=0, db_default=0)
    uses_90_days = models.PositiveIntegerField(default=0, db_default=0)
    uses_prior_30_days = models.PositiveIntegerField(default=0, db_default=0)
    # The day the windows end; None where a sheet said the sums and no days are known.
    counted_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "account", "module"], name="use_once")]
        indexes: ClassVar = [models.Index(fields=["workspace", "module", "account"], name="use_module_idx")]

    def __str__(self) -> str:
        return f"{self.account_id} used {self.module_id} at {self.last_used_at}"


class UsageDay(TenantModel):
    """What an account did with a module on one day (USE-1), as the latest drop that speaks of it says."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    module = TenantForeignKey(Module, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    uses = models.PositiveIntegerField()
    active_users = models.PositiveIntegerField(null=True)
    # When the source made the drop that says so: an older drop that comes later changes nothing.
    stated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account", "module", "day"], name="usage_day_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "day"], name="usage_day_idx"),
            models.Index(fields=["workspace", "module"], name="usage_day_module_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.module_id} {self.day}: {self.uses}"


class SeatDay(TenantModel):
    """How many users (or providers) of a product an account had on one day, one row when it changed."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    product = TenantForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    active_users = models.PositiveIntegerField(null=True)
    inactive_users = models.PositiveIntegerField(null=True)
    terminated_users = models.PositiveIntegerField(null=True)
    stated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account", "product", "day"], name="seat_day_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "product"], name="seat_day_product_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.product_id} {self.day}: {self.active_users}"


class UsageDrop(TenantModel):
    """One file of usage as it arrived (USE-1), and what became of its rows."""

    class Source(models.TextChoices):
        UPLOAD = "upload", "Uploaded"
        FOLDER = "folder", "Watched folder"
        API = "api", "Sent"

    class State(models.TextChoices):
        RECEIVED = "received", "Waiting"
        APPLYING = "applying", "Being applied"
        APPLIED = "applied", "Applied"
        REPEATED = "repeated", "Repeated"
        FAILED = "failed", "Failed"

    source = models.CharField(max_length=6, choices=Source.choices)
    name = models.CharField(max_length=200)
    # Below the media folder; empty once the file was cleared away.
    path = models.CharField(max_length=255, blank=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file: the same one is applied once.")
    size = models.BigIntegerField(default=0)
    sender = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    token_name = models.CharField(max_length=80, blank=True)
    schema_version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    stated_at = models.DateTimeField(null=True, help_text="When the source made it; else when it arrived.")
    received_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    # Rows read, new, changed, unchanged, superseded, late, rejected; days covered; rejects with samples; the failure.
    report = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-received_at"], name="usage_drop_recent_idx"),
            models.Index(fields=["workspace", "digest"], name="usage_drop_digest_idx"),
            models.Index(fields=["workspace", "sender"], name="usage_drop_sender_idx"),
            models.Index(
                fields=["workspace", "received_at"],
                condition=models.Q(state__in=["received", "applying"]),
                name="usage_drop_waiting_idx",
            ),
        ]

    def __str__(self) -> str:
        return self.name
