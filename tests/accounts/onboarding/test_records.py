"""Records open by themselves, goals are frozen and ticked in sets, and a second run changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, GoalTemplate, Instance, Onboarding, OnboardingGoal
from accounts.services import save_account
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory, InstanceFactory

from .conftest import PAID_UP, follow, goal


class TestOpening:
    def test_an_account_in_onboarding_gets_a_record_with_the_goals_of_the_day(self, record: Onboarding) -> None:
        assert (record.state, record.started_on, record.target_on) == ("open", date(2026, 11, 3), date(2026, 12, 3))
        labels = list(record.goals.values_list("label", "done_on"))
        assert labels == [("Block of business imported", None), ("Branding set up", None)]

    def test_twice_changes_nothing(self, record: Onboarding) -> None:
        assert follow(record.workspace) == 0
        assert Onboarding.objects.count() == 1

    def test_other_stages_get_none(self, workspace: Workspace, templates: Any) -> None:
        AccountFactory(workspace=workspace, stage="mature")
        assert follow(workspace) == 0

    def test_without_a_known_start_it_begins_today(self, workspace: Workspace, templates: Any) -> None:
        AccountFactory(workspace=workspace, stage="onboarding")
        follow(workspace)
        assert Onboarding.objects.get().started_on == workspace.today

    def test_goals_of_an_instance_go_to_its_accounts_only(self, workspace: Workspace, templates: Any) -> None:
        core: Instance = InstanceFactory(workspace=workspace, key="core")
        GoalTemplate.objects.create(workspace=workspace, label="Locations linked", instance=core)
        GoalTemplate.objects.create(workspace=workspace, label="Retired", is_active=False)
        here = AccountFactory(workspace=workspace, stage="onboarding", instance=core)
        there = AccountFactory(workspace=workspace, stage="onboarding")
        follow(workspace)
        assert OnboardingGoal.objects.filter(account=here).count() == 3
        assert OnboardingGoal.objects.filter(account=there).count() == 2

    def test_the_goal_of_the_instance_stands_for_that_of_every_one(self, workspace: Workspace, templates: Any) -> None:
        core: Instance = InstanceFactory(workspace=workspace, key="core")
        own = GoalTemplate.objects.create(workspace=workspace, label="Branding set up", instance=core)
        AccountFactory(workspace=workspace, stage="onboarding", instance=core)
        follow(workspace)
        assert goal("Branding set up").template_id == own.pk

    def test_goals_are_frozen(self, record: Onboarding, templates: dict[str, GoalTemplate]) -> None:
        GoalTemplate.objects.filter(pk=templates["branding"].pk).update(label="Something else")
        GoalTemplate.objects.create(workspace=record.workspace, label="New goal")
        follow(record.workspace)
        assert set(record.goals.values_list("label", flat=True)) == {"Block of business imported", "Branding set up"}

    def test_a_failed_record_stands_for_the_stay(self, record: Onboarding) -> None:
        Onboarding.objects.update(state="failed", ended_on=record.workspace.today)
        assert follow(record.workspace) == 0

    def test_a_later_stay_opens_another_one(self, record: Onboarding, newcomer: Account) -> None:
        Onboarding.objects.update(state="completed", ended_on=date(2026, 11, 10))
        Account.objects.filter(pk=newcomer.pk).update(stage_since=date(2026, 11, 20))
        follow(record.workspace)
        assert Onboarding.objects.filter(state="open").count() == 1

    def test_the_service_that_changes_the_stage_opens_it_at_once(self, workspace: Workspace, templates: Any) -> None:
        account = AccountFactory(workspace=workspace, stage="adoption")
        account.stage = "onboarding"
        save_account(account=account, fields=["stage"])
        assert Onboarding.objects.get().started_on == workspace.today

    def test_only_the_asked_accounts_are_looked_at(self, newcomer: Account) -> None:
        other = AccountFactory(workspace=newcomer.workspace, stage="onboarding")
        follow(newcomer.workspace, other)
        assert Onboarding.objects.get().account == other

    def test_another_workspace_is_left_alone(self, workspace: Workspace, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            AccountFactory(workspace=other_workspace, stage="onboarding")
        assert follow(workspace) == 0


class TestTicking:
    def test_a_goal_is_ticked_when_its_test_holds(self, record: Onboarding, newcomer: Account) -> None:
        Account.objects.filter(pk=newcomer.pk).update(tier=1)
        assert follow(record.workspace, newcomer) == 1
        ticked = goal("Block of business imported")
        assert (ticked.done_on, ticked.done_by) == (record.workspace.today, None)
        assert follow(record.workspace) == 0

    def test_a_new_record_is_ticked_in_the_same_pass(self, workspace: Workspace, templates: Any) -> None:
        AccountFactory(workspace=workspace, stage="onboarding", tier=1)
        follow(workspace)
        assert goal("Block of business imported").done_on == workspace.today

    def test_it_stays_when_the_test_holds_no_more(self, record: Onboarding, newcomer: Account) -> None:
        Account.objects.filter(pk=newcomer.pk).update(tier=1)
        follow(record.workspace)
        Account.objects.filter(pk=newcomer.pk).update(tier=3)
        assert follow(record.workspace) == 0
        assert goal("Block of business imported").done_on is not None

    def test_an_ended_record_is_left_as_it_was(self, record: Onboarding, newcomer: Account) -> None:
        Onboarding.objects.update(state="failed", ended_on=record.workspace.today)
        Account.objects.filter(pk=newcomer.pk).update(tier=1)
        assert follow(record.workspace) == 0

    def test_a_test_that_is_valid_no_more_ticks_nothing(
        self, record: Onboarding, templates: dict[str, GoalTemplate]
    ) -> None:
        GoalTemplate.objects.filter(pk=templates["block"].pk).update(reached_when={"fact": "gone", "op": "is"})
        assert follow(record.workspace) == 0

    def test_more_accounts_take_no_more_statements(self, workspace: Workspace, templates: Any) -> None:
        counts = []
        for number in (1, 30):
            AccountFactory.create_batch(number, workspace=workspace, stage="onboarding", tier=1)
            with CaptureQueriesContext(connection) as queries:
                assert follow(workspace) == number * 4
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 3

    def test_every_kind_of_condition_compiles_into_it(self, record: Onboarding) -> None:
        for number, tree in enumerate(
            (
                {"fact": "last_use:cases", "op": "not_empty"},
                {"fact": "primary_contact_validity", "op": "is", "value": "active"},
                {"all": [PAID_UP, {"not": {"fact": "level", "op": "is", "value": 1}}]},
                {"fact": "last_used_at", "op": "in_last_days", "value": 7},
            )
        ):
            GoalTemplate.objects.create(workspace=record.workspace, label=f"Goal {number}", reached_when=tree)
        Onboarding.objects.all().delete()
        assert follow(record.workspace) == 7
        assert record.workspace.today - timedelta(days=20) == date(2026, 11, 3)
