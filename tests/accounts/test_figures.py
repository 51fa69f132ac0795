"""Figures hold whatever their tables hold."""

from __future__ import annotations

import pytest

from accounts.models import Outcome
from csworkbench.tenancy.models import Workspace
from tests.factories import AccountFactory, SubscriptionFactory

LARGEST = 2**31 - 1


class TestLargeNumbers:
    @pytest.mark.parametrize(
        ("target", "actual", "percent"),
        [(50_000_000, 40_000_000, 80), (1, LARGEST, LARGEST), (1, -LARGEST, -LARGEST - 1), (3, 1, 33)],
    )
    def test_an_outcome_in_dollars_has_a_percentage(
        self, workspace: Workspace, target: int, actual: int, percent: int
    ) -> None:
        account = AccountFactory(workspace=workspace)
        goal = Outcome.objects.create(
            workspace=workspace, account=account, measure="Revenue", target=target, measured_on=workspace.today
        )
        Outcome.objects.filter(pk=goal.pk).update(actual=actual)
        account.figures.refresh_from_db()
        assert account.figures.outcome_percent == percent

    def test_users_beyond_what_a_figure_holds_do_not_refuse_the_subscription(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace)
        for _ in range(2):
            SubscriptionFactory(account=account, contracted_users=2_000_000_000, active_users=7)
        account.figures.refresh_from_db()
        assert (account.figures.contracted_users, account.figures.active_users) == (LARGEST, 14)
