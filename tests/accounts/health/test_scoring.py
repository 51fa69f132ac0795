"""The health step: one SQL computation that an independent reading of the scorecard agrees with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.facts import FactContext, all_facts, context_for, get_fact
from accounts.health.definitions import validate_measures
from accounts.health.scoring import judge_health
from accounts.models import Account, AccountHealth, HealthDay, HealthOverride, Scorecard
from accounts.queries import fact_values
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import (
    AccountFactory,
    ModuleFactory,
    ModuleUseFactory,
    ProductFactory,
    ScorecardFactory,
    SubscriptionFactory,
)

from .conftest import TIER, Judge, a_measure, days, figure, standing
from .reading import measures, verdict


@pytest.fixture
def book(workspace: Workspace) -> list[Account]:
    """Six accounts of which everything, something and nothing is known."""
    today = workspace.today
    context = context_for(workspace)
    cases = ModuleFactory(product=ProductFactory(workspace=workspace))
    accounts = [
        AccountFactory(
            workspace=workspace,
            tier=(None, 1, 2, 3, 1, 2)[n],
            growth_potential=("", "high", "low", "", "high", "low")[n],
            health=("undefined", "green", "yellow", "red", "green", "undefined")[n],
            past_due_since=today - timedelta(days=10 * n) if n % 2 else None,
            declared_frequency=("", "daily", "weekly", "monthly", "rarely", "weekly")[n],
        )
        for n in range(6)
    ]
    for n, account in enumerate(accounts[1:], start=1):
        SubscriptionFactory(
            account=account, product=cases.product, mrr_minor=n * 20, renews_on=today + timedelta(days=n * 9 - 20)
        )
        ModuleUseFactory(account=account, module=cases, last_used_at=context.start_of(today - timedelta(days=n * 8)))
        figure(
            account,
            unanswered=n,
            sentiment=(None, 1, 0, -1, None, -1)[n],
            last_answered_at=context.start_of(today - timedelta(days=12 * n)) if n != 3 else None,
            support_waits_since=context.start_of(today - timedelta(days=30)) if n % 2 else None,
            outcome_percent=40 * n if n != 2 else None,
            uses_30_days=30 * n,
            uses_prior_30_days=90 if n != 4 else 0,
            active_days_28=n,
            counted_on=today if n != 5 else None,
        )
    return accounts


class TestAgainstAnIndependentReading:
    @given(
        drawn=st.lists(measures(), min_size=1, max_size=3),
        bounds=st.tuples(st.integers(0, 99), st.integers(1, 100)).filter(lambda each: each[0] < each[1]),
        least=st.integers(0, 100),
        tiers=st.lists(st.sampled_from([1, 2, 3]), min_size=2, max_size=2),
    )
    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_points_score_colour_and_audience_agree(
        self,
        workspace: Workspace,
        context: FactContext,
        book: list[Account],
        drawn: list[list[dict[str, Any]]],
        bounds: tuple[int, int],
        least: int,
        tiers: list[int],
    ) -> None:
        Scorecard.objects.filter(workspace=workspace).delete()
        cards = [
            ScorecardFactory(
                workspace=workspace,
                measures=each,
                audience={"fact": "tier", "op": "is", "value": tier} if tier else None,
                yellow_from=bounds[0],
                green_from=bounds[1],
                least_known=least,
            )
            for each, tier in zip(drawn, [*tiers, None], strict=False)
        ]
        assert not [problem for each in drawn for problem in validate_measures(each)]
        judge_health(workspace, context)
        keys = {measure["fact"] for card in cards for measure in card.measures} | {"tier"}
        values = fact_values([account.pk for account in book], keys, context)
        for account in book:
            found = standing(account)
            mine = values[account.pk]
            card = next(
                (each for each in cards if each.audience is None or each.audience["value"] == mine["tier"]), None
            )
            seen = (found.computed, found.score, found.known, found.points)
            if card is None:
                assert (seen, found.health, found.scorecard_id) == (("", None, None, []), "", None)
            else:
                assert seen == verdict(card, mine, context)
                assert (found.health, found.scorecard_id, found.version) == (found.computed, card.pk, 1)


class TestScore:
    @pytest.mark.parametrize(
        ("points", "colour"), [(100, "green"), (70, "green"), (69, "yellow"), (40, "yellow"), (39, "red"), (0, "red")]
    )
    def test_colour_by_thresholds(self, workspace: Workspace, judge: Judge, points: int, colour: str) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        ScorecardFactory(workspace=workspace, measures=[a_measure("tier", ("is", 1, points))])
        judge()
        assert (standing(account).health, standing(account).score) == (colour, points)

    def test_a_half_is_rounded_up(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        pair = [a_measure("tier", ("is", 1, points), key=f"m{points}") for points in (70, 69)]
        ScorecardFactory(workspace=workspace, measures=pair)
        judge()
        assert standing(account).score == 70

    @pytest.mark.parametrize(("least", "colour", "score"), [(33, "green", 100), (34, "undefined", None)])
    def test_too_little_known_is_undefined(
        self, workspace: Workspace, judge: Judge, least: int, colour: str, score: int | None
    ) -> None:
        account = AccountFactory(workspace=workspace, tier=1, health="red")
        unknown = a_measure("sentiment", ("is", "negative", 0), weight=20)
        ScorecardFactory(workspace=workspace, measures=[TIER, unknown], least_known=least)
        judge()
        found = standing(account)
        assert (found.health, found.score, found.known, found.points) == (colour, score, 33, [100, None])

    def test_nothing_known_is_undefined_even_where_nothing_need_be(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=None)
        ScorecardFactory(workspace=workspace, measures=[TIER], least_known=0)
        judge()
        assert (standing(account).health, standing(account).score) == ("undefined", None)

    def test_unknown_may_give_points_or_be_a_band(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=None)
        given = a_measure("tier", ("is", 1, 100), unknown=30)
        tested = a_measure("past_due_since", ("empty", None, 90))
        ScorecardFactory(workspace=workspace, measures=[given, tested])
        judge()
        assert (standing(account).points, standing(account).known) == ([30, 90], 100)


class TestAudience:
    def test_the_first_active_card_that_fits_counts(self, workspace: Workspace, judge: Judge) -> None:
        onboarding, other = (AccountFactory(workspace=workspace, stage=stage) for stage in ("onboarding", "mature"))
        fits_onboarding = {"fact": "stage", "op": "is", "value": "onboarding"}
        ScorecardFactory(workspace=workspace, measures=[TIER], place=0, is_active=False)
        general = ScorecardFactory(workspace=workspace, measures=[TIER], place=9)
        special = ScorecardFactory(workspace=workspace, measures=[TIER], place=1, audience=fits_onboarding)
        judge()
        assert (standing(onboarding).scorecard_id, standing(other).scorecard_id) == (special.pk, general.pk)

    def test_without_a_card_the_judgement_holds(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, health="red", health_since=date(2026, 1, 5))
        judge()
        found = Account.objects.select_related("standing").get(workspace=workspace, pk=account.pk)
        assert (found.standing.health, found.effective_health) == ("", "red")
        assert (found.effective_health_since, found.standing.relationship) == (date(2026, 1, 5), "risky")

    def test_a_card_that_no_longer_counts_leaves_nothing_behind(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1, health="yellow")
        card = ScorecardFactory(workspace=workspace, measures=[TIER])
        judge()
        Scorecard.objects.filter(workspace=workspace, pk=card.pk).update(is_active=False)
        assert judge() == 1
        found = standing(account)
        assert (found.health, found.computed, found.score, found.points) == ("", "", None, [])
        assert (found.scorecard_id, found.version, found.since) == (None, None, None)
        assert [row[1:] for row in days(account)] == [("yellow", None)]


def override(account: Account, health: str, expires_on: date, **fields: Any) -> HealthOverride:
    return HealthOverride.objects.create(
        workspace_id=account.workspace_id,
        account=account,
        health=health,
        reason="Said so",
        expires_on=expires_on,
        **fields,
    )


class TestOverride:
    def test_wins_over_the_card_which_is_still_told(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        ScorecardFactory(workspace=workspace, measures=[TIER])
        override(account, "red", workspace.today)
        judge()
        found = standing(account)
        assert (found.health, found.computed, found.score) == ("red", "green", 100)
        assert HealthDay.objects.get(workspace=workspace, account=account).is_override

    def test_wins_over_the_judgement_without_a_card(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, health="green")
        override(account, "red", workspace.today)
        judge()
        assert (standing(account).health, standing(account).computed) == ("red", "")

    def test_expires_at_the_workspaces_midnight_without_any_write(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        ScorecardFactory(workspace=workspace, measures=[TIER])
        with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
            override(account, "red", date(2026, 11, 24))
            judge()
            # 23:59 in Chicago on its last day, and a minute later.
            clock.move_to("2026-11-25T05:59:00Z")
            judge()
            assert standing(account).health == "red"
            clock.move_to("2026-11-25T06:00:00Z")
            assert judge() == 1
            assert (standing(account).health, standing(account).since) == ("green", date(2026, 11, 25))
            assert days(account) == [(date(2026, 11, 23), "red", 100), (date(2026, 11, 25), "green", 100)]

    def test_one_that_was_ended_does_not_hold(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        ScorecardFactory(workspace=workspace, measures=[TIER])
        override(account, "red", workspace.today, ended_at=context_for(workspace).start_of(workspace.today))
        judge()
        assert standing(account).health == "green"


class TestRelationship:
    @pytest.mark.parametrize(
        ("health", "yellow_is", "said"),
        [
            ("green", "risky", "healthy"),
            ("yellow", "risky", "risky"),
            ("yellow", "healthy", "healthy"),
            ("red", "healthy", "risky"),
            ("undefined", "healthy", "undefined"),
        ],
    )
    def test_follows_the_effective_health(
        self, workspace: Workspace, judge: Judge, health: str, yellow_is: str, said: str
    ) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        ScorecardFactory(workspace=workspace, measures=[TIER], yellow_is=yellow_is)
        override(account, health, workspace.today)
        judge()
        assert standing(account).relationship == said

    def test_an_escalated_account_is_escalated_whatever_its_health(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1, escalated_since=workspace.today)
        ScorecardFactory(workspace=workspace, measures=[TIER])
        judge()
        assert (standing(account).health, standing(account).relationship) == ("green", "escalated")
        Account.objects.filter(workspace=workspace, pk=account.pk).update(escalated_since=None)
        judge()
        assert standing(account).relationship == "healthy"


class TestHistory:
    def test_a_row_only_on_days_when_something_moved(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        ScorecardFactory(workspace=workspace, measures=[TIER])
        with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
            assert judge() == 1
            clock.shift(timedelta(days=1))
            assert judge() == 0
            clock.shift(timedelta(days=1))
            for tier in (2, 3):
                Account.objects.filter(workspace=workspace, pk=account.pk).update(tier=tier)
                assert judge() == 1
        assert days(account) == [(date(2026, 11, 23), "green", 100), (date(2026, 11, 25), "red", 20)]

    def test_points_that_move_within_a_score_are_a_day_too(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1, growth_potential="low")
        pair = [
            a_measure("tier", ("is", 1, 80), otherwise=20),
            a_measure("growth_potential", ("is", "low", 20), otherwise=80),
        ]
        ScorecardFactory(workspace=workspace, measures=pair)
        with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
            judge()
            clock.shift(timedelta(days=1))
            Account.objects.filter(workspace=workspace, pk=account.pk).update(tier=2, growth_potential="high")
            judge()
        assert [row[1:] for row in days(account)] == [("yellow", 50), ("yellow", 50)]
        last = HealthDay.objects.filter(workspace=workspace, account=account).latest("day")
        assert (last.points, standing(account).since) == ([20, 80], date(2026, 11, 23))

    def test_a_new_version_that_moves_no_points_is_no_day(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        card = ScorecardFactory(workspace=workspace, measures=[TIER])
        with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
            judge()
            clock.shift(timedelta(days=1))
            Scorecard.objects.filter(workspace=workspace, pk=card.pk).update(version=2)
            assert judge() == 1
        assert (standing(account).version, len(days(account))) == (2, 1)

    def test_since_moves_with_the_effective_health_alone(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1, health="green", health_since=date(2026, 3, 2))
        card = ScorecardFactory(workspace=workspace, measures=[TIER])
        judge()
        # The card agrees with what was judged before it.
        assert standing(account).since == date(2026, 3, 2)
        Scorecard.objects.filter(workspace=workspace, pk=card.pk).update(
            measures=[TIER | {"bands": [{"op": "is", "value": 1, "points": 75}]}], version=2
        )
        judge()
        assert (standing(account).score, standing(account).since) == (75, date(2026, 3, 2))
        Account.objects.filter(workspace=workspace, pk=account.pk).update(tier=3)
        judge()
        assert standing(account).since == workspace.today

    def test_a_judgement_without_a_card_has_its_day_once(self, workspace: Workspace, judge: Judge) -> None:
        today = workspace.today
        account = AccountFactory(workspace=workspace, health="red", health_since=today)
        old = AccountFactory(workspace=workspace, health="red", health_since=today - timedelta(days=40))
        for _ in range(2):
            judge()
        assert (days(account), days(old)) == ([(today, "red", None)], [])
        Account.objects.filter(workspace=workspace, pk=account.pk).update(health="green")
        judge([account])
        assert days(account) == [(today, "green", None)]

    def test_a_judgement_a_card_spoke_over_leaves_no_day(self, workspace: Workspace, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1, health="red")
        card = ScorecardFactory(workspace=workspace, measures=[TIER])
        with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
            Account.objects.filter(workspace=workspace, pk=account.pk).update(health_since=date(2026, 11, 23))
            judge()
            clock.shift(timedelta(days=2))
            Scorecard.objects.filter(workspace=workspace, pk=card.pk).update(is_active=False)
            for _ in range(2):
                judge()
        assert days(account) == [(date(2026, 11, 23), "green", 100), (date(2026, 11, 25), "red", None)]


class TestASet:
    def test_twice_changes_nothing(self, workspace: Workspace, book: list[Account], judge: Judge) -> None:
        ScorecardFactory(workspace=workspace, measures=[TIER])
        assert judge() == len(book)
        before = list(AccountHealth.objects.filter(workspace=workspace).values_list().order_by("account"))
        assert judge() == 0
        assert list(AccountHealth.objects.filter(workspace=workspace).values_list().order_by("account")) == before

    def test_some_accounts_alone(self, workspace: Workspace, book: list[Account], judge: Judge) -> None:
        ScorecardFactory(workspace=workspace, measures=[TIER])
        assert judge(book[:2]) == 2
        assert [standing(account).computed for account in book[:3]] == ["undefined", "green", ""]

    def test_the_number_of_statements_does_not_grow(
        self, workspace: Workspace, book: list[Account], judge: Judge, context: FactContext
    ) -> None:
        cards = [{"fact": "tier", "op": "is", "value": tier} for tier in (1, 2)]
        for audience in cards:
            ScorecardFactory(workspace=workspace, measures=[TIER], audience=audience)
        AccountFactory.create_batch(20, workspace=workspace)
        with CaptureQueriesContext(connection) as statements:
            judge()
        assert len(statements) == 3
        ScorecardFactory(workspace=workspace, measures=[TIER], audience=None)
        with CaptureQueriesContext(connection) as statements:
            judge()
        assert len(statements) == 2

    def test_another_workspace_is_untouched(
        self, workspace: Workspace, other_workspace: Workspace, judge: Judge
    ) -> None:
        with workspace_scope(other_workspace.pk):
            foreign = AccountFactory(workspace=other_workspace, tier=1)
            ScorecardFactory(workspace=other_workspace, measures=[TIER])
        mine = AccountFactory(workspace=workspace, tier=1)
        judge()
        assert standing(mine).computed == ""
        with workspace_scope(other_workspace.pk):
            assert standing(foreign).computed == ""
            assert judge_health(other_workspace, context_for(other_workspace)) == 1
            assert standing(foreign).computed == "green"
        assert standing(mine).computed == ""


def test_every_fact_that_may_be_measured_compiles(workspace: Workspace, context: FactContext) -> None:
    AccountFactory(workspace=workspace)
    facts = [fact for fact in all_facts() if not fact.decided]
    for start in range(0, len(facts), 30):
        some = [a_measure(fact.key, ("not_empty", None, 50)) for fact in facts[start : start + 30]]
        assert validate_measures(some) == []
        Scorecard.objects.filter(workspace=workspace).delete()
        ScorecardFactory(workspace=workspace, measures=some)
        judge_health(workspace, context)
    assert get_fact("health").decided
