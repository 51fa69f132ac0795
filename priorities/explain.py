"""Why a task ranks where it does, in words, from what the recompute's own SQL recorded (PRI-5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from accounts.conditions import facts_of, in_words
from accounts.facts import Fact, FactContext, Kind, get_fact
from accounts.models import AccountPriority, Level

from .models import RuleSet
from .rules import Rule, facts_of_rules, level_without

MAX_CHIPS = 3
# What cannot be worked on: an account will not change its tier because a CSM calls.
FIXED_FACTS = frozenset({"tier", "instance", "segment", "growth_potential", "stage", "customer_since", "mrr"})


@dataclass(frozen=True)
class Chip:
    """A short reason on a row; ``tone`` is bad, warn or empty."""

    text: str
    tone: str = ""
    title: str = ""


@dataclass(frozen=True)
class FactLine:
    """One fact the explanation rests on, with its value in words and how old it is."""

    label: str
    value: str
    age: str


@dataclass(frozen=True)
class Explanation:
    """The whole answer to "why is this here, and what would lower it?"."""

    level: int
    sentence: str
    rules: list[str] = field(default_factory=list)
    facts: list[FactLine] = field(default_factory=list)
    lower: list[str] = field(default_factory=list)


@lru_cache(maxsize=256)
def published_rules(workspace_id: int, rule_set_id: UUID) -> tuple[Rule, ...]:
    """The rules of a version that was published: immutable, so kept by its id. Its workspace must be open."""
    rules = RuleSet.objects.filter(workspace=workspace_id, pk=rule_set_id).values_list("rules", flat=True).first()
    return tuple(rules or ())


def rules_of(priority: AccountPriority) -> tuple[Rule, ...]:
    """The rules that decided an account's level; none before the first recompute."""
    return published_rules(priority.workspace_id, priority.rule_set_id) if priority.rule_set_id else ()


def matched_rules(priority: AccountPriority) -> list[Rule]:
    """The rules that matched, strongest effect first."""
    matched = [rule for rule in rules_of(priority) if rule["key"] in set(priority.matched)]
    return sorted(matched, key=lambda rule: (rule.get("level", 9), -abs(rule.get("add", 0))))


def _reasons(priority: AccountPriority) -> tuple[str, ...]:
    """The facts behind the rules that matched, strongest effect first."""
    if not priority.rule_set_id:
        return ()
    return _facts_behind(priority.workspace_id, priority.rule_set_id, tuple(priority.matched))


@lru_cache(maxsize=4_096)
def _facts_behind(workspace_id: int, rule_set_id: UUID, matched: tuple[str, ...]) -> tuple[str, ...]:
    """Many accounts match the same few rules of a version that never changes."""
    priority = AccountPriority(workspace_id=workspace_id, rule_set_id=rule_set_id, matched=list(matched))
    return tuple(facts_of_rules([rule for rule in matched_rules(priority) if "when" in rule]))


def facts_needed(priorities: Iterable[AccountPriority], why: Iterable[Sequence[str]]) -> list[str]:
    """The keys of every fact that chips or explanations of these rows may word."""
    keys: dict[str, None] = {}
    for task_facts in why:
        keys |= dict.fromkeys(task_facts)
    for priority in priorities:
        keys |= dict.fromkeys(_reasons(priority))
    return list(keys)


def chips(priority: AccountPriority, why: Sequence[str], values: Mapping[str, Any], context: FactContext) -> list[Chip]:
    """Up to three reasons: what the playbook waited for, then what raised the account most."""
    made: list[Chip] = []
    for key in dict.fromkeys((*why, *_reasons(priority))):
        fact = _fact(key, context)
        if fact is None or not fact.telling:
            continue
        text = worded(fact, values, context)
        if text:
            tone = _tone(fact, values.get(key), context)
            made.append(Chip(text[:1].upper() + text[1:], tone, fact.label.capitalize()))
        if len(made) == MAX_CHIPS:
            break
    return made


