"""What the vendor sells: instances, products and their modules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from csworkbench.tenancy.models import TenantForeignKey, TenantModel


class Instance(TenantModel):
    """The edition of the vendor's product an account's people use (core, enterprise, a partner's white label)."""

    key = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="instance_key_once")]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Product(TenantModel):
    """Something an account can subscribe to."""

    key = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=80)
    is_credentialing = models.BooleanField(default=False, help_text="Counts providers rather than users.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="product_key_once")]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Module(TenantModel):
    """A part of a product whose use is watched; ``use_label`` names one use ("case created")."""

    product = TenantForeignKey(Product, on_delete=models.CASCADE, related_name="modules")
    key = models.SlugField(max_length=40, db_index=False)
    name = models.CharField(max_length=80)
    use_label = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["workspace", "key"], name="module_key_once")]
        indexes: ClassVar = [models.Index(fields=["workspace", "product"], name="module_product_idx")]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
