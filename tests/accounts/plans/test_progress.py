"""Progress goes one way, stays within 0 and 100, and says the same in Python and in SQL."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounts.models import Plan, PlanGoal
from accounts.plans.progress import is_reached, percent, percent_in_sql

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


@pytest.mark.parametrize(
    ("baseline", "target", "current", "expected"),
    [
        (0, 10, 0, 0), (0, 10, 5, 50), (0, 10, 10, 100), (0, 10, 14, 100), (0, 10, -3, 0),
        (10, 0, 10, 0), (10, 0, 4, 60), (10, 0, 0, 100), (10, 0, 15, 0), (0, 3, 2, 66), (0, 1000, 999, 99),
        (-5, 5, 0, 50),
    ],
)  # fmt: skip
def test_percent(baseline: int, target: int, current: int, expected: int) -> None:
    assert percent(Decimal(baseline), Decimal(target), Decimal(current)) == expected


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_it_is_clamped_and_full_only_when_reached(baseline: Decimal, target: Decimal, current: Decimal) -> None:
    assume(baseline != target)
    so_far = percent(baseline, target, current)
    assert 0 <= so_far <= 100
    assert (so_far == 100) == is_reached(baseline, target, current)


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_it_never_falls_while_the_measure_nears_its_target(
    baseline: Decimal, target: Decimal, one: Decimal, other: Decimal
) -> None:
    assume(baseline != target)
    earlier, later = sorted([one, other], reverse=target < baseline)
    assert percent(baseline, target, earlier) <= percent(baseline, target, later)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_falling_target_mirrors_a_rising_one(baseline: Decimal, target: Decimal, current: Decimal) -> None:
    assume(baseline != target)
    assert percent(baseline, target, current) == percent(-baseline, -target, -current)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_sql_says_the_same(logins: PlanGoal, plan: Plan, baseline: Decimal, target: Decimal, current: Decimal) -> None:
    assume(baseline != target)
    PlanGoal.objects.filter(pk=logins.pk).update(baseline=baseline, target=target, current=current)
    said = PlanGoal.objects.annotate(percent=percent_in_sql()).values_list("percent", flat=True).get()
    assert said == percent(baseline, target, current)
