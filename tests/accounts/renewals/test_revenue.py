"""The history of MRR, and the facts about the next renewal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.facts import context_for
from accounts.models import Account, Contact, Product, RevenueDay, Subscription
from accounts.queries import fact_values
from accounts.renewals.panel import mrr_on, renewals_of
from accounts.renewals.revenue import note_revenue
from csworkbench.tenancy.models import Workspace
from tests.factories import AccountFactory, ContactFactory, SubscriptionFactory

DECEMBER = date(2026, 12, 10)


def history(account: Account) -> list[tuple[date, int]]:
    return list(RevenueDay.objects.filter(account=account).order_by("day").values_list("day", "mrr_minor"))


class TestNoteRevenue:
    def note(self, workspace: Workspace, accounts: list[Any] | None = None) -> int:
        return note_revenue(workspace, context_for(workspace), accounts)

    def test_a_row_when_it_changed_and_only_then(self, account: Account, products: list[Product], frozen: Any) -> None:
        workspace, today = account.workspace, account.workspace.today
        quiet = AccountFactory(workspace=workspace)
        one = SubscriptionFactory(account=account, product=products[0], mrr_minor=500)
        assert (self.note(workspace), self.note(workspace)) == (1, 0)
        frozen.shift(timedelta(days=3))
        Subscription.objects.filter(pk=one.pk).update(mrr_minor=700)
        assert self.note(workspace) == 1
        Subscription.objects.filter(pk=one.pk).update(mrr_minor=900)
        assert self.note(workspace) == 1
        frozen.shift(timedelta(days=1))
        Subscription.objects.filter(pk=one.pk).update(ended_on=today)
        assert self.note(workspace) == 1
        assert history(account) == [
            (today, 500), (today + timedelta(days=3), 900), (today + timedelta(days=4), 0),
        ]  # fmt: skip
        assert history(quiet) == []

    def test_a_handful_or_all_in_one_statement(self, account: Account, products: list[Product]) -> None:
        other = AccountFactory(workspace=account.workspace)
        for each in (account, other):
            SubscriptionFactory(account=each, product=products[0])
        with CaptureQueriesContext(connection) as captured:
            assert self.note(account.workspace, [account.pk]) == 1
        assert len(captured) == 1 and not history(other)
        assert self.note(account.workspace) == 1

    def test_the_pipeline_notes_it(self, account: Account, products: list[Product]) -> None:
        from priorities import pipeline

        SubscriptionFactory(account=account, product=products[0], mrr_minor=500)
        pipeline.drain(account.workspace)
        assert history(account) == [(account.workspace.today, 500)]

    def test_what_held_on_a_day(self) -> None:
        days = [(date(2026, 1, 5), 10), (date(2026, 3, 1), 30)]
        assert [mrr_on(days, date(2026, month, 4)) for month in (1, 2, 3)] == [None, 10, 30]

    def test_the_chart_ends_with_today_and_mixed_money_has_none(
        self, account: Account, products: list[Product]
    ) -> None:
        SubscriptionFactory(account=account, product=products[0], mrr_minor=500_00)
        self.note(account.workspace)
        drawn = renewals_of(account, account.workspace).chart
        assert drawn is not None and drawn.rows[-1] == ("Today", ("$500",)) and len(drawn.rows) == 13
        SubscriptionFactory(account=account, product=products[1], currency="EUR")
        assert renewals_of(account, account.workspace).chart is None


class TestFacts:
    KEYS = (
        "renewal_stage", "renewal_probability", "renewal_decided_elsewhere", "renewal_decider_known",
        "renewal_payer_differs", "renewal_mrr_share",
    )  # fmt: skip

    def values(self, account: Account) -> list[Any]:
        context = context_for(account.workspace)
        found = fact_values([account.pk], self.KEYS, context)[account.pk]
        return [found[key] for key in self.KEYS]

    def test_of_the_next_renewal(self, account: Account, products: list[Product], ada: Contact) -> None:
        SubscriptionFactory(
            account=account, product=products[0], mrr_minor=300, renews_on=DECEMBER, renewal_stage="contacted",
            decider=ada, payer=account, decided_at_account=account,
        )  # fmt: skip
        SubscriptionFactory(
            account=account, product=products[1], mrr_minor=100, renews_on=date(2027, 6, 1), renewal_stage="at_risk"
        )
        assert self.values(account) == ["contacted", 90, False, True, False, 75]

    def test_elsewhere_paid_by_another(self, account: Account, products: list[Product]) -> None:
        other = AccountFactory(workspace=account.workspace)
        ContactFactory(account=other)
        SubscriptionFactory(
            account=account, product=products[0], renews_on=DECEMBER, decided_at_account=other, payer=other,
            renewal_probability=33,
        )  # fmt: skip
        assert self.values(account) == ["not_started", 33, True, True, True, 100]

    @pytest.mark.parametrize("dated", [True, False])
    def test_nothing_renews(self, account: Account, products: list[Product], dated: bool) -> None:
        if dated:
            SubscriptionFactory(account=account, product=products[0], renews_on=None)
        assert self.values(account) == [None] * 6
