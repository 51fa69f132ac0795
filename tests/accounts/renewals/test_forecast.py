"""The forecast against an oracle: every currency by itself, nothing lost and nothing counted twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Product, RenewalOutcome, Subscription
from accounts.renewals.board import columns_of
from accounts.renewals.forecast import NOBODY, Amounts, cells_of, forecasts_of, kept_of, summed
from accounts.renewals.months import months_from
from accounts.renewals.probability import BY_HEALTH, forecast_minor
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory, ProductFactory, SubscriptionFactory

ROW = st.fixed_dictionaries(
    {
        "mrr_minor": st.integers(0, 10**9),
        "currency": st.sampled_from(["USD", "EUR", "NOK"]),
        "ahead": st.integers(-40, 420),
        "probability": st.none() | st.integers(0, 100),
        "stage": st.sampled_from(Subscription.RenewalStage.values),
        "health": st.sampled_from(["green", "yellow", "red", "undefined"]),
        "owned": st.booleans(),
    }
)


def band_of(stage: str, percent: int) -> str:
    if stage == "at_risk" or (percent < 50 and stage != "committed"):
        return "at_risk"
    return "committed" if stage == "committed" or percent >= 95 else "likely"


@given(st.lists(ROW, min_size=1, max_size=6))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_equal_an_oracle(workspace: Workspace, csm: Member, frozen: object, drawn: list[dict[str, Any]]) -> None:
    Subscription.objects.all().delete()
    product = Product.objects.filter(workspace=workspace).first() or ProductFactory(workspace=workspace)
    today, months = workspace.today, months_from(workspace.today)
    wanted: dict[tuple[str, str, str], Amounts] = {}
    for row in drawn:
        account = AccountFactory(workspace=workspace, health=row["health"], owner=csm if row["owned"] else None)
        day = today + timedelta(days=row["ahead"])
        SubscriptionFactory(
            account=account, product=product, mrr_minor=row["mrr_minor"], currency=row["currency"], renews_on=day,
            renewal_probability=row["probability"], renewal_stage=row["stage"],
        )  # fmt: skip
        month = next((one for one in months if one.holds(day)), None)
        if month is None:
            continue
        percent = BY_HEALTH[row["health"]] if row["probability"] is None else row["probability"]
        key = (month.key, csm.name if row["owned"] else NOBODY, row["currency"])
        cell = wanted.setdefault(key, Amounts())
        amounts = Amounts(1, row["mrr_minor"], row["mrr_minor"] * percent)
        amounts.bands[band_of(row["stage"], percent)] += row["mrr_minor"]
        cell.add(amounts)
    cells = cells_of(workspace, {})
    assert {(months[cell.place].key, cell.name, cell.currency): cell.amounts for cell in cells} == wanted

    forecasts, _ = forecasts_of(workspace, {})
    assert [one.currency for one in forecasts] == sorted(
        {currency for *_, currency in wanted}, key=lambda one: (one != "USD", one)
    )
    for one in forecasts:
        own = [amounts for (*_, currency), amounts in wanted.items() if currency == one.currency]
        weighted = sum(amounts.weighted for amounts in own)
        assert one.total.mrr_minor == sum(amounts.mrr_minor for amounts in own)
        assert one.total.forecast_minor == forecast_minor(weighted)
        assert sum(row.total.weighted for row in one.owners) == weighted
        assert sum(amounts.weighted for _, amounts in one.months) == weighted
        on_board = [t for column in columns_of(workspace, {}) for t in column.totals if t.currency == one.currency]
        assert sum(total.weighted for total in on_board) == weighted
        assert sum(total.at_risk_minor for total in on_board) == one.total.bands["at_risk"]


def test_owners_in_order_and_nobody_last() -> None:
    months = months_from(date(2026, 11, 23))
    assert summed("USD", [], months).owners == []


class TestKept:
    @pytest.fixture(autouse=True)
    def setting(self, account: Account, products: list[Product]) -> None:
        self.account, self.product = account, products[0]

    def ended(self, due_on: date, result: str, before: int, after: int, currency: str = "USD") -> None:
        one = SubscriptionFactory(account=self.account, product=self.product, ended_on=due_on)
        RenewalOutcome.objects.create(
            workspace=self.account.workspace, account=self.account, subscription=one, due_on=due_on, result=result,
            mrr_before_minor=before, mrr_after_minor=after, currency=currency,
        )  # fmt: skip

    def test_growth_does_not_hide_a_loss(self) -> None:
        self.ended(date(2026, 5, 1), "renewed", 100, 100)
        self.ended(date(2026, 6, 1), "expanded", 100, 150)
        self.ended(date(2026, 7, 1), "reduced", 100, 60)
        self.ended(date(2026, 8, 1), "lost", 100, 0)
        (kept,) = kept_of(self.account.workspace, {})
        assert (kept.gross, kept.net) == (65.0, 77.5)
        assert [row[0] for row in kept.results] == ["Renewed", "Renewed for more", "Renewed for less", "Lost"]

    def test_of_twelve_months_each_currency_by_itself(self) -> None:
        self.ended(date(2025, 11, 23), "lost", 100, 0)
        self.ended(date(2025, 11, 24), "renewed", 100, 100)
        self.ended(date(2026, 12, 1), "lost", 100, 0)
        self.ended(date(2026, 3, 1), "lost", 40, 0, "EUR")
        assert [(one.currency, one.gross) for one in kept_of(self.account.workspace, {})] == [
            ("USD", 100.0), ("EUR", 0.0),
        ]  # fmt: skip

    def test_of_one_owner(self, lead: Member) -> None:
        self.ended(date(2026, 5, 1), "renewed", 100, 100)
        assert kept_of(self.account.workspace, {"owner": lead}) == []
        assert kept_of(self.account.workspace, {"owner": self.account.owner})[0].gross == 100.0
