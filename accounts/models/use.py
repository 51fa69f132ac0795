"""What an account pays for and how much of it is used."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import TenantForeignKey, TenantModel

from .account import Account
from .catalogue import Module, Product


class Subscription(TenantModel):
    """Account × product (ACC-4). Money is kept in minor units of ``currency``."""

    class ServiceTier(models.TextChoices):
        BASIC = "basic", "Basic"
        STANDARD = "standard", "Standard"
        PREMIUM = "premium", "Premium"

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
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account", "product"],
                condition=models.Q(ended_on__isnull=True),
                name="subscription_running_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="subscription_account_idx"),
            models.Index(fields=["workspace", "product"], name="subscription_product_idx"),
            models.Index(fields=["workspace", "payer"], name="subscription_payer_idx"),
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

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "account", "module"], name="use_once")]
        indexes: ClassVar = [models.Index(fields=["workspace", "module", "account"], name="use_module_idx")]

    def __str__(self) -> str:
        return f"{self.account_id} used {self.module_id} at {self.last_used_at}"
