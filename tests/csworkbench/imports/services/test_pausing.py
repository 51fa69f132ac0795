"""Resting, going on and ending while an import is being applied."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from accounts.models import Account
from csworkbench.common import queueing
from csworkbench.imports import services
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.models import Import
from csworkbench.imports.services import applying, claiming
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.concurrency.conftest import committed, owner_cleans_up
from tests.factories import ProductFactory, make_member

from ..sheets import book_csv, compared, row_of

__all__ = ["committed", "owner_cleans_up"]
ROWS = 7
During = Callable[[int, Callable[[], None]], None]


@pytest.fixture
def ops(committed: Workspace, monkeypatch: pytest.MonkeyPatch) -> Member:
    """Of a workspace that every connection sees; messages are not sent."""
    monkeypatch.setattr(queueing, "_send", lambda name, ids: None)
    with workspace_scope(committed.pk):
        ProductFactory(workspace=committed, key="compliance", name="Compliance")
        make_member(committed, "Keiko Ueda", roles=["csm"])
        return make_member(committed, "Farid Fontaine", roles=["ops"])


@pytest.fixture
def approved(ops: Member, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Seven new accounts, to be applied three by three."""
    monkeypatch.setattr(applying, "CHUNK_ROWS", 3)
    rows = [row_of(f"00100000000{n:04d}", f"Account {n}", lms=f"{n:07d}") for n in range(ROWS)]
    with workspace_scope(ops.workspace_id):
        one = compared(ops, book_csv(*rows))
        services.approve(actor=ops, one=one)
    return one


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> During:
    """Let a person do something while a chunk, counted from one, is being written: it must not wait for the chunk."""

    def arrange(number: int, work: Callable[[], None]) -> None:
        book, calls = type(kind_called("book")), []
        whole = book.apply

        def elsewhere() -> None:
            try:
                work()
            finally:
                connections.close_all()

        def apply(kind: Any, stage: Any) -> None:
            whole(kind, stage)
            calls.append(1)
            if len(calls) == number:
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(elsewhere).result(20)

        monkeypatch.setattr(book, "apply", apply)

    return arrange


def decide(service: Callable[..., None], ops: Member) -> None:
    """Pause, resume or cancel, as a request does."""
    with workspace_scope(ops.workspace_id):
        service(actor=ops, one=Import.objects.get())


def work_on(one: Import) -> Import:
    services.apply_import(one.workspace_id, one.pk)
    return seen(one)


def seen(one: Import) -> Import:
    with workspace_scope(one.workspace_id):
        one.refresh_from_db()
    return one


def so_far(one: Import) -> tuple[str, int, int]:
    with workspace_scope(one.workspace_id):
        return one.state, one.applied_rows, Account.objects.count()


class TestPause:
    def test_lets_the_chunk_in_hand_end(self, ops: Member, approved: Import, during: During) -> None:
        during(1, lambda: decide(services.pause, ops))
        assert so_far(work_on(approved)) == ("paused", 3, 3)

    def test_a_paused_import_rests_until_it_is_resumed(self, ops: Member, approved: Import, during: During) -> None:
        during(1, lambda: decide(services.pause, ops))
        assert so_far(work_on(work_on(approved))) == ("paused", 3, 3)
        decide(services.resume, ops)
        assert so_far(work_on(approved)) == ("applied", ROWS, ROWS)
        with workspace_scope(ops.workspace_id):
            assert HistoryEntry.objects.filter(table_name="accounts_account", operation="insert").count() == ROWS

    def test_during_the_last_chunk(self, ops: Member, approved: Import, during: During) -> None:
        during(3, lambda: decide(services.pause, ops))
        assert so_far(work_on(approved)) == ("paused", ROWS, ROWS)
        decide(services.resume, ops)
        approved.path.unlink()  # nothing is left to read it for
        assert so_far(work_on(approved)) == ("applied", ROWS, ROWS)

    def test_resumed_within_the_chunk_the_same_worker_goes_on(
        self, ops: Member, approved: Import, during: During
    ) -> None:
        def hesitate() -> None:
            decide(services.pause, ops)
            decide(services.resume, ops)

        during(1, hesitate)
        assert so_far(work_on(approved)) == ("applied", ROWS, ROWS)


class TestCancel:
    def test_takes_nothing_more_not_even_what_is_in_hand(self, ops: Member, approved: Import, during: During) -> None:
        during(2, lambda: decide(services.cancel, ops))
        assert so_far(work_on(approved)) == ("cancelled", 3, 3)
        assert so_far(work_on(approved)) == ("cancelled", 3, 3)

    def test_during_the_last_chunk_it_is_not_finished(self, ops: Member, approved: Import, during: During) -> None:
        during(3, lambda: decide(services.cancel, ops))
        assert so_far(work_on(approved)) == ("cancelled", 6, 6)

    def test_what_was_applied_can_be_undone(self, ops: Member, approved: Import, during: During) -> None:
        during(3, lambda: decide(services.cancel, ops))
        one = work_on(approved)
        with workspace_scope(ops.workspace_id):
            assert services.undo_outlook(one) == (6, 0, [])
        decide(services.undo, ops)
        services.undo_import(one.workspace_id, one.pk)
        seen(one)
        assert (one.undone_rows, *so_far(one)) == (6, "undone", 6, 0)

    def test_a_paused_import(self, ops: Member, approved: Import, during: During) -> None:
        during(1, lambda: decide(services.pause, ops))
        work_on(approved)
        decide(services.cancel, ops)
        assert so_far(seen(approved)) == ("cancelled", 3, 3)
        assert services.can_be_undone(approved)

    def test_before_the_first_chunk_there_is_nothing_to_undo(self, ops: Member, approved: Import) -> None:
        decide(services.cancel, ops)
        assert so_far(work_on(approved)) == ("cancelled", 0, 0)
        assert not services.can_be_undone(approved)


class TestSlices:
    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        names: list[str] = []
        monkeypatch.setattr(claiming, "enqueue", lambda name, **ids: names.append(name))
        return names

    def test_a_worker_hands_the_rest_on(
        self, approved: Import, sent: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(claiming, "SLICE", 0.0)
        assert so_far(work_on(approved)) == ("applying", 3, 3)
        assert (approved.claimed_until, sent) == (None, ["imports.apply"])
        assert so_far(work_on(work_on(approved))) == ("applied", ROWS, ROWS)
        assert sent == ["imports.apply"] * 2

    def test_who_has_the_work_in_hand_stays_with_it(
        self, approved: Import, sent: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The command line."""
        monkeypatch.setattr(claiming, "SLICE", 0.0)
        services.apply_import(approved.workspace_id, approved.pk, held=True)
        seen(approved)
        assert (so_far(approved), sent) == (("applied", ROWS, ROWS), [])
