"""The gate: who may be contacted which way, and that the query says the same as the row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.entries.services import correct_entry, state_of
from accounts.models import Account, Contact
from accounts.people.contacting import (
    DoNotContact,
    Way,
    mail_link,
    may_be_mailed,
    may_contact,
    phone_link,
    refuse_logging,
    why_not_contact,
)
from accounts.services import log_interaction
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory, ContactFactory


def person(**fields: object) -> Contact:
    values = {"first_name": "Ada", "last_name": "Gallo", "email": "ada@example.org", "phone": "+19294753141"}
    return Contact(**(values | {"dnc_reason": "", "phone_extension": ""} | fields))


class TestOnePerson:
    @pytest.mark.parametrize(
        ("fields", "mail", "call"),
        [
            ({}, True, True),
            ({"validity": "on_leave"}, True, True),
            ({"validity": "unknown"}, True, True),
            ({"validity": "bounced"}, False, True),
            ({"validity": "terminated"}, False, False),
            ({"dnc": True}, False, False),
            ({"email": ""}, False, True),
            ({"phone": ""}, True, False),
        ],
    )
    def test_links_are_made_only_where_they_may_be_used(
        self, fields: dict[str, object], mail: bool, call: bool
    ) -> None:
        contact = person(**fields)
        assert (bool(mail_link(contact)), bool(phone_link(contact))) == (mail, call)
        assert (may_contact(contact, Way.MAIL), may_contact(contact, Way.CALL)) == (mail, call)

    def test_links_carry_what_they_need_and_nothing_more(self) -> None:
        assert phone_link(person(phone_extension="12")) == "tel:+19294753141;ext=12"
        assert mail_link(person(email="ada?bcc=x@example.org")) == "mailto:ada%3Fbcc%3Dx@example.org"

    def test_the_reason_is_said(self) -> None:
        assert why_not_contact(person(dnc=True, dnc_reason="Asked by mail.")) == (
            "Ada Gallo is DNC, do not contact: Asked by mail."
        )
        assert why_not_contact(person(validity="terminated")) == "Ada Gallo is not there any more."
        assert why_not_contact(person(validity="bounced"), Way.MAIL) == "Mail to ada@example.org came back."


@given(
    dnc=st.booleans(), validity=st.sampled_from(Contact.Validity.values), email=st.sampled_from(["", "a@example.org"])
)
def test_nobody_who_is_dnc_or_gone_has_a_link(dnc: bool, validity: str, email: str) -> None:
    contact = person(dnc=dnc, validity=validity, email=email)
    if dnc or validity == "terminated":
        assert mail_link(contact) == phone_link(contact) == ""
    assert bool(mail_link(contact)) is (bool(email) and not dnc and validity not in ("terminated", "bounced"))


def test_the_query_says_what_the_row_says(workspace: Workspace) -> None:
    account = AccountFactory(workspace=workspace)
    for validity in Contact.Validity.values:
        for dnc in (True, False):
            ContactFactory(account=account, validity=validity, dnc=dnc)
    ContactFactory(account=account, email="")
    found = set(may_be_mailed(Contact.objects.filter(workspace=workspace)))
    assert found == {one for one in Contact.objects.all() if may_contact(one, Way.MAIL)}
    assert len(found) == 3


class TestLogging:
    @pytest.fixture
    def account(self, workspace: Workspace) -> Account:
        return AccountFactory(workspace=workspace)

    def test_nothing_outbound_is_logged_with_somebody_who_is_dnc(self, account: Account, csm: Member) -> None:
        contact = ContactFactory(account=account, dnc=True, dnc_reason="Asked in May")
        with pytest.raises(DoNotContact, match="Asked in May"):
            log_interaction(actor=csm, account=account, kind="call", contact=contact)
        assert not account.interactions.exists()

    def test_what_came_from_them_is(self, account: Account, csm: Member) -> None:
        contact = ContactFactory(account=account, dnc=True)
        log_interaction(actor=csm, account=account, kind="email", direction="in", contact=contact)
        assert account.interactions.count() == 1

    def test_nobody_in_particular_and_people_who_left_are_no_reason(self, account: Account) -> None:
        refuse_logging(None, "out")
        refuse_logging(person(validity="terminated"), "out")

    def test_a_correction_is_no_way_round(self, account: Account, csm: Member) -> None:
        contact = ContactFactory(account=account, dnc=True)
        made = log_interaction(actor=csm, account=account, kind="email", direction="in", contact=contact)
        with pytest.raises(DoNotContact):
            correct_entry(actor=csm, entry=made, values={"direction": "out"}, seen=state_of(made))
        made.refresh_from_db()
        assert made.direction == "in"

    def test_the_text_of_an_older_one_can_be_corrected(self, account: Account, csm: Member) -> None:
        contact = ContactFactory(account=account)
        made = log_interaction(actor=csm, account=account, kind="call", contact=contact, body="Yes")
        Contact.objects.update(dnc=True)
        made.refresh_from_db()
        assert correct_entry(actor=csm, entry=made, values={"body": "No"}, seen=state_of(made))
