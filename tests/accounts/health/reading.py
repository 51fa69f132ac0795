"""An independent reading of scorecards, and measures drawn to be read by both."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from accounts.conditions import OPERATORS
from accounts.facts import FactContext
from accounts.models import Scorecard

from .conftest import a_measure

NUMBERS = ("tier", "unanswered", "uses_30_days", "usage_trend", "frequency_met", "outcome_percent", "mrr")
DATES = ("past_due_since", "last_answered_at", "support_waits_since", "renews_on", "last_use:cases")
CHOICES: dict[str, list[Any]] = {
    "sentiment": ["positive", "neutral", "negative"],
    "growth_potential": ["high", "low"],
    "judged_health": ["green", "yellow", "red"],
    "owns:cases": [True, False],
}


def holds(op: str, wanted: Any, value: Any, context: FactContext) -> bool:
    """Whether a test holds of a value, from the words of the operator alone."""
    if op in {"empty", "not_empty"}:
        return (value is None) == (op == "empty")
    if value is None:
        return False
    if op.endswith("_days"):
        ago = context.days_since(value)
        held = {
            "within_days": -wanted <= ago <= 0,
            "due_within_days": -ago <= wanted,
            "older_than_days": ago >= wanted,
            "in_last_days": 0 <= ago <= wanted,
        }
        return bool(held[op])
    if op == "between":
        return bool(wanted[0] <= value <= wanted[1])
    if op == "one_of":
        return value in wanted
    compared = {
        "is": value == wanted,
        "is_not": value != wanted,
        "lt": op == "lt" and value < wanted,
        "lte": op == "lte" and value <= wanted,
        "gt": op == "gt" and value > wanted,
        "gte": op == "gte" and value >= wanted,
    }
    return bool(compared[op])


def points_of(measure: dict[str, Any], value: Any, context: FactContext) -> int | None:
    for band in measure["bands"]:
        if holds(band["op"], band["value"], value, context):
            return int(band["points"])
    points: int | None = measure["unknown"] if value is None else measure["otherwise"]
    return points


def verdict(card: Scorecard, values: dict[str, Any], context: FactContext) -> tuple[str, int | None, int, list[Any]]:
    """Colour, score, percent known and points of an account whose facts have these values."""
    points = [points_of(measure, values.get(measure["fact"]), context) for measure in card.measures]
    weights = [measure["weight"] for measure in card.measures]
    known = sum(weight for weight, each in zip(weights, points, strict=True) if each is not None)
    percent = 100 * known // sum(weights)
    if percent < card.least_known or not known:
        return "undefined", None, percent, points
    total = sum(weight * each for weight, each in zip(weights, points, strict=True) if each is not None)
    score = int(total / known + 0.5)
    colour = "green" if score >= card.green_from else "yellow" if score >= card.yellow_from else "red"
    return colour, score, percent, points


def a_band(fact: str) -> st.SearchStrategy[tuple[str, Any, int]]:
    if fact in CHOICES:
        plain = st.tuples(st.sampled_from(["is", "is_not"]), st.sampled_from(CHOICES[fact]))
        wanted: st.SearchStrategy[Any] = (
            plain
            if isinstance(CHOICES[fact][0], bool)
            else plain | st.tuples(st.just("one_of"), st.lists(st.sampled_from(CHOICES[fact]), min_size=1))
        )
    elif fact in DATES:
        wanted = st.tuples(st.sampled_from([name for name in OPERATORS if name.endswith("_days")]), st.integers(0, 60))
    else:
        number = st.integers(-100, 200)
        wanted = st.tuples(st.sampled_from(["is", "is_not", "lt", "lte", "gt", "gte"]), number) | st.tuples(
            st.just("between"), st.tuples(number, number).map(sorted)
        )
    wanted = wanted | st.tuples(st.sampled_from(["empty", "not_empty"]), st.none())
    return st.tuples(wanted, st.integers(0, 100)).map(lambda each: (*each[0], each[1]))


@st.composite
def measures(draw: st.DrawFn) -> list[dict[str, Any]]:
    facts = draw(st.lists(st.sampled_from([*NUMBERS, *DATES, *CHOICES]), min_size=1, max_size=6))
    return [
        a_measure(
            fact,
            *draw(st.lists(a_band(fact), min_size=1, max_size=3)),
            key=f"m{index}",
            weight=draw(st.integers(1, 100)),
            otherwise=draw(st.integers(0, 100)),
            unknown=draw(st.none() | st.integers(0, 100)),
        )
        for index, fact in enumerate(facts)
    ]
