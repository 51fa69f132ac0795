"""The shape of a playbook version, validated before it is published.

``{"trigger": condition, "cause": key, "cooldown_days": n, "steps": [...]}`` where a step is ``{"key", "action":
"task", "title", "details", "kind", "severity", "after_days": n, "due_business_days": n}``. A run is open while its
trigger holds; it clears itself, with its open tasks, when the trigger stops to hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from accounts.conditions import Problem, facts_of, is_text, validate
from accounts.facts import get_fact

from .models import Task

KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}")
MAX_STEPS = 30
MAX_DAYS = 400
MAX_TITLE, MAX_DETAILS = 200, 2_000
PARTS = {"trigger", "cause", "cooldown_days", "steps"}
STEP_PARTS = {"key", "action", "title", "details", "kind", "severity", "after_days", "due_business_days"}


@dataclass(frozen=True)
class Step:
    """One task a run makes, ``after_days`` calendar days from its start."""

    key: str
    title: str
    details: str
    kind: str
    severity: int
    after_days: int
    due_business_days: int

    @property
    def kind_label(self) -> str:
        return str(Task.Kind(self.kind).label)

    @property
    def severity_label(self) -> str:
        return str(Task.Severity(self.severity).label)


@dataclass(frozen=True)
class Definition:
    """A version ready to run."""

    trigger: dict[str, Any]
    cause: str
    cooldown_days: int
    steps: tuple[Step, ...]

    @property
    def facts(self) -> list[str]:
        """The facts that say why a task of this playbook is there; what only narrows the audience is left out."""
        return [key for key in facts_of(self.trigger) if get_fact(key).telling]


def validate_definition(data: Any) -> list[Problem]:
    """Every problem of a definition with the path of its node; empty when it may be published."""
    if not isinstance(data, dict):
        return [Problem("", "is not a definition")]
    problems = _unknown(data, PARTS)
    problems += [Problem(f"trigger.{each.path}".rstrip("."), each.message) for each in validate(data.get("trigger"))]
    if not isinstance(data.get("cause"), str) or not KEY.fullmatch(data["cause"]):
        problems.append(Problem("cause", "must be a key: lower-case letters, digits, - and _"))
    if not _days(data.get("cooldown_days")):
        problems.append(Problem("cooldown_days", f"must be days from 0 to {MAX_DAYS}"))
    steps = data.get("steps")
    if not isinstance(steps, list) or not 0 < len(steps) <= MAX_STEPS:
        return [*problems, Problem("steps", f"needs 1 to {MAX_STEPS} steps")]
    seen: set[str] = set()
    for index, step in enumerate(steps):
        problems += [Problem(f"steps.{index}.{each.path}".rstrip("."), each.message) for each in _step(step, seen)]
    return problems


def _unknown(data: dict[str, Any], parts: set[str]) -> list[Problem]:
    """A part with a slip in its name would be left out in silence."""
    return [Problem("", f"has the unknown part {name!r}") for name in data if name not in parts]


def _step(step: Any, seen: set[str]) -> list[Problem]:
    if not isinstance(step, dict) or step.get("action") != "task":
        return [Problem("action", "must be task")]
    key, title = step.get("key"), step.get("title")
    severity = step.get("severity", Task.Severity.NORMAL.value)
    checks = [
        ("key", isinstance(key, str) and KEY.fullmatch(key) and key not in seen, "must be a key that stands once"),
        (
            "title",
            is_text(title, MAX_TITLE) and str(title).strip(),
            f"must be a text of 1 to {MAX_TITLE} characters",
        ),
        ("details", is_text(step.get("details", ""), MAX_DETAILS), f"must be a text of up to {MAX_DETAILS} characters"),
        ("kind", step.get("kind") in Task.Kind.values, f"must be one of {', '.join(Task.Kind.values)}"),
        (
            "severity",
            type(severity) is int and severity in Task.Severity.values,
            "must be 1 (urgent), 2 or 3 (minor)",
        ),
        *(
            (name, _days(step.get(name, 0)), f"must be days from 0 to {MAX_DAYS}")
            for name in ("after_days", "due_business_days")
        ),
    ]
    seen.add(str(key))
    return _unknown(step, STEP_PARTS) + [Problem(name, message) for name, sound, message in checks if not sound]


def _days(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MAX_DAYS


def parse_definition(data: dict[str, Any]) -> Definition:
    """A valid definition as values."""
    return Definition(
        trigger=data["trigger"],
        cause=data["cause"],
        cooldown_days=data["cooldown_days"],
        steps=tuple(
            Step(
                key=step["key"],
                title=step["title"],
                details=step.get("details", ""),
                kind=step["kind"],
                severity=step.get("severity", Task.Severity.NORMAL.value),
                after_days=step.get("after_days", 0),
                due_business_days=step.get("due_business_days", 0),
            )
            for step in data["steps"]
        ),
    )
