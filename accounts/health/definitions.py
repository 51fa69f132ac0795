"""The shape of a scorecard: measures over facts with weights, bands and what "unknown" means (HLT-1).

``Scorecard.measures`` is an ordered list. Each measure is ``{"key", "label", "fact", "weight": 1-100, "bands":
[{"op", "value", "points": 0-100}, …], "otherwise": points, "unknown": null or points}``: the first band whose test of
the measure's fact holds gives its points; no value at all gives ``unknown``, where null leaves the measure out of the
average; anything else gives ``otherwise``. Points are 0-100 and higher is healthier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.conditions import OPERATORS, Problem, Tree, facts_of, in_words, is_text, validate
from accounts.facts import Fact, FactContext, get_fact
from accounts.models import Relationship

MAX_MEASURES = 30
MAX_BANDS = 12
MAX_WEIGHT = 100
MAX_POINTS = 100
MAX_LABEL = 80
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
YELLOW_IS = (Relationship.HEALTHY.value, Relationship.RISKY.value)
# What a member edits of a scorecard; the rest says where it stands and who changed it.
EDITED = ("name", "audience", "measures", "green_from", "yellow_from", "least_known", "yellow_is")
PARTS = ("key", "label", "fact", "weight", "bands", "otherwise", "unknown")

# Why a member judges as they do; kept with the judgement, so that reasons can be counted.
REASON_CODES: dict[str, str] = {
    "champion_left": "Our champion left",
    "decision_maker_changed": "A new decision maker",
    "reorganisation": "Merger, sale or reorganisation",
    "no_answer": "Does not answer",
    "low_use": "Uses it too little",
    "use_grows": "Uses it more and more",
    "key_module_unused": "A key module is not used",
    "onboarding_stalled": "Onboarding has stalled",
    "onboarding_well": "Onboarding goes well",
    "training_needed": "Needs training",
    "support_issues": "Support issues are not solved",
    "product_gap": "The product lacks something",
    "bug": "A bug gets in the way",
    "price": "Finds the price too high",
    "payment": "Pays late or not at all",
    "competitor": "Looks at a competitor",
    "wants_downgrade": "Wants to downgrade or cancel",
    "outcome_missed": "Does not reach the goal",
    "outcome_reached": "Reaches the goal",
    "advocate": "Recommends us",
    "strong_relationship": "A strong relationship",
}
MAX_REASON_CODES = 3


class InvalidScorecard(ValueError):
    """A scorecard that cannot be used; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path or 'scorecard'}: {problem.message}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Band:
    """A test of the measure's fact and the points it gives.

    ``value`` is None where the operator takes none, and a tuple where it takes several.
    """

    op: str
    value: Any
    points: int


@dataclass(frozen=True)
class Measure:
    """One measure of a valid scorecard; ``unknown`` is None when an unknown value is left out of the average."""

    key: str
    label: str
    fact: str
    weight: int
    bands: tuple[Band, ...]
    otherwise: int
    unknown: int | None

    def test_of(self, band: Band) -> Tree:
        """The condition a band stands for."""
        return {"fact": self.fact, "op": band.op, "value": band.value}

    def band_in_words(self, band: Band, context: FactContext) -> str:
        """A band as a sentence part: ``unanswered attempts is at least 3``."""
        return in_words(self.test_of(band), context)

    @property
    def reach(self) -> tuple[int, int]:
        """The fewest and the most points it can give when its fact is known."""
        points = [band.points for band in self.bands] + [self.otherwise]
        return min(points), max(points)


def operators_for(fact: Fact) -> list[tuple[str, str]]:
    """The operators that fit a fact, as ``(operator, words)`` in the order of conditions."""
    return [(name, said) for name, (kinds, said) in OPERATORS.items() if fact.kind in kinds]


def parse_measures(measures: Any) -> tuple[Measure, ...]:
    """The measures, typed; raises ``InvalidScorecard`` for a list with problems."""
    problems = validate_measures(measures)
    if problems:
        raise InvalidScorecard(problems)
    return typed_measures(measures)


def typed_measures(measures: Sequence[Mapping[str, Any]]) -> tuple[Measure, ...]:
    """The measures of a list that was validated when it was saved."""
    return tuple(
        Measure(
            key=each["key"],
            label=each["label"],
            fact=each["fact"],
            weight=each["weight"],
            bands=tuple(Band(band["op"], _frozen(band.get("value")), band["points"]) for band in each["bands"]),
            otherwise=each["otherwise"],
            unknown=each["unknown"],
        )
        for each in measures
    )


def _frozen(value: Any) -> Any:
    """A list as a tuple, so that a measure can be a key."""
    return tuple(value) if isinstance(value, list) else value


