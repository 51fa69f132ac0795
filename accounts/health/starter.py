"""The starter scorecards of each pack, as plain data: every at-risk signal of HLT-4 and the measures of HLT-1.

Weights are set so that a judgement, or the count of use, is enough for a colour where little else is known, and that a
red judgement alone is red.
"""

from __future__ import annotations

from typing import Any

from accounts.computing import mark_book
from accounts.models import Scorecard
from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace

Measure = dict[str, Any]
Band = tuple[str, Any, int]


def _measure(
    key: str, label: str, fact: str, weight: int, *bands: Band, otherwise: int = 0, unknown: int | None = None
) -> Measure:
    return {
        "key": key,
        "label": label,
        "fact": fact,
        "weight": weight,
        "bands": [{"op": op, "value": value, "points": points} for op, value, points in bands],
        "otherwise": otherwise,
        "unknown": unknown,
    }


def _key_module(module: str, label: str, weight: int = 10, *, days: tuple[int, int] = (30, 60)) -> Measure:
    bands = (("in_last_days", days[0], 100), ("in_last_days", days[1], 40))
    return _measure("key_module", label, f"last_use:{module}", weight, *bands)


def _judgement(weight: int) -> Measure:
    bands = (("is", "green", 100), ("is", "yellow", 50), ("is", "red", 0))
    return _measure("judgement", "Member's judgement", "judged_health", weight, *bands)


def _sentiment(weight: int) -> Measure:
    bands = (("is", "positive", 100), ("is", "neutral", 70), ("is", "negative", 0))
    return _measure("sentiment", "Sentiment", "sentiment", weight, *bands)


def _support(weight: int) -> Measure:
    bands = (("older_than_days", 30, 0), ("older_than_days", 14, 40), ("older_than_days", 3, 70))
    return _measure(
        "support", "Unresolved support tickets", "support_waits_since", weight, *bands, otherwise=90, unknown=100
    )


def _billing(weight: int) -> Measure:
    bands = (("older_than_days", 30, 0), ("older_than_days", 14, 20))
    return _measure("billing", "Late or missed payment", "past_due_since", weight, *bands, otherwise=50, unknown=100)


def _organisation(weight: int) -> Measure:
    bands = (("in_last_days", 30, 20), ("in_last_days", 90, 50))
    return _measure("organisation", "Organisational change", "org_change_on", weight, *bands, otherwise=100)


def _trend(weight: int) -> Measure:
    bands = (("gte", 10, 100), ("gte", -10, 85), ("gte", -30, 45))
    return _measure("usage_trend", "Usage trend", "usage_trend", weight, *bands)


def _frequency(weight: int) -> Measure:
    bands = (("gte", 90, 100), ("gte", 60, 75), ("gte", 30, 40))
    return _measure("frequency", "Declared frequency met", "frequency_met", weight, *bands)


def _breadth(weight: int) -> Measure:
    bands = (("gte", 3, 100), ("is", 2, 80), ("is", 1, 50))
    return _measure("breadth", "Breadth of modules", "modules_30_days", weight, *bands)


def _answers(weight: int, days: tuple[int, int, int] = (30, 60, 90)) -> Measure:
    bands = tuple(("in_last_days", span, points) for span, points in zip(days, (100, 60, 25), strict=True))
    return _measure("answers", "Answers us", "last_answered_at", weight, *bands)


def _attempts(weight: int) -> Measure:
    bands = (("older_than_days", 30, 0), ("older_than_days", 14, 30), ("older_than_days", 5, 60))
    return _measure("attempts", "Attempts left unanswered", "unanswered_since", weight, *bands, otherwise=80)


def _outcome(weight: int) -> Measure:
    bands = (("gte", 100, 100), ("gte", 75, 80), ("gte", 50, 45))
    return _measure("outcome", "Outcomes", "outcome_percent", weight, *bands)


def _general(module: str, label: str) -> list[Measure]:
    return [
        _trend(15),
        _frequency(10),
        _breadth(10),
        _key_module(module, label),
        _answers(10),
        _attempts(5),
        _sentiment(10),
        _support(10),
        _billing(10),
        _organisation(5),
        _outcome(10),
        _judgement(35),
    ]


def _onboarding(module: str, label: str) -> list[Measure]:
    """Too young for a trend: first use, answers and the mood say more."""
    return [
        _key_module(module, label, 20, days=(10, 21)),
        _frequency(10),
        _answers(20, (10, 21, 35)),
        _attempts(10),
        _sentiment(15),
        _support(5),
        _billing(5),
        _organisation(5),
        _judgement(35),
    ]


def _card(key: str, name: str, audience: dict[str, Any] | None, measures: list[Measure]) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "audience": audience,
        "measures": measures,
        "green_from": 75,
        "yellow_from": 40,
        "least_known": 35,
        "yellow_is": "risky",
    }


ONBOARDING = {"fact": "stage", "op": "is", "value": "onboarding"}
ENTERPRISE = {"fact": "instance", "op": "is", "value": "enterprise"}
STARTERS: dict[str, list[dict[str, Any]]] = {
    "advisor": [
        _card("onboarding", "Onboarding", ONBOARDING, _onboarding("cases", "First cases created")),
        _card(
            "enterprise",
            "Enterprise",
            ENTERPRISE,
            # An enterprise leaves by a decision at its top, long before its advisors use less.
            [
                _trend(10),
                _breadth(10),
                _answers(10),
                _attempts(5),
                _sentiment(15),
                _support(15),
                _billing(10),
                _organisation(10),
                _outcome(15),
                _judgement(40),
            ],
        ),
        _card("general", "All accounts", None, _general("cases", "Cases created")),
    ],
    "compliance": [
        _card("onboarding", "Onboarding", ONBOARDING, _onboarding("courses", "First courses assigned")),
        _card("general", "All accounts", None, _general("courses", "Courses assigned")),
    ],
}


def install_scorecards(workspace: Workspace, pack: str) -> int:
    """Add the scorecards of a pack that a workspace does not have; its own stay as they are. Returns how many it added.

    Raises ``KeyError`` for an unknown pack.
    """
    present = list(Scorecard.objects.filter(workspace=workspace))
    known = {card.key for card in present}
    # Behind what is there: a workspace's own scorecard that fits everyone stays the one that counts.
    first = max((card.place for card in present), default=-1) + 1
    wanted = [card for card in STARTERS[pack] if card["key"] not in known]
    added = [
        Scorecard(workspace=workspace, place=first + index, changed_at=clock.now(), **card)
        for index, card in enumerate(wanted)
    ]
    # A second click may have been here a moment ago.
    Scorecard.objects.bulk_create(added, ignore_conflicts=True)
    if added:
        mark_book(workspace)
    return len(added)
