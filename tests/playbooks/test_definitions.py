"""Definitions: what may be published, and what a published one means."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from playbooks.definitions import MAX_DAYS, MAX_STEPS, parse_definition, validate_definition
from playbooks.starter import PACKS

STEP: dict[str, Any] = {"key": "call", "action": "task", "title": "Call", "kind": "check_in"}
SOUND: dict[str, Any] = {
    "trigger": {"fact": "health", "op": "is", "value": "red"},
    "cause": "red",
    "cooldown_days": 14,
    "steps": [STEP],
}


def changed(**parts: Any) -> dict[str, Any]:
    return deepcopy(SOUND) | parts


def with_step(**parts: Any) -> dict[str, Any]:
    return changed(steps=[STEP | parts])


class TestValidate:
    @pytest.mark.parametrize(
        "definition",
        [
            SOUND,
            changed(cooldown_days=0),
            with_step(severity=1, after_days=0, due_business_days=MAX_DAYS, details="Say hello."),
            changed(steps=[STEP | {"key": f"step-{n}"} for n in range(MAX_STEPS)]),
            *(playbook["definition"] for pack in PACKS.values() for playbook in pack),
        ],
    )
    def test_accepts_a_sound_definition(self, definition: dict[str, Any]) -> None:
        assert validate_definition(definition) == []

    @pytest.mark.parametrize(
        ("definition", "path", "message"),
        [
            (None, "", "is not a definition"),
            ([SOUND], "", "is not a definition"),
            (changed(colour="red"), "", "unknown part 'colour'"),
            (changed(trigger=None), "trigger", "is not a condition"),
            (changed(trigger={"any": [{"fact": "mood", "op": "empty"}]}), "trigger.any.0.fact", "no fact"),
            (changed(cause=""), "cause", "must be a key"),
            (changed(cause="Red"), "cause", "must be a key"),
            (changed(cause=3), "cause", "must be a key"),
            (changed(cooldown_days=-1), "cooldown_days", "must be days"),
            (changed(cooldown_days=True), "cooldown_days", "must be days"),
            (changed(cooldown_days=None), "cooldown_days", "must be days"),
            (changed(steps=[]), "steps", "needs 1 to"),
            (changed(steps=STEP), "steps", "needs 1 to"),
            (changed(steps=[STEP] * (MAX_STEPS + 1)), "steps", "needs 1 to"),
            (changed(steps=["call"]), "steps.0.action", "must be task"),
            (changed(steps=[STEP, STEP]), "steps.1.key", "stands once"),
            (with_step(action="email"), "steps.0.action", "must be task"),
            (with_step(key="Call"), "steps.0.key", "must be a key"),
            (with_step(after_day=3), "steps.0", "unknown part 'after_day'"),
            (with_step(title=" "), "steps.0.title", "must be a text"),
            (with_step(title="x" * 201), "steps.0.title", "must be a text"),
            (with_step(title="nul\x00byte"), "steps.0.title", "must be a text"),
            (with_step(details=3), "steps.0.details", "must be a text"),
            (with_step(details="x" * 2_001), "steps.0.details", "must be a text"),
            (with_step(kind="chore"), "steps.0.kind", "must be one of"),
            (with_step(kind=["check_in"]), "steps.0.kind", "must be one of"),
            (with_step(severity=0), "steps.0.severity", "must be 1"),
            (with_step(severity=True), "steps.0.severity", "must be 1"),
            (with_step(after_days=-1), "steps.0.after_days", "must be days"),
            (with_step(due_business_days="3"), "steps.0.due_business_days", "must be days"),
            (with_step(due_business_days=MAX_DAYS + 1), "steps.0.due_business_days", "must be days"),
        ],
    )
    def test_names_the_node_and_what_is_wrong(self, definition: Any, path: str, message: str) -> None:
        problems = validate_definition(definition)
        assert [problem.path for problem in problems] == [path]
        assert message in problems[0].message

    def test_reports_every_problem_at_once(self) -> None:
        broken = changed(cause="", steps=[STEP, STEP | {"key": "x", "kind": "chore", "title": ""}])
        assert [problem.path for problem in validate_definition(broken)] == [
            "cause",
            "steps.1.title",
            "steps.1.kind",
        ]


class TestParse:
    def test_fills_in_what_a_step_leaves_out(self) -> None:
        step = parse_definition(SOUND).steps[0]
        assert (step.severity, step.after_days, step.due_business_days, step.details) == (2, 0, 0, "")

    def test_facts_say_why_a_task_is_there(self) -> None:
        assert parse_definition(SOUND).facts == ["health"]
