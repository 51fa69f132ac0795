"""The shape of every tenant table: a workspace first, a UUIDv7, foreign keys that cannot leave the workspace."""

from __future__ import annotations

from typing import Any

from django.db import models

from csworkbench.common.fields import UUID7


class TenantForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A reference inside one workspace.

    The plain constraint is left out: PostgreSQL's referential checks bypass row-level security, so a child could
    point at another workspace's parent. ``Protect`` declares ``(workspace_id, x_id)`` instead. Declare an index that
    starts with ``workspace`` for it in the model's ``Meta``.
    """

    def __init__(self, to: Any, on_delete: Any = models.CASCADE, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs["db_index"] = False
        super().__init__(to, on_delete=on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        kwargs.pop("db_index", None)
        return name, path, args, kwargs


class TenantModel(models.Model):
    """Base of every table that belongs to a workspace."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    workspace = models.ForeignKey(
        "tenancy.Workspace", on_delete=models.CASCADE, db_index=False, related_name="+", editable=False
    )

    class Meta:
        abstract = True
