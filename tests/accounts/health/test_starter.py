"""The starter scorecards: sound, complete, installed once."""

from __future__ import annotations

import pytest

from accounts.health.definitions import validate_scorecard
from accounts.health.starter import STARTERS, install_scorecards
from accounts.models import Scorecard
from csworkbench.tenancy.models import Workspace
from tests.factories import AccountFactory, ScorecardFactory

from .conftest import TIER, Judge, standing

# HLT-4: falling engagement, negative sentiment, unresolved support tickets, late payment, organisational change.
SIGNALS = {
    "last_answered_at",
    "unanswered_since",
    "sentiment",
    "support_waits_since",
    "past_due_since",
    "org_change_on",
}
MEASURES = {"usage_trend", "frequency_met", "modules_30_days", "outcome_percent", "judged_health"}


@pytest.mark.parametrize("pack", STARTERS)
class TestStarters:
    def test_each_is_sound(self, pack: str) -> None:
        for card in STARTERS[pack]:
            assert validate_scorecard(card) == []

    def test_one_fits_everyone_and_stands_last(self, pack: str) -> None:
        assert [card["audience"] is None for card in STARTERS[pack]][-1]
        assert sum(card["audience"] is None for card in STARTERS[pack]) == 1
        assert len(STARTERS[pack]) > 1

    def test_every_signal_is_covered(self, pack: str) -> None:
        for card in STARTERS[pack]:
            assert {measure["fact"] for measure in card["measures"]} >= SIGNALS
        assert {measure["fact"] for measure in STARTERS[pack][-1]["measures"]} >= SIGNALS | MEASURES

    def test_twice_is_once(self, workspace: Workspace, pack: str) -> None:
        assert install_scorecards(workspace, pack) == len(STARTERS[pack])
        assert install_scorecards(workspace, pack) == 0
        assert Scorecard.objects.filter(workspace=workspace).count() == len(STARTERS[pack])

    def test_a_workspaces_own_stays_the_one_that_counts(self, workspace: Workspace, pack: str, judge: Judge) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        own = ScorecardFactory(workspace=workspace, key="general", measures=[TIER])
        install_scorecards(workspace, pack)
        judge()
        assert (standing(account).scorecard_id, Scorecard.objects.get(workspace=workspace, key="general")) == (
            own.pk,
            own,
        )

    @pytest.mark.parametrize("stage", ["onboarding", "mature"])
    @pytest.mark.parametrize("judged", ["green", "yellow", "red", "undefined"])
    def test_a_judgement_alone_is_the_colour(
        self, workspace: Workspace, pack: str, judge: Judge, judged: str, stage: str
    ) -> None:
        """A book of which nothing else is known keeps the health it was imported with."""
        account = AccountFactory(workspace=workspace, health=judged, stage=stage)
        install_scorecards(workspace, pack)
        judge()
        assert standing(account).health == judged
