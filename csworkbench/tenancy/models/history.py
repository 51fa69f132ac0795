"""The ledger: every changed field, by whom, written by triggers because set-based writes pass by the ORM."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from .base import TenantModel


class HistoryEntry(TenantModel):
    """One change of one row: ``changes`` maps a column to ``[old, new]`` (empty for an insert).

    Append-only: the application role may insert and read, never update or delete.
    """

    table_name = models.CharField(max_length=63)
    row_id = models.UUIDField(null=True)
    account_id = models.UUIDField(null=True)
    operation = models.CharField(max_length=6)
    changes = models.JSONField(default=dict)
    actor_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=12)
    cause = models.CharField(max_length=200, blank=True, db_default="")
    # The import or other undertaking whose change this is: what an undo looks for.
    cause_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "row_id", "id"], name="history_row_idx"),
            models.Index(
                fields=["workspace", "account_id", "-id"],
                name="history_account_idx",
                condition=models.Q(account_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"
