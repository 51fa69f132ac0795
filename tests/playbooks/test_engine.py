"""Runs enter, step, clear and complete: stories told day by day on a frozen clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.facts import context_for
from accounts.models import Account, Module
from csworkbench.common import clock
from csworkbench.tenancy.models import Holiday, Member, Workspace
from playbooks import engine
from playbooks.models import Playbook, PlaybookVersion, Run, Task
from playbooks.queries import open_tasks_of
from playbooks.services import publish_playbook, set_paused
from playbooks.starter import ADVISOR, COMPLIANCE, PACKS, install_playbooks
from tests.factories import (
    AccountFactory,
    InstanceFactory,
    ModuleFactory,
    ModuleUseFactory,
    ProductFactory,
    SubscriptionFactory,
    make_member,
)

pytestmark = pytest.mark.usefixtures("frozen")

A_MONDAY = date(2026, 11, 23)
RED: dict[str, Any] = {"fact": "health", "op": "is", "value": "red"}


def scan(workspace: Workspace) -> engine.Scan:
    return engine.scan(workspace, context_for(workspace))


def noon(day: date) -> datetime:
    """Noon in Chicago, so that the workspace's day is the day named."""
    return datetime(day.year, day.month, day.day, 18, tzinfo=UTC)


def publish(workspace: Workspace, *steps: dict[str, Any], **parts: Any) -> PlaybookVersion:
    """A playbook for accounts whose health is red, with one step unless others are given."""
    made = [{"key": "call", "action": "task", "title": "Call", "kind": "check_in", **step} for step in steps or [{}]]
    definition = {"trigger": RED, "cause": "red", "cooldown_days": 14, "steps": made} | parts
    return publish_playbook(
        workspace=workspace, key="rescue", name="Rescue", description="", definition=definition, actor=None
    )


def red_account(workspace: Workspace, **fields: Any) -> Account:
    account: Account = AccountFactory(workspace=workspace, health="red", **fields)
    return account


def finish(task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(state=Task.State.DONE, closed_at=clock.now())


def customer_of(module: Module, **fields: Any) -> Account:
    """An account that owns the product of a module."""
    account = AccountFactory(workspace=module.workspace, **fields)
    SubscriptionFactory(account=account, product=module.product, renews_on=None)
    return account


class TestInactivity:
    """Starter playbooks a and b."""

    @pytest.fixture
    def cases(self, workspace: Workspace) -> Module:
        install_playbooks(workspace, ADVISOR)
        product = ProductFactory(workspace=workspace)
        ModuleFactory(product=product, key="policies", name="Policies", use_label="policy viewed")
        module: Module = ModuleFactory(product=product, key="cases")
        return module

    @pytest.mark.parametrize(
        ("last_use", "starts"),
        [
            # The day a use has in Chicago counts: 05:59 UTC on October 25 is still October 24 there.
            (datetime(2026, 10, 24, 4, 59, tzinfo=UTC), True),
            (datetime(2026, 10, 25, 4, 59, tzinfo=UTC), True),
            (datetime(2026, 10, 25, 5, 0, tzinfo=UTC), False),
            (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), False),
        ],
    )
    def test_starts_30_calendar_days_after_the_last_use(
        self, workspace: Workspace, cases: Module, last_use: datetime, starts: bool
    ) -> None:
        account = customer_of(cases)
        ModuleUseFactory(account=account, module=cases, last_used_at=last_use)
        scan(workspace)
        assert Run.objects.filter(account=account, cause="silent-cases").exists() is starts

    @pytest.mark.parametrize(
        ("fields", "starts"),
        [
            ({"customer_since": A_MONDAY - timedelta(days=30)}, True),
            ({"customer_since": A_MONDAY - timedelta(days=29)}, False),
            ({"customer_since": None}, False),
            ({"customer_since": date(2025, 1, 1), "stage": "onboarding"}, False),
            ({"customer_since": date(2025, 1, 1), "stage": "churned"}, False),
        ],
    )
    def test_an_account_that_never_used_it_must_be_a_settled_customer(
        self, workspace: Workspace, cases: Module, fields: dict[str, Any], starts: bool
    ) -> None:
        customer_of(cases, **fields)
        scan(workspace)
        assert sorted(Run.objects.values_list("cause", flat=True)) == (
            ["silent-cases", "silent-policies"] if starts else []
        )

    @pytest.mark.parametrize(
        ("day", "holidays", "due"),
        [
            (A_MONDAY, [], date(2026, 11, 26)),
            (A_MONDAY, [date(2026, 11, 26), date(2026, 11, 27)], date(2026, 11, 30)),
            (date(2026, 11, 25), [date(2026, 11, 26), date(2026, 11, 27)], date(2026, 12, 2)),
            (date(2026, 11, 27), [], date(2026, 12, 2)),
            (date(2026, 11, 28), [], date(2026, 12, 3)),
            (date(2026, 11, 29), [date(2026, 11, 30)], date(2026, 12, 4)),
            (date(2026, 12, 30), [date(2027, 1, 1)], date(2027, 1, 5)),
        ],
    )
    def test_due_three_business_days_later(
        self,
        workspace: Workspace,
        cases: Module,
        frozen: time_machine.Traveller,
        day: date,
        holidays: list[date],
        due: date,
    ) -> None:
        for holiday in holidays:
            Holiday.objects.create(workspace=workspace, day=holiday, name="Closed")
        frozen.move_to(noon(day))
        ModuleUseFactory(account=customer_of(cases), module=cases, last_used_at=clock.now() - timedelta(days=30))
        scan(workspace)
        assert Task.objects.get().due_on == due

    def test_the_task_says_why_and_belongs_to_the_owner(self, workspace: Workspace, csm: Member, cases: Module) -> None:
        account = customer_of(cases, owner=csm)
        ModuleUseFactory(account=account, module=cases, last_used_at=clock.now() - timedelta(days=31))
        scan(workspace)
        task = Task.objects.get()
        assert (task.title, task.kind, task.source) == ("Ask why no case was created lately", "check_in", "playbook")
        assert task.why_facts == ["last_use:cases"]
        assert list(open_tasks_of(csm)) == [task]


