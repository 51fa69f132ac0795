"""Saving a contact: the primary one, who knows the validity, and DNC with its reason."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Account, Contact
from accounts.people.services import save_contact
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.factories import AccountFactory, ContactFactory

pytestmark = pytest.mark.usefixtures("frozen")
TODAY = date(2026, 11, 23)


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace)


@pytest.fixture
def ada(account: Account) -> Contact:
    return ContactFactory(account=account, email="ada@example.org", validity="active", validity_source="lms",
                          validity_on=date(2026, 5, 1))  # fmt: skip


def save(actor: Member, contact: Contact, **fields: object) -> Contact:
    for name, value in fields.items():
        setattr(contact, name, value)
    save_contact(actor=actor, contact=contact, fields=list(fields))
    contact.refresh_from_db()
    return contact


class TestPrimary:
    def test_takes_the_place_of_the_one_before(self, account: Account, ada: Contact, csm: Member) -> None:
        before = ContactFactory(account=account, is_primary=True)
        save(csm, ada, is_primary=True)
        assert list(account.contacts.filter(is_primary=True)) == [ada]
        before.refresh_from_db()
        assert not before.is_primary

    def test_saved_again_changes_nobody_else(self, account: Account, csm: Member) -> None:
        contact = ContactFactory(account=account, is_primary=True)
        save(csm, contact, is_primary=True)
        assert Contact.objects.get(is_primary=True) == contact

    def test_another_accounts_primary_contact_stays(self, workspace: Workspace, ada: Contact, csm: Member) -> None:
        other = ContactFactory(account=AccountFactory(workspace=workspace), is_primary=True)
        save(csm, ada, is_primary=True)
        other.refresh_from_db()
        assert other.is_primary

    def test_what_somebody_else_changed_meanwhile_stays(self, ada: Contact, csm: Member) -> None:
        Contact.objects.update(dnc=True, dnc_reason="Asked", validity="terminated")
        save(csm, ada, title="Nurse")
        assert (ada.title, ada.dnc, ada.dnc_reason, ada.validity) == ("Nurse", True, "Asked", "terminated")

    def test_whose_place_was_taken_meanwhile_takes_nobody_elses(self, account: Account, csm: Member) -> None:
        contact = ContactFactory(account=account, is_primary=True)
        Contact.objects.update(is_primary=False)
        new = ContactFactory(account=account, is_primary=True)
        save(csm, contact, title="Nurse")
        assert Contact.objects.get(is_primary=True) == new


class TestValidity:
    def test_a_change_by_hand_is_known_from_the_member_today(self, ada: Contact, csm: Member) -> None:
        save(csm, ada, validity="on_leave")
        assert (ada.validity, ada.validity_source, ada.validity_on) == ("on_leave", "member", TODAY)

    def test_a_day_that_was_named_counts(self, ada: Contact, csm: Member) -> None:
        save(csm, ada, validity="terminated", validity_on=date(2026, 11, 1))
        assert (ada.validity_source, ada.validity_on) == ("member", date(2026, 11, 1))

    def test_an_edit_of_something_else_leaves_it_known_as_it_was(self, ada: Contact, csm: Member) -> None:
        save(csm, ada, title="Nurse")
        assert (ada.validity_source, ada.validity_on) == ("lms", date(2026, 5, 1))

    def test_unknown_is_known_from_nobody(self, ada: Contact, csm: Member) -> None:
        save(csm, ada, validity="unknown")
        assert (ada.validity_source, ada.validity_on) == ("", None)

    def test_nothing_came_back_from_a_new_address_yet(self, account: Account, csm: Member) -> None:
        contact = ContactFactory(account=account, validity="bounced", validity_source="bounce", validity_on=TODAY)
        save(csm, contact, email="new@example.org")
        assert (contact.validity, contact.validity_source, contact.validity_on) == ("unknown", "", None)


class TestDnc:
    def test_asks_for_a_reason(self, ada: Contact, csm: Member) -> None:
        ada.dnc = True
        with pytest.raises(ValidationError, match="Say why"):
            save_contact(actor=csm, contact=ada, fields=["dnc"])
        assert not Contact.objects.get().dnc

    def test_is_stamped_with_the_day(self, ada: Contact, csm: Member) -> None:
        save(csm, ada, dnc=True, dnc_reason="Asked by phone")
        assert (ada.dnc, ada.dnc_since, ada.dnc_reason) == (True, TODAY, "Asked by phone")

    def test_another_reason_keeps_the_day(self, ada: Contact, csm: Member) -> None:
        Contact.objects.update(dnc=True, dnc_reason="Asked", dnc_since=date(2026, 1, 5))
        ada.refresh_from_db()
        save(csm, ada, dnc_reason="Asked by their lawyer")
        assert (ada.dnc_since, ada.dnc_reason) == (date(2026, 1, 5), "Asked by their lawyer")

    def test_clearing_it_stands_in_the_ledger(self, ada: Contact, csm: Member) -> None:
        save(csm, ada, dnc=True, dnc_reason="Asked by phone")
        save(csm, ada, dnc=False)
        assert (ada.dnc_since, ada.dnc_reason) == (None, "")
        entry = HistoryEntry.objects.filter(row_id=ada.pk).latest("id")
        assert entry.changes["dnc"] == [True, False]
        assert entry.changes["dnc_reason"] == ["Asked by phone", ""]
        assert entry.changes["dnc_since"] == ["2026-11-23", None]
