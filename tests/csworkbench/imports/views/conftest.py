"""A book of another workspace that must never show, and addresses."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.urls import reverse

from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import ProductFactory, make_member

from ..sheets import WILLOW, book_csv, compared, row_of

Address = Callable[..., str]


@pytest.fixture
def address(workspace: Workspace) -> Address:
    """``address("detail", pk)`` in the workspace of the test."""
    return lambda name, *args: reverse(f"imports:{name}", args=[workspace.slug, *args])


@pytest.fixture
def ready(ops: Member, keiko: Member) -> Import:
    """One new account and one rejected row, waiting for approval."""
    return compared(ops, book_csv(row_of(), row_of("001ABC", "Short")), "spring book.csv")


@pytest.fixture
def foreign(other_workspace: Workspace) -> UUID:
    """A ready import of another workspace."""
    with workspace_scope(other_workspace.pk):
        member = make_member(other_workspace, "Canary Ops", roles=["ops"])
        make_member(other_workspace, "Keiko Ueda", roles=["csm"])
        ProductFactory(workspace=other_workspace, key="compliance", name="Compliance")
        return compared(member, book_csv(row_of(WILLOW, "Canary Clinic")), "canary.csv").pk