def validate_scorecard(values: Mapping[str, Any]) -> list[Problem]:
    """Every problem of a scorecard's values by the names of ``EDITED``.

    Paths lead to the node: ``audience.all.0.fact``, ``measures.2.bands.0.value``.
    """
    problems = []
    name = values.get("name")
    if not is_text(name, MAX_LABEL) or not str(name).strip():
        problems.append(Problem("name", f"must be a text of 1 to {MAX_LABEL} characters"))
    problems += _within("audience", audience_problems(values.get("audience")))
    problems += _within("measures", validate_measures(values.get("measures")))
    green, yellow = values.get("green_from"), values.get("yellow_from")
    if not _is_from(green, 1, MAX_POINTS):
        problems.append(Problem("green_from", f"must be a score from 1 to {MAX_POINTS}"))
    elif not _is_from(yellow, 0, MAX_POINTS) or yellow >= green:  # type: ignore[operator]
        problems.append(Problem("yellow_from", "must be a score from 0 to below the one that green starts at"))
    if not _is_from(values.get("least_known"), 0, 100):
        problems.append(Problem("least_known", "must be a percentage from 0 to 100"))
    if values.get("yellow_is") not in YELLOW_IS:
        problems.append(Problem("yellow_is", f"must be one of {', '.join(YELLOW_IS)}"))
    return problems


def audience_problems(audience: Any) -> list[Problem]:
    """Every problem of an audience; None, which fits every account, has none."""
    if audience is None:
        return []
    problems = validate(audience)
    decided = [] if problems else [key for key in facts_of(audience) if get_fact(key).decided]
    return problems + [Problem("", f"cannot test {get_fact(key).label}, which follows from health") for key in decided]


def validate_measures(measures: Any) -> list[Problem]:
    """Every problem of a list of measures, each with the path of its node; empty when it is sound."""
    if not isinstance(measures, list) or not measures:
        return [Problem("", "a scorecard needs at least one measure")]
    if len(measures) > MAX_MEASURES:
        return [Problem("", f"has {len(measures)} measures; the most is {MAX_MEASURES}")]
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, measure in enumerate(measures):
        problems += _within(str(index), _measure_problems(measure, seen))
    return problems


def _within(path: str, problems: list[Problem]) -> list[Problem]:
    return [Problem(f"{path}.{each.path}".rstrip("."), each.message) for each in problems]


def _measure_problems(measure: Any, seen: set[str]) -> list[Problem]:
    if not isinstance(measure, dict):
        return [Problem("", "is not a measure")]
    stray = set(measure) ^ set(PARTS)
    if stray:
        name = min(stray, key=str)
        return [Problem("", f"has the unknown part {name!r}" if name in measure else f"lacks {name!r}")]
    problems = _key_problems(measure["key"], seen)
    if not is_text(measure["label"], MAX_LABEL) or not measure["label"].strip():
        problems.append(Problem("label", f"must be a text of 1 to {MAX_LABEL} characters"))
    if not _is_from(measure["weight"], 1, MAX_WEIGHT):
        problems.append(Problem("weight", f"must be a whole number from 1 to {MAX_WEIGHT}"))
    if not _is_points(measure["otherwise"]):
        problems.append(_bad_points("otherwise"))
    if measure["unknown"] is not None and not _is_points(measure["unknown"]):
        problems.append(_bad_points("unknown"))
    return problems + _fact_problems(measure["fact"], measure["bands"])


def _key_problems(key: Any, seen: set[str]) -> list[Problem]:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        return [Problem("key", "must be lower-case letters, digits and _")]
    if key in seen:
        return [Problem("key", f"{key!r} stands twice")]
    seen.add(key)
    return []


def _fact_problems(key: Any, bands: Any) -> list[Problem]:
    try:
        fact = get_fact(key) if isinstance(key, str) else None
    except KeyError:
        fact = None
    if fact is None:
        return [Problem("fact", f"there is no fact {key!r}")]
    if fact.decided:
        return [Problem("fact", f"cannot be {fact.label}, which follows from health")]
    if not isinstance(bands, list) or not 0 < len(bands) <= MAX_BANDS:
        return [Problem("bands", f"must be a list of 1 to {MAX_BANDS} bands")]
    return [
        problem for index, band in enumerate(bands) for problem in _within(f"bands.{index}", _band_problems(key, band))
    ]


def _band_problems(key: str, band: Any) -> list[Problem]:
    if not isinstance(band, dict) or not {"op", "points"} <= set(band) <= {"op", "value", "points"}:
        return [Problem("", "needs op, value and points")]
    problems = validate({"fact": key, "op": band["op"], "value": band.get("value")})
    return problems if _is_points(band["points"]) else [*problems, _bad_points("points")]


def _bad_points(path: str) -> Problem:
    return Problem(path, f"must be points from 0 to {MAX_POINTS}")


def _is_points(value: Any) -> bool:
    return _is_from(value, 0, MAX_POINTS)


def _is_from(value: Any, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