class TestRenewal:
    """Starter playbook d; 90 and 120 days are told in the tests of the pipeline."""

    @pytest.fixture(autouse=True)
    def playbooks(self, workspace: Workspace) -> None:
        install_playbooks(workspace, ADVISOR)

    def renewing(self, workspace: Workspace, days: int, **fields: Any) -> Account:
        account: Account = AccountFactory(workspace=workspace, **fields)
        SubscriptionFactory(account=account, renews_on=A_MONDAY + timedelta(days=days))
        return account

    def test_an_enterprise_account_follows_another_plan(self, workspace: Workspace) -> None:
        core = InstanceFactory(workspace=workspace, key="core")
        enterprise = InstanceFactory(workspace=workspace, key="enterprise")
        self.renewing(workspace, 60, instance=enterprise)
        wanted = {self.renewing(workspace, 60, instance=core).pk, self.renewing(workspace, 60).pk}
        scan(workspace)
        assert set(Run.objects.values_list("account", flat=True)) == wanted

    def test_stays_open_while_the_renewal_is_overdue(
        self, workspace: Workspace, frozen: time_machine.Traveller
    ) -> None:
        self.renewing(workspace, 10)
        scan(workspace)
        frozen.shift(timedelta(days=40))
        assert scan(workspace) == engine.Scan()
        assert Run.objects.get().state == "open"

    def test_clears_when_a_far_renewal_is_no_longer_negative(self, workspace: Workspace) -> None:
        account = self.renewing(workspace, 110, health="red")
        assert scan(workspace).started == 1
        Account.objects.filter(pk=account.pk).update(health="green")
        assert scan(workspace).cleared == 1

    def test_clears_when_the_account_leaves(self, workspace: Workspace) -> None:
        account = self.renewing(workspace, 60)
        scan(workspace)
        Account.objects.filter(pk=account.pk).update(stage="churned")
        scan(workspace)
        assert (Run.objects.get().state, Task.objects.get().state) == ("cleared", "cleared")
        assert Task.objects.get().closed_because == engine.CLEARED

    def test_a_handled_renewal_does_not_start_again_within_its_term(
        self, workspace: Workspace, frozen: time_machine.Traveller
    ) -> None:
        self.renewing(workspace, 60)
        scan(workspace)
        finish(Task.objects.get())
        for _ in range(5):
            scan(workspace)
            frozen.shift(timedelta(days=29))
        assert Run.objects.count() == 1
        assert Run.objects.get().state == "completed"


