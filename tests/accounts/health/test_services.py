"""Judgements, overrides, escalations and scorecards: what is written, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.health import services
from accounts.health.definitions import InvalidScorecard
from accounts.models import Account, AccountHealth, DirtyAccount, HealthOverride, Scorecard
from csworkbench.tenancy.models import Member, Workspace
from priorities import pipeline
from tests.factories import AccountFactory, ScorecardFactory

from .conftest import TIER, a_measure

STAGE = a_measure("stage", ("is", "mature", 100), otherwise=40)


@pytest.fixture
def account(workspace: Workspace) -> Account:
    return AccountFactory(workspace=workspace, tier=1)


@pytest.fixture
def card(workspace: Workspace) -> Scorecard:
    return ScorecardFactory(workspace=workspace, name="All accounts", key="all", measures=[TIER], place=3)


def fresh(row: Any) -> Any:
    return type(row).objects.get(workspace=row.workspace_id, pk=row.pk)


def marked(workspace: Workspace) -> int:
    return DirtyAccount.objects.filter(workspace=workspace).count()


def forget_marks(workspace: Workspace) -> None:
    DirtyAccount.objects.filter(workspace=workspace).delete()


class TestJudge:
    def test_keeps_the_reason_and_its_codes(self, account: Account, csm: Member, workspace: Workspace) -> None:
        codes = ["no_answer", "champion_left"]
        assert services.judge(actor=csm, account=account, health="red", reason="  Nobody\nanswers ", codes=codes)
        kept = fresh(account)
        assert (kept.health, kept.health_reason, kept.health_since) == ("red", "Nobody answers", workspace.today)
        # In the order in which they are offered.
        assert kept.health_codes == account.health_codes == ["champion_left", "no_answer"]

    def test_twice_changes_nothing(self, account: Account, csm: Member) -> None:
        assert services.judge(actor=csm, account=account, health="red", reason="No answer")
        assert not services.judge(actor=csm, account=account, health="red", reason="No answer")

    def test_the_same_health_keeps_its_date(self, account: Account, csm: Member) -> None:
        Account.objects.filter(workspace=csm.workspace_id, pk=account.pk).update(
            health="red", health_since=date(2026, 1, 5)
        )
        assert services.judge(actor=csm, account=account, health="red", reason="Still no answer")
        assert fresh(account).health_since == date(2026, 1, 5)

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"health": "purple"}, "health"),
            ({"reason": "  "}, "reason"),
            ({"reason": "x" * 201}, "reason"),
            ({"codes": ["weather"]}, "codes"),
            ({"codes": ["price", "payment", "bug", "no_answer"]}, "codes"),
        ],
    )
    def test_refuses(self, account: Account, csm: Member, change: dict[str, Any], field: str) -> None:
        with pytest.raises(ValidationError) as refused:
            services.judge(actor=csm, account=account, **{"health": "red", "reason": "No answer"} | change)
        assert list(refused.value.message_dict) == [field]
        assert fresh(account).health == "undefined"


class TestOverride:
    def override(self, actor: Member, account: Account, **change: Any) -> HealthOverride:
        values: dict[str, Any] = {
            "health": "red",
            "reason": "Said so",
            "expires_on": actor.workspace.today + timedelta(days=30),
        }
        return services.override_health(actor=actor, account=account, **values | change)

    def test_holds_at_once_and_ranks_the_account(self, account: Account, card: Scorecard, csm: Member) -> None:
        pipeline.sweep(csm.workspace)
        assert AccountHealth.objects.get(workspace=csm.workspace, account=account).health == "green"
        self.override(csm, account)
        pipeline.drain_inline(csm.workspace)
        standing = AccountHealth.objects.get(workspace=csm.workspace, account=account)
        assert (standing.health, standing.computed, standing.relationship) == ("red", "green", "risky")

    def test_the_next_one_takes_its_place(self, account: Account, csm: Member, lead: Member) -> None:
        first = self.override(csm, account)
        second = self.override(lead, account, health="yellow")
        assert second.pk != first.pk
        ended = fresh(first)
        assert (ended.ended_by, ended.ended_at is not None) == (lead, True)

    def test_the_same_twice_is_one(self, account: Account, csm: Member) -> None:
        assert self.override(csm, account).pk == self.override(csm, account).pk
        assert HealthOverride.objects.filter(workspace=csm.workspace).count() == 1

    def test_one_that_expired_gives_way_and_nobody_ended_it(self, account: Account, csm: Member) -> None:
        with time_machine.travel("2026-11-23T15:00:00Z", tick=False) as clock:
            first = self.override(csm, account, expires_on=date(2026, 11, 24))
            clock.move_to("2026-11-25T15:00:00Z")
            assert not services.end_override(actor=csm, account=account)
            self.override(csm, account)
        assert fresh(first).ended_by is None

    def test_is_ended_once(self, account: Account, csm: Member) -> None:
        self.override(csm, account)
        assert services.end_override(actor=csm, account=account)
        assert not services.end_override(actor=csm, account=account)

    @pytest.mark.parametrize("days", [-1, 0, 181])
    def test_refuses_a_day_it_cannot_hold_until(self, account: Account, csm: Member, days: int) -> None:
        with pytest.raises(ValidationError) as refused:
            self.override(csm, account, expires_on=csm.workspace.today + timedelta(days=days))
        assert list(refused.value.message_dict) == ["expires_on"]

    @pytest.mark.parametrize("change", [{"reason": ""}, {"health": ""}, {"expires_on": None}])
    def test_refuses_what_is_missing(self, account: Account, csm: Member, change: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            self.override(csm, account, **change)
        assert not HealthOverride.objects.filter(workspace=csm.workspace).exists()


class TestEscalated:
    def test_is_marked_and_cleared_once(self, account: Account, csm: Member, workspace: Workspace) -> None:
        assert services.mark_escalated(actor=csm, account=account)
        assert not services.mark_escalated(actor=csm, account=account)
        assert fresh(account).escalated_since == account.escalated_since == workspace.today
        pipeline.drain_inline(workspace)
        assert AccountHealth.objects.get(workspace=workspace, account=account).relationship == "escalated"
        assert services.clear_escalated(actor=csm, account=account)
        assert not services.clear_escalated(actor=csm, account=account)
        assert fresh(account).escalated_since is None


class TestScorecards:
    def test_saving_makes_a_version_and_marks_the_book(
        self, account: Account, card: Scorecard, ops: Member, workspace: Workspace
    ) -> None:
        forget_marks(workspace)
        saved = services.save_scorecard(
            actor=ops, scorecard=card, version=1, values={"measures": [STAGE], "name": " A  b "}
        )
        kept = fresh(card)
        assert (kept.version, kept.measures, kept.name, kept.changed_by) == (2, [STAGE], "A b", ops)
        assert (saved.version, marked(workspace)) == (2, 1)

    def test_saving_what_it_says_changes_nothing(self, account: Account, card: Scorecard, ops: Member) -> None:
        forget_marks(ops.workspace)
        # Sent twice: the second names the version before.
        for version in (1, 1):
            services.save_scorecard(actor=ops, scorecard=card, version=version, values={"green_from": 80})
        assert (fresh(card).version, marked(ops.workspace)) == (2, 1)

    def test_a_stale_version_is_refused_with_the_current_one(self, card: Scorecard, ops: Member) -> None:
        services.save_scorecard(actor=ops, scorecard=card, version=1, values={"green_from": 80})
        with pytest.raises(services.Stale) as stale:
            services.save_scorecard(actor=ops, scorecard=card, version=1, values={"green_from": 90})
        assert (stale.value.current.green_from, fresh(card).green_from) == (80, 80)

    def test_problems_are_refused_and_nothing_is_written(self, card: Scorecard, ops: Member) -> None:
        with pytest.raises(InvalidScorecard) as refused:
            services.save_scorecard(actor=ops, scorecard=card, version=1, values={"measures": [], "green_from": 0})
        assert [problem.path for problem in refused.value.problems] == ["measures", "green_from"]
        assert fresh(card).version == 1

    def test_a_new_one_waits_behind_the_others(self, card: Scorecard, ops: Member) -> None:
        values = {"name": "Clinics", "measures": [TIER]}
        added = services.add_scorecard(actor=ops, values=values)
        assert (added.key, added.place, added.is_active, added.version) == ("clinics", 4, False, 1)
        with pytest.raises(ValidationError) as refused:
            services.add_scorecard(actor=ops, values=values | {"name": "CLINICS"})
        assert "name" in refused.value.message_dict

    def test_a_copy_is_made_once_until_it_is_changed(self, card: Scorecard, ops: Member) -> None:
        copy = services.copy_scorecard(actor=ops, scorecard=card)
        assert (copy.name, copy.measures, copy.is_active) == ("All accounts (copy)", [TIER], False)
        assert services.copy_scorecard(actor=ops, scorecard=card).pk == copy.pk
        services.save_scorecard(actor=ops, scorecard=copy, version=1, values={"green_from": 99})
        assert services.copy_scorecard(actor=ops, scorecard=card).name == "All accounts (copy 2)"

    def test_moving_puts_one_at_a_place(self, card: Scorecard, ops: Member, account: Account) -> None:
        second = ScorecardFactory(workspace=ops.workspace, measures=[STAGE], place=7)
        forget_marks(ops.workspace)
        assert services.move_scorecard(actor=ops, scorecard=second, place=0)
        assert not services.move_scorecard(actor=ops, scorecard=second, place=0)
        assert list(Scorecard.objects.filter(workspace=ops.workspace)) == [second, card]
        assert marked(ops.workspace) == 1

    def test_switching_marks_the_book_once(self, card: Scorecard, ops: Member, account: Account) -> None:
        forget_marks(ops.workspace)
        assert services.deactivate_scorecard(actor=ops, scorecard=card)
        assert not services.deactivate_scorecard(actor=ops, scorecard=card)
        assert marked(ops.workspace) == 1
        assert services.activate_scorecard(actor=ops, scorecard=card)
        assert (fresh(card).is_active, fresh(card).version) == (True, 1)

    def test_one_whose_fact_has_gone_is_not_activated(self, workspace: Workspace, ops: Member) -> None:
        gone = ScorecardFactory(workspace=workspace, measures=[TIER | {"fact": "retired"}], is_active=False)
        with pytest.raises(InvalidScorecard):
            services.activate_scorecard(actor=ops, scorecard=gone)
        assert timezone.is_aware(fresh(gone).changed_at)
