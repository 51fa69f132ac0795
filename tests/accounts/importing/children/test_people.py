"""People as other systems know them: differences for a decision, the LMS's validity, and no contact changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import Account, Contact, Difference
from csworkbench.tenancy.models import Member
from tests.csworkbench.imports.sheets import WILLOW
from tests.factories import ContactFactory

from .sheets import Sheets, codes, ledger, said

TITLES = ("Salesforce ID", "Known by", "Email", "First name", "Last name", "Title", "Active", "Last active")


@pytest.fixture
def sheets(ops: Member) -> Sheets:
    return Sheets(ops, "people")


@pytest.fixture
def rosa(willow: Account) -> Contact:
    return ContactFactory(account=willow, email="rosa@example.org", title="Owner", phone="+19294753141")


def row(*cells: Any, source: str = "LMS") -> tuple[Any, ...]:
    return (WILLOW, source, *cells)


def differing() -> dict[str, tuple[str, str]]:
    return {one.field: (one.value, one.decision) for one in Difference.objects.all()}


class TestDifferences:
    def test_what_differs_is_listed_and_no_field_written(self, sheets: Sheets, rosa: Contact) -> None:
        one = sheets.apply(TITLES, row("rosa@example.org", "Rosita", "VARGAS", "Nurse", "", ""))
        assert said(one) == {"changed": 1}
        assert differing() == {"first_name": ("Rosita", "open"), "title": ("Nurse", "open")}
        rosa.refresh_from_db()
        assert (rosa.first_name, rosa.title) == ("Rosa", "Owner")
        assert set(sheets.described(one)[2]) == {
            ("First name (LMS)", "Rosa", "Rosita"),
            ("Title (LMS)", "Owner", "Nurse"),
        }

    def test_twice_is_once(self, sheets: Sheets, rosa: Contact) -> None:
        cells = row("rosa@example.org", "Rosita", "", "Nurse", "yes", "2026-11-02")
        sheets.apply(TITLES, cells)
        before = ledger("accounts_difference")
        assert said(sheets.apply(TITLES, cells)) == {"unchanged": 1}
        assert ledger("accounts_difference") == before

    def test_by_name_the_address_differs(self, sheets: Sheets, rosa: Contact) -> None:
        sheets.apply(TITLES, row("r.vargas@example.org", "rosa", "vargas", "", "", ""))
        assert differing() == {"email": ("r.vargas@example.org", "open")}

    def test_by_the_login_names_and_address_differ(self, sheets: Sheets, rosa: Contact) -> None:
        Contact.objects.update(lms_user_id="88121")
        titles = ("Salesforce ID", "Known by", "LMS user ID", "Email", "First name", "Last name")
        sheets.apply(titles, (WILLOW, "lms", "88121", "rb@example.org", "Rosa", "Berg"))
        assert set(differing()) == {"email", "last_name"}

    def test_what_agrees_again_is_gone(self, sheets: Sheets, rosa: Contact) -> None:
        sheets.apply(TITLES, row("rosa@example.org", "", "", "Nurse", "", ""))
        one = sheets.apply(TITLES, row("rosa@example.org", "", "", "Owner", "", ""))
        assert differing() == {"title": ("Owner", "gone")}
        assert sheets.described(one)[2] == [("Title agrees again (LMS)", "Nurse", "Owner")]

    def test_two_systems_speak_of_one_person(self, sheets: Sheets, rosa: Contact) -> None:
        one = sheets.apply(
            TITLES,
            row("rosa@example.org", "", "", "Nurse", "", ""),
            row("rosa@example.org", "", "", "Doctor", "", "", source="Salesforce"),
        )
        assert said(one) == {"changed": 2}
        assert set(Difference.objects.values_list("source", "value")) == {("lms", "Nurse"), ("crm", "Doctor")}

    def test_one_system_twice_in_a_file_counts_once(self, sheets: Sheets, rosa: Contact) -> None:
        one = sheets.apply(
            TITLES,
            row("rosa@example.org", "", "", "Nurse", "", ""),
            row("rosa@example.org", "", "", "Doctor", "", ""),
        )
        assert said(one) == {"changed": 1, "duplicate": 1}
        assert differing() == {"title": ("Nurse", "open")}

    def test_the_system_must_be_said(self, sheets: Sheets, rosa: Contact) -> None:
        assert sheets.compare(("Salesforce ID", "Email"), (WILLOW, "rosa@example.org")).state == "read"
        one = sheets.compare(TITLES, row("rosa@example.org", "", "", "Nurse", "", "", source="Fax"))
        assert codes(one) == {2: ["unknown_choice"]}

    def test_a_decision_meanwhile_is_a_conflict(self, sheets: Sheets, rosa: Contact) -> None:
        one = sheets.compare(TITLES, row("rosa@example.org", "", "", "Nurse", "", ""))
        Contact.objects.update(title="Nurse")
        assert said(sheets.approve(one)) in ({"conflict": 1}, {"unchanged": 1})
        assert not Difference.objects.exists()


class TestStrangers:
    def test_a_person_nobody_knows_is_listed(self, sheets: Sheets, willow: Account) -> None:
        one = sheets.apply(TITLES, row("sven@example.org", "Sven", "Moreau", "Nurse", "yes", "2026-11-02"))
        found = Difference.objects.get()
        assert (found.field, found.value, found.contact, found.account) == ("person", "sven@example.org", None, willow)
        assert found.details == {
            "first_name": "Sven", "last_name": "Moreau", "title": "Nurse", "validity": "active",
            "last_active_on": "2026-11-02",
        }  # fmt: skip
        assert sheets.described(one)[2] == [("Unknown person (LMS)", "", "sven@example.org")]
        assert not Contact.objects.exists()

    def test_who_left_and_is_unknown_is_no_news(self, sheets: Sheets, willow: Account) -> None:
        assert sheets.counts(TITLES, row("sven@example.org", "", "", "", "no", "")) == {"unchanged": 1}

    def test_who_became_a_contact_is_known(self, sheets: Sheets, willow: Account) -> None:
        cells = row("sven@example.org", "", "", "", "", "")
        sheets.apply(TITLES, cells)
        ContactFactory(account=willow, email="sven@example.org")
        sheets.apply(TITLES, cells)
        assert differing() == {"person": ("sven@example.org", "gone")}


class TestValidity:
    def known(self, contact: Contact) -> tuple[str, str, date | None]:
        contact.refresh_from_db()
        return contact.validity, contact.validity_source, contact.validity_on

    def test_the_lms_makes_it_known(self, sheets: Sheets, rosa: Contact) -> None:
        one = sheets.apply(TITLES, row("rosa@example.org", "", "", "", "yes", "2026-11-02"))
        assert self.known(rosa) == ("active", "lms", date(2026, 11, 2))
        assert sheets.described(one)[2] == [("Validity", "Unknown", "Active")]
        assert not Difference.objects.exists()

    def test_a_login_that_ended_terminates(self, sheets: Sheets, rosa: Contact, ops: Member) -> None:
        sheets.apply(TITLES, row("rosa@example.org", "", "", "", "deactivated", ""))
        assert self.known(rosa) == ("terminated", "lms", ops.workspace.today)

    def test_the_crm_makes_a_difference_only(self, sheets: Sheets, rosa: Contact) -> None:
        sheets.apply(TITLES, row("rosa@example.org", "", "", "", "no", "", source="CRM"))
        assert self.known(rosa)[0] == "unknown"
        assert differing() == {"validity": ("terminated", "open")}

    @pytest.mark.parametrize(("active_on", "written"), [("2026-11-09", False), ("2026-11-11", True), ("", False)])
    def test_a_member_who_judged_later_has_the_last_word(
        self, sheets: Sheets, rosa: Contact, active_on: str, written: bool
    ) -> None:
        Contact.objects.update(validity="terminated", validity_source="member", validity_on=date(2026, 11, 10))
        sheets.apply(TITLES, row("rosa@example.org", "", "", "", "yes", active_on))
        assert (self.known(rosa)[0] == "active") is written
        assert ("validity" in differing()) is not written

    @pytest.mark.parametrize("validity", ["bounced", "on_leave"])
    def test_a_login_undoes_neither_a_bounce_nor_a_leave(self, sheets: Sheets, rosa: Contact, validity: str) -> None:
        Contact.objects.update(validity=validity, validity_source="bounce")
        sheets.apply(TITLES, row("rosa@example.org", "", "", "", "yes", "2026-11-11"))
        assert self.known(rosa)[0] == validity

    def test_what_it_makes_known_differs_no_more(self, sheets: Sheets, rosa: Contact) -> None:
        Contact.objects.update(validity="terminated", validity_source="member", validity_on=date(2026, 11, 10))
        sheets.apply(TITLES, row("rosa@example.org", "", "", "", "yes", ""))
        sheets.apply(TITLES, row("rosa@example.org", "", "", "", "yes", "2026-11-12"))
        assert differing() == {"validity": ("active", "gone")}


class TestUndo:
    def test_takes_validity_and_differences_back(self, sheets: Sheets, rosa: Contact, willow: Account) -> None:
        one = sheets.apply(
            TITLES,
            row("rosa@example.org", "", "", "Nurse", "yes", "2026-11-02"),
            row("sven@example.org", "", "", "", "yes", ""),
        )
        undone = sheets.undo(one)
        assert (undone.undone_rows, undone.kept_rows) == (2, 0)
        rosa.refresh_from_db()
        assert (rosa.validity, rosa.validity_source, rosa.validity_on) == ("unknown", "", None)
        assert not Difference.objects.exists()

    def test_a_contact_that_an_import_made_goes_with_what_is_said_of_them(self, ops: Member, willow: Account) -> None:
        contacts = Sheets(ops, "contacts")
        one = contacts.apply(("Salesforce ID", "Email", "Title"), (WILLOW, "sven@example.org", "Owner"))
        people = Sheets(ops, "people")
        people.apply(TITLES, row("sven@example.org", "", "", "Nurse", "", ""))
        assert contacts.undo(one).undone_rows == 1
        assert not Contact.objects.exists()
        assert not Difference.objects.exists()
