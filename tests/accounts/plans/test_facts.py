"""Facts of onboarding and plans: their values, their words, and that conditions compile over them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.conditions import compile_condition, require_valid
from accounts.facts import context_for, get_fact
from accounts.models import Account, AdoptionCheck, Onboarding, OnboardingGoal, Plan, PlanAction, PlanGoal
from accounts.queries import fact_values
from csworkbench.tenancy.models import Workspace

KEYS = (
    "onboarding_target_on", "onboarding_days", "onboarding_goals_open", "adoption", "adoption_checked_on",
    "plan_open", "retention_plan_open", "plan_progress", "plan_action_due_on", "check_in_due_on",
)  # fmt: skip


def said(account: Account) -> dict[str, str]:
    context = context_for(account.workspace)
    values = fact_values([account.pk], KEYS, context)[account.pk]
    return {key: get_fact(key).words(values[key], context) for key in KEYS}


def test_without_any(patient: Account) -> None:
    words = said(patient)
    assert {key for key, text in words.items() if text} == {"adoption_checked_on", "plan_open", "retention_plan_open"}
    assert (words["plan_open"], words["adoption_checked_on"]) == ("no plan is running", "never checked")


def test_of_a_running_record(patient: Account) -> None:
    mine = {"workspace": patient.workspace, "account": patient}
    record = Onboarding.objects.create(**mine, started_on=date(2026, 10, 1), target_on=date(2026, 10, 31))
    for label in ("One", "Two"):
        OnboardingGoal.objects.create(**mine, onboarding=record, label=label)
    AdoptionCheck.objects.create(**mine, checked_on=date(2026, 11, 1), verdict="on_track")
    AdoptionCheck.objects.create(**mine, checked_on=date(2026, 11, 20), verdict="blocked")
    words = said(patient)
    assert words["onboarding_target_on"] == "onboarding 23 d overdue"
    assert words["onboarding_days"] == "onboarding for 53 d"
    assert words["onboarding_goals_open"] == "2 onboarding goals open"
    assert (words["adoption"], words["adoption_checked_on"]) == ("adoption blocked", "adoption checked 3 d ago")
    Onboarding.objects.update(state="completed", ended_on=date(2026, 11, 20))
    assert said(patient)["onboarding_days"] == ""


def test_of_running_plans(patient: Account, plan: Plan, logins: PlanGoal, call: PlanAction) -> None:
    PlanGoal.objects.create(
        workspace=plan.workspace, account=patient, plan=plan, measure="Overdue courses",
        baseline=Decimal(30), target=Decimal(10), current=Decimal(15),
    )  # fmt: skip
    PlanGoal.objects.filter(pk=logins.pk).update(current=Decimal(6))
    words = said(patient)
    assert (words["plan_open"], words["retention_plan_open"]) == ("a plan is running", "a retention plan is running")
    assert words["plan_progress"] == "plan at 40 %"
    assert (words["plan_action_due_on"], words["check_in_due_on"]) == ("plan action 3 d overdue", "check-in due today")
    PlanAction.objects.update(done_on=date(2026, 11, 23))
    assert said(patient)["plan_action_due_on"] == ""
    Plan.objects.update(state="achieved", ended_on=date(2026, 11, 23))
    assert said(patient)["plan_progress"] == "" and said(patient)["plan_open"] == "no plan is running"


@pytest.mark.parametrize(
    ("test", "holds"),
    [
        ({"fact": "retention_plan_open", "op": "is", "value": True}, True),
        ({"fact": "plan_progress", "op": "lt", "value": 25}, True),
        ({"fact": "check_in_due_on", "op": "due_within_days", "value": 0}, True),
        ({"fact": "plan_action_due_on", "op": "within_days", "value": 30}, False),
        ({"fact": "onboarding_days", "op": "gte", "value": 30}, False),
        ({"fact": "onboarding_goals_open", "op": "empty"}, True),
        ({"fact": "adoption", "op": "is", "value": "blocked"}, False),
    ],
)
def test_conditions_test_them(
    patient: Account, workspace: Workspace, logins: PlanGoal, call: PlanAction, test: dict[str, object], holds: bool
) -> None:
    condition = compile_condition(require_valid(test), context_for(workspace))
    assert Account.objects.filter(condition, pk=patient.pk).exists() is holds
