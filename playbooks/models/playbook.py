"""Playbooks and their frozen versions."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel


class Playbook(TenantModel):
    """A workflow of a workspace; what it does stands in its versions (PLB-2)."""

    key = models.SlugField(max_length=60, db_index=False)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    is_paused = models.BooleanField(default=False, help_text="No new runs start; open runs still clear.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="playbook_key_once")]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class PlaybookVersion(TenantModel):
    """One version: draft → published (frozen) → retired. At most one is published.

    ``definition`` holds ``{"trigger": condition, "cause": text, "cooldown_days": n, "steps": [step, …]}``; see
    ``playbooks.definitions`` for the shape and its validation.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    playbook = TenantForeignKey(Playbook, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    definition = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    published_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "playbook", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["workspace", "playbook"],
                condition=models.Q(state="published"),
                name="version_published_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "published_by"], name="version_by_idx")]

    def __str__(self) -> str:
        return f"{self.playbook_id} v{self.number}"
