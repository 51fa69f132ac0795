"""Opportunities: known by their own Salesforce ID, else by name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import Account, FieldOwner, Opportunity
from csworkbench.imports import services
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.imports.sheets import SUMMIT, WILLOW
from tests.factories import AccountFactory, make_member

from .sheets import Sheets, codes, ledger, problem, rows_of, said

TITLES = (
    "Opportunity ID",
    "Opportunity Name",
    "Account Name",
    "Stage",
    "MRR",
    "Close Date",
    "Opportunity Owner",
    "Type",
)
OWN = SUMMIT
OTHER = WILLOW
ROW = (OWN, "Willow 2027", "Willow Urgent Care", "Prospect", "450", "2026-12-31", "Keiko Ueda", "Upsell")


@pytest.fixture
def sheets(ops: Member, keiko: Member, willow: Account) -> Sheets:
    return Sheets(ops, "opportunities")


def made(account: Account, **fields: Any) -> Opportunity:
    return Opportunity.objects.create(workspace=account.workspace, account=account, **{"name": "Willow 2027"} | fields)


class TestNew:
    def test_gets_what_the_file_says(self, sheets: Sheets, willow: Account, keiko: Member) -> None:
        titles = (*TITLES, "CSM", "Lead Source", "Next Step", "Category", "OTR")
        one = sheets.apply(titles, (*ROW, "Ueda, Keiko", "Customer Upsell", "Send the quote", "hot", 12))
        found = Opportunity.objects.get()
        assert (said(one), rows_of(one)[2].target_id) == ({"new": 1}, found.pk)
        assert (found.account_id, found.name, found.sf_id, found.stage) == (willow.pk, "Willow 2027", OWN, "Prospect")
        assert (found.state, found.kind, found.category, found.currency) == ("open", "expansion", "hot", "USD")
        assert (found.mrr_minor, found.otr_minor, found.closes_on) == (45000, 1200, date(2026, 12, 31))
        assert (found.owner_id, found.originator_id) == (keiko.pk, keiko.pk)
        assert (found.lead_source, found.next_step) == ("Customer Upsell", "Send the quote")

    def test_twice_is_once(self, sheets: Sheets) -> None:
        sheets.apply(TITLES, ROW)
        before = ledger("accounts_opportunity")
        assert said(sheets.apply(TITLES, ROW)) == {"unchanged": 1}
        assert (Opportunity.objects.count(), ledger("accounts_opportunity")) == (1, before)

    def test_a_closed_stage_sets_the_state(self, sheets: Sheets) -> None:
        rows = [(f"Deal {stage}", "Willow Urgent Care", stage) for stage in ("Closed Won", "closed lost", "Demo")]
        sheets.apply(("Opportunity", "Account", "Stage"), *rows)
        found = dict(Opportunity.objects.values_list("stage", "state"))
        assert found == {"Closed Won": "won", "closed lost": "lost", "Demo": "open"}

    def test_needs_a_name(self, sheets: Sheets) -> None:
        assert codes(sheets.compare(TITLES, (OWN, "", *ROW[2:]))) == {2: ["missing_name"]}
        assert codes(sheets.compare(TITLES, ("", "", *ROW[2:]))) == {2: ["missing_opportunity"]}

    def test_its_account_by_salesforce_id(self, sheets: Sheets, willow: Account) -> None:
        sheets.apply(("Salesforce ID", "Name", "Account Salesforce ID"), (OWN, "Willow 2027", WILLOW))
        assert Opportunity.objects.get().account_id == willow.pk

    def test_another_workspaces_members_and_opportunities_stay_out(
        self, sheets: Sheets, other_workspace: Workspace
    ) -> None:
        with workspace_scope(other_workspace.pk):
            make_member(other_workspace, "Keiko Uedo", roles=["csm"])
            made(AccountFactory(workspace=other_workspace), sf_id=OWN)
        one = sheets.compare(TITLES, ROW, (OTHER, *ROW[1:6], "Keiko Uedo", ""))
        assert said(one) == {"new": 1, "rejected": 1}
        assert (problem(one, 3)["code"], problem(one, 3)["suggestions"]) == ("unknown_member", ["Keiko Ueda"])


class TestKnown:
    @pytest.fixture(autouse=True)
    def setting(self, sheets: Sheets, willow: Account) -> None:
        self.sheets, self.willow = sheets, willow

    def test_by_its_id_whatever_its_name(self) -> None:
        known = made(self.willow, sf_id=OWN, name="Renewal", mrr_minor=45000)
        one = self.sheets.compare(TITLES[:5], ROW[:5])
        assert rows_of(one)[2].target_id == known.pk
        assert rows_of(one)[2].changes == {"name": ["Renewal", "Willow 2027"], "stage": ["", "Prospect"]}

    def test_by_its_name_without_an_id(self, keiko: Member) -> None:
        made(self.willow, sf_id=OWN)
        one = self.sheets.apply(TITLES, ("", "willow 2027", *ROW[2:]))
        assert said(one) == {"changed": 1}
        assert set(self.sheets.described(one)[2]) == {
            ("Opportunity", "Willow 2027", "willow 2027"),
            ("Stage", "", "Prospect"),
            ("MRR", "$0.00", "$450.00"),
            ("Closes on", "", "2026-12-31"),
            ("Owner", "", "Keiko Ueda"),
        }

    def test_one_made_here_gets_its_id(self) -> None:
        known = made(self.willow)
        one = self.sheets.apply(TITLES[:3], ROW[:3], (OTHER, *ROW[1:3]))
        assert said(one) == {"changed": 1, "new": 1}
        assert Opportunity.objects.get(sf_id=OWN).pk == known.pk
        assert self.sheets.counts(TITLES[:3], ROW[:3], (OTHER, *ROW[1:3])) == {"unchanged": 2}

    def test_one_of_another_id_is_another_one(self) -> None:
        made(self.willow, sf_id=OTHER)
        assert self.sheets.counts(TITLES[:3], ROW[:3]) == {"new": 1}

    def test_of_another_account_is_refused(self, nandu: Account) -> None:
        made(nandu, sf_id=OWN)
        found = problem(self.sheets.compare(TITLES[:3], ROW[:3]))
        assert (found["code"], found["column"], found["value"]) == ("id_conflict", "Opportunity ID", OWN)
        assert "Ñandú Wellness" in found["message"]

    def test_a_name_of_two_is_ambiguous(self) -> None:
        made(self.willow, sf_id=OWN)
        made(self.willow, sf_id=OTHER)
        assert codes(self.sheets.compare(TITLES[:3], ("", *ROW[1:3]))) == {2: ["ambiguous"]}

    def test_a_blank_cell_never_erases(self) -> None:
        made(self.willow, sf_id=OWN, stage="Demo", mrr_minor=1, closes_on=date(2027, 1, 1))
        assert self.sheets.counts(TITLES, (*ROW[:3], "", "", "", "", "")) == {"unchanged": 1}

    def test_an_edit_meanwhile_is_a_conflict(self) -> None:
        made(self.willow, sf_id=OWN, mrr_minor=5)
        one = self.sheets.compare(TITLES[:5], ROW[:5])
        Opportunity.objects.update(stage="Demo")
        assert said(self.sheets.approve(one)) == {"conflict": 1}

    def test_someone_else_making_it_is_a_conflict(self) -> None:
        one = self.sheets.compare(TITLES[:5], ROW[:5])
        made(self.willow, sf_id=OWN, stage="Demo")
        assert said(self.sheets.approve(one)) == {"conflict": 1}


class TestTwins:
    def test_the_same_again_and_with_other_values(self, sheets: Sheets) -> None:
        one = sheets.compare(TITLES, ROW, ROW, (*ROW[:3], "Demo", *ROW[4:]))
        assert said(one) == {"new": 1, "duplicate": 2}
        assert ["with other values" in problem(one, row)["message"] for row in (3, 4)] == [False, True]

    @pytest.mark.parametrize("turned", [False, True])
    def test_a_row_without_id_is_the_one_of_its_name(self, sheets: Sheets, turned: bool) -> None:
        rows = (ROW[:3], ("", *ROW[1:3]))
        one = sheets.compare(TITLES[:3], *(reversed(rows) if turned else rows))
        assert said(one) == {"new": 1, "duplicate": 1}
        assert rows_of(one)[2 if turned else 3].verdict == "duplicate"

    def test_two_ids_of_one_name_are_two(self, sheets: Sheets) -> None:
        assert sheets.counts(TITLES[:3], ROW[:3], (OTHER, *ROW[1:3])) == {"new": 2}


class TestFieldsOfTheCrm:
    @pytest.fixture(autouse=True)
    def setting(self, sheets: Sheets, willow: Account, workspace: Workspace) -> None:
        self.sheets, self.willow = sheets, willow
        FieldOwner.objects.create(workspace=workspace, entity="opportunity", field="stage")
        FieldOwner.objects.create(workspace=workspace, entity="contact", field="name")

    def test_are_held_back_where_the_crm_knows_it(self) -> None:
        made(self.willow, sf_id=OWN, stage="Demo")
        one = self.sheets.compare(TITLES[:4], ROW[:4])
        row = rows_of(one)[2]
        assert (said(one), row.changes, row.held) == ({"crm": 1}, {}, {"stage": ["Demo", "Prospect"]})

    def test_are_written_where_it_does_not(self) -> None:
        made(self.willow, stage="Demo")
        one = self.sheets.apply(("Opportunity", "Account", "Stage"), ROW[1:4])
        assert (said(one), Opportunity.objects.get().stage) == ({"changed": 1}, "Prospect")

    def test_come_with_a_new_one(self) -> None:
        self.sheets.apply(TITLES, ROW)
        assert Opportunity.objects.get().stage == "Prospect"

    def test_are_written_when_a_person_says_so(self) -> None:
        made(self.willow, sf_id=OWN, stage="Demo")
        one = self.sheets.compare(TITLES[:4], ROW[:4])
        one.overwrites_crm, one.state = True, "mapped"
        one.save()
        spool = services.examine(one.workspace_id, one.pk)
        assert spool is not None
        spool.close()
        one.refresh_from_db()
        assert said(self.sheets.approve(one)) == {"changed": 1}
        assert Opportunity.objects.get().stage == "Prospect"
