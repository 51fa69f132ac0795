"""Health: scorecards, what they say of each account, its history, and what members say over it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel

from .account import Account


class Relationship(models.TextChoices):
    """The relationship category that transitions route by (HLT-2)."""

    HEALTHY = "healthy", "Healthy"
    UNDEFINED = "undefined", "Undefined"
    RISKY = "risky", "Risky"
    ESCALATED = "escalated", "Escalated"


class Scorecard(TenantModel):
    """How the health of an audience of accounts is measured (HLT-1); the first active one that fits counts.

    ``measures`` is validated by ``accounts.health.definitions``. Score 0-100, higher is healthier.
    """

    key = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=80)
    place = models.PositiveSmallIntegerField(default=0, help_text="The order in which scorecards are tried.")
    # A condition over facts; None fits every account.
    audience = models.JSONField(null=True, blank=True)
    measures = models.JSONField(default=list)
    green_from = models.PositiveSmallIntegerField(default=70)
    yellow_from = models.PositiveSmallIntegerField(default=40)
    # Percent of the weight that must be known, else the health is undefined.
    least_known = models.PositiveSmallIntegerField(default=50)
    # What a yellow relationship counts as when accounts are moved (HLT-2).
    yellow_is = models.CharField(
        max_length=9,
        choices=[(Relationship.HEALTHY.value, "Healthy"), (Relationship.RISKY.value, "Risky")],
        default=Relationship.RISKY,
    )
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="scorecard_once"),
            models.CheckConstraint(
                condition=models.Q(green_from__lte=100, yellow_from__lt=models.F("green_from")),
                name="scorecard_thresholds_rise",
            ),
            models.CheckConstraint(condition=models.Q(least_known__lte=100), name="scorecard_known_percent"),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "changed_by"], name="scorecard_changer_idx")]
        ordering: ClassVar = ["place", "key"]

    def __str__(self) -> str:
        return self.name


class AccountHealth(TenantModel):
    """The health that holds for an account: written by the health step of the pipeline alone, in sets."""

    id = None  # type: ignore[assignment]
    account = models.OneToOneField(
        Account, primary_key=True, on_delete=models.CASCADE, related_name="standing", db_constraint=False
    )
    # Empty while neither an override nor a scorecard speaks: then what was judged or imported holds.
    health = models.CharField(max_length=9, choices=Account.Health.choices, blank=True, default="", db_default="")
    since = models.DateField(null=True)
    # What the scorecard says, whatever a member set over it.
    computed = models.CharField(max_length=9, choices=Account.Health.choices, blank=True, default="", db_default="")
    score = models.SmallIntegerField(null=True)
    known = models.SmallIntegerField(null=True, help_text="Percent of the weight that is known.")
    # Points 0-100 of each measure in the order of the scorecard's version; NULL is unknown.
    points = ArrayField(models.SmallIntegerField(null=True), default=list, db_default=[])
    scorecard_id = models.UUIDField(null=True)
    version = models.PositiveIntegerField(null=True)
    relationship = models.CharField(
        max_length=9, choices=Relationship.choices, default=Relationship.UNDEFINED, db_default="undefined"
    )
    changed_at = models.DateTimeField(null=True, help_text="When anything of this row last changed.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["workspace", "health"], name="account_health_idx")]

    def __str__(self) -> str:
        return f"{self.health} {self.score}"


class HealthDay(TenantModel):
    """The health of an account from a day on: one row only when it changed (HLT-3)."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="health_days")
    day = models.DateField()
    health = models.CharField(max_length=9, choices=Account.Health.choices)
    score = models.SmallIntegerField(null=True)
    points = ArrayField(models.SmallIntegerField(null=True), default=list, db_default=[])
    scorecard_id = models.UUIDField(null=True)
    version = models.PositiveIntegerField(null=True)
    is_override = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "account", "day"], name="health_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.health}"


class HealthOverride(TenantModel):
    """A member's word over the computed health, with its reason, until a day (HLT-3); one at a time."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="health_overrides")
    health = models.CharField(max_length=9, choices=Account.Health.choices)
    reason = models.CharField(max_length=200)
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_on = models.DateField(help_text="The last day it holds.")
    ended_at = models.DateTimeField(null=True)
    ended_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account"], condition=models.Q(ended_at__isnull=True), name="override_once"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="override_account_idx"),
            models.Index(fields=["workspace", "author"], name="override_author_idx"),
            models.Index(fields=["workspace", "ended_by"], name="override_ender_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.health} until {self.expires_on}"
