"""Noting what sources say, and what a member decides about it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Contact, Difference, Interaction
from accounts.people.decisions import Conflict, accept_differences, keep_differences, undo_decision
from accounts.people.differences import Said, note_differences
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.accounts.importing.children.sheets import ledger
from tests.factories import AccountFactory, ContactFactory


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace)


@pytest.fixture
def ada(account: Account) -> Contact:
    return ContactFactory(account=account, first_name="Ada", last_name="Gallo", email="ada@example.org", title="Owner")


def note(contact: Contact, source: str = "lms", **values: str) -> int:
    said = Said(account=contact.account_id, contact=contact.pk, values=values)
    return note_differences(workspace=contact.workspace, source=source, rows=[said])


def note_person(account: Account, **values: str) -> int:
    return note_differences(workspace=account.workspace, source="lms", rows=[Said(account.pk, None, values)])


def decisions() -> dict[tuple[str, str], str]:
    return {(one.source, one.field): one.decision for one in Difference.objects.all()}


class TestNoting:
    def test_what_is_said_otherwise_is_open(self, ada: Contact) -> None:
        assert note(ada, email="a.gallo@example.org", title="owner", first_name="Ada", phone="") == 1
        (found,) = Difference.objects.all()
        assert (found.field, found.value, found.decision) == ("email", "a.gallo@example.org", "open")
        ada.refresh_from_db()
        assert ada.email == "ada@example.org"

    def test_twice_is_once(self, ada: Contact) -> None:
        note(ada, title="Nurse")
        before = ledger("accounts_difference")
        assert note(ada, title="Nurse") == 0
        assert ledger("accounts_difference") == before

    def test_the_same_again_is_gone(self, ada: Contact) -> None:
        note(ada, title="Nurse")
        note(ada, title="Owner")
        assert decisions() == {("lms", "title"): "gone"}
        assert note(ada, title="Owner") == 0

    def test_each_source_has_a_say_of_its_own(self, ada: Contact) -> None:
        note(ada, title="Nurse")
        note(ada, "crm", title="Doctor")
        assert decisions() == {("lms", "title"): "open", ("crm", "title"): "open"}

    def test_kept_stays_kept_until_something_new_is_said(self, ada: Contact, csm: Member) -> None:
        note(ada, title="Nurse")
        keep_differences(actor=csm, chosen=Difference.objects.all())
        assert note(ada, title="Nurse") == 0
        assert decisions() == {("lms", "title"): "kept"}
        note(ada, title="Doctor")
        found = Difference.objects.get()
        assert (found.decision, found.value, found.decided_by) == ("open", "Doctor", None)

    def test_somebody_on_leave_has_an_active_login(self, ada: Contact) -> None:
        Contact.objects.update(validity="on_leave")
        assert note(ada, validity="active") == 0
        assert note(ada, validity="terminated") == 1

    def test_a_person_nobody_knows_is_a_difference_without_a_contact(self, account: Account) -> None:
        assert note_person(account, email="Sven@Example.org", first_name="Sven", last_name="Moreau") == 1
        found = Difference.objects.get()
        assert (found.contact, found.field, found.value) == (None, "person", "sven@example.org")
        assert found.details == {"first_name": "Sven", "last_name": "Moreau"}
        assert note_person(account, email="sven@example.org", first_name="Sven", last_name="Moreau") == 0

    def test_who_became_a_contact_is_unknown_no_longer(self, account: Account) -> None:
        note_person(account, email="sven@example.org")
        contact = ContactFactory(account=account, email="sven@example.org")
        note(contact, email="sven@example.org")
        assert decisions() == {("lms", "person"): "gone"}

    def test_rows_of_another_workspace_are_passed_over(self, ada: Contact, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            foreign = ContactFactory(account=AccountFactory(workspace=other_workspace))
        rows = [Said(ada.account_id, foreign.pk, {"title": "x"}), Said(foreign.account_id, foreign.pk, {"title": "x"})]
        assert note_differences(workspace=ada.workspace, source="lms", rows=rows) == 0

    def test_the_number_of_statements_is_constant(self, account: Account) -> None:
        people = [ContactFactory(account=account) for _ in range(60)]

        def statements(some: list[Contact]) -> int:
            rows = [Said(account.pk, one.pk, {"title": "Nurse"}) for one in some]
            with CaptureQueriesContext(connection) as captured:
                assert note_differences(workspace=account.workspace, source="crm", rows=rows) == len(some)
            return len(captured)

        assert statements(people[:2]) == statements(people[2:])

    def test_a_member_is_no_source(self, ada: Contact) -> None:
        with pytest.raises(ValueError, match="no source"):
            note(ada, "member", title="Nurse")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(said=st.lists(st.sampled_from(["Owner", "Nurse", "Doctor", "owner"]), max_size=6))
def test_only_the_last_word_of_a_source_counts(ada: Contact, said: list[str]) -> None:
    Difference.objects.all().delete()
    for title in said:
        note(ada, title=title)
        assert note(ada, title=title) == 0
    found = list(Difference.objects.values_list("value", "decision"))
    if said and said[-1].lower() != "owner":
        assert found == [(said[-1], "open")]
    else:
        assert {decision for _, decision in found} <= {"gone"}


class TestAccepting:
    def test_writes_the_field_as_the_members_change(self, ada: Contact, csm: Member) -> None:
        note(ada, title="Nurse", email="a.gallo@example.org")
        assert accept_differences(actor=csm, chosen=Difference.objects.all()).decided == 2
        ada.refresh_from_db()
        assert (ada.title, ada.email) == ("Nurse", "a.gallo@example.org")
        assert set(decisions().values()) == {"accepted"}
        assert note(ada, title="Nurse") == 0

    def test_a_validity_is_known_from_the_member(self, ada: Contact, csm: Member) -> None:
        note(ada, validity="terminated")
        accept_differences(actor=csm, chosen=Difference.objects.all())
        ada.refresh_from_db()
        assert (ada.validity, ada.validity_source, ada.validity_on) == ("terminated", "member", csm.workspace.today)

    def test_two_words_about_one_field_are_both_left(self, ada: Contact, csm: Member) -> None:
        note(ada, title="Nurse")
        note(ada, "crm", title="Doctor")
        done = accept_differences(actor=csm, chosen=Difference.objects.all())
        assert (done.decided, done.left) == (0, 2)

    def test_who_said_the_same_differs_no_more(self, ada: Contact, csm: Member) -> None:
        note(ada, title="Nurse")
        note(ada, "crm", title="nurse")
        accept_differences(actor=csm, chosen=Difference.objects.filter(source="lms"))
        assert decisions() == {("lms", "title"): "accepted", ("crm", "title"): "gone"}

    def test_an_unknown_person_becomes_a_contact(self, account: Account, csm: Member) -> None:
        note_person(account, email="sven@example.org", first_name="Sven", validity="active")
        accept_differences(actor=csm, chosen=Difference.objects.all())
        contact = Contact.objects.get()
        assert (contact.name, contact.email, contact.validity) == ("Sven", "sven@example.org", "active")
        assert contact.validity_source == "lms"

    def test_somebody_who_is_there_by_now_is_not_added_again(self, account: Account, csm: Member) -> None:
        note_person(account, email="sven@example.org")
        ContactFactory(account=account, email="sven@example.org")
        accept_differences(actor=csm, chosen=Difference.objects.all())
        assert Contact.objects.count() == 1
        assert decisions() == {("lms", "person"): "gone"}

    def test_twice_decides_nothing_more(self, ada: Contact, csm: Member) -> None:
        note(ada, title="Nurse")
        accept_differences(actor=csm, chosen=Difference.objects.all())
        assert accept_differences(actor=csm, chosen=Difference.objects.all()).decided == 0
        assert keep_differences(actor=csm, chosen=Difference.objects.all()).decided == 0


class TestUndoing:
    def test_gives_the_field_back(self, ada: Contact, csm: Member) -> None:
        Contact.objects.update(validity="bounced", validity_source="bounce")
        note(ada, email="a.gallo@example.org")
        accept_differences(actor=csm, chosen=Difference.objects.all())
        ada.refresh_from_db()
        assert (ada.email, ada.validity) == ("a.gallo@example.org", "unknown")
        undo_decision(actor=csm, difference=Difference.objects.get())
        ada.refresh_from_db()
        assert (ada.email, ada.validity, ada.validity_source) == ("ada@example.org", "bounced", "bounce")
        assert decisions() == {("lms", "email"): "open"}

    def test_a_field_that_was_changed_since_stays(self, ada: Contact, csm: Member) -> None:
        note(ada, title="Nurse")
        accept_differences(actor=csm, chosen=Difference.objects.all())
        Contact.objects.update(title="Doctor")
        with pytest.raises(Conflict, match="Doctor"):
            undo_decision(actor=csm, difference=Difference.objects.get())

    def test_what_was_kept_is_open_again(self, ada: Contact, csm: Member) -> None:
        note(ada, title="Nurse")
        keep_differences(actor=csm, chosen=Difference.objects.all())
        undo_decision(actor=csm, difference=Difference.objects.get())
        assert decisions() == {("lms", "title"): "open"}

    def test_an_added_contact_goes_unless_somebody_went_on_with_them(self, account: Account, csm: Member) -> None:
        for local in ("sven", "uma"):
            note_person(account, email=f"{local}@example.org")
        accept_differences(actor=csm, chosen=Difference.objects.all())
        uma = Contact.objects.get(email="uma@example.org")
        Interaction.objects.create(workspace=account.workspace, account=account, contact=uma, kind="call")
        with pytest.raises(Conflict):
            undo_decision(actor=csm, difference=Difference.objects.get(value="uma@example.org"))
        undo_decision(actor=csm, difference=Difference.objects.get(value="sven@example.org"))
        assert list(Contact.objects.all()) == [uma]

    def test_a_second_time_is_a_conflict(self, ada: Contact, csm: Member) -> None:
        note(ada, title="Nurse")
        accept_differences(actor=csm, chosen=Difference.objects.all())
        found = Difference.objects.get()
        undo_decision(actor=csm, difference=found)
        with pytest.raises(Conflict):
            undo_decision(actor=csm, difference=found)
        assert HistoryEntry.objects.filter(row_id=ada.pk, operation="update").count() == 2