class TestSteps:
    STEPS = (
        {"key": "welcome", "title": "Welcome"},
        {"key": "follow-up", "title": "Follow up", "after_days": 4},
        {"key": "adoption", "title": "Record adoption", "after_days": 30, "due_business_days": 2},
    )

    def test_each_task_comes_on_its_day_and_once(self, workspace: Workspace, frozen: time_machine.Traveller) -> None:
        publish(workspace, *self.STEPS)
        red_account(workspace)
        days = []
        for day in range(32):
            days += [day] * scan(workspace).tasks
            scan(workspace)
            frozen.shift(timedelta(days=1))
        assert days == [0, 4, 30]
        assert list(Task.objects.order_by("pk").values_list("title", "due_on")) == [
            ("Welcome", A_MONDAY),
            ("Follow up", A_MONDAY + timedelta(days=4)),
            ("Record adoption", A_MONDAY + timedelta(days=32 - 2 + 2)),
        ]

    def test_days_missed_are_caught_up(self, workspace: Workspace, frozen: time_machine.Traveller) -> None:
        publish(workspace, *self.STEPS)
        red_account(workspace)
        scan(workspace)
        frozen.shift(timedelta(days=40))
        assert scan(workspace).tasks == 2

    def test_completes_only_after_the_last_step_is_closed(
        self, workspace: Workspace, frozen: time_machine.Traveller
    ) -> None:
        publish(workspace, *self.STEPS)
        red_account(workspace)
        for days in (0, 4, 26):
            frozen.shift(timedelta(days=days))
            scan(workspace)
            assert Run.objects.get().state == "open"
            finish(Task.objects.get(state="open"))
        scan(workspace)
        run = Run.objects.get()
        assert (run.state, run.closed_because) == ("completed", "Every step is done")

    def test_clears_in_the_middle_with_what_is_open(self, workspace: Workspace, frozen: time_machine.Traveller) -> None:
        publish(workspace, *self.STEPS)
        account = red_account(workspace)
        scan(workspace)
        finish(Task.objects.get())
        frozen.shift(timedelta(days=4))
        scan(workspace)
        Account.objects.filter(pk=account.pk).update(health="green")
        scan(workspace)
        assert list(Task.objects.order_by("pk").values_list("state", flat=True)) == ["done", "cleared"]
        frozen.shift(timedelta(days=30))
        assert scan(workspace) == engine.Scan()


class TestVersions:
    def test_an_open_run_stays_on_its_version_and_still_steps_and_clears(
        self, workspace: Workspace, frozen: time_machine.Traveller
    ) -> None:
        old = publish(workspace, {}, {"key": "later", "title": "Later", "after_days": 2})
        first = red_account(workspace)
        scan(workspace)
        new = publish(workspace, {"title": "Call at once"})
        old.refresh_from_db()
        assert (old.state, old.number, new.state, new.number) == ("retired", 1, "published", 2)

        second = red_account(workspace)
        frozen.shift(timedelta(days=2))
        assert scan(workspace) == engine.Scan(started=1, tasks=2, cleared=0)
        assert list(Task.objects.filter(account=first).order_by("pk").values_list("title", flat=True)) == [
            "Call",
            "Later",
        ]
        assert list(Task.objects.filter(account=second).values_list("title", flat=True)) == ["Call at once"]
        Account.objects.update(health="green")
        assert scan(workspace).cleared == 2
        assert not Task.objects.filter(state="open").exists()

    def test_a_changed_trigger_does_not_reach_back(self, workspace: Workspace) -> None:
        publish(workspace)
        red_account(workspace, tier=3)
        scan(workspace)
        publish(workspace, trigger={"all": [RED, {"fact": "tier", "op": "is", "value": 1}]})
        assert scan(workspace).cleared == 0
        assert Run.objects.get().state == "open"

    def test_publishing_the_same_again_changes_nothing(self, workspace: Workspace) -> None:
        assert publish(workspace) == publish(workspace)
        assert PlaybookVersion.objects.count() == 1

    def test_a_draft_does_nothing(self, workspace: Workspace) -> None:
        version = publish(workspace)
        PlaybookVersion.objects.filter(pk=version.pk).update(state="draft")
        red_account(workspace)
        assert scan(workspace) == engine.Scan()


class TestPause:
    def test_a_paused_playbook_starts_nothing_but_steps_and_clears(
        self, workspace: Workspace, frozen: time_machine.Traveller
    ) -> None:
        publish(workspace, {}, {"key": "later", "after_days": 2})
        staying, leaving = red_account(workspace), red_account(workspace)
        scan(workspace)
        playbook = Playbook.objects.get()
        assert set_paused(playbook=playbook, paused=True)
        assert not set_paused(playbook=playbook, paused=True)
        red_account(workspace)
        Account.objects.filter(pk=leaving.pk).update(health="green")
        frozen.shift(timedelta(days=2))
        assert scan(workspace) == engine.Scan(started=0, tasks=1, cleared=1)
        assert Task.objects.filter(account=staying, step_key="later", state="open").exists()

        set_paused(playbook=playbook, paused=False)
        assert scan(workspace).started == 1


