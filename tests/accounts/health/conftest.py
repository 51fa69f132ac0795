"""Scorecards and books for tests of health."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.facts import FactContext, context_for
from accounts.health.scoring import judge_health
from accounts.models import Account, AccountFigures, AccountHealth, HealthDay
from csworkbench.tenancy.models import Workspace

Measure = dict[str, Any]
Judge = Callable[..., int]


def a_measure(fact: str, *bands: tuple[str, Any, int], **parts: Any) -> Measure:
    """``a_measure("tier", ("is", 1, 100), otherwise=20, unknown=None)``."""
    return {
        "key": parts.pop("key", fact.replace(":", "_")),
        "label": parts.pop("label", fact.capitalize()),
        "fact": fact,
        "weight": 10,
        "bands": [{"op": op, "value": value, "points": points} for op, value, points in bands],
        "otherwise": 0,
        "unknown": None,
        **parts,
    }


TIER = a_measure("tier", ("is", 1, 100), ("is", 2, 60), otherwise=20)


@pytest.fixture
def context(workspace: Workspace) -> FactContext:
    return context_for(workspace)


@pytest.fixture
def judge(workspace: Workspace) -> Judge:
    """The step as the pipeline runs it, over the book of the workspace or some accounts."""

    def run(accounts: list[Account] | None = None) -> int:
        wanted = None if accounts is None else [account.pk for account in accounts]
        return judge_health(workspace, context_for(workspace), wanted)

    return run


def standing(account: Account) -> AccountHealth:
    return AccountHealth.objects.get(workspace=account.workspace_id, account=account)


def days(account: Account) -> list[tuple[Any, ...]]:
    rows = HealthDay.objects.filter(workspace=account.workspace_id, account=account).order_by("day")
    return list(rows.values_list("day", "health", "score"))


def figure(account: Account, **values: Any) -> None:
    """Set figures as their writers would."""
    AccountFigures.objects.filter(workspace=account.workspace_id, account=account).update(**values)
