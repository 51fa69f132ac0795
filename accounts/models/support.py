"""Support tickets of an account, as its support desk knows them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import TenantForeignKey, TenantModel

from .account import Account
from .people import Contact


class SupportTicket(TenantModel):
    """A support, integration or customisation request (ACC-9)."""

    class Kind(models.TextChoices):
        SUPPORT = "support", "Support"
        INTEGRATION = "integration", "Integration"
        CUSTOMISATION = "customisation", "Customisation"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        WAITING = "waiting", "Waiting for the account"
        RESOLVED = "resolved", "Resolved"

    class Severity(models.TextChoices):
        URGENT = "urgent", "Urgent"
        NORMAL = "normal", "Normal"
        MINOR = "minor", "Minor"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="support_tickets")
    # The support desk's own number; unique in its source.
    key = models.CharField(max_length=60)
    source = models.CharField(max_length=20, default="sheet")
    subject = models.CharField(max_length=200)
    kind = models.CharField(max_length=13, choices=Kind.choices, default=Kind.SUPPORT)
    severity = models.CharField(max_length=6, choices=Severity.choices, default=Severity.NORMAL)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    # What it is about, such as "SSO": tells recurring issues.
    topic = models.CharField(max_length=80, blank=True)
    requester = TenantForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    url = models.URLField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "source", "key"], name="support_ticket_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account", "-opened_at"], name="support_ticket_account_idx"),
            models.Index(fields=["workspace", "requester"], name="support_ticket_requester_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.subject}"
