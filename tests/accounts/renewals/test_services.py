"""Steering a renewal, closing it once, taking that back, and when a service tier may be added."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Account, Contact, Product, RenewalOutcome, Subscription
from accounts.renewals import services
from accounts.renewals.board import card_of
from csworkbench.tenancy.models import HistoryEntry, Member
from csworkbench.tenancy.scope import Actor, workspace_scope
from tests.factories import SubscriptionFactory

DECEMBER = date(2026, 12, 10)


@pytest.fixture
def one(account: Account, products: list[Product]) -> Subscription:
    return SubscriptionFactory(
        account=account, product=products[0], mrr_minor=100_000, renews_on=DECEMBER, renewal_stage="negotiating",
        renewal_probability=80, renewal_note="Waits for the budget", service_tier="basic",
    )  # fmt: skip


@pytest.fixture(autouse=True)
def acting(csm: Member) -> Iterator[None]:
    with workspace_scope(csm.workspace_id, actor=Actor("member", csm.pk, csm.user_id)):
        yield


def card(one: Subscription) -> Any:
    return card_of(one.workspace, one)


class TestSteer:
    def test_holds_for_every_subscription_of_the_card(
        self, one: Subscription, products: list[Product], csm: Member, ada: Contact
    ) -> None:
        other = SubscriptionFactory(account=one.account, product=products[1], renews_on=DECEMBER)
        later = SubscriptionFactory(
            account=one.account, product=products[1], renews_on=DECEMBER, ended_on=date(2026, 1, 1)
        )
        changes = {"renewal_stage": "committed", "decider_id": ada.pk}
        shown = card(one)
        assert services.steer_renewal(actor=csm, card=shown, seen=shown.seen, changes=changes) == 2
        for row in (one, other):
            row.refresh_from_db()
            assert (row.renewal_stage, row.decider_id) == ("committed", ada.pk)
        one.refresh_from_db()
        later.refresh_from_db()
        assert (one.renewal_probability, later.renewal_stage) == (80, "not_started")
        entry = HistoryEntry.objects.filter(row_id=one.pk, operation="update").get()
        assert (set(entry.changes), entry.actor_id) == (set(changes), csm.pk)

    def test_the_same_again_writes_nothing(self, one: Subscription, csm: Member) -> None:
        shown = card(one)
        assert services.steer_renewal(actor=csm, card=shown, seen=shown.seen, changes={"renewal_probability": 80}) == 0
        assert not HistoryEntry.objects.filter(row_id=one.pk, operation="update").exists()

    def test_somebody_faster_wins(self, one: Subscription, csm: Member) -> None:
        shown = card(one)
        Subscription.objects.filter(pk=one.pk).update(renewal_note="Signed")
        with pytest.raises(services.Conflict):
            services.steer_renewal(actor=csm, card=shown, seen=shown.seen, changes={"renewal_stage": "at_risk"})
        one.refresh_from_db()
        assert one.renewal_stage == "negotiating"


class TestRenew:
    @pytest.mark.parametrize(("mrr", "result"), [(100_000, "renewed"), (120_000, "expanded"), (80_000, "reduced")])
    def test_the_outcome_follows_from_the_money(self, one: Subscription, csm: Member, mrr: int, result: str) -> None:
        outcome = services.renew_subscription(
            actor=csm, subscription=one, due_on=DECEMBER, renews_on=date(2027, 12, 10), mrr_minor=mrr,
            service_tier="premium",
        )  # fmt: skip
        one.refresh_from_db()
        assert (outcome.result, outcome.mrr_before_minor, outcome.mrr_after_minor) == (result, 100_000, mrr)
        assert (outcome.author, outcome.renewed_to, outcome.service_tier) == (csm, date(2027, 12, 10), "premium")
        assert (one.renews_on, one.mrr_minor, one.service_tier) == (date(2027, 12, 10), mrr, "premium")
        assert (one.renewal_stage, one.renewal_probability, one.renewal_note) == ("not_started", None, "")

    def test_once_for_a_subscription_and_date(self, one: Subscription, csm: Member) -> None:
        asked: dict[str, Any] = {"due_on": DECEMBER, "renews_on": date(2027, 12, 10), "mrr_minor": 100_000}
        services.renew_subscription(actor=csm, subscription=one, **asked)
        with pytest.raises(services.Conflict):
            services.renew_subscription(actor=csm, subscription=one, **asked)
        assert RenewalOutcome.objects.count() == 1

    def test_a_date_before_is_refused(self, one: Subscription, csm: Member) -> None:
        with pytest.raises(services.Refused) as refused:
            services.renew_subscription(
                actor=csm, subscription=one, due_on=DECEMBER, renews_on=DECEMBER, mrr_minor=100_000
            )
        assert refused.value.field == "renews_on" and not RenewalOutcome.objects.exists()

    def test_changed_money_is_a_conflict(self, one: Subscription, csm: Member) -> None:
        Subscription.objects.filter(pk=one.pk).update(mrr_minor=5)
        with pytest.raises(services.Conflict):
            services.renew_subscription(
                actor=csm, subscription=one, due_on=DECEMBER, renews_on=date(2027, 1, 1), mrr_minor=100_000
            )


class TestLose:
    def lose(self, one: Subscription, csm: Member, **more: Any) -> RenewalOutcome:
        values: dict[str, Any] = {"due_on": DECEMBER, "ended_on": date(2026, 11, 20), "reason": "Went to a rival"}
        return services.lose_subscription(actor=csm, subscription=one, **values | more)

    def test_it_ends(self, one: Subscription, csm: Member, account: Account) -> None:
        outcome = self.lose(one, csm)
        one.refresh_from_db()
        account.refresh_from_db()
        assert (outcome.result, outcome.mrr_after_minor, outcome.reason) == ("lost", 0, "Went to a rival")
        assert (one.ended_on, account.stage) == (date(2026, 11, 20), "adoption")

    def test_the_last_one_may_churn_the_account(self, one: Subscription, csm: Member, account: Account) -> None:
        self.lose(one, csm, churned=True)
        account.refresh_from_db()
        assert (account.stage, account.stage_since) == ("churned", account.workspace.today)

    def test_another_one_may_not(
        self, one: Subscription, csm: Member, account: Account, products: list[Product]
    ) -> None:
        SubscriptionFactory(account=account, product=products[1])
        with pytest.raises(services.Refused):
            self.lose(one, csm, churned=True)
        one.refresh_from_db()
        assert one.ended_on is None and not RenewalOutcome.objects.exists()

    def test_without_a_reason_it_is_refused(self, one: Subscription, csm: Member) -> None:
        with pytest.raises(services.Refused):
            self.lose(one, csm, reason="  ")


class TestUndo:
    def close(self, one: Subscription, csm: Member) -> RenewalOutcome:
        return services.renew_subscription(
            actor=csm, subscription=one, due_on=DECEMBER, renews_on=date(2027, 12, 10), mrr_minor=120_000
        )

    def test_everything_is_as_before(self, one: Subscription, csm: Member) -> None:
        before = Subscription.objects.filter(pk=one.pk).values().get()
        services.undo_outcome(actor=csm, outcome=self.close(one, csm))
        assert Subscription.objects.filter(pk=one.pk).values().get() == before
        assert not RenewalOutcome.objects.exists()
        one.refresh_from_db()
        assert self.close(one, csm).result == "expanded"

    def test_a_churned_account_comes_back(self, one: Subscription, csm: Member, account: Account) -> None:
        Account.objects.filter(pk=account.pk).update(stage="renewal", stage_since=date(2026, 10, 1))
        outcome = services.lose_subscription(
            actor=csm, subscription=one, due_on=DECEMBER, ended_on=date(2026, 11, 20), reason="Price", churned=True
        )
        services.undo_outcome(actor=csm, outcome=outcome)
        account.refresh_from_db()
        one.refresh_from_db()
        assert (account.stage, account.stage_since, one.ended_on) == ("renewal", date(2026, 10, 1), None)

    def test_not_after_a_change(self, one: Subscription, csm: Member) -> None:
        outcome = self.close(one, csm)
        Subscription.objects.filter(pk=one.pk).update(mrr_minor=1)
        with pytest.raises(services.Conflict):
            services.undo_outcome(actor=csm, outcome=outcome)
        assert RenewalOutcome.objects.exists()

    def test_not_when_the_product_runs_again(self, one: Subscription, csm: Member) -> None:
        outcome = services.lose_subscription(
            actor=csm, subscription=one, due_on=DECEMBER, ended_on=date(2026, 11, 20), reason="Price"
        )
        SubscriptionFactory(account=one.account, product=one.product)
        with pytest.raises(services.Conflict):
            services.undo_outcome(actor=csm, outcome=outcome)

    def test_not_on_another_day_and_not_twice(self, one: Subscription, csm: Member, frozen: Any) -> None:
        outcome = self.close(one, csm)
        with pytest.raises(services.Conflict):
            frozen.shift(timedelta(days=1))
            services.undo_outcome(actor=csm, outcome=outcome)
        frozen.shift(timedelta(days=-1))
        services.undo_outcome(actor=csm, outcome=outcome)
        with pytest.raises(services.Conflict):
            services.undo_outcome(actor=csm, outcome=outcome)


class TestServiceTier:
    def add(self, one: Subscription, csm: Member, tier: str) -> None:
        one.service_tier = tier
        services.save_subscription(actor=csm, subscription=one, fields=["service_tier"])

    def test_between_renewals_it_is_refused_with_the_reason(self, one: Subscription, csm: Member) -> None:
        with pytest.raises(services.Refused, match=r"at renewal \(Dec 10, 2026\).*another purchase") as refused:
            self.add(one, csm, "premium")
        assert refused.value.field == "service_tier"

    @pytest.mark.parametrize("tier", ["basic", ""])
    def test_the_same_or_less_is_not(self, one: Subscription, csm: Member, tier: str) -> None:
        self.add(one, csm, tier)

    @pytest.mark.parametrize(("days", "together"), [(-40, False), (-30, True), (10, True), (31, False)])
    def test_together_with_another_purchase(
        self, one: Subscription, csm: Member, products: list[Product], days: int, together: bool
    ) -> None:
        SubscriptionFactory(
            account=one.account, product=products[1], starts_on=one.workspace.today + timedelta(days=days)
        )
        if together:
            self.add(one, csm, "premium")
        else:
            with pytest.raises(services.Refused):
                self.add(one, csm, "premium")

    def test_what_is_bought_comes_with_its_tier(
        self, one: Subscription, csm: Member, account: Account, products: list[Product]
    ) -> None:
        new = Subscription(workspace=account.workspace, account=account, product=products[1], service_tier="premium")
        services.save_subscription(actor=csm, subscription=new, fields=[])
        again = Subscription(workspace=account.workspace, account=account, product=products[1])
        with pytest.raises(services.Refused, match="already"):
            services.save_subscription(actor=csm, subscription=again, fields=[])