class TestCooldown:
    def handled(self, workspace: Workspace) -> Account:
        publish(workspace)
        account = red_account(workspace)
        scan(workspace)
        finish(Task.objects.get())
        scan(workspace)
        assert Run.objects.get().state == "completed"
        return account

    def test_a_handled_cause_rests(self, workspace: Workspace, frozen: time_machine.Traveller) -> None:
        self.handled(workspace)
        frozen.shift(timedelta(days=14) - timedelta(seconds=1))
        assert scan(workspace).started == 0
        frozen.shift(timedelta(seconds=1))
        assert scan(workspace).started == 1

    def test_a_cause_that_cleared_by_itself_returns_at_once(self, workspace: Workspace) -> None:
        publish(workspace)
        account = red_account(workspace)
        for _ in range(3):
            Account.objects.filter(pk=account.pk).update(health="red")
            assert scan(workspace).started == 1
            Account.objects.filter(pk=account.pk).update(health="green")
            assert scan(workspace).cleared == 1
        assert Run.objects.filter(state="cleared").count() == 3

    def test_another_cause_of_the_same_account_does_not_rest(self, workspace: Workspace) -> None:
        self.handled(workspace)
        publish(workspace, cause="red-again")
        assert scan(workspace).started == 1


class TestBooksMove:
    def test_open_tasks_follow_the_owner_of_the_account(self, workspace: Workspace, csm: Member) -> None:
        publish(workspace)
        account = red_account(workspace, owner=csm)
        scan(workspace)
        other = make_member(workspace, "Noor Vale", roles=["csm"])
        Account.objects.filter(pk=account.pk).update(owner=other)
        assert not open_tasks_of(csm).exists()
        assert list(open_tasks_of(other)) == [Task.objects.get()]

    def test_a_task_handed_over_stays_where_it_was_handed(self, workspace: Workspace, csm: Member) -> None:
        publish(workspace)
        account = red_account(workspace, owner=csm)
        scan(workspace)
        cover, other = (make_member(workspace, name, roles=["csm"]) for name in ("Noor Vale", "Ari Stone"))
        Task.objects.update(assignee=cover)
        Account.objects.filter(pk=account.pk).update(owner=other)
        assert open_tasks_of(cover).count() == 1
        assert not open_tasks_of(other).exists()


class TestAFewAccounts:
    def test_only_the_accounts_given_are_touched(self, workspace: Workspace) -> None:
        publish(workspace)
        wanted, left = red_account(workspace), red_account(workspace)
        context = context_for(workspace)
        assert engine.scan(workspace, context, [wanted.pk]) == engine.Scan(started=1, tasks=1, cleared=0)
        scan(workspace)
        Account.objects.update(health="green")
        assert engine.scan(workspace, context, [wanted.pk]).cleared == 1
        assert Run.objects.get(account=left).state == "open"

    def test_no_accounts_touch_nothing(self, workspace: Workspace) -> None:
        publish(workspace)
        red_account(workspace)
        assert engine.scan(workspace, context_for(workspace), []) == engine.Scan()

    def test_another_workspace_is_left_alone(self, workspace: Workspace, other_workspace: Workspace) -> None:
        from csworkbench.tenancy.scope import workspace_scope

        with workspace_scope(other_workspace.pk):
            publish(other_workspace)
            red_account(other_workspace)
        publish(workspace)
        assert scan(workspace).started == 0


class TestStarterPacks:
    @pytest.mark.parametrize("pack", [ADVISOR, COMPLIANCE])
    def test_installing_twice_is_installing_once(self, workspace: Workspace, pack: str) -> None:
        assert install_playbooks(workspace, pack) == install_playbooks(workspace, pack) == len(PACKS[pack])
        assert PlaybookVersion.objects.filter(state="published").count() == len(PACKS[pack])


class TestOwnership:
    def test_a_product_the_account_does_not_own_is_no_silence(self, workspace: Workspace) -> None:
        install_playbooks(workspace, ADVISOR)
        ModuleFactory(product=ProductFactory(workspace=workspace), key="cases")
        AccountFactory(workspace=workspace, customer_since=date(2025, 1, 1))
        scan(workspace)
        assert not Run.objects.exists()

    def test_giving_the_product_up_clears_the_run(self, workspace: Workspace) -> None:
        install_playbooks(workspace, ADVISOR)
        module = ModuleFactory(product=ProductFactory(workspace=workspace), key="cases")
        account = customer_of(module, customer_since=date(2025, 1, 1))
        scan(workspace)
        account.subscriptions.update(ended_on=A_MONDAY)
        scan(workspace)
        assert set(Run.objects.values_list("state", flat=True)) == {"cleared"}
