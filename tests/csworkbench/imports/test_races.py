"""Several workers, several people and a kill at the same moment: real transactions on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection

from accounts.models import Account, Contact, Subscription
from csworkbench.common import queueing
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.imports.services import applying, claiming
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.concurrency.conftest import RunAtOnce, at_once, committed, owner_cleans_up
from tests.factories import ProductFactory, make_member

from .sheets import WILLOW, book_csv, row_of

__all__ = ["at_once", "committed", "owner_cleans_up"]
WORKERS = 4
ROWS = 25


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What commits here would send real ones."""
    monkeypatch.setattr(queueing, "_send", lambda name, ids: None)


@pytest.fixture
def actor(committed: Workspace) -> Member:
    with workspace_scope(committed.pk):
        ProductFactory(workspace=committed, key="compliance", name="Compliance")
        make_member(committed, "Keiko Ueda", roles=["csm"])
        return make_member(committed, "Farid Fontaine", roles=["ops"])


def new_rows(count: int = ROWS) -> bytes:
    return book_csv(*[row_of(f"00100000000{n:04d}", f"Account {n}", lms=f"{n:07d}") for n in range(count)])


def uploaded(actor: Member, data: bytes) -> UUID:
    with workspace_scope(actor.workspace_id):
        return services.store_upload(actor=actor, kind="book", name="book.csv", pieces=[data]).pk


def approved(actor: Member, data: bytes) -> UUID:
    pk = uploaded(actor, data)
    spool = services.examine(actor.workspace_id, pk)
    assert spool is not None
    spool.close()
    with workspace_scope(actor.workspace_id):
        services.approve(actor=actor, one=Import.objects.get(pk=pk))
    return pk


def counted(workspace_id: int) -> tuple[int, int, int]:
    """Accounts, contacts and subscriptions."""
    with workspace_scope(workspace_id):
        return Account.objects.count(), Contact.objects.count(), Subscription.objects.count()


class TestWorkers:
    def test_of_many_readers_one_compares(self, committed: Workspace, actor: Member, at_once: RunAtOnce) -> None:
        pk = uploaded(actor, new_rows())
        spools = at_once([lambda: services.examine(committed.pk, pk)] * WORKERS)
        assert sum(spool is not None for spool in spools) == 1

    def test_of_many_appliers_each_row_is_written_once(
        self, committed: Workspace, actor: Member, at_once: RunAtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(applying, "CHUNK_ROWS", 3)
        pk = approved(actor, new_rows())
        at_once([lambda: services.apply_import(committed.pk, pk)] * WORKERS)
        assert counted(committed.pk) == (ROWS, ROWS, ROWS)

    def test_workers_whose_leases_ran_out_write_each_row_once(
        self, committed: Workspace, actor: Member, at_once: RunAtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All of them believe that the work is theirs; the row of the import decides chunk by chunk."""
        monkeypatch.setattr(applying, "CHUNK_ROWS", 3)
        monkeypatch.setattr(claiming, "LEASE", -claiming.LEASE)
        monkeypatch.setattr(applying, "LEASE", -vars(applying)["LEASE"])
        monkeypatch.setattr(claiming, "MAX_ATTEMPTS", 100)
        pk = approved(actor, new_rows())
        at_once([lambda: services.apply_import(committed.pk, pk)] * WORKERS)
        services.apply_import(committed.pk, pk)
        assert counted(committed.pk) == (ROWS, ROWS, ROWS)
        with workspace_scope(committed.pk):
            assert Import.objects.get().state == "applied"
            inserted = HistoryEntry.objects.filter(table_name="accounts_account", operation="insert")
            assert inserted.count() == ROWS


class TestTwoImports:
    def test_of_the_same_new_accounts_make_them_once(
        self, committed: Workspace, actor: Member, at_once: RunAtOnce
    ) -> None:
        first, second = approved(actor, new_rows()), approved(actor, new_rows())
        applies: list[Callable[[], object]] = [
            lambda: services.apply_import(committed.pk, first),
            lambda: services.apply_import(committed.pk, second),
        ]
        at_once(applies)
        assert counted(committed.pk) == (ROWS, ROWS, ROWS)
        with workspace_scope(committed.pk):
            states = list(Import.objects.values_list("state", "counts__new", "counts__conflict", "counts__unchanged"))
        assert {state for state, *_ in states} == {"applied"}
        assert sum(new for _, new, _, _ in states) == ROWS


class TestAnEditAtTheSameMoment:
    def test_is_never_overwritten(self, committed: Workspace, actor: Member, at_once: RunAtOnce) -> None:
        """Whoever comes first: either the edit stands and the row is a conflict, or the edit comes on top."""
        services.apply_import(committed.pk, approved(actor, book_csv(row_of())))
        pk = approved(actor, book_csv(row_of(account="From the sheet")))

        def edit() -> None:
            with workspace_scope(committed.pk):
                Account.objects.filter(sf_id=WILLOW).update(name="By hand")

        at_once([lambda: services.apply_import(committed.pk, pk), edit])
        with workspace_scope(committed.pk):
            assert Account.objects.get(sf_id=WILLOW).name == "By hand"
            assert Import.objects.get(pk=pk).counts["conflict"] in {0, 1}


class TestDeath:
    @pytest.mark.parametrize("moment", ["kind.apply", "stage.settle"])
    def test_of_the_connection_in_the_middle_of_a_chunk_loses_nothing(
        self, committed: Workspace, actor: Member, monkeypatch: pytest.MonkeyPatch, moment: str
    ) -> None:
        from csworkbench.imports.kinds import kind_called
        from csworkbench.imports.staging import Stage

        monkeypatch.setattr(applying, "CHUNK_ROWS", 5)
        pk = approved(actor, new_rows())
        target = type(kind_called("book")) if moment == "kind.apply" else Stage
        name = moment.split(".")[1]
        whole, calls = getattr(target, name), []

        def killed(*arguments: object, **words: object) -> None:
            whole(*arguments, **words)
            calls.append(1)
            if len(calls) == 3:
                connection.close()
                raise ConnectionError("kill -9")

        with monkeypatch.context() as patch:
            patch.setattr(target, name, killed)
            with pytest.raises(ConnectionError):
                services.apply_import(committed.pk, pk)
        assert counted(committed.pk) == (10, 10, 10)
        with workspace_scope(committed.pk):
            Import.objects.update(claimed_until=None)  # its lease runs out
        services.apply_import(committed.pk, pk)
        assert counted(committed.pk) == (ROWS, ROWS, ROWS)
