"""Contacts: whose they are, who they are, and what a sheet changes about them."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, Contact, FieldOwner
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member, Workspace
from tests.csworkbench.imports.sheets import WILLOW
from tests.factories import AccountFactory, ContactFactory

from .sheets import Sheets, codes, ledger, problem, rows_of, said

TITLES = ("Salesforce ID", "First name", "Last name", "Email", "Phone", "Title", "Areas", "Primary contact", "DNC")
ROSA = (WILLOW, "Rosa", "Vargas", "rosa@example.org", "932 758 0075 x12", "Owner", "Finance; training", "yes", "no")


@pytest.fixture
def sheets(ops: Member) -> Sheets:
    return Sheets(ops, "contacts")


class TestNew:
    def test_gets_what_the_file_says_and_defaults_for_the_rest(self, sheets: Sheets, willow: Account) -> None:
        one = sheets.apply(TITLES, ROSA)
        contact = Contact.objects.get()
        assert said(one) == {"new": 1}
        assert (contact.account_id, contact.name, contact.email) == (willow.pk, "Rosa Vargas", "rosa@example.org")
        assert (contact.phone, contact.phone_extension, contact.areas) == (
            "+19327580075",
            "12",
            ["finance", "training"],
        )
        assert (contact.is_primary, contact.is_decision_maker, contact.validity) == (True, False, "unknown")
        assert rows_of(one)[2].target_id == contact.pk

    def test_twice_is_once(self, sheets: Sheets, willow: Account) -> None:
        sheets.apply(TITLES, ROSA)
        before = ledger("accounts_contact")
        assert said(sheets.apply(TITLES, ROSA)) == {"unchanged": 1}
        assert (Contact.objects.count(), ledger("accounts_contact")) == (1, before)

    def test_a_name_in_one_column(self, sheets: Sheets, willow: Account) -> None:
        sheets.apply(("Account Name", "Contact Name", "Email"), ("Willow Urgent Care", "Vargas, Rosa", ""))
        assert Contact.objects.get().name == "Rosa Vargas"

    def test_needs_an_address_or_a_name(self, sheets: Sheets, willow: Account) -> None:
        one = sheets.compare(TITLES, (WILLOW, "", "", "", "", "Owner", "", "", ""))
        assert codes(one) == {2: ["missing_contact"]}


class TestKnown:
    @pytest.fixture(autouse=True)
    def setting(self, sheets: Sheets, willow: Account) -> None:
        self.sheets = sheets
        self.rosa = ContactFactory(account=willow, email="rosa@example.org", title="Owner")

    def changes(self, titles: tuple[str, ...], *row: Any) -> dict[str, Any]:
        one = self.sheets.compare(titles, row)
        found = rows_of(one)
        changes: dict[str, Any] = found[2].changes if found else {}
        return changes

    def test_by_address(self) -> None:
        titles = ("LMS ID", "Email", "First name", "Title")
        assert self.changes(titles, 323, "ROSA@example.org", "Rosita", "Manager") == {
            "first_name": ["Rosa", "Rosita"],
            "title": ["Owner", "Manager"],
        }

    def test_by_name_when_the_address_is_new(self) -> None:
        changes = self.changes(("Recurly ID", "Name", "Email"), "rec-468328", "rosa vargas", "rv@example.org")
        assert changes["email"] == ["rosa@example.org", "rv@example.org"]

    def test_a_blank_cell_never_erases(self) -> None:
        assert self.changes(TITLES, WILLOW, "Rosa", "", "rosa@example.org", "", "", "", "", "") == {}

    def test_areas_in_another_order_are_the_same(self) -> None:
        Contact.objects.update(areas=["finance", "compliance"])
        titles = ("Salesforce ID", "Email", "Areas")
        assert self.changes(titles, WILLOW, "rosa@example.org", "Compliance, Finance") == {}
        assert self.changes(titles, WILLOW, "rosa@example.org", "Compliance") == {
            "areas": [["finance", "compliance"], ["compliance"]]
        }

    def test_of_a_shared_mailbox_the_name_tells(self, willow: Account) -> None:
        dmitri = ContactFactory(account=willow, first_name="Dmitri", last_name="Haddad", email="rosa@example.org")
        titles = ("Salesforce ID", "First name", "Last name", "Email", "Title")
        one = self.sheets.compare(
            titles,
            (WILLOW, "Dmitri", "Haddad", "rosa@example.org", "Nurse"),
            (WILLOW, "Rosa", "Vargas", "rosa@example.org", "Owner"),
            (WILLOW, "Sven", "Moreau", "rosa@example.org", "Owner"),
        )
        assert rows_of(one)[2].target_id == dmitri.pk
        assert (said(one), codes(one)) == ({"changed": 1, "unchanged": 1, "rejected": 1}, {4: ["ambiguous"]})

    def test_of_another_account_stays_out(self, nandu: Account) -> None:
        ContactFactory(account=nandu, email="sven@example.org")
        assert self.sheets.counts(("Salesforce ID", "Email"), (WILLOW, "sven@example.org")) == {"new": 1}

    def test_changes_are_said_in_words(self) -> None:
        one = self.sheets.compare(
            ("Salesforce ID", "Email", "Areas", "DNC", "Validity", "Phone"),
            (WILLOW, "rosa@example.org", "Finance", "x", "on leave", "932 758 0075 x12"),
        )
        assert set(self.sheets.described(one)[2]) == {
            ("Phone", "", "+19327580075"),
            ("Extension", "", "12"),
            ("Validity", "Unknown", "On leave"),
            ("DNC", "No", "Yes"),
            ("Areas", "", "Finance"),
        }

    def test_an_edit_meanwhile_is_a_conflict(self) -> None:
        one = self.sheets.compare(("Salesforce ID", "Email", "Title"), (WILLOW, "rosa@example.org", "Manager"))
        Contact.objects.update(title="Nurse")
        assert said(self.sheets.approve(one)) == {"conflict": 1}
        assert Contact.objects.get().title == "Nurse"

    def test_someone_else_making_the_contact_is_a_conflict(self, willow: Account) -> None:
        one = self.sheets.compare(("Salesforce ID", "Email", "Title"), (WILLOW, "sven@example.org", "Manager"))
        ContactFactory(account=willow, email="sven@example.org", first_name="", last_name="", title="Nurse")
        assert said(self.sheets.approve(one)) == {"conflict": 1}
        assert Contact.objects.count() == 2


class TestPrimary:
    @pytest.fixture(autouse=True)
    def setting(self, sheets: Sheets, willow: Account) -> None:
        self.sheets = sheets
        self.rosa = ContactFactory(account=willow, email="rosa@example.org", is_primary=True)

    TITLES = ("Salesforce ID", "Email", "Primary contact")

    def primary(self) -> list[str]:
        return list(Contact.objects.filter(is_primary=True).values_list("email", flat=True))

    def test_a_new_one_takes_the_place_of_the_former(self) -> None:
        assert said(self.sheets.apply(self.TITLES, (WILLOW, "sven@example.org", "yes"))) == {"new": 1}
        assert (self.primary(), Contact.objects.count()) == (["sven@example.org"], 2)

    def test_a_known_one_takes_it_too(self, willow: Account) -> None:
        ContactFactory(account=willow, email="sven@example.org")
        rows = ((WILLOW, "rosa@example.org", "no"), (WILLOW, "sven@example.org", "yes"))
        assert said(self.sheets.apply(self.TITLES, *rows)) == {"changed": 2}
        assert self.primary() == ["sven@example.org"]
        assert said(self.sheets.apply(self.TITLES, *rows)) == {"unchanged": 2}

    def test_two_in_the_file_are_both_rejected(self) -> None:
        rows = ((WILLOW, "sven@example.org", "yes"), (WILLOW, "uma@example.org", "yes"))
        one = self.sheets.compare(self.TITLES, *rows)
        assert codes(one) == {2: ["two_primaries"], 3: ["two_primaries"]}
        assert "rows 2, 3" in problem(one)["message"]

    def test_the_former_in_a_later_chunk_is_no_conflict(self, willow: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("csworkbench.imports.services.applying.CHUNK_ROWS", 1)
        titles = (*self.TITLES, "Title")
        rows = ((WILLOW, "sven@example.org", "yes", "Owner"), (WILLOW, "rosa@example.org", "no", "Nurse"))
        assert said(self.sheets.apply(titles, *rows)) == {"new": 1, "changed": 1}
        assert (self.primary(), Contact.objects.get(pk=self.rosa.pk).title) == (["sven@example.org"], "Nurse")


class TestTwins:
    TITLES = ("Salesforce ID", "Name", "Email", "Title")

    def test_the_same_row_twice_is_applied_once(self, sheets: Sheets, willow: Account) -> None:
        row = (WILLOW, "Rosa Vargas", "rosa@example.org", "Owner")
        one = sheets.apply(self.TITLES, row, row)
        assert (said(one), Contact.objects.count()) == ({"new": 1, "duplicate": 1}, 1)
        assert "Row 2 is the same" in problem(one, 3)["message"]

    def test_other_values_in_the_second_are_said(self, sheets: Sheets, willow: Account) -> None:
        one = sheets.compare(
            self.TITLES, (WILLOW, "Rosa Vargas", "", "Owner"), (WILLOW, "Rosa Vargas", "rosa@example.org", "Owner")
        )
        assert said(one) == {"new": 1, "duplicate": 1}
        assert "with other values" in problem(one, 3)["message"]

    def test_a_rejected_first_row_does_not_count(self, sheets: Sheets, willow: Account) -> None:
        one = sheets.compare(
            (*self.TITLES, "DNC"),
            (WILLOW, "Rosa", "rosa@example.org", "", "maybe"),
            (WILLOW, "Rosa", "rosa@example.org", "", ""),
        )
        assert said(one) == {"rejected": 1, "new": 1}

    def test_one_person_at_two_accounts_is_two_contacts(self, sheets: Sheets, willow: Account, nandu: Account) -> None:
        rows = ((WILLOW, "Rosa", "rosa@example.org", ""), (nandu.sf_id, "Rosa", "rosa@example.org", ""))
        assert sheets.counts(self.TITLES, *rows) == {"new": 2}


class TestFieldsOfTheCrm:
    @pytest.fixture(autouse=True)
    def setting(self, sheets: Sheets, willow: Account, workspace: Workspace) -> None:
        self.sheets = sheets
        for field in ("title", "phone"):
            FieldOwner.objects.create(workspace=workspace, entity="contact", field=field)
        ContactFactory(account=willow, email="rosa@example.org", title="Owner")

    def row_of(self, *titles: str, row: tuple[Any, ...]) -> tuple[Import, Any]:
        one = self.sheets.compare(("Salesforce ID", "Email", *titles), (WILLOW, "rosa@example.org", *row))
        return one, rows_of(one)[2]

    def test_are_held_back(self) -> None:
        one, row = self.row_of("Title", "DNC", "Phone", row=("Nurse", "yes", "932 758 0075 x1"))
        assert (row.verdict, row.changes) == ("changed", {"dnc": [False, True]})
        assert row.held == {
            "title": ["Owner", "Nurse"],
            "phone": ["", "+19327580075"],
            "phone_extension": ["", "1"],
        }
        self.sheets.approve(one)
        contact = Contact.objects.get()
        assert (contact.dnc, contact.title, contact.phone) == (True, "Owner", "")

    def test_alone_make_a_row_of_their_own_sort(self) -> None:
        one, row = self.row_of("Title", row=("Nurse",))
        assert (said(one), row.changes, row.held) == ({"crm": 1}, {}, {"title": ["Owner", "Nurse"]})

    def test_are_written_where_the_crm_knows_nothing(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace, billing_id="rec-9")
        ContactFactory(account=account, email="sven@example.org", title="Owner")
        titles = ("Recurly ID", "Email", "Title")
        one = self.sheets.apply(titles, ("rec-9", "sven@example.org", "Nurse"))
        assert (said(one), Contact.objects.get(email="sven@example.org").title) == ({"changed": 1}, "Nurse")

    def test_come_with_a_new_contact(self) -> None:
        self.sheets.apply(("Salesforce ID", "Email", "Title"), (WILLOW, "sven@example.org", "Nurse"))
        assert Contact.objects.get(email="sven@example.org").title == "Nurse"