def explain(
    priority: AccountPriority, values: Mapping[str, Any], context: FactContext, *, extra: Sequence[str] = ()
) -> Explanation:
    """The full explanation of an account's level; ``extra`` are lines about the task itself."""
    rules = matched_rules(priority)
    deciding = [rule for rule in rules if rule.get("level") == priority.level]
    level = Level(priority.level).label
    if not priority.rule_set_id:
        return Explanation(priority.level, "Not ranked yet: the rules have not seen this account.")
    if deciding:
        first = deciding[0]
        sentence = f"{level} because of “{first['name']}”: {in_words(first['when'], context)}."
    else:
        sentence = f"{level}: no rule asks for more."
    return Explanation(
        level=priority.level,
        sentence=sentence,
        rules=[_rule_in_words(rule, context) for rule in rules] + list(extra),
        facts=_fact_lines(rules, values, context),
        lower=_what_would_lower(priority, deciding, context),
    )


def _rule_in_words(rule: Rule, context: FactContext) -> str:
    if "level" in rule:
        return f"{rule['name']} → at least {Level(rule['level']).label.lower()}"
    return f"{rule['name']} → {rule['add']:+d} points" if "add" in rule else rule["name"]


def _fact_lines(rules: Sequence[Rule], values: Mapping[str, Any], context: FactContext) -> list[FactLine]:
    lines = []
    for key in facts_of_rules([rule for rule in rules if "when" in rule]):
        fact = _fact(key, context)
        if fact is not None:
            value = values.get(key)
            lines.append(
                FactLine(fact.label.capitalize(), fact.words(value, context) or "—", _age(fact, values, context))
            )
    return lines


def _what_would_lower(priority: AccountPriority, deciding: Sequence[Rule], context: FactContext) -> list[str]:
    """For each fact a person can change: the level once the rules that rest on it no longer match."""
    lines = []
    rules = rules_of(priority)
    for key in facts_of_rules(deciding):
        fact = _fact(key, context)
        if fact is None or key in FIXED_FACTS:
            continue
        resting = [rule["key"] for rule in rules if "when" in rule and key in facts_of(rule["when"])]
        then = level_without(rules, priority.matched, resting)
        if then > priority.level:
            tests = [in_words(test, context) for rule in deciding for test in _tests_of(rule["when"], key)]
            lines.append(f"{Level(then).label}, once “{tests[0]}” no longer holds")
    return lines


def _tests_of(tree: dict[str, Any], key: str) -> list[dict[str, Any]]:
    if "fact" in tree:
        return [tree] if tree["fact"] == key else []
    children = [tree["not"]] if "not" in tree else tree.get("all") or tree.get("any") or []
    return [test for child in children for test in _tests_of(child, key)]


def worded(fact: Fact, values: Mapping[str, Any], context: FactContext) -> str:
    """A fact's value in words with how long it has held: ``health red 12 d``."""
    text = fact.words(values.get(fact.key), context)
    since = values.get(fact.since) if fact.since else None
    return f"{text} {max(context.days_since(since), 0)} d" if text and since else text


def _age(fact: Fact, values: Mapping[str, Any], context: FactContext) -> str:
    since = values.get(fact.since) if fact.since else None
    value = values.get(fact.key)
    if since is None and fact.kind in {Kind.DAY, Kind.MOMENT} and isinstance(value, date | datetime):
        since = value
    if since is None:
        return ""
    day = context.day_of(since) if isinstance(since, datetime) else since
    days = context.days_since(day)
    shown = f"{day:%b} {day.day}, {day.year}"
    return shown if days < 0 else f"since {shown} ({days} d)"


def _tone(fact: Fact, value: Any, context: FactContext) -> str:
    if fact.key == "past_due_since" or value == "red":
        return "bad"
    if fact.key == "renews_on" and value is not None:
        return "bad" if context.days_since(value) >= 0 else "warn"
    return "warn" if value == "yellow" or fact.kind is Kind.MOMENT else ""


def _fact(key: str, context: FactContext) -> Fact | None:
    try:
        return get_fact(key, context)
    except KeyError:
        return None
