"""The board: cards of an account and date, months, filters, pages, and what it asks the database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountHealth, Contact, Product, Subscription
from accounts.renewals.board import FIRST, MORE, Column, columns_of
from accounts.renewals.months import month_called, months_from
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, InstanceFactory, ProductFactory, SubscriptionFactory

DECEMBER = date(2026, 12, 10)


def by_key(columns: list[Column]) -> dict[str, Column]:
    return {column.month.key: column for column in columns}


def names(column: Column) -> list[str]:
    return [card.account.name for card in column.cards]


class TestCards:
    def test_subscriptions_of_one_date_stand_together(self, account: Account, products: list[Product]) -> None:
        SubscriptionFactory(account=account, product=products[0], mrr_minor=300_00, renews_on=DECEMBER)
        SubscriptionFactory(
            account=account, product=products[1], mrr_minor=100_00, renews_on=DECEMBER, renewal_probability=10,
            renewal_stage="contacted",
        )  # fmt: skip
        (card,) = by_key(columns_of(account.workspace, {}))["2026-12"].cards
        assert (card.mrr_minor, card.products, card.probability) == (400_00, "Compliance, Learning", 70)
        assert (card.foremost.renewal_stage, card.stages_differ, card.is_by_health) == ("not_started", True, False)

    def test_another_date_or_currency_is_another_card(self, account: Account, products: list[Product]) -> None:
        third = ProductFactory(workspace=account.workspace)
        SubscriptionFactory(account=account, product=products[0], renews_on=DECEMBER)
        SubscriptionFactory(account=account, product=products[1], renews_on=DECEMBER + timedelta(days=1))
        SubscriptionFactory(account=account, product=third, renews_on=DECEMBER, currency="EUR")
        column = by_key(columns_of(account.workspace, {}))["2026-12"]
        assert len(column.cards) == 3 and column.accounts == 1
        assert [(total.currency, total.mrr_minor) for total in column.totals] == [("EUR", 100_000), ("USD", 200_000)]

    def test_what_ended_or_has_no_date_is_not_there(self, account: Account, products: list[Product]) -> None:
        SubscriptionFactory(account=account, product=products[0], renews_on=DECEMBER, ended_on=date(2026, 11, 1))
        SubscriptionFactory(account=account, product=products[1], renews_on=None)
        assert all(not column.cards and not column.totals for column in columns_of(account.workspace, {}))

    def test_overdue_comes_first_and_the_thirteenth_month_not_at_all(
        self, account: Account, products: list[Product]
    ) -> None:
        today = account.workspace.today
        SubscriptionFactory(account=account, product=products[0], renews_on=today - timedelta(days=1))
        SubscriptionFactory(account=account, product=products[1], renews_on=date(2027, 11, 1))
        columns = columns_of(account.workspace, {})
        assert [len(column.cards) for column in columns] == [1] + 12 * [0]
        assert columns[0].month.title == "Overdue" and columns[1].month.key == "2026-11"

    @pytest.mark.parametrize(
        ("health", "percent"), [("green", 90), ("yellow", 70), ("red", 40), ("undefined", 70), ("", 90)]
    )
    def test_probability_follows_the_effective_health(
        self, account: Account, products: list[Product], health: str, percent: int
    ) -> None:
        SubscriptionFactory(account=account, product=products[0], mrr_minor=100_01, renews_on=DECEMBER)
        AccountHealth.objects.filter(account=account).update(health=health)
        column = by_key(columns_of(account.workspace, {}))["2026-12"]
        assert (column.cards[0].probability, column.cards[0].is_by_health) == (percent, True)
        assert column.totals[0].forecast_minor == (100_01 * percent + 50) // 100

    def test_notice_payer_and_decider(
        self, account: Account, ada: Contact, products: list[Product], workspace: Workspace
    ) -> None:
        other = AccountFactory(workspace=workspace, name="Mesa Holdings")
        SubscriptionFactory(
            account=account, product=products[0], renews_on=DECEMBER, notice_days=30, payer=other, decider=ada
        )
        SubscriptionFactory(account=account, product=products[1], renews_on=DECEMBER, notice_days=10, payer=account)
        card = by_key(columns_of(workspace, {}))["2026-12"].cards[0]
        assert (card.notice_on, card.notice_left) == (date(2026, 11, 10), -13)
        assert (card.payers, card.decider, card.decided_at) == ([other], ada, None)


class TestFilters:
    @pytest.fixture(autouse=True)
    def setting(self, workspace: Workspace, account: Account, csm: Member, lead: Member, ada: Contact) -> None:
        self.workspace, self.account = workspace, account
        Member.objects.filter(pk=csm.pk).update(lead=lead)
        product = ProductFactory(workspace=workspace)
        self.instance = InstanceFactory(workspace=workspace)
        self.other = AccountFactory(
            workspace=workspace, name="Alder Labs", tier=1, health="red", instance=self.instance
        )
        SubscriptionFactory(account=account, product=product, renews_on=DECEMBER, decider=ada)
        SubscriptionFactory(
            account=self.other, product=product, renews_on=DECEMBER, renewal_stage="at_risk", decided_at_account=account
        )

    def found(self, **wanted: Any) -> list[str]:
        return names(by_key(columns_of(self.workspace, wanted))["2026-12"])

    def test_each(self, csm: Member, lead: Member) -> None:
        mine, other = ["Mesa Dental Group"], ["Alder Labs"]
        assert sorted(self.found()) == sorted(mine + other)
        assert (self.found(owner=csm), self.found(team=lead)) == (mine, mine)
        assert (self.found(tier=1), self.found(instance=self.instance)) == (other, other)
        assert (self.found(health="red"), self.found(stage="at_risk")) == (other, other)
        assert (self.found(decision="here"), self.found(decision="elsewhere")) == (mine, other)
        assert self.found(decision="unknown") == []

    def test_totals_follow_the_filter(self) -> None:
        column = by_key(columns_of(self.workspace, {"health": "red"}))["2026-12"]
        assert (column.accounts, column.totals[0].mrr_minor, column.totals[0].at_risk_minor) == (1, 100_000, 100_000)


def fill(workspace: Workspace, number: int, renews_on: date) -> None:
    """Accounts without names, each with a subscription to one product."""
    product = ProductFactory(workspace=workspace)
    Account.objects.bulk_create(Account(workspace=workspace, name=f"Clinic {n}", search_name="") for n in range(number))
    fresh = Account.objects.filter(workspace=workspace, name__startswith="Clinic", subscriptions__isnull=True)
    Subscription.objects.bulk_create(
        Subscription(workspace=workspace, account_id=pk, product=product, mrr_minor=10_000, renews_on=renews_on)
        for pk in fresh.values_list("pk", flat=True)
    )


class TestPages:
    def test_a_month_shows_its_first_cards_and_the_rest_on_demand(self, workspace: Workspace, frozen: object) -> None:
        fill(workspace, FIRST + MORE + 5, DECEMBER)
        december = month_called(months_from(workspace.today), "2026-12")
        first = by_key(columns_of(workspace, {}))["2026-12"]
        second = columns_of(workspace, {}, only=december, start=first.next_start)[0]
        third = columns_of(workspace, {}, only=december, start=second.next_start)[0]
        assert [(len(one.cards), one.has_more) for one in (first, second, third)] == [
            (FIRST, True), (MORE, True), (5, False),
        ]  # fmt: skip
        seen = [card.pk for one in (first, second, third) for card in one.cards]
        assert len(set(seen)) == FIRST + MORE + 5
        assert first.accounts == second.accounts == FIRST + MORE + 5

    def test_statements_are_constant(self, workspace: Workspace, frozen: object) -> None:
        def asked() -> int:
            with CaptureQueriesContext(connection) as captured:
                columns_of(workspace, {})
            return len(captured)

        fill(workspace, 1, DECEMBER)
        few = asked()
        for month in range(1, 10):
            fill(workspace, 20, date(2027, month, 15))
        assert few == asked() == 4

    def test_nothing_of_another_workspace(
        self, account: Account, other_workspace: Workspace, products: list[Product]
    ) -> None:
        with workspace_scope(other_workspace.pk):
            SubscriptionFactory(account=AccountFactory(workspace=other_workspace), renews_on=DECEMBER)
        assert not any(column.cards for column in columns_of(account.workspace, {}))


def test_a_month_of_many_asks_no_more(workspace: Workspace, frozen: object) -> None:
    """A month with more than a thousand cards: the same four statements as with one, and one page of cards."""
    for _ in range(4):
        fill(workspace, 300, DECEMBER)
    december = month_called(months_from(workspace.today), "2026-12")
    with CaptureQueriesContext(connection) as captured:
        (column,) = columns_of(workspace, {}, only=december)
    assert (len(captured), len(column.cards), column.has_more) == (4, MORE, True)
    assert (column.accounts, column.totals[0].mrr_minor) == (1_200, 12_000_000)
