"""The people of an account with their attempts, in calendar and business days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact, Difference, Interaction
from accounts.people.queries import contacts_of, filtered, people_of
from csworkbench.common import clock
from csworkbench.tenancy.models import Holiday, Workspace
from tests.factories import AccountFactory, ContactFactory

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace)


def call(contact: Contact | None, account: Account, days: int, answered: bool | None, direction: str = "out") -> None:
    Interaction.objects.create(
        workspace=account.workspace, account=account, contact=contact, kind="call", direction=direction,
        answered=answered, happened_at=clock.now() - timedelta(days=days),
    )  # fmt: skip


def shown(account: Account, **chosen: Any) -> Any:
    contacts = list(filtered(contacts_of(account, account.workspace), chosen))
    return people_of(account, account.workspace, contacts, area=chosen.get("area", ""))


class TestAttempts:
    def test_are_counted_per_contact_and_account(self, account: Account) -> None:
        ada, ben = ContactFactory(account=account), ContactFactory(account=account, last_name="Zeller")
        for days in range(10):
            call(ada, account, days, answered=False)
        call(ada, account, 34, answered=True)
        call(ada, account, 40, answered=None)
        call(ben, account, 3, answered=False)
        call(None, account, 2, answered=True)
        people = shown(account)
        by_contact = {person.contact: person.attempts for group in people.groups for person in group.people}
        assert str(by_contact[ada]) == "12 attempts, last answered 34 d (24 business days) ago"
        assert by_contact[ada].parts == "1 answered, 10 not, 1 not known yet"
        assert str(by_contact[ben]) == "1 attempt, never answered, the first 3 d (1 business day) ago"
        assert (people.attempts.made, people.attempts.answered, people.attempts.unanswered) == (14, 2, 11)

    def test_holidays_are_no_business_days(self, account: Account) -> None:
        Holiday.objects.create(workspace=account.workspace, day=date(2026, 11, 11), name="Closed")
        ada = ContactFactory(account=account)
        call(ada, account, 34, answered=True)
        assert "34 d (23 business days)" in str(shown(account).attempts)

    def test_who_called_has_answered(self, account: Account) -> None:
        ada = ContactFactory(account=account)
        call(ada, account, 0, answered=None, direction="in")
        found = shown(account).groups[0].people[0].attempts
        assert (found.made, str(found)) == (0, "No attempt yet, last answered today")

    def test_nobody_was_called(self, account: Account) -> None:
        ContactFactory(account=account)
        assert str(shown(account).attempts) == "No attempt yet"


class TestGroups:
    def test_the_primary_contact_then_areas_each_once(self, account: Account) -> None:
        main = ContactFactory(account=account, is_primary=True, areas=["training"])
        both = ContactFactory(account=account, areas=["compliance", "finance"])
        none = ContactFactory(account=account)
        groups = [(group.title, [person.contact for person in group.people]) for group in shown(account).groups]
        assert groups == [("Primary contact", [main]), ("Finance", [both]), ("Without an area", [none])]

    def test_a_chosen_area_is_the_group(self, account: Account) -> None:
        both = ContactFactory(account=account, areas=["finance", "compliance"])
        ContactFactory(account=account, areas=["training"])
        groups = [
            (group.title, [person.contact for person in group.people])
            for group in shown(account, area="compliance").groups
        ]
        assert groups == [("Compliance", [both])]

    @pytest.mark.parametrize(
        ("chosen", "found"),
        [
            ({"area": "none"}, {"Ben"}),
            ({"validity": "bounced"}, {"Ada"}),
            ({"dnc": "yes"}, {"Ben"}),
            ({"dnc": "no", "area": "finance"}, {"Ada"}),
            ({}, {"Ada", "Ben"}),
        ],
    )
    def test_filters(self, account: Account, chosen: dict[str, str], found: set[str]) -> None:
        ContactFactory(account=account, first_name="Ada", areas=["finance"], validity="bounced")
        ContactFactory(account=account, first_name="Ben", dnc=True)
        contacts = filtered(contacts_of(account, account.workspace), chosen)
        assert {one.first_name for one in contacts} == found


class TestHowKnown:
    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"validity_source": "lms", "validity_on": date(2026, 11, 2)}, "from the LMS since Nov 2, 2026"),
            ({"validity_source": "member"}, "a member says so"),
            ({}, ""),
        ],
    )
    def test_says_who_and_since_when(self, account: Account, fields: dict[str, Any], said: str) -> None:
        ContactFactory(account=account, **fields)
        assert shown(account).groups[0].people[0].how_known == said


def test_open_differences_are_counted_for_the_contact_and_the_account(account: Account) -> None:
    ada = ContactFactory(account=account)
    for contact, decision in ((ada, "open"), (None, "open")):
        Difference.objects.create(
            workspace=account.workspace, account=account, contact=contact, source="lms", field="title", value="Nurse",
            decision=decision,
        )  # fmt: skip
    Difference.objects.create(
        workspace=account.workspace,
        account=account,
        contact=ada,
        source="crm",
        field="title",
        value="x",
        decision="kept",
    )
    people = shown(account)
    assert (people.differences, people.groups[0].people[0].differences) == (2, 1)


def test_three_statements_whatever_the_number(account: Account) -> None:
    for _ in range(20):
        call(ContactFactory(account=account), account, 3, answered=True)
    with CaptureQueriesContext(connection) as captured:
        shown(account)
    assert len(captured) == 3
