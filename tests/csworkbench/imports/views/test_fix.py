"""Correcting cells, and taking a correction back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from csworkbench.imports import corrections
from csworkbench.imports.corrections import groups_of, stamp
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from ..sheets import NANDU, SUMMIT, WILLOW, applied, book_csv, compared, examined, row_of
from .conftest import Address

Browser = Callable[[Member], Client]


@pytest.fixture
def wrong(ops: Member, keiko: Member) -> Import:
    """Three rows whose CSM is misspelt alike, one of them with a bad address too."""
    rows = (
        row_of(WILLOW, "Willow", csm="Keiko Uedo"),
        row_of(NANDU, "Ñandú", csm="Keiko Uedo", email="call office"),
        row_of(SUMMIT, "Summit", csm="Keiko Uedo"),
    )
    return compared(ops, book_csv(*rows), "wrong.csv")


def key_of(one: Import, column: str) -> str:
    """What the form calls the first value of a column."""
    return next(group for group in groups_of(one) if group.column == column).items[0].key


def again(one: Import, state: str = "") -> Import:
    """The import compared once more; with a state, as if somebody had moved it there."""
    if state:
        Import.objects.filter(pk=one.pk).update(state=state)
    return examined(one)


def sent(one: Import, **said: str) -> dict[str, Any]:
    return {"seen": stamp(one), **said}


class TestFix:
    def test_a_suggestion_corrects_every_row_with_the_value(
        self, client_for: Browser, ops: Member, keiko: Member, wrong: Import, address: Address
    ) -> None:
        key = key_of(wrong, "CSM")
        answer = client_for(ops).post(address("fix", wrong.pk), sent(wrong, **{f"choice_{key}": "s0"}))
        wrong.refresh_from_db()
        assert answer.headers["Location"] == address("detail", wrong.pk)
        assert wrong.fixes == [{"field": "owner", "value": "Keiko Uedo", "row": None, "use": "Keiko Ueda"}]
        assert again(wrong).counts["new"] == 2

    def test_several_values_are_corrected_at_once(
        self, client_for: Browser, ops: Member, wrong: Import, address: Address
    ) -> None:
        csm, email = key_of(wrong, "CSM"), key_of(wrong, "Email")
        said = {f"use_{csm}": " Keiko Ueda ", f"choice_{email}": "blank", f"use_{email}": ""}
        client_for(ops).post(address("fix", wrong.pk), sent(wrong, **said))
        assert again(wrong).counts | {"new": 3, "rejected": 0} == wrong.counts

    def test_one_row_alone_can_be_corrected(
        self, client_for: Browser, ops: Member, wrong: Import, address: Address
    ) -> None:
        key = key_of(wrong, "CSM")
        client_for(ops).post(address("fix", wrong.pk), sent(wrong, **{f"choice_{key}": "s0", f"scope_{key}": "row"}))
        assert again(wrong).counts["new"] == 1
        assert [fix["row"] for fix in wrong.fixes] == [2]

    def test_a_problem_of_any_row_can_be_corrected_where_it_stands(
        self, client_for: Browser, ops: Member, wrong: Import, address: Address
    ) -> None:
        client_for(ops).post(address("fix", wrong.pk), sent(wrong, **{"use_r4.0": "Keiko Ueda"}))
        assert again(wrong).counts["new"] == 1
        assert [fix["row"] for fix in wrong.fixes] == [4]

    def test_the_first_suggestions_of_a_column_are_taken_with_one_press(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        rows = [row_of(WILLOW, "Willow", csm="Keiko Uedo"), row_of(NANDU, "Ñandú", csm="Keko Ueda")]
        one = compared(ops, book_csv(*rows))
        keys = [item.key for group in groups_of(one) for item in group.items]
        said = {f"use_{key}": "" for key in keys} | {"take": keys[0]}
        client_for(ops).post(address("fix", one.pk), sent(one, **said))
        assert again(one).counts["new"] == 2

    def test_what_means_nothing_either_is_said_beside_it_and_kept(
        self, client_for: Browser, ops: Member, wrong: Import, address: Address
    ) -> None:
        key = key_of(wrong, "Email")
        answer = client_for(ops).post(address("fix", wrong.pk), sent(wrong, **{f"use_{key}": "front desk"}))
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "“front desk” is not an e-mail address." in page
        assert 'value="front desk"' in page and 'aria-invalid="true"' in page
        wrong.refresh_from_db()
        assert (wrong.state, wrong.fixes) == ("ready", [])

    def test_nothing_chosen_is_said(self, client_for: Browser, ops: Member, wrong: Import, address: Address) -> None:
        answer = client_for(ops).post(address("fix", wrong.pk), sent(wrong, use_v0="", choice_v0="none"))
        assert answer.status_code == 422
        assert "Nothing was corrected" in answer.content.decode()

    def test_a_correction_can_be_corrected(
        self, client_for: Browser, ops: Member, keiko: Member, wrong: Import, address: Address
    ) -> None:
        """Corrections do not follow each other: the second one is about what the sheet says."""
        wrong.fixes = [{"field": "owner", "value": "Keiko Uedo", "row": None, "use": "Keiko Uedi"}]
        wrong.save(update_fields=["fixes"])
        one = again(wrong, "mapped")
        client_for(ops).post(address("fix", one.pk), sent(one, **{f"choice_{key_of(one, 'CSM')}": "s0"}))
        assert again(one).counts["new"] == 2
        assert {fix["value"]: fix["use"] for fix in one.fixes}["Keiko Uedo"] == "Keiko Ueda"

    def test_a_page_drawn_before_another_comparison_answers_409(
        self, client_for: Browser, ops: Member, wrong: Import, address: Address
    ) -> None:
        answer = client_for(ops).post(address("fix", wrong.pk), {"seen": "2026-01-01", "choice_v0": "s0"})
        assert answer.status_code == 409
        assert "compared again since" in answer.content.decode()

    @pytest.mark.parametrize("key", ["v999", "r9999999999.0", "rx", "v", "r2.99", "\0"])
    def test_an_item_that_is_not_there_changes_nothing(
        self, client_for: Browser, ops: Member, wrong: Import, address: Address, key: str
    ) -> None:
        assert client_for(ops).post(address("fix", wrong.pk), sent(wrong, **{f"use_{key}": "x"})).status_code == 422

    def test_a_reader_is_refused(self, client_for: Browser, csm: Member, wrong: Import, address: Address) -> None:
        assert client_for(csm).post(address("fix", wrong.pk), sent(wrong, choice_v0="s0")).status_code == 403

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).post(address("fix", foreign)).status_code == 404

    def test_rejects_get(self, client_for: Browser, ops: Member, wrong: Import, address: Address) -> None:
        assert client_for(ops).get(address("fix", wrong.pk)).status_code == 405


class TestUnfix:
    @pytest.fixture
    def corrected(self, wrong: Import) -> Import:
        wrong.fixes = [{"field": "owner", "value": "Keiko Uedo", "row": None, "use": "Keiko Ueda"}]
        wrong.save(update_fields=["fixes"])
        return again(wrong, "mapped")

    def test_takes_it_back(self, client_for: Browser, ops: Member, corrected: Import, address: Address) -> None:
        browser = client_for(ops)
        page = browser.get(address("detail", corrected.pk)).content.decode()
        assert "1 correction" in page and "<del>Keiko Uedo</del> → <ins>Keiko Ueda</ins>" in page
        answer = browser.post(address("unfix", corrected.pk), sent(corrected, position="0"))
        assert answer.headers["Location"] == address("detail", corrected.pk)
        assert (again(corrected).counts["new"], corrected.fixes) == (0, [])

    @pytest.mark.parametrize("said", [{"position": "7"}, {"position": "x"}, {}])
    def test_one_that_is_gone_answers_409(
        self, client_for: Browser, ops: Member, corrected: Import, address: Address, said: dict[str, str]
    ) -> None:
        assert client_for(ops).post(address("unfix", corrected.pk), sent(corrected, **said)).status_code == 409

    def test_a_reader_is_refused(self, client_for: Browser, csm: Member, corrected: Import, address: Address) -> None:
        assert client_for(csm).post(address("unfix", corrected.pk), sent(corrected, position="0")).status_code == 403

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).post(address("unfix", foreign)).status_code == 404

    def test_rejects_get(self, client_for: Browser, ops: Member, corrected: Import, address: Address) -> None:
        assert client_for(ops).get(address("unfix", corrected.pk)).status_code == 405


class TestEachRowsSuggestion:
    @pytest.fixture
    def blank(self, ops: Member, keiko: Member) -> Import:
        """Three rows without their Salesforce ID; by their LMS ID two of them are accounts of the book."""
        applied(ops, book_csv(row_of(WILLOW, "Willow", lms="1"), row_of(NANDU, "Ñandú", lms="2")))
        rows = (
            row_of("", "Summit", lms="3"),
            row_of("", "Willow", lms="1", mrr=5),
            row_of("", "Ñandú", lms="2", mrr=6),
        )
        return compared(ops, book_csv(*rows), "blank.csv")

    @pytest.mark.parametrize("press", ["each", "take"])
    def test_is_taken_with_one_press(
        self, client_for: Browser, ops: Member, blank: Import, address: Address, press: str
    ) -> None:
        key = key_of(blank, "Salesforce ID")
        page = client_for(ops).get(address("detail", blank.pk)).content.decode()
        assert "Use each row’s suggestion (2)" in page
        said = {press: key, f"use_{key}": "", f"choice_{key}": "none"}
        assert client_for(ops).post(address("fix", blank.pk), sent(blank, **said)).status_code == 302
        blank.refresh_from_db()
        assert [(fix["row"], fix["use"]) for fix in blank.fixes] == [(3, WILLOW), (4, NANDU)]
        assert again(blank).counts | {"changed": 2, "rejected": 1} == blank.counts

    def test_is_taken_for_as_many_rows_as_corrections_fit(
        self, client_for: Browser, ops: Member, blank: Import, address: Address, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(corrections, "MAX_FIXES", 1)
        key = key_of(blank, "Salesforce ID")
        client_for(ops).post(address("fix", blank.pk), sent(blank, **{"each": key, f"use_{key}": ""}))
        assert [fix["row"] for fix in again(blank).fixes] == [3]

    def test_is_not_offered_where_all_rows_have_the_same(
        self, client_for: Browser, ops: Member, wrong: Import, address: Address
    ) -> None:
        page = client_for(ops).get(address("detail", wrong.pk)).content.decode()
        assert "each row’s suggestion" not in page


class TestSameName:
    @pytest.fixture
    def alike(self, ops: Member, keiko: Member) -> Import:
        """A new account of a known name, and a row with a problem."""
        applied(ops, book_csv(row_of()))
        return compared(ops, book_csv(row_of(NANDU, lms=7), row_of(SUMMIT, "Summit", email="x")))

    def test_is_a_warning_apart_from_problems(
        self, client_for: Browser, ops: Member, alike: Import, address: Address
    ) -> None:
        assert [(group.column, group.is_warning, group.rows) for group in groups_of(alike)] == [
            ("Email", False, 1),
            ("Salesforce ID", True, 1),
        ]
        page = " ".join(client_for(ops).get(address("detail", alike.pk), {"show": "new"}).content.decode().split())
        assert page.count("Already in the book under this name?") == 2
        assert "1 new row has the name of an account that is there, or nearly. It is applied as new unless" in page

    def test_its_suggestion_makes_it_that_account(
        self, client_for: Browser, ops: Member, alike: Import, address: Address
    ) -> None:
        client_for(ops).post(address("fix", alike.pk), sent(alike, **{"choice_r2.0": "s0"}))
        assert [fix["use"] for fix in again(alike).fixes] == [WILLOW]
        assert alike.counts["new"] == 0
