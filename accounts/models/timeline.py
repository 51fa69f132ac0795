"""What happened with an account: interactions and notes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel

from .account import Account
from .people import Contact


class Interaction(TenantModel):
    """A logged call, email, meeting or chat."""

    class Kind(models.TextChoices):
        CALL = "call", "Call"
        EMAIL = "email", "Email"
        MEETING = "meeting", "Meeting"
        CHAT = "chat", "Chat"

    class Direction(models.TextChoices):
        OUTBOUND = "out", "Outbound"
        INBOUND = "in", "Inbound"

    class Sentiment(models.IntegerChoices):
        POSITIVE = 1, "Positive"
        NEUTRAL = 0, "Neutral"
        NEGATIVE = -1, "Negative"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="interactions")
    contact = TenantForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="interactions")
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUTBOUND)
    answered = models.BooleanField(null=True, help_text="Whether the contact answered; unknown for a mail just sent.")
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    happened_at = models.DateTimeField(db_default=Now())
    sentiment = models.SmallIntegerField(choices=Sentiment.choices, null=True, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    # A meeting owes its recap until it is sent (PLB-3 m, n).
    needs_recap = models.BooleanField(default=False, db_default=False)
    recap_sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    # A double click or a re-sent form carries the same key and is recorded once.
    request_key = models.UUIDField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "request_key"],
                condition=models.Q(request_key__isnull=False),
                name="interaction_request_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account", "-happened_at"], name="interaction_account_idx"),
            models.Index(fields=["workspace", "contact"], name="interaction_contact_idx"),
            models.Index(fields=["workspace", "author"], name="interaction_author_idx"),
            models.Index(
                fields=["workspace", "author", "happened_at"],
                condition=models.Q(needs_recap=True, recap_sent_at__isnull=True),
                name="interaction_recap_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}".strip()


class Note(TenantModel):
    """A short dated remark, shown in the house format ``MM/DD/YY-Initials-Note`` (ACC-7)."""

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="notes")
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    # Written by the app: the author's calendar date and initials at the time, kept when the author is renamed.
    written_on = models.DateField()
    initials = models.CharField(max_length=4)
    text = models.TextField()
    created_at = models.DateTimeField(db_default=Now())
    edited_at = models.DateTimeField(null=True, editable=False)
    request_key = models.UUIDField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "request_key"],
                condition=models.Q(request_key__isnull=False),
                name="note_request_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "account", "-created_at"], name="note_account_idx"),
            models.Index(fields=["workspace", "author"], name="note_author_idx"),
        ]

    def __str__(self) -> str:
        return self.house_format

    @property
    def house_format(self) -> str:
        """The note as the field's tools expect it: ``11/21/26-QA-Asked for a quote``."""
        return f"{self.written_on:%m/%d/%y}-{self.initials}-{self.text}"
