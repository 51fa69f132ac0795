"""What a workspace adds to the model: fields of its own, and who owns which field."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import TenantModel


class CustomField(TenantModel):
    """A field that a workspace gives its accounts; the values stand in ``Account.custom`` under ``key``."""

    class Sort(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        CHOICE = "choice", "Choice"
        YES_NO = "yes_no", "Yes or no"

    # Letters, digits and underscores, starting with a letter: it names a column of a statement.
    key = models.CharField(max_length=40)
    label = models.CharField(max_length=80)
    sort = models.CharField(max_length=6, choices=Sort.choices)
    choices = ArrayField(models.CharField(max_length=80), default=list, blank=True, db_default=[])
    is_active = models.BooleanField(default=True, help_text="A retired field keeps its values and is no longer shown.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "key"], name="custom_field_once"),
            models.CheckConstraint(
                condition=models.Q(key__regex=r"^[a-z][a-z0-9_]{0,39}$"), name="custom_field_key_is_a_name"
            ),
        ]
        ordering: ClassVar = ["label"]

    def __str__(self) -> str:
        return self.label


class FieldOwner(TenantModel):
    """Who has the last word on a field of a record that the CRM knows; without a row it is the workbench."""

    class Entity(models.TextChoices):
        ACCOUNT = "account", "Account"
        CONTACT = "contact", "Contact"
        OPPORTUNITY = "opportunity", "Opportunity"

    class Owner(models.TextChoices):
        CRM = "crm", "CRM"
        WORKBENCH = "workbench", "Workbench"

    entity = models.CharField(max_length=12, choices=Entity.choices)
    field = models.CharField(max_length=40, help_text="The column of the model.")
    owner = models.CharField(max_length=9, choices=Owner.choices, default=Owner.CRM)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "entity", "field"], name="field_owner_once")
        ]

    def __str__(self) -> str:
        return f"{self.entity}.{self.field}: {self.owner}"
