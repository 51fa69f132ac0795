"""What the panel shows of an account, and what a preview shows of a book."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.facts import FactContext, context_for
from accounts.health import services
from accounts.health.definitions import InvalidScorecard
from accounts.health.queries import Health, health_of, overrides_of, preview, scorecards_of
from accounts.models import Account, AccountHealth, HealthDay, Scorecard
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, ScorecardFactory

from .conftest import TIER, Judge, a_measure

GROWTH = a_measure("growth_potential", ("is", "high", 100), otherwise=50, weight=30, label="Growth")
RED_TIER = a_measure("tier", ("is", 1, 0), otherwise=100)


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace, tier=1, growth_potential="high", health="yellow", health_reason="So so")


@pytest.fixture
def card(workspace: Workspace) -> Scorecard:
    return ScorecardFactory(workspace=workspace, measures=[TIER, GROWTH], place=3)


def shown(account: Account) -> Health:
    found = Account.objects.select_related("standing", "workspace").get(workspace=account.workspace_id, pk=account.pk)
    return health_of(found, found.workspace)


class TestHealthOf:
    def test_measures_with_their_words_points_and_share(self, account: Account, card: Scorecard, judge: Judge) -> None:
        judge()
        health = shown(account)
        lines = [(line.label, line.value, line.points, line.share, line.delta) for line in health.measures]
        assert lines == [("Tier", "tier 1", 100, 25, None), ("Growth", "high growth potential", 100, 75, None)]
        assert (health.health, health.label, health.score, health.known) == ("green", "Green", 100, 100)
        assert (health.green_from, health.yellow_from, health.scorecard) == (70, 40, card)
        assert (health.relationship_label, health.judged, health.judged_reason) == ("Healthy", "yellow", "So so")

    def test_what_moved_since_most_weighty_first(self, account: Account, card: Scorecard, judge: Judge) -> None:
        with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
            judge()
            clock.move_to("2026-11-25T15:00:00Z")
            Account.objects.filter(workspace=account.workspace_id, pk=account.pk).update(tier=3, growth_potential="low")
            judge()
            clock.move_to("2026-11-28T15:00:00Z")
            health = shown(account)
        assert (health.score, health.score_before, health.delta, health.moved_on) == (43, 100, -57, date(2026, 11, 25))
        assert [each.text for each in health.moved] == [
            "Growth 100 → 50: low growth potential",
            "Tier 100 → 20: tier 3",
        ]
        assert [line.delta for line in health.measures] == [-80, -50]

    def test_the_history_is_carried_forward(self, account: Account, card: Scorecard, judge: Judge) -> None:
        with time_machine.travel("2026-05-01T15:00:00Z", tick=False) as clock:
            judge()
            clock.move_to("2026-11-23T15:00:00Z")
            Account.objects.filter(workspace=account.workspace_id, pk=account.pk).update(tier=3)
            judge()
            clock.move_to("2026-11-25T15:00:00Z")
            trend = shown(account).trend
        assert (len(trend), trend[0].day, trend[-1].day) == (181, date(2026, 5, 29), date(2026, 11, 25))
        assert [point.score for point in trend[-4:]] == [100, 80, 80, 80]

    def test_an_override_stands_beside_what_is_computed(
        self, account: Account, card: Scorecard, judge: Judge, csm: Member, workspace: Workspace
    ) -> None:
        until = workspace.today + timedelta(days=9)
        services.override_health(actor=csm, account=account, health="red", reason="They told me", expires_on=until)
        judge()
        health = shown(account)
        assert (health.health, health.computed, health.score) == ("red", "green", 100)
        assert health.override is not None
        assert (health.override.author, health.override.reason, health.override.expires_on) == (
            csm.name,
            "They told me",
            until,
        )
        services.end_override(actor=csm, account=account)
        assert shown(account).override is None
        assert [each.holds for each in overrides_of(account, workspace, context_for(workspace))] == [False]

    def test_without_a_scorecard_the_judgement_is_the_health(self, account: Account, judge: Judge) -> None:
        judge()
        health = shown(account)
        assert (health.health, health.computed, health.score, health.measures) == ("yellow", "", None, ())
        assert (health.scorecard, health.trend, health.override) == (None, (), None)

    def test_a_scorecard_saved_meanwhile_is_said(
        self, account: Account, card: Scorecard, judge: Judge, ops: Member
    ) -> None:
        judge()
        services.save_scorecard(actor=ops, scorecard=card, version=1, values={"measures": [GROWTH]})
        assert (shown(account).is_behind, shown(account).measures) == (True, ())
        judge()
        assert (shown(account).is_behind, len(shown(account).measures)) == (False, 1)

    def test_points_of_another_version_are_not_compared(
        self, account: Account, card: Scorecard, judge: Judge, ops: Member
    ) -> None:
        with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
            judge()
            clock.shift(timedelta(days=1))
            services.save_scorecard(actor=ops, scorecard=card, version=1, values={"measures": [RED_TIER, GROWTH]})
            judge()
            health = shown(account)
        assert (health.score, health.delta, health.moved) == (75, None, ())

    def test_five_statements(self, account: Account, card: Scorecard, judge: Judge) -> None:
        judge()
        found = Account.objects.select_related("standing", "workspace").get(
            workspace=account.workspace_id, pk=account.pk
        )
        with CaptureQueriesContext(connection) as statements:
            health_of(found, found.workspace)
        assert len(statements) <= 5


class TestPreview:
    def test_before_and_after_by_colour_owner_and_account(
        self, workspace: Workspace, card: Scorecard, judge: Judge, csm: Member, context: FactContext
    ) -> None:
        first, second = (AccountFactory(workspace=workspace, tier=tier, owner=csm, name=f"T{tier}") for tier in (1, 3))
        AccountFactory(workspace=workspace, tier=3, name="Nobody's")
        judge()
        before = list(AccountHealth.objects.filter(workspace=workspace).values_list().order_by("account"))
        card.measures = [RED_TIER]
        with CaptureQueriesContext(connection) as statements:
            seen = preview(card, workspace, context)
        assert len(statements) == 3
        # Growth is unknown and otherwise gives 50: (10 × 100 + 30 × 50) / 40 = 63, and 43 for tier 3.
        assert (seen.counts.before["yellow"], seen.counts.after["green"], seen.counts.after["red"]) == (0, 2, 1)
        assert seen.counts.changed == 3
        assert [(line.name, line.counts.changed) for line in seen.owners] == [(csm.name, 2), ("Nobody", 1)]
        assert [(each.name, each.after, each.score_after) for each in seen.changes] == [
            ("T1", "red", 0),
            ("Nobody's", "green", 100),
            ("T3", "green", 100),
        ]
        assert seen.changes[0].account_id == first.pk
        assert second.pk in {each.account_id for each in seen.changes}
        assert list(AccountHealth.objects.filter(workspace=workspace).values_list().order_by("account")) == before
        assert not HealthDay.objects.filter(workspace=workspace, score=0).exists()

    def test_one_that_was_never_saved_counts_by_its_place(
        self, workspace: Workspace, card: Scorecard, judge: Judge, context: FactContext
    ) -> None:
        AccountFactory(workspace=workspace, tier=1)
        judge()
        last = Scorecard(workspace=workspace, key="new", name="New", measures=[RED_TIER], place=9, least_known=0)
        assert preview(last, workspace, context).counts.changed == 0
        first = Scorecard(workspace=workspace, key="new", name="New", measures=[RED_TIER], place=0, least_known=0)
        assert preview(first, workspace, context).counts.changed == 1

    def test_an_override_keeps_its_colour(
        self, workspace: Workspace, card: Scorecard, judge: Judge, csm: Member, context: FactContext
    ) -> None:
        account = AccountFactory(workspace=workspace, tier=3, growth_potential="high")
        until = workspace.today + timedelta(days=9)
        services.override_health(actor=csm, account=account, health="green", reason="They told me", expires_on=until)
        judge()
        card.measures = [RED_TIER | {"otherwise": 0}]
        assert preview(card, workspace, context).counts.changed == 0

    def test_one_that_cannot_be_computed_is_refused(
        self, workspace: Workspace, card: Scorecard, context: FactContext
    ) -> None:
        card.measures = []
        with pytest.raises(InvalidScorecard):
            preview(card, workspace, context)

    def test_another_workspace_is_not_counted(
        self, workspace: Workspace, other_workspace: Workspace, card: Scorecard, context: FactContext
    ) -> None:
        with workspace_scope(other_workspace.pk):
            AccountFactory(workspace=other_workspace)
        assert sum(preview(card, workspace, context).counts.after.values()) == 0


def test_scorecards_say_how_many_accounts_they_judge(
    workspace: Workspace, account: Account, card: Scorecard, judge: Judge
) -> None:
    judge()
    draft = ScorecardFactory(workspace=workspace, measures=[TIER], place=9, is_active=False)
    assert scorecards_of(workspace) == [(card, 1), (draft, 0)]
