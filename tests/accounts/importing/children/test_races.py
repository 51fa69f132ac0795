"""Two imports of the same rows at the same moment make each row once: real transactions on PostgreSQL."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from accounts.importing.children import KINDS
from accounts.models import Account
from csworkbench.common import queueing
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.concurrency.conftest import RunAtOnce, at_once, committed, owner_cleans_up
from tests.csworkbench.imports.sheets import csv_bytes
from tests.factories import AccountFactory, ModuleFactory, ProductFactory, make_member

from .test_kinds import SAMPLES

__all__ = ["at_once", "committed", "owner_cleans_up"]
ROWS = 20
# What other systems say of people becomes differences, which have races of their own (tests/concurrency).
CREATING = {kind.key: kind for kind in KINDS if kind.creates and kind.key != "people"}


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What commits here would send real ones."""
    monkeypatch.setattr(queueing, "_send", lambda name, ids: None)


@pytest.fixture
def actor(committed: Workspace) -> Member:
    with workspace_scope(committed.pk):
        ModuleFactory(product=ProductFactory(workspace=committed, key="compliance", name="Compliance"))
        ProductFactory(workspace=committed, key="learning", name="Learning")
        for number in range(ROWS):
            AccountFactory(workspace=committed, billing_id=f"rec-{number}")
        return make_member(committed, "Farid Fontaine", roles=["ops"])


def approved(actor: Member, key: str) -> UUID:
    titles, cells, _ = SAMPLES[key]
    data = csv_bytes(
        ("Recurly ID", *titles),
        *((f"rec-{number}", *(str(cell).format(number=number) for cell in cells)) for number in range(ROWS)),
    )
    with workspace_scope(actor.workspace_id):
        pk = services.store_upload(actor=actor, kind=key, name=f"{key}.csv", pieces=[data]).pk
    spool = services.examine(actor.workspace_id, pk)
    assert spool is not None
    spool.close()
    with workspace_scope(actor.workspace_id):
        services.approve(actor=actor, one=Import.objects.get(pk=pk))
    return pk


@pytest.mark.parametrize("key", CREATING)
def test_of_two_imports_one_makes_each_row(
    key: str, committed: Workspace, actor: Member, at_once: RunAtOnce, media: Any
) -> None:
    first, second = approved(actor, key), approved(actor, key)

    def applying(pk: UUID) -> Any:
        return lambda: services.apply_import(committed.pk, pk)

    at_once([applying(first), applying(second), applying(first), applying(second)])
    with workspace_scope(committed.pk):
        manager: Any = CREATING[key].model._default_manager
        assert manager.filter(account__in=Account.objects.all()).count() == ROWS
        counts = [Import.objects.get(pk=pk).counts for pk in (first, second)]
        assert sorted((found["new"], found["conflict"] + found["unchanged"]) for found in counts) == [
            (0, ROWS),
            (ROWS, 0),
        ]
