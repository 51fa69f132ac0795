"""Workspaces and their calendar."""

from __future__ import annotations

import zoneinfo
from datetime import date
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now

from csworkbench.common import clock

from .base import TenantModel


def validate_time_zone(value: str) -> None:
    """Refuse a name the IANA database does not know."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(f"“{value}” is not a time zone. Use a name such as America/Chicago.")


class Workspace(models.Model):
    """One vendor's CS organisation.

    A registry of names, exempt from row-level security: a request must find the workspace before it can open it.
    """

    id = models.SmallAutoField(primary_key=True)
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="America/Chicago", validators=[validate_time_zone])
    currency = models.CharField(max_length=3, default="USD")
    phone_region = models.CharField(max_length=2, default="US")
    starter_pack = models.CharField(max_length=40, blank=True)
    requires_mfa = models.BooleanField(default=False)
    imports_need_approval = models.BooleanField(
        "a second person approves imports", default=False, help_text="Whoever sent a sheet cannot apply it alone."
    )
    edit_window_hours = models.PositiveSmallIntegerField(
        "hours to edit an entry", default=24, db_default=24, help_text="How long its author may edit or remove one."
    )
    usage_days_kept = models.PositiveSmallIntegerField(
        "days of usage kept", default=120, db_default=120, help_text="From 100 to 800; older days are cleared away."
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    # The local date the midnight sweep last covered; the sweep claims a date by a conditional update.
    swept_on = models.DateField(null=True, editable=False)
    # When the pipeline last changed anything here: "computed 4 s ago".
    computed_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def today(self) -> date:
        """The workspace's calendar date now."""
        return clock.today(self.time_zone)


class Holiday(TenantModel):
    """A day that is not a business day in this workspace."""

    day = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "day"], name="holiday_once")]
        ordering: ClassVar = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
