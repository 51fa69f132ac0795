"""Versions of the rules that decide levels and scores."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel


class RuleSet(TenantModel):
    """One version (PRI-6): draft → published → retired; a published one is never edited, at most one is published.

    ``rules`` is an ordered list: see ``priorities.rules`` for its shape and validation.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    rules = models.JSONField()
    comment = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    published_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "number"], name="rule_set_number_once"),
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(state="published"), name="rule_set_published_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "published_by"], name="rule_set_by_idx")]

    def __str__(self) -> str:
        return f"rules v{self.number}"
