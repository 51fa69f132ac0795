"""The account list: filters, order and pages stand in the address."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountPriority, Contact
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory, ContactFactory, InstanceFactory, SubscriptionFactory, make_member

HOME = "/w/northwind/accounts/"
HTMX = {"HX-Request": "true", "HX-Target": "list"}


def names(response: Any) -> list[str]:
    return [account.name for account in response.context["listing"].page]


@pytest.fixture
def others(workspace: Workspace, account: Account, lead: Member) -> dict[str, Account]:
    """Three more accounts that differ in everything the list sorts and filters by."""
    fields: dict[str, dict[str, Any]] = {
        "Cedar Clinic": {"tier": 3, "health": "green", "stage": "onboarding", "owner": lead},
        "Alder Labs": {
            "tier": 1,
            "health": "red",
            "stage": "renewal",
            "instance": InstanceFactory(workspace=workspace),
        },
        "Birch & Sons": {"tier": 2, "health": "yellow", "parent": account, "industry": "Retail"},
    }
    made = {
        name: AccountFactory(workspace=workspace, name=name, search_name=name.lower().replace(" & ", " "), **each)
        for name, each in fields.items()
    }
    for place, each in enumerate(made.values()):
        SubscriptionFactory(
            account=each, mrr_minor=(place + 1) * 100_000, renews_on=workspace.today + timedelta(days=90 - 40 * place)
        )
    AccountPriority.objects.filter(account=made["Alder Labs"]).update(level=1)
    return made


class TestList:
    def test_shows_what_a_csm_asks_first(self, others: dict[str, Account], as_csm: Client) -> None:
        response = as_csm.get(HOME)
        assert len(names(response)) == 4
        assert names(response)[0] == "Alder Labs"
        for part in ("Alder Labs", "Critical", "Health </span>Red", "$2,000", "in 50 d", "Core", "Renewal", "Retail"):
            assert part in response.text

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"level": "1"}, {"Alder Labs"}),
            ({"health": "green"}, {"Cedar Clinic"}),
            ({"tier": "2"}, {"Birch & Sons", "Mesa Dental Group"}),
            ({"stage": "onboarding"}, {"Cedar Clinic"}),
            ({"q": "labs"}, {"Alder Labs"}),
            ({"q": "001A0000001"}, {"Mesa Dental Group"}),
            ({"q": "ada@example.org"}, {"Mesa Dental Group"}),
            ({"q": "Birch", "health": "yellow"}, {"Birch & Sons"}),
            ({"q": "Birch", "health": "green"}, set()),
        ],
    )
    def test_filters_from_the_address(
        self, others: dict[str, Account], ada: Contact, as_csm: Client, query: dict[str, str], expected: set[str]
    ) -> None:
        response = as_csm.get(HOME, query)
        assert set(names(response)) == expected
        assert response.context["listing"].filtered

    def test_filters_by_owner_and_instance(self, others: dict[str, Account], csm: Member, as_csm: Client) -> None:
        assert names(as_csm.get(HOME, {"owner": str(csm.pk)})) == ["Mesa Dental Group"]
        instance = others["Alder Labs"].instance
        assert instance is not None
        assert names(as_csm.get(HOME, {"instance": str(instance.pk)})) == ["Alder Labs"]

    def test_an_account_found_by_two_contacts_stands_once(self, account: Account, as_csm: Client) -> None:
        for _ in range(2):
            ContactFactory(account=account, email="shared@example.org")
        assert names(as_csm.get(HOME, {"q": "shared@example.org"})) == ["Mesa Dental Group"]

    @pytest.mark.parametrize(
        ("sort", "first"),
        [
            ("name", "Alder Labs"),
            ("-name", "Mesa Dental Group"),
            ("mrr", "Birch & Sons"),
            ("-mrr", "Mesa Dental Group"),
            ("renewal", "Birch & Sons"),
            ("-renewal", "Cedar Clinic"),
            ("health", "Alder Labs"),
            ("-health", "Cedar Clinic"),
            ("priority", "Alder Labs"),
        ],
    )
    def test_sorts_both_ways(self, others: dict[str, Account], as_csm: Client, sort: str, first: str) -> None:
        assert names(as_csm.get(HOME, {"sort": sort}))[0] == first

    def test_a_header_turns_the_order_it_already_has(self, others: dict[str, Account], as_csm: Client) -> None:
        headers = as_csm.get(HOME, {"sort": "mrr", "health": "red"}).context["listing"].headers
        assert (headers["mrr"].url, headers["mrr"].direction) == (f"{HOME}?health=red&sort=-mrr", "descending")
        assert (headers["name"].url, headers["name"].active) == (f"{HOME}?health=red&sort=name", False)

    def test_an_address_that_makes_no_sense_shows_everything(self, others: dict[str, Account], as_csm: Client) -> None:
        response = as_csm.get(HOME, {"level": "9", "tier": "x", "owner": "nobody", "page": "-3", "sort": "evil"})
        assert len(names(response)) == 4

    def test_no_match_offers_to_clear(self, account: Account, as_csm: Client) -> None:
        response = as_csm.get(HOME, {"q": "nothing like it"})
        assert "No account matches" in response.text
        assert 'value="nothing like it"' in response.text

    def test_an_empty_workspace_says_what_to_do(self, workspace: Workspace, csm: Member, as_csm: Client) -> None:
        assert "No accounts yet" in as_csm.get(HOME).text

    def test_only_who_may_set_up_is_sent_there(
        self, workspace: Workspace, csm: Member, ops: Member, client_for: Callable[[Member], Client]
    ) -> None:
        assert "/setup/" in client_for(ops).get(HOME).text
        assert "/setup/" not in client_for(csm).get(HOME).text

    def test_pages_keep_the_filters(self, account: Account, as_csm: Client) -> None:
        AccountFactory.create_batch(60, workspace=account.workspace, tier=3)
        first = as_csm.get(HOME, {"tier": "3"})
        assert len(names(first)) == 50
        further = re.search(r'href="(\?tier=3&amp;sort=priority&amp;after=[^"]+)"', first.text)
        assert further
        second = as_csm.get(HOME + further[1].replace("&amp;", "&"))
        assert len(names(second)) == 10
        assert not set(names(first)) & set(names(second))
        assert "?tier=3&amp;sort=priority&amp;before=" in second.text

    def test_a_cursor_that_makes_no_sense_gives_the_first_page(self, account: Account, as_csm: Client) -> None:
        assert names(as_csm.get(HOME, {"after": "zzz", "before": "x"})) == [account.name]

    def test_statements_do_not_grow_with_the_rows(self, others: dict[str, Account], as_csm: Client) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                as_csm.get(HOME)
            return len(captured)

        few = statements()
        for place in range(30):
            AccountFactory(
                workspace=others["Alder Labs"].workspace, parent=others["Alder Labs"], name=f"Branch {place}"
            )
        assert statements() == few

    def test_htmx_gets_the_list_alone(self, account: Account, as_csm: Client) -> None:
        response = as_csm.get(HOME, headers=HTMX)
        assert "<html" not in response.text
        assert 'id="list"' in response.text
        assert "HX-Request" in response["Vary"]

    def test_a_reader_may_look(self, account: Account, as_reader: Client) -> None:
        assert names(as_reader.get(HOME)) == ["Mesa Dental Group"]

    def test_another_workspaces_accounts_are_not_listed(
        self, account: Account, foreign: Account, as_csm: Client
    ) -> None:
        assert "Foreign Canary" not in as_csm.get(HOME, {"q": "foreign"}).text
        assert as_csm.get("/w/elsewhere/accounts/").status_code == 404

    def test_rejects_post(self, account: Account, as_csm: Client) -> None:
        assert as_csm.post(HOME).status_code == 405

    def test_a_visitor_signs_in_first(self, account: Account) -> None:
        assert Client().get(HOME).status_code == 302


class TestChoosingAnAccountForATask:
    def test_rows_lead_to_the_task_and_filters_keep_the_purpose(self, account: Account, as_csm: Client) -> None:
        response = as_csm.get(HOME, {"for": "task", "q": "mesa"})
        assert f"/queue/add/?account={account.pk}" in response.text
        assert all("for=task" in sort.url for sort in response.context["listing"].sorts)
        assert '<input type="hidden" name="for" value="task">' in response.text


class TestMyBook:
    def test_is_one_click_for_a_csm(self, account: Account, csm: Member, as_csm: Client) -> None:
        assert f"?owner={csm.pk}" in as_csm.get(HOME).text

    def test_is_not_offered_to_who_has_none(
        self, account: Account, ops: Member, client_for: Callable[[Member], Client]
    ) -> None:
        assert "My book" not in client_for(ops).get(HOME).text

    def test_inactive_members_are_no_choice(self, account: Account, workspace: Workspace, as_csm: Client) -> None:
        make_member(workspace, "Gone Person", roles=["csm"], is_active=False)
        assert "Gone Person" not in as_csm.get(HOME).text
