"""Outgoing mail is a row first, then a message: never lost, never sent twice blindly."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel


class OutgoingMail(TenantModel):
    """One mail: queued → sending → sent, failed (will not be tried again) or unknown (a person decides)."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Unknown"

    key = models.CharField(max_length=200, help_text="What this mail is about; the same key is never sent twice.")
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="mail_key_once")]
        indexes: ClassVar = [
            # Due mail, and mail whose worker died: for "sending" the column holds the end of the lease.
            models.Index(
                fields=["workspace", "next_try_at"],
                name="mail_open_idx",
                condition=models.Q(state__in=["queued", "sending"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
