"""A running plan of an account with a goal and an action."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.models import Account, Plan, PlanAction, PlanGoal
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory


@pytest.fixture
def patient(workspace: Workspace, csm: Member, frozen: object) -> Account:
    return AccountFactory(workspace=workspace, owner=csm, name="Mesa Dental")


@pytest.fixture
def plan(patient: Account, csm: Member) -> Plan:
    return Plan.objects.create(
        workspace=patient.workspace,
        account=patient,
        kind="retention",
        title="Win back Mesa",
        starts_on=date(2026, 11, 2),
        target_on=date(2027, 1, 15),
        check_in_days=7,
        next_check_in_on=date(2026, 11, 23),
        author=csm,
    )


@pytest.fixture
def logins(plan: Plan) -> PlanGoal:
    return PlanGoal.objects.create(
        workspace=plan.workspace,
        account=plan.account,
        plan=plan,
        measure="Logins per week",
        unit="logins",
        baseline=Decimal(2),
        target=Decimal(12),
        current=Decimal(2),
        due_on=date(2026, 12, 20),
    )


@pytest.fixture
def call(plan: Plan) -> PlanAction:
    return PlanAction.objects.create(
        workspace=plan.workspace,
        account=plan.account,
        plan=plan,
        title="Book the re-training",
        due_on=date(2026, 11, 20),
    )
