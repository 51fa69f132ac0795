"""The words by which accounts and contacts are found, kept by triggers (ACC-10)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from csworkbench.tenancy.models import TenantModel


class SearchTerm(TenantModel):
    """One folded word of an account's name or ids, or of a contact's name or address.

    Compared by equality and range on plain text alone: both are leakproof, so indexes serve under the policies.
    """

    class Kind(models.TextChoices):
        NAME = "n", "Name"
        ID = "i", "External id"
        PERSON = "p", "Person"
        EMAIL = "e", "E-mail"

    word = models.CharField(max_length=254, db_collation="C")
    kind = models.CharField(max_length=1, choices=Kind.choices)
    # No foreign keys: the triggers that write these rows delete them too.
    account_id = models.UUIDField()
    contact_id = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "word", "account_id"], name="search_word_idx"),
            models.Index(fields=["workspace", "account_id"], name="search_account_idx"),
        ]

    def __str__(self) -> str:
        return self.word


class SearchVariant(TenantModel):
    """A known word with one letter left out, and the word itself: where a slip of one letter leads to."""

    variant = models.CharField(max_length=40, db_collation="C")
    word = models.CharField(max_length=40, db_collation="C")

    class Meta:
        # Not unique: two who add the same word at once need not wait for each other.
        indexes: ClassVar = [models.Index(fields=["workspace", "variant", "word"], name="search_variant_idx")]

    def __str__(self) -> str:
        return f"{self.variant} → {self.word}"
