"""Rows that belong to the installation, not to a workspace."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Canary(models.Model):
    """The last time a task went all the way through the queue: a process check does not see a hung worker."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sung_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.sung_at}"
