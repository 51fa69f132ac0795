"""Choosing columns, approving, cancelling: once, and from where the person saw it."""

from __future__ import annotations

import pytest

from accounts.models import Account
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.imports.services.claiming import claim, release
from csworkbench.tenancy.models import Member

from ..sheets import WILLOW, applied, book_csv, compared, csv_bytes, row_of, upload


@pytest.fixture(autouse=True)
def cast(ops: Member, keiko: Member) -> None:
    """The CSM whom the rows name."""


class TestChooseColumns:
    def test_columns_are_compared_as_chosen(self, ops: Member) -> None:
        one = compared(ops, csv_bytes(("Alpha", "Beta", "Gamma"), (WILLOW, "Willow", "x")))
        assert services.choose_columns(actor=ops, one=one, mapping={"sf_id": 0, "name": 1}) == []
        assert one.state == "mapped"
        spool = services.examine(one.workspace_id, one.pk)
        assert spool is not None
        spool.close()
        one.refresh_from_db()
        assert (one.state, one.counts["new"], one.mapping) == ("ready", 1, {"sf_id": 0, "name": 1})

    def test_a_choice_that_cannot_work_is_explained_and_changes_nothing(self, ops: Member) -> None:
        one = compared(ops, csv_bytes(("Alpha", "Beta"), (WILLOW, "Willow")))
        problems = services.choose_columns(actor=ops, one=one, mapping={"name": 1})
        assert [problem.split(":")[0] for problem in problems] == ["Choose the column that holds an id"]
        one.refresh_from_db()
        assert one.state == "read"

    @pytest.mark.parametrize(
        ("mapping", "says"),
        [
            ({"sf_id": 0}, "beside the ids"),
            ({"sf_id": 0, "contact": 1, "first_name": 1}, "in one column or in two"),
            ({"sf_id": 0, "mrr": 1}, "names the product, or leave out MRR"),
        ],
    )
    def test_each_reason_is_said(self, ops: Member, mapping: dict[str, int], says: str) -> None:
        one = compared(ops, csv_bytes(("Alpha", "Beta"), (WILLOW, "Willow")))
        assert says in services.choose_columns(actor=ops, one=one, mapping=mapping)[0]

    def test_unknown_fields_and_columns_are_ignored(self, ops: Member) -> None:
        one = compared(ops, csv_bytes(("Alpha", "Beta"), (WILLOW, "Willow")))
        services.choose_columns(actor=ops, one=one, mapping={"sf_id": 0, "name": 1, "workspace": 0, "tier": 9})
        assert one.mapping == {"sf_id": 0, "name": 1}

    def test_a_compared_import_can_be_mapped_again(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        services.choose_columns(actor=ops, one=one, mapping={"sf_id": 0, "name": 1})
        assert one.state == "mapped"


class TestApprove:
    def test_it_names_who_approved(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        services.approve(actor=ops, one=one)
        assert (one.state, one.approved_by) == ("applying", ops)
        assert one.approved_at is not None

    def test_a_second_approval_loses(self, ops: Member, admin: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        seen_by_admin = Import.objects.get()
        services.approve(actor=ops, one=one)
        with pytest.raises(services.NotAllowed):
            services.approve(actor=admin, one=seen_by_admin)

    def test_what_is_not_compared_cannot_be_approved(self, ops: Member) -> None:
        one = compared(ops, csv_bytes(("Alpha", "Beta"), ("x", "y")))
        with pytest.raises(services.NotAllowed):
            services.approve(actor=ops, one=one)


class TestCancel:
    def test_nothing_was_written(self, ops: Member) -> None:
        one = compared(ops, book_csv(row_of()))
        services.cancel(actor=ops, one=one)
        assert (one.state, Account.objects.count()) == ("cancelled", 0)

    def test_what_is_applied_cannot_be_cancelled(self, ops: Member) -> None:
        one = applied(ops, book_csv(row_of()))
        with pytest.raises(services.NotAllowed):
            services.cancel(actor=ops, one=one)


class TestCancelledMeanwhile:
    def test_a_worker_does_not_bring_a_cancelled_import_back(self, ops: Member) -> None:
        one = upload(ops, book_csv(row_of()))
        in_hand = claim(one.workspace_id, one.pk, Import.State.UPLOADED)
        assert in_hand is not None
        services.cancel(actor=ops, one=one)
        release(in_hand, Import.State.READY)
        one.refresh_from_db()
        assert one.state == "cancelled"
