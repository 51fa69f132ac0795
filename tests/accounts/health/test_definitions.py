"""What a scorecard may say, with the path of everything that it may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.facts import FactContext, all_facts, get_fact
from accounts.health.definitions import (
    MAX_BANDS,
    MAX_MEASURES,
    InvalidScorecard,
    operators_for,
    parse_measures,
    validate_measures,
    validate_scorecard,
)

from .conftest import TIER, a_measure

SOUND = {
    "name": "All accounts",
    "audience": None,
    "measures": [TIER],
    "green_from": 70,
    "yellow_from": 40,
    "least_known": 50,
    "yellow_is": "risky",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def paths(measures: Any) -> list[str]:
    return [problem.path for problem in validate_measures(measures)]


def changed(**parts: Any) -> list[dict[str, Any]]:
    return [TIER, a_measure("stage", ("is", "mature", 100)) | parts]


class TestMeasures:
    def test_a_sound_list_is_typed(self, context: FactContext) -> None:
        (measure,) = parse_measures([TIER])
        assert (measure.key, measure.weight, measure.otherwise, measure.unknown) == ("tier", 10, 20, None)
        assert [(band.op, band.value, band.points) for band in measure.bands] == [("is", 1, 100), ("is", 2, 60)]
        assert measure.band_in_words(measure.bands[0], context) == "tier is 1"
        assert measure.reach == (20, 100)

    @pytest.mark.parametrize(
        ("measures", "path"),
        [
            (None, ""),
            ([], ""),
            ([TIER] * (MAX_MEASURES + 1), ""),
            (["tier"], "0"),
            (changed(key="Bad key"), "1.key"),
            (changed(key="tier"), "1.key"),
            (changed(label=" "), "1.label"),
            (changed(weight=0), "1.weight"),
            (changed(weight=101), "1.weight"),
            (changed(weight=True), "1.weight"),
            (changed(otherwise=101), "1.otherwise"),
            (changed(otherwise=None), "1.otherwise"),
            (changed(unknown=-1), "1.unknown"),
            (changed(fact="nothing"), "1.fact"),
            (changed(fact=["tier"]), "1.fact"),
            (changed(bands=[]), "1.bands"),
            (changed(bands=TIER["bands"] * MAX_BANDS), "1.bands"),
            (changed(bands=[{"op": "is", "points": 1}]), "1.bands.0.value"),
            (changed(bands=[{"op": "is", "value": "moon", "points": 1}]), "1.bands.0.value"),
            (changed(bands=[{"op": "lt", "value": 3, "points": 1}]), "1.bands.0.op"),
            (changed(bands=[{"op": "is", "value": "mature", "points": 500}]), "1.bands.0.points"),
            (changed(bands=[{"op": "is", "value": "mature"}]), "1.bands.0"),
            (changed(bands=["is"]), "1.bands.0"),
            (changed(colour="green"), "1"),
            ([{key: value for key, value in TIER.items() if key != "unknown"}], "0"),
        ],
    )
    def test_each_problem_has_its_path(self, measures: Any, path: str) -> None:
        assert paths(measures) == [path]

    @pytest.mark.parametrize("fact", ["health", "health_since", "health_score", "relationship", "level"])
    def test_what_follows_from_health_cannot_measure_it(self, fact: str) -> None:
        assert get_fact(fact).decided
        assert paths([a_measure(fact, ("not_empty", None, 1))]) == ["0.fact"]

    @given(measures=JSON | st.lists(st.fixed_dictionaries(dict.fromkeys(TIER, JSON)), max_size=2))
    @settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
    def test_nothing_from_outside_breaks_it(self, measures: Any) -> None:
        problems = validate_measures(measures)
        if problems:
            with pytest.raises(InvalidScorecard):
                parse_measures(measures)

    def test_every_operator_offered_for_a_fact_fits_it(self) -> None:
        for fact in all_facts():
            assert {"empty", "not_empty"} <= {name for name, _ in operators_for(fact)}
            if not fact.decided:
                for name, _ in operators_for(fact):
                    assert "0.bands.0.op" not in paths([a_measure(fact.key, (name, None, 1))])


class TestScorecard:
    def test_a_sound_one_has_no_problem(self) -> None:
        assert validate_scorecard(SOUND) == []

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 81}, "name"),
            ({"audience": {"fact": "nothing", "op": "is", "value": 1}}, "audience.fact"),
            ({"audience": {"not": {"fact": "health", "op": "is", "value": "red"}}}, "audience"),
            ({"measures": []}, "measures"),
            ({"measures": [TIER | {"weight": 0}]}, "measures.0.weight"),
            ({"green_from": 0}, "green_from"),
            ({"green_from": 101}, "green_from"),
            ({"yellow_from": 70}, "yellow_from"),
            ({"yellow_from": None}, "yellow_from"),
            ({"least_known": 101}, "least_known"),
            ({"yellow_is": "escalated"}, "yellow_is"),
        ],
    )
    def test_each_problem_has_its_path(self, change: dict[str, Any], path: str) -> None:
        assert [problem.path for problem in validate_scorecard(SOUND | change)] == [path]


def test_the_context_fixture_is_of_the_workspace(context: FactContext) -> None:
    say: Callable[[Any, FactContext], str] = get_fact("usage_trend").say
    assert [say(value, context) for value in (0, 12, -30)] == [
        "use unchanged",
        "use up 12 % in 30 d",
        "use down 30 % in 30 d",
    ]
