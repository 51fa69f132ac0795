"""Tokens by which outside systems reach a workspace."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel


class ApiToken(TenantModel):
    """A secret that an outside system sends; only its digest is kept, and its beginning to tell it by."""

    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the secret.")
    beginning = models.CharField(max_length=12)
    # What it may do, such as "usage:write".
    scopes = ArrayField(models.CharField(max_length=40))
    author = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "digest"], name="api_token_once")]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "author"], name="api_token_author_idx"),
            models.Index(fields=["workspace", "revoked_by"], name="api_token_revoker_idx"),
        ]

    def __str__(self) -> str:
        return self.name
