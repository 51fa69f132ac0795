"""The people at an account."""

from __future__ import annotations

from typing import ClassVar

import phonenumbers
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel

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

    class Source(models.TextChoices):
        MEMBER = "member", "A member"
        LMS = "lms", "LMS"
        CRM = "crm", "CRM"
        BILLING = "billing", "Billing"
        IMPORT = "import", "An import"
        BOUNCE = "bounce", "A bounced mail"

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
    # How the validity is known, and since when.
    validity_source = models.CharField(max_length=8, choices=Source.choices, blank=True, db_default="")
    validity_on = models.DateField(null=True, blank=True)
    dnc = models.BooleanField("do not contact", default=False)
    dnc_since = models.DateField(null=True, blank=True)
    dnc_reason = models.CharField("why not to contact", max_length=200, blank=True, db_default="")
    lms_user_id = models.CharField("LMS user ID", max_length=40, blank=True, db_default="")
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


class Difference(TenantModel):
    """What a source says of a contact against what stands here (ACC-3): shown for a decision, never silently merged.

    With a contact, ``field`` names its column and ``value`` what the source says. Without one, the source knows a
    person who is no contact yet: ``field`` is ``person``, ``value`` their address, ``details`` what else is known.
    """

    class Decision(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        KEPT = "kept", "Kept as it was"
        # The source came to say the same as we do.
        GONE = "gone", "Gone"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="differences")
    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="differences")
    source = models.CharField(max_length=8, choices=Contact.Source.choices)
    field = models.CharField(max_length=40)
    value = models.CharField(max_length=254)
    details = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    seen_at = models.DateTimeField(db_default=Now())
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.OPEN)
    decided_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "contact", "source", "field"],
                condition=models.Q(contact__isnull=False),
                name="difference_once",
            ),
            models.UniqueConstraint(
                fields=["workspace", "account", "source", "value"],
                condition=models.Q(contact__isnull=True),
                name="difference_person_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account", "decision"], name="difference_account_idx"),
            models.Index(fields=["workspace", "contact"], name="difference_contact_idx"),
            models.Index(fields=["workspace", "decided_by"], name="difference_decider_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.source} says {self.field} {self.value}"
