"""The starter rules of PRI-1 and the points that order accounts within a level, as plain data."""

from __future__ import annotations

from typing import Any

from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace

from .models import RuleSet

RED = {"fact": "health", "op": "is", "value": "red"}
CURRENT = {"fact": "stage", "op": "is_not", "value": "churned"}


def _tier(number: int) -> dict[str, Any]:
    return {"fact": "tier", "op": "is", "value": number}


STARTER_RULES: list[dict[str, Any]] = [
    {"key": "tier_1", "name": "Tier 1", "when": {"all": [_tier(1), CURRENT]}, "level": 2},
    {"key": "tier_2", "name": "Tier 2", "when": {"all": [_tier(2), CURRENT]}, "level": 3},
    {"key": "tier_3_red", "name": "Tier 3 at risk", "when": {"all": [_tier(3), RED, CURRENT]}, "level": 3},
    {"key": "tier_2_red", "name": "Tier 2 at risk", "when": {"all": [_tier(2), RED, CURRENT]}, "level": 2},
    {"key": "tier_1_red", "name": "Tier 1 at risk", "when": {"all": [_tier(1), RED, CURRENT]}, "level": 1},
    {
        "key": "onboarding_red",
        "name": "Promising onboarding at risk",
        "when": {
            "all": [
                _tier(2),
                {"fact": "stage", "op": "is", "value": "onboarding"},
                {"fact": "growth_potential", "op": "is", "value": "high"},
                RED,
            ]
        },
        "level": 1,
    },
    {
        "key": "low_outcome",
        "name": "Renewing without the outcome",
        "when": {
            "all": [
                _tier(1),
                {"fact": "outcome_percent", "op": "lt", "value": 50},
                {"fact": "renews_on", "op": "within_days", "value": 90},
                CURRENT,
            ]
        },
        "level": 1,
    },
    {"key": "red", "name": "Health is red", "when": {"all": [RED, CURRENT]}, "add": 60},
    {
        "key": "yellow",
        "name": "Health is yellow",
        "when": {"fact": "health", "op": "is", "value": "yellow"},
        "add": 20,
    },
    {
        "key": "renews_30",
        "name": "Renews within 30 days",
        "when": {"fact": "renews_on", "op": "within_days", "value": 30},
        "add": 40,
    },
    {
        "key": "renews_90",
        "name": "Renews within 90 days",
        "when": {"fact": "renews_on", "op": "within_days", "value": 90},
        "add": 40,
    },
    {"key": "past_due", "name": "Past due", "when": {"fact": "past_due_since", "op": "not_empty"}, "add": 50},
    {
        "key": "silent",
        "name": "No answer for 60 days",
        "when": {"fact": "last_answered_at", "op": "older_than_days", "value": 60},
        "add": 30,
    },
    {"key": "mrr", "name": "MRR", "per": {"fact": "mrr", "size": 10_000, "most": 99}},
]


def install_rules(workspace: Workspace) -> RuleSet:
    """Publish the starter rules as version 1, unless the workspace has rules already."""
    existing = RuleSet.objects.filter(workspace=workspace).order_by("-number").first()
    if existing is not None:
        return existing
    # A second click may have been here a moment ago.
    return RuleSet.objects.get_or_create(
        workspace=workspace,
        number=1,
        defaults={
            "state": RuleSet.State.PUBLISHED,
            "rules": STARTER_RULES,
            "comment": "Starter rules",
            "published_at": clock.now(),
        },
    )[0]
