"""A worker whose lease has ended, and who reads on: what others did meanwhile stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account
from csworkbench.imports import services
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.services import examining
from csworkbench.tenancy.models import Member

from ..sheets import NANDU, book_csv, compared, examined, row_of, upload

Meanwhile = Callable[[Callable[[], object]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch, keiko: Member) -> Meanwhile:
    """``meanwhile(act)``: the next reader has read everything, its lease ends, others act, and it goes on."""

    def arrange(act: Callable[[], object]) -> None:
        read = examining.read

        def late(one: Import, *rest: Any) -> Any:
            monkeypatch.setattr(examining, "read", read)
            spool = read(one, *rest)
            Import.objects.filter(pk=one.pk).update(claimed_until=None)
            act()
            return spool

        monkeypatch.setattr(examining, "read", late)

    return arrange


def test_what_was_applied_meanwhile_can_still_be_undone(ops: Member, meanwhile: Meanwhile) -> None:
    one = upload(ops, book_csv(row_of()))

    def apply() -> None:
        examined(one)
        services.approve(actor=ops, one=one)
        services.apply_import(one.workspace_id, one.pk)

    meanwhile(apply)
    assert services.examine(one.workspace_id, one.pk) is None
    one.refresh_from_db()
    assert (one.state, ImportRow.objects.count(), Account.objects.count()) == ("applied", 1, 1)
    services.undo(actor=ops, one=one)
    services.undo_import(one.workspace_id, one.pk)
    assert not Account.objects.exists()


def test_what_was_corrected_meanwhile_is_compared_as_corrected(ops: Member, meanwhile: Meanwhile) -> None:
    one = compared(ops, book_csv(row_of(), row_of(NANDU, "Ñandú", mrr="tbd", csm="Nobody")))
    services.fix(actor=ops, one=one, fixes=[{"field": "owner", "value": "Nobody", "use": "Keiko Ueda"}])

    def correct() -> None:
        examined(one)
        services.fix(actor=ops, one=one, fixes=[{"field": "mrr", "value": "tbd", "use": "5"}])

    meanwhile(correct)
    assert services.examine(one.workspace_id, one.pk) is None
    one.refresh_from_db()
    assert one.state == "mapped"
    assert (examined(one).state, one.counts["new"], one.counts["rejected"]) == ("ready", 2, 0)


def test_another_table_that_was_chosen_meanwhile_is_read(ops: Member, meanwhile: Meanwhile) -> None:
    one = upload(ops, book_csv(row_of(), row_of(NANDU, "Ñandú")))

    def choose() -> None:
        examined(one)
        services.choose_table(actor=ops, one=one, header_row=1)

    meanwhile(choose)
    assert services.examine(one.workspace_id, one.pk) is None
    one.refresh_from_db()
    assert one.state == "uploaded"
