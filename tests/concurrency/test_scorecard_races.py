"""Two who save a scorecard at once: one wins, the other is told; nothing is written over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from accounts.health import services
from accounts.models import Account, HealthOverride, Scorecard
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.task_base import workspace_of
from tests.accounts.health.conftest import TIER
from tests.concurrency.conftest import RunAtOnce
from tests.factories import AccountFactory, ScorecardFactory, make_member


def test_of_two_saves_at_once_one_is_stale(committed: Workspace, at_once: RunAtOnce) -> None:
    with workspace_of(committed.pk) as workspace:
        ops = make_member(workspace, "Farid Fontaine", roles=["ops"])
        card = ScorecardFactory(workspace=workspace, measures=[TIER])

    def save(green_from: int) -> Callable[[], str]:
        def run() -> str:
            with workspace_of(committed.pk) as workspace:
                actor = Member.objects.get(workspace=workspace, pk=ops.pk)
                try:
                    services.save_scorecard(actor=actor, scorecard=card, version=1, values={"green_from": green_from})
                except services.Stale:
                    return "stale"
                return "saved"

        return run

    assert sorted(at_once([save(80), save(90), save(95)])) == ["saved", "stale", "stale"]
    with workspace_of(committed.pk):
        kept = Scorecard.objects.get(pk=card.pk)
        assert (kept.version, kept.green_from in {80, 90, 95}) == (2, True)


def test_of_two_overrides_at_once_one_holds(committed: Workspace, at_once: RunAtOnce) -> None:
    with workspace_of(committed.pk) as workspace:
        csm = make_member(workspace, "Quinn Abbott", roles=["csm"])
        account = AccountFactory(workspace=workspace)

    def override(health: str) -> Callable[[], None]:
        def run() -> None:
            with workspace_of(committed.pk) as workspace:
                services.override_health(
                    actor=Member.objects.get(workspace=workspace, pk=csm.pk),
                    account=Account.objects.get(workspace=workspace, pk=account.pk),
                    health=health,
                    reason="Said so",
                    expires_on=workspace.today + timedelta(days=9),
                )

        return run

    at_once([override("red"), override("yellow"), override("green")])
    with workspace_of(committed.pk):
        assert HealthOverride.objects.count() == 3
        assert HealthOverride.objects.filter(ended_at__isnull=True).count() == 1
