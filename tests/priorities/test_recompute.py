"""Levels, scores and task ranks as they are written: only what changes, with when and by which rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.facts import FactContext, context_for
from accounts.models import Account, AccountPriority, DirtyAccount
from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks.models import Task
from priorities.models import RuleSet
from priorities.recompute import DUE_SOON_POINTS, INBOUND_POINTS, OVERDUE_POINTS, rank_tasks, recompute_levels
from priorities.rules import verdicts
from priorities.starter import install_rules
from tests.factories import AccountFactory, TaskFactory

pytestmark = pytest.mark.usefixtures("frozen")

TODAY = date(2026, 11, 23)
RED: dict[str, Any] = {"fact": "health", "op": "is", "value": "red"}


@pytest.fixture
def rules(workspace: Workspace) -> RuleSet:
    return install_rules(workspace)


@pytest.fixture
def context(workspace: Workspace) -> FactContext:
    return context_for(workspace)


class TestRecomputeLevels:
    def test_writes_what_the_verdicts_say(self, workspace: Workspace, rules: RuleSet, context: FactContext) -> None:
        for tier in (1, 2, 3, None):
            for health in ("red", "yellow", "undefined"):
                AccountFactory(workspace=workspace, tier=tier, health=health)
        assert recompute_levels(rules, context) == 12
        written = {
            row.account_id: (row.level, row.score, row.matched, row.rule_set_id, row.changed_at)
            for row in AccountPriority.objects.all()
        }
        said = verdicts(Account.objects.all(), rules.rules, context)
        assert written == {
            verdict.account_id: (verdict.level, verdict.score, verdict.matched, rules.pk, clock.now())
            for verdict in said
        }

    def test_a_second_time_writes_nothing(self, workspace: Workspace, rules: RuleSet, context: FactContext) -> None:
        AccountFactory.create_batch(3, workspace=workspace, health="red")
        assert recompute_levels(rules, context) == 3
        assert recompute_levels(rules, context) == 0

    def test_only_the_accounts_given(self, workspace: Workspace, rules: RuleSet, context: FactContext) -> None:
        wanted, left = AccountFactory.create_batch(2, workspace=workspace, tier=1)
        assert recompute_levels(rules, context, []) == 0
        assert recompute_levels(rules, context, [wanted.pk]) == 1
        left.priority.refresh_from_db()
        assert left.priority.rule_set_id is None

    def test_marks_nothing(self, workspace: Workspace, rules: RuleSet, context: FactContext) -> None:
        AccountFactory(workspace=workspace, tier=1)
        DirtyAccount.objects.all().delete()
        recompute_levels(rules, context)
        assert not DirtyAccount.objects.exists()

    def test_other_rules_of_the_same_effect_keep_since_when(
        self, workspace: Workspace, rules: RuleSet, context: FactContext, frozen: time_machine.Traveller
    ) -> None:
        account = AccountFactory(workspace=workspace, tier=1)
        recompute_levels(rules, context)
        before = clock.now()
        frozen.shift(timedelta(days=2))
        rules.state = RuleSet.State.RETIRED
        rules.save()
        again = RuleSet.objects.create(workspace=workspace, number=2, state="published", rules=rules.rules)
        assert recompute_levels(again, context) == 1
        account.priority.refresh_from_db()
        assert (account.priority.rule_set_id, account.priority.changed_at) == (again.pk, before)
        Account.objects.update(health="red")
        recompute_levels(again, context)
        account.priority.refresh_from_db()
        assert account.priority.changed_at == clock.now()

    def test_another_workspace_is_left_alone(
        self, workspace: Workspace, other_workspace: Workspace, rules: RuleSet, context: FactContext
    ) -> None:
        with workspace_scope(other_workspace.pk):
            AccountFactory(workspace=other_workspace, tier=1)
        AccountFactory(workspace=workspace, tier=1)
        assert recompute_levels(rules, context) == 1
        with workspace_scope(other_workspace.pk):
            assert AccountPriority.objects.get().level == 4


class TestRankTasks:
    @pytest.mark.parametrize(
        ("level", "severity", "ranked"),
        [(1, 1, 1), (1, 2, 1), (1, 3, 2), (3, 1, 2), (3, 2, 3), (3, 3, 4), (4, 1, 3), (4, 3, 4)],
    )
    def test_severity_moves_the_accounts_level_by_one(
        self, workspace: Workspace, context: FactContext, level: int, severity: int, ranked: int
    ) -> None:
        task = TaskFactory(account=AccountFactory(workspace=workspace), severity=severity)
        AccountPriority.objects.update(level=level)
        rank_tasks(context)
        task.refresh_from_db()
        assert task.level == ranked

    @pytest.mark.parametrize(
        ("due", "source", "points"),
        [
            (None, "self", 0),
            (-1, "self", OVERDUE_POINTS),
            (0, "self", DUE_SOON_POINTS),
            (3, "playbook", DUE_SOON_POINTS),
            (4, "playbook", 0),
            (None, "inbound", INBOUND_POINTS),
            (-30, "inbound", OVERDUE_POINTS + INBOUND_POINTS),
        ],
    )
    def test_due_dates_and_the_customers_own_words_add_points(
        self, workspace: Workspace, context: FactContext, due: int | None, source: str, points: int
    ) -> None:
        due_on = None if due is None else TODAY + timedelta(days=due)
        task = TaskFactory(account=AccountFactory(workspace=workspace), due_on=due_on, source=source)
        AccountPriority.objects.update(score=100)
        rank_tasks(context)
        task.refresh_from_db()
        assert task.score == 100 + points

    def test_only_open_tasks_that_change_are_written(self, workspace: Workspace, context: FactContext) -> None:
        account = AccountFactory(workspace=workspace)
        AccountPriority.objects.update(level=1)
        TaskFactory(account=account)
        closed = TaskFactory(account=account, state="done")
        assert rank_tasks(context) == 1
        assert rank_tasks(context) == 0
        closed.refresh_from_db()
        assert closed.level == 4

    def test_only_the_accounts_given(self, workspace: Workspace, context: FactContext) -> None:
        tasks = [TaskFactory(account=AccountFactory(workspace=workspace)) for _ in range(2)]
        AccountPriority.objects.update(level=1)
        assert rank_tasks(context, []) == 0
        assert rank_tasks(context, [tasks[0].account_id]) == 1
        assert sorted(Task.objects.values_list("level", flat=True)) == [1, 4]

    def test_ranking_marks_nothing(self, workspace: Workspace, context: FactContext) -> None:
        TaskFactory(account=AccountFactory(workspace=workspace))
        AccountPriority.objects.update(level=1)
        DirtyAccount.objects.all().delete()
        rank_tasks(context)
        assert not DirtyAccount.objects.exists()

    def test_the_same_issue_weighs_less_on_a_healthy_account(
        self, workspace: Workspace, rules: RuleSet, context: FactContext
    ) -> None:
        """PRI-3, the sentence itself."""
        red, green = (AccountFactory(workspace=workspace, tier=2, health=health) for health in ("red", "green"))
        for account in (green, red):
            TaskFactory(account=account, title="Export fails", kind="issue", source="inbound")
        recompute_levels(rules, context)
        rank_tasks(context)
        assert list(Task.objects.order_by("level", "-score").values_list("account", flat=True)) == [red.pk, green.pk]
