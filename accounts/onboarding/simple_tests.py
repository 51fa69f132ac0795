"""A single test of a fact, written in three boxes: what, how, value; and back again."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from accounts.conditions import Tree, validate
from accounts.facts import Kind, all_facts, get_fact
from accounts.models import Module
from csworkbench.tenancy.models import Workspace

# Operators as one chooses them, in this order; those that take no value first.
OPERATORS = (
    ("not_empty", "is known"),
    ("empty", "is unknown"),
    ("is", "is"),
    ("is_not", "is not"),
    ("gte", "is at least"),
    ("gt", "is above"),
    ("lte", "is at most"),
    ("lt", "is below"),
    ("in_last_days", "was within the last … days"),
    ("older_than_days", "is at least … days ago"),
    ("within_days", "is within the next … days"),
)
WITHOUT_VALUE = frozenset({"not_empty", "empty"})
YES = frozenset({"yes", "true", "1"})
NO = frozenset({"no", "false", "0"})


def fact_choices(workspace: Workspace) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every fact that can be tested, in groups: the use of each module, then what is known of the account."""
    modules = Module.objects.filter(workspace=workspace).order_by("name").values_list("key", "name")
    used = [(f"last_use:{key}", f"last use of {name}") for key, name in modules]
    known = sorted(((fact.key, fact.label) for fact in all_facts()), key=lambda pair: pair[1].lower())
    groups = [("Use of a module", used)] if used else []
    return [*groups, ("The account", known)]


def parse_test(fact_key: str, operator: str, raw: str) -> Tree:
    """A valid tree of one test; raises ``ValidationError`` that names the box (``fact``, ``operator``, ``value``)."""
    try:
        fact = get_fact(fact_key)
    except KeyError:
        raise ValidationError({"fact": "Choose what to look at."}) from None
    if operator not in dict(OPERATORS):
        raise ValidationError({"operator": "Choose how to compare."})
    tree: Tree = {"fact": fact_key, "op": operator}
    if operator not in WITHOUT_VALUE:
        tree["value"] = _value(fact.kind, fact.choices, operator, raw.strip())
    for problem in validate(tree):
        box = "operator" if problem.path == "op" else "value"
        raise ValidationError({box: f"{problem.message[:1].upper()}{problem.message[1:]}."})
    return tree


def _value(kind: Kind, choices: tuple[tuple[Any, str], ...], operator: str, raw: str) -> Any:
    """What was typed, as the condition keeps it; money is typed in whole units."""
    if not raw:
        raise ValidationError({"value": "Write what to compare with."})
    if kind is Kind.YES_NO and raw.lower() in YES | NO:
        return raw.lower() in YES
    if operator.endswith("_days") or kind in (Kind.NUMBER, Kind.MONEY):
        by_label = {str(label).lower(): value for value, label in choices}
        if raw.lower() in by_label:
            return by_label[raw.lower()]
        plain = raw.replace(",", "").replace(" ", "")
        if not plain.lstrip("-").isdecimal() or not plain.isascii() or len(plain) > 15:
            raise ValidationError({"value": "Write a whole number."})
        return int(plain) * (100 if kind is Kind.MONEY and not operator.endswith("_days") else 1)
    by_label = {str(label).lower(): value for value, label in choices}
    return by_label.get(raw.lower(), raw)


def is_simple(tree: Any) -> bool:
    """Whether the three boxes can show a condition."""
    return isinstance(tree, dict) and "fact" in tree and tree.get("op") in dict(OPERATORS)


def shown(tree: Tree) -> dict[str, str]:
    """A simple test as the three boxes show it."""
    value: Any = tree.get("value", "")
    if isinstance(value, bool):
        value = "yes" if value else "no"
    elif isinstance(value, int) and not str(tree["op"]).endswith("_days") and get_fact(tree["fact"]).kind is Kind.MONEY:
        value = value // 100
    return {"fact": tree["fact"], "operator": tree["op"], "value": str(value)}
