"""An account in onboarding, goals that wait for it, and its record."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from accounts.facts import context_for
from accounts.models import Account, GoalTemplate, Onboarding, OnboardingGoal
from accounts.onboarding.records import follow_onboarding
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory

PAID_UP = {"fact": "tier", "op": "is", "value": 1}


@pytest.fixture
def templates(workspace: Workspace, frozen: object) -> dict[str, GoalTemplate]:
    """A goal that members tick, and one that tier 1 reaches by itself."""
    branding = GoalTemplate.objects.create(workspace=workspace, label="Branding set up", place=20)
    block = GoalTemplate.objects.create(
        workspace=workspace, label="Block of business imported", place=10, reached_when=PAID_UP
    )
    return {"branding": branding, "block": block}


@pytest.fixture
def newcomer(workspace: Workspace, csm: Member, templates: Any) -> Account:
    return AccountFactory(
        workspace=workspace, owner=csm, name="Mesa Dental", stage="onboarding", stage_since=date(2026, 11, 3), tier=2
    )


@pytest.fixture
def record(newcomer: Account) -> Onboarding:
    """Opened by the pipeline, as for an import."""
    follow(newcomer.workspace)
    return Onboarding.objects.get()


def follow(workspace: Workspace, *accounts: Account) -> int:
    """Run the pipeline's step over some accounts or the whole book."""
    return follow_onboarding(workspace, context_for(workspace), [one.pk for one in accounts] or None)


def goal(label: str) -> OnboardingGoal:
    return OnboardingGoal.objects.select_related("onboarding").get(label=label)
