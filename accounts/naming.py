"""What rows are called, read for many tables in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import F, Model, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim

from csworkbench.tenancy.models import Workspace

from .models import Contact, Subscription

# Columns that may hold a name, the most telling first.
NAMES = ("name", "title", "subject", "label", "measure", "key")


def names_of(workspace: Workspace, wanted: Mapping[type[Model], Collection[UUID]]) -> dict[Any, str]:
    """The names of rows of a workspace by id, whatever their tables; what has no name is left out. One statement."""
    parts = [
        model._default_manager.filter(workspace_id=workspace.pk, pk__in=ids)
        .order_by()
        .values_list("pk", Cast(name, TextField()))
        for model, ids in wanted.items()
        if ids and (name := name_column(model)) is not None
    ]
    if not parts:
        return {}
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return {pk: str(name) for pk, name in found if name}


@cache
def name_column(model: type[Model], prefix: str = "") -> Combinable | None:
    """The expression of a row's name, or of the name of the row that a relation leads to; None where there is none."""
    if model is Contact:
        person = Trim(Concat(f"{prefix}first_name", Value(" "), f"{prefix}last_name"))
        return Coalesce(NullIf(person, Value("")), f"{prefix}email", output_field=TextField())
    if model is Subscription:
        return F(f"{prefix}product__name")
    columns = {column.name for column in model._meta.concrete_fields}
    found = next((name for name in NAMES if name in columns), None)
    return F(f"{prefix}{found}") if found else None
