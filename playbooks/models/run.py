"""The execution of a playbook on one account."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models import Account
from csworkbench.tenancy.models import TenantForeignKey, TenantModel

from .playbook import Playbook, PlaybookVersion


class Run(TenantModel):
    """At most one open run per account, playbook and cause (PLB-1); it stays on the version it started with."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        COMPLETED = "completed", "Completed"
        CLEARED = "cleared", "Cleared by itself"
        CANCELLED = "cancelled", "Cancelled"

    account = TenantForeignKey(Account, on_delete=models.CASCADE, related_name="runs")
    playbook = TenantForeignKey(Playbook, on_delete=models.PROTECT, related_name="runs")
    version = TenantForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="runs")
    cause = models.CharField(max_length=60, help_text="Key of what started it; two causes are two runs.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    started_on = models.DateField()
    started_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account", "playbook", "cause"],
                condition=models.Q(state="open"),
                name="run_open_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "playbook", "state", "account"], name="run_playbook_idx"),
            models.Index(fields=["workspace", "account", "-started_at"], name="run_account_idx"),
            models.Index(fields=["workspace", "version"], name="run_version_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.playbook_id} on {self.account_id}: {self.state}"
