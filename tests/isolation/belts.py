"""Taking one belt off, to see whether the other holds alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections
from django.db.models.sql.query import Query
from django.db.models.sql.where import WhereNode

from tests.architecture.scratch import owner_session

from .world import tenant_models

IDENTITY = {"workspace", "workspace_id", "workspace__pk", "workspace__id"}


def is_explicit(lookup: str) -> bool:
    """``workspace=…``, ``account__workspace_id__in=…``: the filter by identity, not the one that finds the slug."""
    path = lookup.removesuffix("__exact").removesuffix("__in")
    return any(path == one or path.endswith(f"__{one}") for one in IDENTITY)


@contextmanager
def without_filters() -> Iterator[None]:
    """The policies alone: every filter of the ORM by workspace is dropped, wherever it was written."""
    original = Query.build_filter

    def build_filter(self: Query, filter_expr: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(filter_expr, tuple) and is_explicit(filter_expr[0]):
            return WhereNode(), ()
        return original(self, filter_expr, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Query, "build_filter", build_filter)
        yield


def take_policies_off() -> None:
    """The filters alone, in the current database: call it in a scratch copy only."""
    with owner_session(connections["default"].settings_dict["NAME"]) as owner:
        for model in tenant_models():
            table = connections["default"].ops.quote_name(model._meta.db_table)
            owner.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
