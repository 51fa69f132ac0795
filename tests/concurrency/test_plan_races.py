"""Two members at one onboarding or plan, and a pass beside them: one tick, one end, one plan."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.facts import context_for
from accounts.models import Account, GoalTemplate, Onboarding, OnboardingGoal, Plan
from accounts.onboarding import services
from accounts.onboarding.records import follow_onboarding
from accounts.plans.services import start_plan
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.task_base import workspace_of
from tests.concurrency.conftest import RunAtOnce
from tests.factories import AccountFactory, make_member

THREADS = 6


@pytest.fixture
def members(committed: Workspace) -> list[Member]:
    with workspace_of(committed.pk) as workspace:
        return [make_member(workspace, f"Member {number}", roles=["csm"]) for number in range(THREADS)]


@pytest.fixture
def newcomer(committed: Workspace) -> Account:
    with workspace_of(committed.pk) as workspace:
        GoalTemplate.objects.create(workspace=workspace, label="Branding set up")
        return AccountFactory(workspace=workspace, stage="onboarding")


def follow(workspace: Workspace) -> int:
    with workspace_of(workspace.pk) as opened:
        return follow_onboarding(opened, context_for(opened))


def as_member(member: Member, work: Any) -> Any:
    """Run ``work(member)`` in a transaction of its own; the refusal instead of an answer."""
    with workspace_of(member.workspace_id):
        try:
            return work(Member.objects.select_related("workspace").get(pk=member.pk))
        except (services.RecordMoved, ValidationError) as error:
            return error


def test_passes_at_once_open_one_record(committed: Workspace, newcomer: Account, at_once: RunAtOnce) -> None:
    at_once([partial(follow, committed)] * THREADS)
    with workspace_of(committed.pk):
        assert Onboarding.objects.count() == 1 and OnboardingGoal.objects.count() == 1


def test_one_of_many_ticks_counts(
    committed: Workspace, newcomer: Account, members: list[Member], at_once: RunAtOnce
) -> None:
    follow(committed)

    def tick(member: Member) -> bool:
        return services.tick_goal(actor=member, goal=OnboardingGoal.objects.get())

    answers = at_once([partial(as_member, member, tick) for member in members])
    assert sorted(map(bool, answers)) == [False] * (THREADS - 1) + [True]


def test_one_end_wins(committed: Workspace, newcomer: Account, members: list[Member], at_once: RunAtOnce) -> None:
    follow(committed)

    def complete(member: Member) -> bool:
        record = Onboarding.objects.select_related("account").get()
        return services.complete_onboarding(actor=member, onboarding=record, note="x")

    def fail(member: Member) -> bool:
        return services.fail_onboarding(actor=member, onboarding=Onboarding.objects.get(), note="y")

    work = [partial(as_member, member, (complete, fail)[number % 2]) for number, member in enumerate(members)]
    answers = at_once([*work, partial(follow, committed)])[:-1]
    assert [answer for answer in answers if answer is True] == [True]
    with workspace_of(committed.pk):
        record = Onboarding.objects.select_related("account").get()
        assert (record.state, record.account.stage) in {("completed", "adoption"), ("failed", "onboarding")}


def test_one_plan_of_a_kind_starts(
    committed: Workspace, newcomer: Account, members: list[Member], at_once: RunAtOnce
) -> None:
    def start(member: Member) -> Plan:
        account = Account.objects.select_related("workspace").get()
        day = date(2026, 11, 23)
        return start_plan(actor=member, account=account, kind="success", title=member.name, starts_on=day)

    answers = at_once([partial(as_member, member, start) for member in members])
    assert sum(isinstance(answer, Plan) for answer in answers) == 1
    with workspace_of(committed.pk):
        assert Plan.objects.count() == 1
