"""Facts in, levels, runs and ranked tasks out: the whole pipeline on small books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.facts import context_for
from accounts.models import Account, AccountPriority, DirtyAccount, ModuleUse, Subscription
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace
from playbooks.models import Run, Task
from playbooks.starter import ADVISOR, install_playbooks
from priorities import pipeline
from priorities.starter import install_rules
from tests.factories import (
    AccountFactory,
    ModuleFactory,
    ModuleUseFactory,
    ProductFactory,
    SubscriptionFactory,
    TaskFactory,
)

pytestmark = pytest.mark.usefixtures("frozen")


def level_of(account: Account) -> int:
    return AccountPriority.objects.get(account=account).level


class TestStarterRules:
    @pytest.mark.parametrize(
        ("fields", "level"),
        [
            ({"tier": 3, "health": "green"}, 4),
            ({"tier": 3, "health": "red"}, 3),
            ({"tier": 2, "health": "green"}, 3),
            ({"tier": 2, "health": "red"}, 2),
            ({"tier": 1, "health": "yellow"}, 2),
            ({"tier": 1, "health": "red"}, 1),
            ({"tier": 2, "health": "red", "stage": "onboarding", "growth_potential": "high"}, 1),
            ({"tier": 2, "health": "red", "stage": "onboarding", "growth_potential": "low"}, 2),
            ({"tier": 1, "health": "red", "stage": "churned"}, 4),
            ({"tier": None, "health": "red"}, 4),
        ],
    )
    def test_level_follows_tier_health_and_stage(
        self, workspace: Workspace, fields: dict[str, object], level: int
    ) -> None:
        install_rules(workspace)
        account = AccountFactory(workspace=workspace, **fields)
        pipeline.drain(workspace)
        assert level_of(account) == level

    def test_low_outcome_of_a_renewing_tier_1_is_critical(self, workspace: Workspace) -> None:
        install_rules(workspace)
        account = AccountFactory(workspace=workspace, tier=1, health="green")
        account.outcomes.create(
            workspace=workspace, measure="Leads", target=100, actual=20, measured_on=date(2026, 11, 1)
        )
        SubscriptionFactory(account=account, renews_on=date(2026, 11, 23) + timedelta(days=60))
        pipeline.drain(workspace)
        priority = AccountPriority.objects.get(account=account)
        assert priority.level == 1
        assert "low_outcome" in priority.matched


class TestDrain:
    def test_takes_the_marks_and_leaves_nothing_stale(self, workspace: Workspace) -> None:
        install_rules(workspace)
        account = AccountFactory(workspace=workspace, tier=1, health="green")
        assert pipeline.drain(workspace).marks > 0
        assert level_of(account) == 2
        Account.objects.filter(pk=account.pk).update(health="red")
        pipeline.drain(workspace)
        assert level_of(account) == 1
        assert not DirtyAccount.objects.exists()
        assert pipeline.sweep(workspace).changed == 0

    def test_ranks_tasks_by_level_then_severity(self, workspace: Workspace) -> None:
        install_rules(workspace)
        red = AccountFactory(workspace=workspace, tier=1, health="red")
        calm = AccountFactory(workspace=workspace, tier=3, health="green")
        urgent = TaskFactory(account=calm, severity=1)
        same_issue = TaskFactory(account=red, severity=2)
        pipeline.drain(workspace)
        urgent.refresh_from_db()
        same_issue.refresh_from_db()
        assert (same_issue.level, urgent.level) == (1, 3)


class TestInactivityPlaybooks:
    @pytest.fixture
    def account(self, workspace: Workspace, csm: Member) -> Account:
        install_rules(workspace)
        install_playbooks(workspace, ADVISOR)
        product = ProductFactory(workspace=workspace)
        self.cases = ModuleFactory(product=product, key="cases")
        self.policies = ModuleFactory(product=product, key="policies", name="Policies", use_label="policy viewed")
        account = AccountFactory(workspace=workspace, owner=csm, customer_since=date(2025, 1, 1))
        SubscriptionFactory(account=account, product=product, renews_on=None)
        for module in (self.cases, self.policies):
            ModuleUseFactory(account=account, module=module, last_used_at=clock.now())
        return account

    def test_two_causes_make_two_runs_and_clear_themselves(
        self, workspace: Workspace, account: Account, frozen: time_machine.Traveller
    ) -> None:
        frozen.shift(timedelta(days=29))
        pipeline.sweep(workspace)
        assert not Run.objects.exists()
        frozen.shift(timedelta(days=1))
        pipeline.sweep(workspace)
        assert sorted(Run.objects.values_list("cause", flat=True)) == ["silent-cases", "silent-policies"]
        pipeline.sweep(workspace)
        assert Task.objects.filter(state="open").count() == 2

        account.uses.filter(module=self.cases).update(last_used_at=clock.now())
        pipeline.drain(workspace)
        assert Run.objects.get(cause="silent-cases").state == "cleared"
        assert list(Task.objects.filter(state="open").values_list("run__cause", flat=True)) == ["silent-policies"]

    def test_a_handled_cause_rests_for_its_cooldown(
        self, workspace: Workspace, account: Account, frozen: time_machine.Traveller
    ) -> None:
        frozen.shift(timedelta(days=31))
        pipeline.sweep(workspace)
        Task.objects.update(state="done", closed_at=clock.now())
        pipeline.sweep(workspace)
        assert set(Run.objects.values_list("state", flat=True)) == {"completed"}
        frozen.shift(timedelta(days=13))
        pipeline.sweep(workspace)
        assert not Run.objects.filter(state="open").exists()
        frozen.shift(timedelta(days=1, minutes=1))
        pipeline.sweep(workspace)
        assert Run.objects.filter(state="open").count() == 2


class TestRenewalPlaybook:
    @pytest.mark.parametrize(
        ("days", "health", "fires"),
        [(91, "green", False), (90, "green", True), (121, "red", False), (120, "red", True)],
    )
    def test_fires_90_days_ahead_or_120_when_red(
        self, workspace: Workspace, csm: Member, days: int, health: str, fires: bool
    ) -> None:
        install_rules(workspace)
        install_playbooks(workspace, ADVISOR)
        account = AccountFactory(workspace=workspace, owner=csm, health=health)
        SubscriptionFactory(account=account, renews_on=workspace.today + timedelta(days=days))
        pipeline.drain(workspace)
        assert Run.objects.filter(cause="renewal").exists() is fires

    def test_clears_when_renewed(self, workspace: Workspace, csm: Member) -> None:
        install_rules(workspace)
        install_playbooks(workspace, ADVISOR)
        account = AccountFactory(workspace=workspace, owner=csm)
        subscription = SubscriptionFactory(account=account, renews_on=workspace.today + timedelta(days=40))
        pipeline.drain(workspace)
        subscription.renews_on = workspace.today + timedelta(days=405)
        subscription.save()
        pipeline.drain(workspace)
        assert Run.objects.get().state == "cleared"
        assert Task.objects.get().state == "cleared"


class TestStatements:
    """Sets, not loops: what a pass costs does not depend on how many accounts it takes."""

    @pytest.fixture
    def grow(self, workspace: Workspace) -> Callable[[int], list[UUID]]:
        """Add accounts of every kind: some start runs, some clear them, some rank tasks anew, some do nothing."""
        install_rules(workspace)
        install_playbooks(workspace, ADVISOR)
        product = ProductFactory(workspace=workspace)
        cases = ModuleFactory(product=product, key="cases")

        def add(number: int) -> list[UUID]:
            before = set(Account.objects.values_list("pk", flat=True))
            Account.objects.bulk_create(
                Account(workspace=workspace, name=f"Account {n}", search_name=f"account {n}", tier=n % 3 + 1)
                for n in range(number)
            )
            made = list(Account.objects.exclude(pk__in=before))
            Subscription.objects.bulk_create(
                Subscription(workspace=workspace, account=account, product=product) for account in made
            )
            moments = [clock.now() - timedelta(days=40 * (n % 2)) for n in range(number)]
            ModuleUse.objects.bulk_create(
                ModuleUse(workspace=workspace, account=account, module=cases, last_used_at=moment)
                for account, moment in zip(made, moments, strict=True)
            )
            Task.objects.bulk_create(Task(workspace=workspace, account=account, title="Call") for account in made)
            return [account.pk for account in made]

        return add

    def statements(self, work: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as queries:
            work()
        return len(queries)

    def test_a_pass_over_500_accounts_takes_as_many_as_one_over_10(
        self, workspace: Workspace, grow: Callable[[int], list[UUID]]
    ) -> None:
        counts = []
        for number in (10, 490):
            accounts = grow(number)
            context = context_for(workspace)
            results: list[pipeline.Result] = []
            counts.append(self.statements(lambda: results.append(pipeline.run(workspace, context, accounts))))  # noqa: B023
            assert results[0].started == number // 2
            counts.append(self.statements(lambda: pipeline.run(workspace, context)))  # noqa: B023
        assert counts[:2] == counts[2:]
        assert max(counts) <= 35

    def test_so_does_a_drain_and_a_sweep(self, workspace: Workspace, grow: Callable[[int], list[UUID]]) -> None:
        counts = []
        for number in (10, 490):
            grow(number)
            counts.append(self.statements(lambda: pipeline.drain(workspace)))
            counts.append(self.statements(lambda: pipeline.sweep(workspace)))
        assert counts[:2] == counts[2:]


class TestDrainInline:
    def test_shows_a_member_the_effect_of_their_own_write(self, workspace: Workspace) -> None:
        install_rules(workspace)
        account = AccountFactory(workspace=workspace, tier=1)
        pipeline.drain_inline(workspace)
        assert level_of(account) == 2
        assert workspace.computed_at == clock.now()

    def test_leaves_anything_larger_to_the_worker(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pipeline, "INLINE_LIMIT", 3)
        install_rules(workspace)
        AccountFactory.create_batch(4, workspace=workspace, tier=1)
        pipeline.drain_inline(workspace)
        assert DirtyAccount.objects.count() == 4

    def test_without_marks_is_one_statement(self, workspace: Workspace, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            pipeline.drain_inline(workspace)


class TestTheSizeOfADrain:
    def test_takes_the_oldest_marks_first_and_no_more_than_it_may(self, workspace: Workspace) -> None:
        install_rules(workspace)
        accounts = AccountFactory.create_batch(3, workspace=workspace, tier=1)
        assert pipeline.drain(workspace, limit=2).marks == 2
        assert [level_of(account) for account in accounts] == [2, 2, 4]
        assert pipeline.drain(workspace).marks == 1

    def test_an_account_marked_often_is_computed_once(self, workspace: Workspace) -> None:
        install_rules(workspace)
        account = AccountFactory(workspace=workspace, tier=1)
        for health in ("red", "green", "red"):
            Account.objects.filter(pk=account.pk).update(health=health)
        result = pipeline.drain(workspace)
        assert (result.marks, result.levels) == (4, 1)

    def test_nothing_marked_is_nothing_done(self, workspace: Workspace) -> None:
        assert pipeline.drain(workspace) == pipeline.Result()
        assert workspace.computed_at is None


class TestWithoutRules:
    def test_playbooks_still_run_and_levels_stay_low(self, workspace: Workspace) -> None:
        install_playbooks(workspace, ADVISOR)
        account = AccountFactory(workspace=workspace, tier=1)
        SubscriptionFactory(account=account, renews_on=workspace.today)
        result = pipeline.drain(workspace)
        assert (result.levels, result.started, level_of(account)) == (0, 1, 4)
