"""Whose a row is: by the ids of three systems, by any of them, by name; what an unclear cell may have meant."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, Contact
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.imports.sheets import NANDU, SUMMIT, WILLOW
from tests.factories import AccountFactory

from .sheets import Sheets, codes, problem, said

TITLES = ("Salesforce ID", "LMS ID", "Recurly ID", "Account", "Email")


class TestWhose:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, willow: Account, nandu: Account) -> None:
        self.sheets, self.willow, self.nandu = Sheets(ops, "contacts"), willow, nandu

    def compare(self, *rows: tuple[Any, ...]) -> Import:
        return self.sheets.compare(TITLES, *((*row, "rosa@example.org") for row in rows))

    @pytest.mark.parametrize(
        "row",
        [
            (WILLOW, "", "", ""),
            (WILLOW[:15], "", "", ""),
            ("", "0000323", "", ""),
            ("", 323, "", ""),
            ("", "", "rec-468328", ""),
            ("", "", "", "WILLOW urgent care!"),
            ("", "", "", "rec-468328"),
            (WILLOW, 323, "rec-468328", "Willow Urgent Care Inc"),
        ],
    )
    def test_found(self, row: tuple[Any, ...]) -> None:
        self.sheets.approve(self.compare(row))
        assert Contact.objects.get().account_id == self.willow.pk

    @pytest.mark.parametrize("cell", [WILLOW, WILLOW[:15], "0000323", 323, "rec-468328"])
    def test_found_by_an_id_of_any_system(self, cell: Any) -> None:
        self.sheets.apply(("Account ID", "Email"), (cell, "rosa@example.org"))
        assert Contact.objects.get().account_id == self.willow.pk

    def test_an_id_of_a_foreign_system_yields_to_the_name(self) -> None:
        titles = ("Company ID", "Company name", "Email")
        self.sheets.apply(titles, (8812345678, "Willow Urgent Care", "rosa@example.org"))
        assert Contact.objects.get().account_id == self.willow.pk

    def test_ids_of_two_accounts_in_one_row(self) -> None:
        one = self.compare((WILLOW, "", "rec-2", ""))
        found = problem(one)
        assert (found["code"], found["column"], found["value"]) == ("id_conflict", "Recurly ID", "rec-2")
        assert (found["suggestions"], "Willow Urgent Care" in found["message"]) == (["rec-468328"], True)

    def test_the_name_of_another_account(self) -> None:
        found = problem(self.compare((WILLOW, "", "", "Ñandú Wellness")))
        assert (found["code"], found["column"], found["suggestions"]) == (
            "id_conflict",
            "Account",
            ["Willow Urgent Care"],
        )

    def test_an_unknown_id_of_an_account_that_has_another(self) -> None:
        found = problem(self.compare((SUMMIT, "", "rec-2", "")))
        assert (found["code"], found["column"], found["value"]) == ("unknown_account", "Salesforce ID", SUMMIT)
        assert (found["suggestions"], "is “Ñandú Wellness”" in found["message"]) == ([NANDU], True)

    def test_an_unknown_id_of_an_account_that_has_none(self) -> None:
        assert said(self.compare(("", "0000777", "rec-2", ""))) == {"new": 1}

    def test_a_row_without_any_id(self) -> None:
        assert codes(self.compare(("", "", "", ""))) == {2: ["no_id"]}

    def test_all_problems_of_a_row_come_at_once(self) -> None:
        one = self.sheets.compare((*TITLES[:1], "Email", "DNC"), (SUMMIT, "x", "perhaps"))
        assert codes(one) == {2: ["bad_email", "bad_yes_no", "unknown_account"]}

    def test_a_name_of_two_accounts(self, workspace: Workspace) -> None:
        AccountFactory(workspace=workspace, name="Willow Urgent-Care", search_name="willow urgent care", lms_id="9")
        found = problem(self.compare(("", "", "", "Willow Urgent Care")))
        assert (found["code"], sorted(found["suggestions"])) == ("ambiguous_account", [WILLOW, "9"])
        assert f"{WILLOW} is “Willow Urgent Care”" in found["message"]
        assert said(self.compare(("", "", "", WILLOW))) == {"new": 1}

    def test_no_column_for_the_account(self) -> None:
        one = self.sheets.compare(("Email", "Title"), ("rosa@example.org", "Owner"))
        assert one.state == "read"


class TestNearMisses:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, willow: Account, nandu: Account) -> None:
        self.sheets = Sheets(ops, "contacts")

    @pytest.mark.parametrize(
        ("title", "cell", "suggestion"),
        [
            ("Recurly ID", "rec-468382", "rec-468328"),
            ("LMS ID", 328, "0000323"),
            ("Salesforce ID", WILLOW[:14], WILLOW),
            ("Account ID", "REC468328", "rec-468328"),
            ("Account", "Wilow Urgent Care", "Willow Urgent Care"),
            ("Account", "Urgent Care Willow, Inc.", "Willow Urgent Care"),
            ("Account", "Nandu Welness", "Ñandú Wellness"),
        ],
    )
    def test_suggest_what_would_fix_the_cell(self, title: str, cell: Any, suggestion: str) -> None:
        found = problem(self.sheets.compare((title, "Email"), (cell, "rosa@example.org")))
        assert found["suggestions"][:1] == [suggestion]
        assert suggestion.startswith(("Willow", "Ñandú")) or "is “Willow Urgent Care”" in found["message"]

    def test_the_suggestion_fixes_the_cell(self) -> None:
        one = self.sheets.compare(("LMS ID", "Email"), (328, "rosa@example.org"))
        found = problem(one)
        one.fixes = [{"field": found["field"], "value": found["value"], "row": None, "use": found["suggestions"][0]}]
        one.state = "mapped"
        one.save()
        spool = services.examine(one.workspace_id, one.pk)
        assert spool is not None
        spool.close()
        one.refresh_from_db()
        assert said(one) == {"new": 1}

    def test_nothing_comes_near(self) -> None:
        found = problem(self.sheets.compare(("Account", "Email"), ("Quartz Pharmacy", "rosa@example.org")))
        assert found["suggestions"] == []

    def test_of_another_workspace_is_never_found_nor_suggested(self, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            AccountFactory(
                workspace=other_workspace,
                name="Canary Clinic",
                search_name="canary clinic",
                sf_id=SUMMIT,
                lms_id="0000555",
                billing_id="can-1",
            )
        titles = (*TITLES, "Account ID")
        one = self.sheets.compare(
            titles,
            (SUMMIT, "", "", "", "a@example.org", ""),
            ("", "0000555", "", "", "a@example.org", ""),
            ("", "", "can-1", "", "a@example.org", ""),
            ("", "", "", "Canary Clinic", "a@example.org", ""),
            ("", "", "", "", "a@example.org", "can-1"),
            ("", "", "can-11", "Canary Clinics", "a@example.org", ""),
        )
        assert said(one) == {"rejected": 6}
        assert all(found["values"][0]["suggestions"] == [] for found in one.problems)
        assert "is “Canary" not in str(one.problems)
