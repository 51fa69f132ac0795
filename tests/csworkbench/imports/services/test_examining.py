"""Reading, mapping by itself, comparing; and what happens to files that cannot be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Account
from csworkbench.common import clock
from csworkbench.imports import services
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.services import claiming
from csworkbench.tenancy.models import HistoryEntry, Member

from ..sheets import BOOK, WILLOW, book_csv, compared, csv_bytes, row_of, upload


@pytest.fixture(autouse=True)
def cast(ops: Member, keiko: Member) -> None:
    """The CSM whom the rows name."""


class TestExamine:
    def test_a_clear_file_goes_straight_to_its_comparison(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        assert (one.state, one.rows, one.counts["new"]) == ("ready", 1, 1)
        assert one.layout["columns"] == list(BOOK)
        assert one.layout["samples"][0][1] == "Willow Urgent Care"
        assert one.mapping["owner"] == 8
        assert not Account.objects.exists()

    def test_unclear_columns_wait_for_a_person(self, ops: Member) -> None:
        one = compared(ops, csv_bytes(("Alpha", "Beta"), ("x", "y")))
        assert (one.state, one.mapping, one.layout["columns"]) == ("read", {}, ["Alpha", "Beta"])

    def test_a_file_that_cannot_be_read_is_refused_with_the_reason(self, ops: Member) -> None:
        one = compared(ops, b"%PDF-1.7")
        assert (one.state, one.error_code) == ("refused", "wrong_type")
        assert one.error.startswith("The file is a PDF")
        assert one.finished_at is not None

    def test_a_lost_file_is_refused(self, ops: Member) -> None:
        one = upload(ops, book_csv(row_of()))
        one.path.unlink()
        services.examine(one.workspace_id, one.pk)
        one.refresh_from_db()
        assert one.state == "refused"

    def test_a_second_time_does_nothing(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        assert services.examine(one.workspace_id, one.pk) is None
        assert ImportRow.objects.count() == 1

    def test_unchanged_rows_are_counted_not_kept(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        services.approve(actor=ops, one=one)
        services.apply_import(one.workspace_id, one.pk)
        again = compared(ops, book_csv(row_of()))
        assert again.counts["unchanged"] == 1
        assert not ImportRow.objects.filter(import_batch=again).exists()

    def test_the_states_are_in_the_ledger_with_their_actor(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        entry = HistoryEntry.objects.get(row_id=one.pk, operation="update", changes__has_key="state")
        assert (entry.changes["state"], entry.actor_kind, entry.actor_id) == (["uploaded", "ready"], "import", ops.pk)


class TestClaims:
    def test_work_in_hand_is_left_alone(self, ops: Member) -> None:
        one = upload(ops, book_csv(row_of()))
        assert claiming.claim(one.workspace_id, one.pk, "uploaded") is not None
        assert services.examine(one.workspace_id, one.pk) is None

    def test_work_of_a_dead_worker_is_taken_over(self, ops: Member) -> None:
        one = upload(ops, book_csv(row_of()))
        claiming.claim(one.workspace_id, one.pk, "uploaded")
        with time_machine.travel(clock.now() + claiming.LEASE + timedelta(seconds=1)):
            assert Import.objects.due(one.workspace_id).count() == 1
            spool = services.examine(one.workspace_id, one.pk)
        assert spool is not None
        spool.close()

    def test_a_file_that_ends_its_worker_is_refused_in_the_end(self, ops: Member) -> None:
        one = upload(ops, book_csv(row_of()))
        Import.objects.update(attempts=claiming.MAX_ATTEMPTS)
        assert services.examine(one.workspace_id, one.pk) is None
        one.refresh_from_db()
        assert (one.state, one.error_code) == ("refused", "failed")


def test_samples_are_no_longer_than_anyone_reads(ops: Member) -> None:
    one = compared(ops, csv_bytes(["Salesforce ID", "Account", "Remarks"], [WILLOW, "Willow", "x" * 5000]))
    assert max(len(str(cell)) for row in one.layout["samples"] for cell in row) == 200
