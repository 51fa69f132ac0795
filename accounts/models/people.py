"""The people at an account."""

from __future__ import annotations

from typing import ClassVar

import phonenumbers
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import TenantForeignKey, TenantModel

from .account import Account


class Contact(TenantModel):
    """A person at an account (ACC-3); at most one is the primary contact."""

    class Area(models.TextChoices):
        FINANCE = "finance", "Finance"
        TRAINING = "training", "Training"
        COMPLIANCE = "compliance", "Compliance"
        CREDENTIALING = "credentialing", "Credentialing"

    class Validity(models.TextChoices):
        ACTIVE = "active", "Active"
        ON_LEAVE = "on_leave", "On leave"
        BOUNCED = "bounced", "Bounced"
        TERMINATED = "terminated", "Terminated"
        UNKNOWN = "unknown", "Unknown"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="contacts")
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True, help_text="Kept in lower case.")
    phone = models.CharField(max_length=16, blank=True, help_text="E.164.")
    phone_extension = models.CharField(max_length=10, blank=True)
    areas = ArrayField(models.CharField(max_length=14, choices=Area.choices), default=list, blank=True, db_default=[])
    is_primary = models.BooleanField(default=False)
    is_decision_maker = models.BooleanField(default=False)
    validity = models.CharField(max_length=10, choices=Validity.choices, default=Validity.UNKNOWN)
    dnc = models.BooleanField("do not contact", default=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account"],
                condition=models.Q(is_primary=True),
                name="contact_primary_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account"], name="contact_account_idx"),
            models.Index(fields=["workspace", "email"], name="contact_email_idx"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    @property
    def phone_in_words(self) -> str:
        """The number in groups, with its extension: ``+1 929-475-3141 ext 12``; as it stands when it is no number."""
        try:
            parsed = phonenumbers.parse(self.phone)
            shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        except phonenumbers.NumberParseException:
            shown = self.phone
        return f"{shown} ext {self.phone_extension}" if self.phone_extension else shown
