"""Names where ids are missing: warnings of near-duplicates, suggestions, and books without any id."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.importing.near.likeness import ids_alike, names_alike
from accounts.models import Account
from accounts.search import normalise_name
from csworkbench.imports import services
from csworkbench.imports.models import Import, ImportRow
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.imports.sheets import NANDU, WILLOW, applied, book_csv, compared
from tests.factories import AccountFactory, ProductFactory


def problems_of(one: Import) -> dict[int, dict[str, Any]]:
    """Row number → its only problem."""
    rows = ImportRow.objects.filter(import_batch=one).exclude(problems=[])
    return {row.number: row.problems[0] for row in rows if len(row.problems) == 1}


class Names:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, workspace: Workspace) -> None:
        self.ops, self.workspace = ops, workspace

    def account(self, name: str, **fields: Any) -> Account:
        return AccountFactory(workspace=self.workspace, name=name, search_name=normalise_name(name), **fields)

    def far(self, other_workspace: Workspace, name: str, **fields: Any) -> None:
        with workspace_scope(other_workspace.pk):
            AccountFactory(workspace=other_workspace, name=name, search_name=normalise_name(name), **fields)


class TestNamesakes(Names):
    TITLES = ("LMS ID", "Account", "Tier")

    def compare(self, *rows: tuple[Any, ...]) -> Import:
        return compared(self.ops, book_csv(*rows, titles=self.TITLES))

    def test_the_same_name_is_a_warning_with_its_id(self) -> None:
        self.account("Willow Urgent Care", lms_id="0000323")
        one = self.compare(("0000999", "WILLOW urgent-care", 1))
        assert one.counts["new"] == 1 and one.counts["rejected"] == 0
        problem = problems_of(one)[2]
        assert problem["message"] == "There is already an account of this name: Willow Urgent Care, LMS ID 0000323"
        assert (problem["code"], problem["field"], problem["column"]) == ("same_name", "lms_id", "LMS ID")
        assert (problem["value"], problem["suggestions"]) == ("0000999", ["0000323"])
        assert [(group["code"], group["rows"]) for group in one.problems] == [("same_name", 1)]

    def test_taking_the_suggestion_finds_the_account(self) -> None:
        account = self.account("Willow Urgent Care", lms_id="0000323", tier=3)
        one = self.compare(("0000999", "Willow Urgent Care", 1))
        problem = problems_of(one)[2]
        fix = {"field": problem["field"], "value": problem["value"], "use": problem["suggestions"][0]}
        services.fix(actor=self.ops, one=one, fixes=[fix])
        spool = services.examine(one.workspace_id, one.pk)
        assert spool is not None
        spool.close()
        row = ImportRow.objects.get(import_batch=one)
        assert (row.verdict, row.target_id, row.changes) == ("changed", account.pk, {"tier": [3, 1]})

    def test_a_warned_row_is_applied(self) -> None:
        self.account("Willow Urgent Care", lms_id="0000323")
        one = applied(self.ops, book_csv(("0000999", "Willow Urgent Care", 1), titles=self.TITLES))
        assert (one.counts["new"], Account.objects.count()) == (1, 2)
        assert ImportRow.objects.get(import_batch=one).verdict == "new"

    def test_several_namesakes_are_counted(self) -> None:
        self.account("Willow", lms_id="0000001")
        self.account("Willow", lms_id="0000002")
        problem = problems_of(self.compare(("0000999", "Willow", 1)))[2]
        assert problem["message"].startswith("There are already 2 accounts of this name, one is Willow, LMS ID 000000")
        assert problem["suggestions"] == ["0000001", "0000002"]

    def test_an_account_without_this_id_is_named_by_another(self) -> None:
        self.account("Willow", billing_id="rec-1")
        problem = problems_of(self.compare(("0000999", "Willow", 1)))[2]
        assert problem["message"].endswith("Willow, Recurly ID rec-1") and problem["suggestions"] == []

    def test_nearly_the_same_name_is_a_warning_too(self) -> None:
        self.account("Willow Urgent Care", lms_id="0000323")
        one = self.compare(("0000999", "Wilow Urgent Care", 1), ("0000998", "Summit Wellness", 1))
        assert list(problems_of(one)) == [2]
        problem = problems_of(one)[2]
        assert problem["message"] == "There is an account of nearly this name: Willow Urgent Care, LMS ID 0000323"
        assert problem["suggestions"] == ["0000323"]

    def test_other_numbers_are_other_places(self) -> None:
        self.account("Mesa Dental Group #17", lms_id="0000017")
        assert problems_of(self.compare(("0000018", "Mesa Dental Group #18", 1))) == {}

    def test_nothing_of_another_workspace_is_said(self, other_workspace: Workspace) -> None:
        self.far(other_workspace, "Willow Urgent Care", lms_id="0000323")
        one = self.compare(("0000999", "Willow Urgent Care", 1), ("0000998", "Wilow Urgent Care", 1))
        assert problems_of(one) == {} and one.counts["new"] == 2

    def test_the_command_line_says_so_and_ends_well(self, tmp_path: Path) -> None:
        self.account("Willow Urgent Care", lms_id="0000323")
        sheet = tmp_path / "book.csv"
        sheet.write_bytes(book_csv(("0000999", "Willow Urgent Care", 1), titles=self.TITLES))
        said = io.StringIO()
        arguments = ("--workspace", self.workspace.slug, "--kind", "book", "--as", self.ops.user.email)
        call_command("import_sheet", *arguments, "--dry-run", "--json", sheet, stdout=said)
        report = json.loads(said.getvalue())
        assert (report["new"], report["rejected"], report["problems"][0]["code"]) == (1, 0, "same_name")


class TestNamesAlike:
    def test_the_most_alike_is_chosen(self) -> None:
        known = ["summit wellness", "willow urgent care", "willow urgent cars"]
        assert names_alike({5: "willow urgent caree", 6: "something else"}, known) == {5: 1}

    def test_too_much_work_is_not_begun(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("accounts.importing.near.likeness.COMPARISONS", 3)
        assert names_alike({1: "willow", 2: "wilow"}, ["willow", "summit"]) == {}


class TestSpoiltIds(Names):
    TITLES = ("LMS ID", "Account", "Tier")

    def suggested(self, *rows: tuple[Any, ...]) -> dict[int, list[str]]:
        one = compared(self.ops, book_csv(*rows, titles=self.TITLES))
        assert one.counts["rejected"] == len(rows)
        return {number: problem["suggestions"] for number, problem in problems_of(one).items()}

    def test_the_name_helps_where_the_id_does_not(self) -> None:
        self.account("Willow Urgent Care", lms_id="0000323")
        assert self.suggested(("n/a?", "Willow urgent care", 1), ("", "Willow Urgent Care", 1)) == {
            2: ["0000323"],
            3: ["0000323"],
        }

    def test_an_ambiguous_name_helps_nobody(self) -> None:
        self.account("Willow", lms_id="0000323")
        self.account("Willow", lms_id="0000455")
        assert self.suggested(("??????????", "Willow", 1)) == {2: []}

    def test_an_id_with_a_slip_is_recognised(self) -> None:
        self.account("Willow", lms_id="0000323")
        self.account("Summit", lms_id="7410000")
        assert self.suggested(("00O0323", "Somebody", 1), ("741000O0", "Somebody else", 1)) == {
            2: ["0000323"],
            3: ["7410000"],
        }

    def test_nothing_of_another_workspace_is_suggested(self, other_workspace: Workspace) -> None:
        self.far(other_workspace, "Willow", lms_id="0000323")
        assert self.suggested(("00O0323", "Willow", 1), ("", "Willow", 1)) == {2: [], 3: []}

    def test_many_alike_are_no_suggestion(self) -> None:
        assert ids_alike("000000X", [f"000000{n}" for n in range(10)]) == []
        assert ids_alike("000000X", ["0000001", "0000002"]) == ["0000001", "0000002"]
        assert ids_alike("001a6eEFujfoRnxICE", [WILLOW, NANDU]) == [WILLOW]


class TestBooksWithoutIds(Names):
    TITLES = ("Account", "Segment", "Tier")

    def compare(self, *rows: tuple[Any, ...]) -> Import:
        return compared(self.ops, book_csv(*rows, titles=self.TITLES))

    def apply(self, *rows: tuple[Any, ...]) -> Import:
        return applied(self.ops, book_csv(*rows, titles=self.TITLES))

    def test_new_accounts_are_made_and_found_again(self) -> None:
        assert self.apply(("Willow Urgent Care", "Clinics", 1), ("Summit", "Labs", 2)).counts["new"] == 2
        assert self.compare(("WILLOW Urgent-Care", "Clinics", 1), ("Summit", "", "")).counts["unchanged"] == 2
        account = Account.objects.get(segment="Clinics")
        assert (account.name, account.search_name, account.tier) == ("Willow Urgent Care", "willow urgent care", 1)

    def test_an_account_with_ids_is_found_by_its_name(self) -> None:
        account = self.account("Willow", sf_id=WILLOW, tier=3)
        one = self.apply(("Willow", "Clinics", 1))
        row = ImportRow.objects.get(import_batch=one)
        assert (row.target_id, row.changes) == (account.pk, {"segment": ["", "Clinics"], "tier": [3, 1]})
        account.refresh_from_db()
        assert (account.name, account.sf_id, account.tier) == ("Willow", WILLOW, 1)

    def test_a_name_of_several_accounts_is_refused_with_their_ids(self) -> None:
        self.account("Willow", lms_id="0000323")
        self.account("Willow", billing_id="rec-1")
        self.account("willow!")
        problem = problems_of(self.compare(("Willow", "Clinics", 1)))[2]
        assert problem["code"] == "ambiguous_name"
        assert "LMS ID 0000323, Recurly ID rec-1, one without an id" in problem["message"]
        assert problem["suggestions"] == []

    def test_two_rows_of_a_name_are_one_account(self) -> None:
        one = self.compare(("Willow", "Clinics", 1), ("willow", "Labs", 1), ("Willow", "Clinics", 1))
        assert (one.counts["new"], one.counts["duplicate"]) == (1, 2)

    def test_another_product_of_a_name_follows(self) -> None:
        for name in ("Learning", "Compliance"):
            ProductFactory(workspace=self.workspace, name=name)
        rows = [("Willow", "Learning", 10), ("WILLOW", "Compliance", 20)]
        one = applied(self.ops, book_csv(*rows, titles=("Account", "Product", "MRR")))
        assert (one.counts["new"], one.counts["changed"], Account.objects.get().subscriptions.count()) == (1, 1, 2)

    def test_a_row_without_a_name_is_refused(self) -> None:
        assert problems_of(self.compare(("", "Clinics", 1)))[2]["code"] == "missing"

    def test_a_name_without_letters_to_compare_is_refused(self) -> None:
        one = self.compare(("客户", "Clinics", 1), ("顾客", "Labs", 1))
        assert [problem["code"] for problem in problems_of(one).values()] == ["unreadable_name"] * 2

    def test_nearly_the_same_name_is_a_warning(self) -> None:
        self.account("Willow Urgent Care", lms_id="0000323")
        problem = problems_of(self.compare(("Wilow Urgent Care", "Clinics", 1)))[2]
        assert (problem["field"], problem["suggestions"]) == ("name", ["Willow Urgent Care"])

    def test_names_of_another_workspace_are_not_found(self, other_workspace: Workspace) -> None:
        self.far(other_workspace, "Willow")
        assert self.compare(("Willow", "Clinics", 1)).counts["new"] == 1

    def test_a_name_taken_in_between_is_a_conflict(self) -> None:
        one = self.compare(("Willow", "Clinics", 1))
        self.account("Willow")
        services.approve(actor=self.ops, one=one)
        services.apply_import(one.workspace_id, one.pk)
        assert ImportRow.objects.get(import_batch=one).verdict == "conflict"
        assert Account.objects.count() == 1

    def test_an_id_is_stronger(self) -> None:
        self.account("Willow", sf_id=WILLOW)
        one = compared(self.ops, book_csv((NANDU, "Willow", 1), titles=("Salesforce ID", "Account", "Tier")))
        assert one.counts["new"] == 1

    def test_names_alone_are_asked_about(self) -> None:
        one = compared(self.ops, book_csv(("Willow",), titles=("Account",)))
        assert one.state in {"read", "refused"}
