"""Applying in chunks: each row once, whatever happens in between."""

from __future__ import annotations

import pytest

from accounts.models import Account
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.imports.services import applying
from csworkbench.tenancy.models import HistoryEntry, Member

from ..sheets import book_csv, compared, row_of

ROWS = 7


@pytest.fixture
def approved(ops: Member, keiko: Member, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Seven new accounts, to be applied three by three."""
    monkeypatch.setattr(applying, "CHUNK_ROWS", 3)
    rows = [row_of(f"00100000000{n:04d}", f"Account {n}", lms=f"{n:07d}") for n in range(ROWS)]
    one = compared(ops, book_csv(*rows))
    services.approve(actor=ops, one=one)
    return one


def test_every_chunk_moves_the_mark(approved: Import) -> None:
    services.apply_import(approved.workspace_id, approved.pk)
    approved.refresh_from_db()
    assert (approved.state, approved.applied_rows, approved.applied_through) == ("applied", ROWS, ROWS + 1)
    assert (approved.counts["new"], Account.objects.count()) == (ROWS, ROWS)


def test_an_apply_that_broke_off_goes_on_where_it_stood(approved: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, calls = applying.apply_chunk, []

    def breaks(*arguments: object) -> bool:
        calls.append(1)
        if len(calls) == 2:
            raise ConnectionError("the worker dies")
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(applying, "apply_chunk", breaks)
    with pytest.raises(ConnectionError):
        services.apply_import(approved.workspace_id, approved.pk)
    assert Account.objects.count() == 3
    Import.objects.update(claimed_until=None)  # its lease runs out
    monkeypatch.setattr(applying, "apply_chunk", whole)
    services.apply_import(approved.workspace_id, approved.pk)
    approved.refresh_from_db()
    assert (approved.state, approved.counts["new"], Account.objects.count()) == ("applied", ROWS, ROWS)
    assert HistoryEntry.objects.filter(table_name="accounts_account", operation="insert").count() == ROWS


def test_a_second_worker_writes_nothing(approved: Import) -> None:
    kept = Import.objects.select_related("workspace", "created_by", "approved_by").get(pk=approved.pk)
    services.apply_import(approved.workspace_id, approved.pk)
    before = HistoryEntry.objects.count()
    services.apply_import(approved.workspace_id, approved.pk)
    assert HistoryEntry.objects.count() == before
    assert kept.applied_through == 0


def test_a_worker_that_lost_its_place_stops(approved: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lease ran out while it slept; another one has gone on."""
    whole = applying.apply_chunk

    def overtaken(*arguments: object) -> bool:
        Import.objects.update(applied_through=5)
        return whole(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(applying, "apply_chunk", overtaken)
    services.apply_import(approved.workspace_id, approved.pk)
    approved.refresh_from_db()
    assert (approved.state, Account.objects.count()) == ("applying", 0)


def test_a_file_that_vanished_before_its_apply_is_refused(approved: Import) -> None:
    approved.path.unlink()
    services.apply_import(approved.workspace_id, approved.pk)
    approved.refresh_from_db()
    assert (approved.state, Account.objects.count()) == ("refused", 0)


def test_nothing_to_apply_is_applied(ops: Member, keiko: Member) -> None:
    one = compared(ops, book_csv(row_of(mrr="tbd")))
    services.approve(actor=ops, one=one)
    services.apply_import(one.workspace_id, one.pk)
    one.refresh_from_db()
    assert (one.state, one.counts["rejected"]) == ("applied", 1)


@pytest.mark.parametrize(
    ("rows", "chunk"), [(1, 10_000), (250_000, 10_000), (500_000, 20_000), (1_000_000, 40_000), (1_050_000, 40_000)]
)
def test_a_very_long_sheet_is_applied_in_larger_chunks(rows: int, chunk: int) -> None:
    assert applying.chunk_rows(Import(counts={"new": rows - 1, "changed": 1})) == chunk
