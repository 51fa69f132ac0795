"""How far a measure has come from its baseline to its target: the same answer in Python and in SQL."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db.models import F, IntegerField, Value
from django.db.models.functions import Cast, Floor, Greatest, Least

HUNDRED = Decimal(100)


def percent(baseline: Decimal, target: Decimal, current: Decimal) -> int:
    """Whole percent from 0 to 100, rounded down, so that 100 means reached; a target below the baseline falls.

    ``target`` differs from ``baseline``.
    """
    way = (current - baseline) * HUNDRED / (target - baseline)
    return int(min(max(way, Decimal(0)), HUNDRED).to_integral_value(ROUND_FLOOR))


def is_reached(baseline: Decimal, target: Decimal, current: Decimal) -> bool:
    """Whether the measure is at its target or beyond, on the way it was to go."""
    return current >= target if target > baseline else current <= target


def percent_in_sql() -> Any:
    """The same over a ``PlanGoal`` queryset."""
    way = (F("current") - F("baseline")) * Value(HUNDRED) / (F("target") - F("baseline"))
    return Cast(Floor(Greatest(Least(way, Value(HUNDRED)), Value(Decimal(0)))), IntegerField())
