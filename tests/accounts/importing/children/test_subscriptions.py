"""Subscriptions: one running per account and product; what has ended stays; who pays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.models import Account, Product, Subscription
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.imports.sheets import WILLOW
from tests.factories import AccountFactory, ProductFactory, SubscriptionFactory

from .sheets import Sheets, codes, ledger, problem, rows_of, said

TITLES = ("Salesforce ID", "Product", "MRR", "Users", "Service tier", "Start date", "Renewal date", "Ended on")
ROW = (WILLOW, "Compliance", "$1,200.50", 40, "Premium", "2025-03-22", "2027-03-22", "")


@pytest.fixture
def sheets(ops: Member, products: list[Product]) -> Sheets:
    return Sheets(ops, "subscriptions")


class TestNew:
    def test_gets_what_the_file_says(self, sheets: Sheets, willow: Account) -> None:
        one = sheets.apply((*TITLES, "OTR", "Active users", "Billed to"), (*ROW, 12, 38, "Willow Holdings"))
        found = Subscription.objects.select_related("product").get()
        assert (said(one), rows_of(one)[2].target_id) == ({"new": 1}, found.pk)
        assert (found.account_id, found.product.name, found.mrr_minor) == (willow.pk, "Compliance", 120050)
        assert (found.otr_minor, found.currency, found.service_tier, found.billed_to) == (
            1200,
            "USD",
            "premium",
            "Willow Holdings",
        )
        assert (found.contracted_users, found.active_users, found.inactive_users) == (40, 38, None)
        assert (found.starts_on, found.renews_on, found.ended_on) == (date(2025, 3, 22), date(2027, 3, 22), None)

    def test_twice_is_once(self, sheets: Sheets, willow: Account) -> None:
        sheets.apply(TITLES, ROW)
        before = ledger("accounts_subscription")
        assert said(sheets.apply(TITLES, ROW)) == {"unchanged": 1}
        assert (Subscription.objects.count(), ledger("accounts_subscription")) == (1, before)

    def test_needs_a_product(self, sheets: Sheets, willow: Account) -> None:
        assert codes(sheets.compare(TITLES, (WILLOW, "", *ROW[2:]))) == {2: ["missing"]}
        assert sheets.compare(("Salesforce ID", "MRR"), (WILLOW, 5)).state == "read"

    def test_the_only_product_needs_no_column(self, ops: Member, willow: Account, workspace: Workspace) -> None:
        ProductFactory(workspace=workspace, key="learning", name="Learning")
        Sheets(ops, "subscriptions").apply(("Salesforce ID", "MRR"), (WILLOW, 5))
        assert Subscription.objects.get().product.name == "Learning"

    def test_of_another_workspaces_product_is_not_suggested(
        self, sheets: Sheets, willow: Account, other_workspace: Workspace
    ) -> None:
        with workspace_scope(other_workspace.pk):
            ProductFactory(workspace=other_workspace, key="compliancy", name="Compliancy")
        found = problem(sheets.compare(TITLES, (WILLOW, "Compliancy", *ROW[2:])))
        assert (found["code"], "Compliancy" in found["suggestions"]) == ("unknown_product", False)
        assert found["suggestions"][0] == "Compliance"


class TestKnown:
    @pytest.fixture(autouse=True)
    def setting(self, sheets: Sheets, willow: Account, products: list[Product]) -> None:
        self.sheets = sheets
        self.running = SubscriptionFactory(
            account=willow, product=products[0], mrr_minor=100000, starts_on=date(2025, 3, 22), renews_on=None
        )

    def changes(self, *row: Any) -> dict[str, Any]:
        found = rows_of(self.sheets.compare(TITLES, row))
        changes: dict[str, Any] = found[2].changes if found else {}
        return changes

    def test_each_changed_column_shows_old_and_new(self) -> None:
        one = self.sheets.compare(TITLES, ROW)
        assert rows_of(one)[2].changes == {
            "mrr_minor": [100000, 120050],
            "contracted_users": [None, 40],
            "service_tier": ["", "premium"],
            "renews_on": [None, "2027-03-22"],
        }
        assert set(self.sheets.described(one)[2]) == {
            ("MRR", "$1,000.00", "$1,200.50"),
            ("Contracted users", "", "40"),
            ("Service tier", "", "Premium"),
            ("Renewal date", "", "2027-03-22"),
        }

    def test_a_blank_cell_never_erases(self) -> None:
        assert self.changes(WILLOW, "Compliance", "", "", "", "", "", "") == {}

    def test_another_product_is_another_subscription(self) -> None:
        assert self.sheets.counts(TITLES, (WILLOW, "Learning", *ROW[2:])) == {"new": 1}

    def test_an_end_ends_it(self) -> None:
        self.sheets.apply(TITLES, (*ROW[:-1], "2026-06-30"))
        assert Subscription.objects.get().ended_on == date(2026, 6, 30)
        assert self.sheets.counts(TITLES, (*ROW[:-1], "2026-06-30")) == {"unchanged": 1}

    def test_one_that_ended_before_it_began_is_history(self) -> None:
        past = (WILLOW, "Compliance", 5, 1, "", "2023-01-01", "", "2024-12-31")
        self.sheets.apply(TITLES, past)
        assert Subscription.objects.filter(ended_on=None).get().pk == self.running.pk
        assert self.sheets.counts(TITLES, past) == {"unchanged": 1}

    @pytest.mark.parametrize("turned", [False, True])
    def test_one_ends_and_the_next_begins_in_one_file(self, turned: bool) -> None:
        past = (*ROW[:-1], "2026-06-30")
        running = (WILLOW, "Compliance", 2000, 50, "", "2026-07-01", "2028-07-01", "")
        rows = (running, past) if turned else (past, running)
        assert said(self.sheets.apply(TITLES, *rows)) == {"new": 1, "changed": 1}
        found = Subscription.objects.order_by("starts_on").values_list("mrr_minor", "starts_on", "ended_on")
        assert list(found) == [(120050, date(2025, 3, 22), date(2026, 6, 30)), (200000, date(2026, 7, 1), None)]
        assert self.sheets.counts(TITLES, *rows) == {"unchanged": 2}

    def test_an_end_to_come_is_refused(self) -> None:
        found = problem(self.sheets.compare(TITLES, (*ROW[:-1], "2030-06-30")))
        assert (found["code"], found["column"], found["value"]) == ("not_yet", "Ended on", "2030-06-30")

    def test_two_rows_about_one_are_reported(self) -> None:
        one = self.sheets.compare(TITLES, ROW, (WILLOW, "Compliance", 7, *ROW[3:]), ROW)
        assert said(one) == {"changed": 1, "duplicate": 2}
        assert ["with other values" in problem(one, row)["message"] for row in (3, 4)] == [True, False]

    def test_an_edit_meanwhile_is_a_conflict(self) -> None:
        one = self.sheets.compare(TITLES, ROW)
        Subscription.objects.update(mrr_minor=1)
        assert said(self.sheets.approve(one)) == {"conflict": 1}


class TestPayer:
    TITLES = ("Salesforce ID", "Product", "Payer")

    @pytest.fixture(autouse=True)
    def setting(self, sheets: Sheets, willow: Account, nandu: Account) -> None:
        self.sheets, self.nandu = sheets, nandu

    @pytest.mark.parametrize("cell", ["nandu wellness", "rec-2"])
    def test_by_name_or_id(self, cell: str) -> None:
        one = self.sheets.apply(self.TITLES, (WILLOW, "Compliance", cell))
        assert Subscription.objects.get().payer_id == self.nandu.pk
        assert said(one) == {"new": 1}

    def test_is_said_by_name(self, willow: Account, products: list[Product]) -> None:
        SubscriptionFactory(account=willow, product=products[0])
        one = self.sheets.compare(self.TITLES, (WILLOW, "Compliance", "rec-2"))
        assert self.sheets.described(one)[2] == [("Payer", "", "Ñandú Wellness")]

    def test_unknown(self) -> None:
        found = problem(self.sheets.compare(self.TITLES, (WILLOW, "Compliance", "Nandu Welness")))
        assert (found["code"], found["column"]) == ("unknown_account", "Payer")
        assert found["suggestions"] == ["Ñandú Wellness"]

    def test_blank_says_nothing(self, willow: Account, products: list[Product]) -> None:
        SubscriptionFactory(account=willow, product=products[0], payer=self.nandu)
        assert self.sheets.counts(self.TITLES, (WILLOW, "Compliance", "")) == {"unchanged": 1}


def test_providers_count_where_the_product_counts_them(ops: Member, willow: Account, workspace: Workspace) -> None:
    ProductFactory(workspace=workspace, key="cred", name="CRED SOFT", is_credentialing=True)
    ProductFactory(workspace=workspace, key="learning", name="Learning")
    titles = ("Salesforce ID", "Product", "Users", "Contracted providers")
    Sheets(ops, "subscriptions").apply(titles, (WILLOW, "CRED SOFT", 40, 12), (WILLOW, "Learning", 40, 12))
    found = Subscription.objects.values_list("product__name", "contracted_users")
    assert set(found) == {("CRED SOFT", 12), ("Learning", 40)}


class TestRenewals:
    TITLES = ("Account", "Product", "Renewal date")

    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, willow: Account, products: list[Product]) -> None:
        self.sheets, self.products = Sheets(ops, "renewals"), products
        self.running = SubscriptionFactory(account=willow, product=products[0], renews_on=date(2027, 1, 1))

    def test_moves_the_date_and_nothing_else(self) -> None:
        one = self.sheets.apply(self.TITLES, ("Willow Urgent Care", "Compliance", "2028-01-01"))
        assert rows_of(one)[2].changes == {"renews_on": ["2027-01-01", "2028-01-01"]}
        assert Subscription.objects.get().renews_on == date(2028, 1, 1)
        before = ledger("accounts_subscription")
        assert said(self.sheets.apply(self.TITLES, ("Willow Urgent Care", "Compliance", "2028-01-01"))) == {
            "unchanged": 1
        }
        assert ledger("accounts_subscription") == before

    @pytest.mark.parametrize("titles", [("Account", "Renewal date"), TITLES])
    def test_the_only_running_one_needs_no_product(self, willow: Account, titles: tuple[str, ...]) -> None:
        SubscriptionFactory(account=willow, product=self.products[1], ended_on=date(2026, 1, 1))
        row = ("Willow Urgent Care", *([""] if len(titles) == 3 else []), "2028-01-01")
        one = self.sheets.compare(titles, row)
        assert rows_of(one)[2].target_id == self.running.pk

    def test_of_several_running_ones_the_product_is_asked(self, willow: Account) -> None:
        SubscriptionFactory(account=willow, product=self.products[1])
        one = self.sheets.compare(("Account", "Renewal date"), ("Willow Urgent Care", "2028-01-01"))
        assert codes(one) == {2: ["ambiguous"]}

    def test_nothing_is_created(self, nandu: Account) -> None:
        one = self.sheets.compare(
            self.TITLES,
            ("Willow Urgent Care", "Learning", "2028-01-01"),
            (nandu.name, "", "2028-01-01"),
            ("Willow Urgent Care", "Compliance", ""),
        )
        assert codes(one) == {2: ["unknown_subscription"], 3: ["unknown_subscription"], 4: ["missing"]}

    def test_twice_in_the_file(self) -> None:
        row = ("Willow Urgent Care", "Compliance", "2028-01-01")
        one = self.sheets.compare(self.TITLES, row, row, (*row[:2], "2029-01-01"))
        assert said(one) == {"changed": 1, "duplicate": 2}

    def test_an_edit_meanwhile_is_a_conflict(self) -> None:
        one = self.sheets.compare(self.TITLES, ("Willow Urgent Care", "Compliance", "2028-01-01"))
        Subscription.objects.update(ended_on=date(2026, 1, 1))
        assert said(self.sheets.approve(one)) == {"conflict": 1}

    def test_of_another_workspace_are_not_touched(self, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            account = AccountFactory(workspace=other_workspace, name="Canary Clinic", search_name="canary clinic")
            SubscriptionFactory(account=account)
        one = self.sheets.compare(("Account", "Renewal date"), ("Canary Clinic", "2028-01-01"))
        assert (codes(one), problem(one)["suggestions"]) == ({2: ["unknown_account"]}, [])
