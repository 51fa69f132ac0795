"""The shape of a rule set, and its compilation to one SELECT (PRI-1).

``RuleSet.rules`` is an ordered list of rules. Each has ``key``, ``name``, ``when`` (a condition) and one effect:
``{"level": n}`` (the account is at least as urgent as level n) or ``{"add": points}``; one rule may instead score a
number without a condition, ``{"per": {"fact": key, "size": minor units, "most": points}}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    ExpressionWrapper,
    Func,
    IntegerField,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least

from accounts.conditions import MAX_TEXT, Problem, compile_condition, facts_of, is_text, validate
from accounts.facts import FactContext, Kind, get_fact
from accounts.models import Account, Level

MAX_RULES = 60
MAX_POINTS = 1_000
MAX_SIZE = 2**53
# What rules decide cannot be what they test: every pass would move the levels again.
DECIDED = "level"
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")

Rule = dict[str, Any]


def validate_rules(rules: Any) -> list[Problem]:
    """Every problem of a rule list, with the path of its node; empty when it may be published."""
    if not isinstance(rules, list) or not rules:
        return [Problem("", "a rule set needs at least one rule")]
    if len(rules) > MAX_RULES:
        return [Problem("", f"has {len(rules)} rules; the most is {MAX_RULES}")]
    problems: list[Problem] = []
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        problems += [Problem(f"{index}.{each.path}".rstrip("."), each.message) for each in _rule_problems(rule, seen)]
    return problems


def _rule_problems(rule: Any, seen: set[str]) -> list[Problem]:
    if not isinstance(rule, dict):
        return [Problem("", "is not a rule")]
    problems = []
    key = rule.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        problems.append(Problem("key", "must be lower-case letters, digits and _"))
    elif key in seen:
        problems.append(Problem("key", f"{key!r} stands twice"))
    else:
        seen.add(key)
    if not is_text(rule.get("name")) or not rule["name"].strip():
        problems.append(Problem("name", f"must be a text of 1 to {MAX_TEXT} characters"))
    effects = [name for name in ("level", "add", "per") if name in rule]
    if len(effects) != 1:
        return [*problems, Problem("", "needs exactly one effect: level, add or per")]
    if set(rule) - {"key", "name", "when", *effects}:
        problems.append(Problem("", "has an unknown part"))
    return problems + _effect_problems(rule, effects[0])


def _effect_problems(rule: Rule, effect: str) -> list[Problem]:
    if effect == "per":
        problems = [Problem("", "a rule that scores a number takes no condition")] if "when" in rule else []
        return problems + _per_problems(rule["per"])
    problems = [Problem(f"when.{each.path}".rstrip("."), each.message) for each in validate(rule.get("when"))]
    if not problems and DECIDED in facts_of(rule["when"]):
        problems.append(Problem("when", "a rule cannot test account level, which rules decide"))
    value = rule[effect]
    if effect == "level" and (type(value) is not int or value not in Level.values):
        problems.append(Problem("level", "must be a level from 1 (critical) to 4 (low)"))
    if effect == "add" and (type(value) is not int or abs(value) > MAX_POINTS):
        problems.append(Problem("add", f"must be points up to {MAX_POINTS}"))
    return problems


def _per_problems(per: Any) -> list[Problem]:
    if not isinstance(per, dict) or set(per) != {"fact", "size", "most"}:
        return [Problem("per", "needs fact, size and most")]
    if per["fact"] == DECIDED:
        return [Problem("per.fact", "a rule cannot test account level, which rules decide")]
    try:
        fact = get_fact(per["fact"]) if isinstance(per["fact"], str) else None
    except KeyError:
        fact = None
    if fact is None or fact.kind not in {Kind.NUMBER, Kind.MONEY}:
        return [Problem("per.fact", "must be a number or money fact")]
    sound = all(
        type(per[name]) is int and 0 < per[name] <= most for name, most in (("size", MAX_SIZE), ("most", MAX_POINTS))
    )
    return [] if sound else [Problem("per", f"size and most must be whole numbers above zero, most up to {MAX_POINTS}")]


def facts_of_rules(rules: Iterable[Rule]) -> list[str]:
    """The keys of all facts the rules read, each once."""
    keys: dict[str, None] = {}
    for rule in rules:
        keys |= dict.fromkeys([rule["per"]["fact"]] if "per" in rule else facts_of(rule["when"]))
    return list(keys)


def with_ranks(accounts: QuerySet[Account], rules: Sequence[Rule], context: FactContext) -> QuerySet[Account, Any]:
    """``accounts`` as rows of ``pk, new_level, new_score, new_matched`` by these rules, in one SELECT."""
    conditions = {
        rule["key"]: ExpressionWrapper(compile_condition(rule["when"], context), BooleanField())
        for rule in rules
        if "when" in rule
    }
    levels = [
        Case(When(conditions[rule["key"]], then=Value(rule["level"])), default=Value(Level.LOW.value))
        for rule in rules
        if "level" in rule
    ]
    points: list[Any] = [
        Case(When(conditions[rule["key"]], then=Value(rule["add"])), default=Value(0))
        for rule in rules
        if "add" in rule
    ]
    points += [_per_points(rule["per"], context) for rule in rules if "per" in rule]
    score = points[0] if points else Value(0)
    for part in points[1:]:
        score = score + part
    matched = [
        Case(When(condition, then=Value(key)), default=None, output_field=CharField())
        for key, condition in conditions.items()
    ]
    return accounts.annotate(
        new_level=_least(levels),
        new_score=ExpressionWrapper(score, IntegerField()),
        new_matched=Func(
            Func(*matched, template="ARRAY[%(expressions)s]::varchar[]"),
            Value(None),
            function="array_remove",
            output_field=ArrayField(CharField()),
        ),
    ).values_list("pk", "new_level", "new_score", "new_matched")


def _least(levels: list[Case]) -> Any:
    if not levels:
        return Value(Level.LOW.value, IntegerField())
    return Least(*levels, output_field=IntegerField()) if len(levels) > 1 else levels[0]


def _per_points(per: dict[str, Any], context: FactContext) -> Any:
    value = get_fact(per["fact"]).expression(context)
    return Cast(
        Least(Greatest(Coalesce(value, Value(0)), Value(0)) / Value(per["size"]), Value(per["most"])),
        IntegerField(),
    )


@dataclass(frozen=True)
class Verdict:
    """What the rules say of one account: the answer of the SQL, for previews and tests."""

    account_id: UUID
    level: int
    score: int
    matched: list[str]


def verdicts(accounts: QuerySet[Account], rules: Sequence[Rule], context: FactContext) -> list[Verdict]:
    """The verdict for each account of a queryset, unsaved; one statement."""
    return [Verdict(*row) for row in with_ranks(accounts, rules, context)]


def level_without(rules: Sequence[Rule], matched: Iterable[str], leave_out: Iterable[str]) -> int:
    """The level the account would have if the rules of ``leave_out`` had not matched: what would lower it (PRI-5)."""
    kept = set(matched) - set(leave_out)
    return min((rule["level"] for rule in rules if "level" in rule and rule["key"] in kept), default=Level.LOW.value)
