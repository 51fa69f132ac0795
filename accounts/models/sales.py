"""Opportunities: what may be sold to an account, as the CRM and the CSM see it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel

from .account import Account
from .people import Contact


class Opportunity(TenantModel):
    """A possible sale (GRO-2). Money is kept in minor units of ``currency``."""

    class Kind(models.TextChoices):
        EXPANSION = "expansion", "Expansion revenue"
        RENEWAL = "renewal", "Renewal"
        NEW = "new", "New business"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    class Category(models.TextChoices):
        HOT = "hot", "Hot"
        WARM = "warm", "Warm"
        POTENTIAL = "potential", "Potential need"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="opportunities")
    name = models.CharField(max_length=120)
    sf_id = models.CharField("Salesforce ID", max_length=18, blank=True)
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.EXPANSION)
    # The CRM's own word for where it stands; the state is what we count by.
    stage = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    category = models.CharField(max_length=9, choices=Category.choices, blank=True)
    mrr_minor = models.BigIntegerField(default=0)
    otr_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="USD")
    closes_on = models.DateField(null=True, blank=True)
    owner = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    originator = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    lead_source = models.CharField(max_length=60, blank=True)
    next_step = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "sf_id"], condition=~models.Q(sf_id=""), name="opportunity_sf_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="opportunity_account_idx"),
            models.Index(fields=["workspace", "owner"], name="opportunity_owner_idx"),
            models.Index(fields=["workspace", "originator"], name="opportunity_originator_idx"),
            models.Index(fields=["workspace", "contact"], name="opportunity_contact_idx"),
        ]
        verbose_name_plural = "opportunities"

    def __str__(self) -> str:
        return self.name
