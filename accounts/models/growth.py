"""How accounts are told apart, how they renew, and where they could grow."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel

from .account import Account
from .catalogue import Product
from .use import Subscription


class Subtype(TenantModel):
    """A kind of account that its facts tell (ACC-2), such as digital or hybrid; members may overrule it."""

    key = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=80)
    place = models.PositiveSmallIntegerField(default=0)
    # None is only ever chosen by hand.
    condition = models.JSONField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="subtype_once")]
        ordering: ClassVar = ["place", "name"]

    def __str__(self) -> str:
        return self.name


class RenewalOutcome(TenantModel):
    """How a renewal ended (REN-1); one for each subscription and date."""

    class Result(models.TextChoices):
        RENEWED = "renewed", "Renewed"
        EXPANDED = "expanded", "Renewed for more"
        REDUCED = "reduced", "Renewed for less"
        LOST = "lost", "Lost"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="renewal_outcomes")
    subscription = TenantForeignKey(Subscription, on_delete=models.CASCADE, related_name="outcomes")
    due_on = models.DateField()
    result = models.CharField(max_length=8, choices=Result.choices)
    mrr_before_minor = models.BigIntegerField()
    mrr_after_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    # A service tier is added at renewal (REN-2).
    service_tier = models.CharField(max_length=8, choices=Subscription.ServiceTier.choices, blank=True)
    renewed_to = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "subscription", "due_on"], name="renewal_outcome_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="renewal_outcome_account_idx"),
            models.Index(fields=["workspace", "due_on"], name="renewal_outcome_due_idx"),
            models.Index(fields=["workspace", "author"], name="renewal_outcome_author_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.due_on}: {self.result}"


class RevenueDay(TenantModel):
    """The MRR of an account from a day on: one row only when it changed; written by the pipeline."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="revenue_days")
    day = models.DateField()
    mrr_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account", "day"], name="revenue_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.mrr_minor}"


class Offer(TenantModel):
    """What could be sold to whom (GRO-1): accounts for which its condition holds are candidates."""

    class Kind(models.TextChoices):
        PRODUCT = "product", "Product not owned"
        USERS = "users", "More users"
        UNUSED = "unused", "Unused entitlement"

    key = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    product = TenantForeignKey(Product, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    condition = models.JSONField()
    pitch = models.CharField(max_length=300, blank=True, help_text="What to say to the account.")
    place = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="offer_once")]
        indexes: ClassVar = [models.Index(fields=["workspace", "product"], name="offer_product_idx")]
        ordering: ClassVar = ["place", "name"]

    def __str__(self) -> str:
        return self.name


class Candidate(TenantModel):
    """An account that an offer fits: opened and cleared by the pipeline, dismissed or taken up by a member."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLEARED = "cleared", "No longer fits"
        DISMISSED = "dismissed", "Dismissed"
        TAKEN = "taken", "Taken up"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="candidates")
    offer = TenantForeignKey(Offer, on_delete=models.CASCADE, related_name="candidates")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN, db_default="open")
    found_on = models.DateField()
    reason = models.CharField(max_length=200, blank=True, help_text="Why a member dismissed it.")
    decided_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # A dismissed one may come back after this day.
    rests_until = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account", "offer"], name="candidate_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "offer", "state"], name="candidate_offer_idx"),
            models.Index(fields=["workspace", "decided_by"], name="candidate_decider_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.state}"
