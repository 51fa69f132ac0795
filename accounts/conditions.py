"""Conditions: a JSON tree over facts, validated on save, compiled to one SQL expression, worded from the same tree.

A tree is ``{"all": [tree, …]}``, ``{"any": [tree, …]}``, ``{"not": tree}`` or a test
``{"fact": key, "op": operator, "value": value}``. A test of an unknown value is false, except ``empty``; ``not``
negates that two-valued answer. There is no second evaluator in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Func, Q
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from csworkbench.common import words

from .facts import Fact, FactContext, Kind, get_fact

MAX_DEPTH = 6
MAX_TESTS = 60
MAX_DAYS = 3_660
MAX_TEXT = 200

Tree = dict[str, Any]

_NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY})
_DATED = frozenset({Kind.DAY, Kind.MOMENT})
_PLAIN = frozenset({Kind.CHOICE, Kind.TEXT, Kind.NUMBER, Kind.MONEY, Kind.YES_NO})
_ALL = frozenset(Kind)

OPERATORS: dict[str, tuple[frozenset[Kind], str]] = {
    "is": (_PLAIN, "is"),
    "is_not": (_PLAIN, "is not"),
    "one_of": (_PLAIN - {Kind.YES_NO}, "is one of"),
    "lt": (_NUMERIC, "is below"),
    "lte": (_NUMERIC, "is at most"),
    "gt": (_NUMERIC, "is above"),
    "gte": (_NUMERIC, "is at least"),
    "between": (_NUMERIC, "is between"),
    "within_days": (_DATED, "is within the next"),
    "due_within_days": (_DATED, "is past or within the next"),
    "older_than_days": (_DATED, "is at least"),
    "in_last_days": (_DATED, "is within the last"),
    "empty": (_ALL, "is unknown"),
    "not_empty": (_ALL, "is known"),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with one node; ``path`` leads to it from the root, such as ``all.0.value``."""

    path: str
    message: str


class InvalidCondition(ValueError):
    """A tree that cannot be compiled; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path or 'condition'}: {problem.message}" for problem in problems))
        self.problems = problems


def validate(tree: Any) -> list[Problem]:
    """Every problem of a tree, each with the path of its node; empty when it is sound."""
    problems: list[Problem] = []
    tests = _walk(tree, "", 1, problems)
    if tests > MAX_TESTS:
        problems.append(Problem("", f"has {tests} tests; the most is {MAX_TESTS}"))
    return problems


def require_valid(tree: Any) -> Tree:
    """The tree itself; raises ``InvalidCondition`` otherwise."""
    problems = validate(tree)
    if problems:
        raise InvalidCondition(problems)
    return tree  # type: ignore[no-any-return]


def _walk(tree: Any, path: str, depth: int, problems: list[Problem]) -> int:
    if depth > MAX_DEPTH:
        problems.append(Problem(path, f"is nested deeper than {MAX_DEPTH}"))
        return 0
    if not isinstance(tree, dict):
        problems.append(Problem(path, "is not a condition"))
        return 0
    if "fact" in tree:
        _check_test(tree, path, problems)
        return 1
    keys = [key for key in ("all", "any", "not") if key in tree]
    if len(keys) != 1 or len(tree) != 1:
        problems.append(Problem(path, "must be one of all, any, not or a test of a fact"))
        return 0
    key = keys[0]
    if key == "not":
        return _walk(tree["not"], _join(path, "not"), depth + 1, problems)
    children = tree[key]
    if not isinstance(children, list) or not children:
        problems.append(Problem(_join(path, key), "needs at least one condition"))
        return 0
    return sum(
        _walk(child, _join(path, f"{key}.{index}"), depth + 1, problems)
        for index, child in enumerate(children[: MAX_TESTS + 1])
    )


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _check_test(tree: Tree, path: str, problems: list[Problem]) -> None:
    unknown = set(tree) - {"fact", "op", "value"}
    if unknown:
        problems.append(Problem(path, f"has the unknown part {sorted(unknown)[0]!r}"))
    try:
        fact = get_fact(tree["fact"]) if isinstance(tree["fact"], str) else None
    except KeyError:
        fact = None
    if fact is None:
        problems.append(Problem(_join(path, "fact"), f"there is no fact {tree['fact']!r}"))
        return
    operator = tree.get("op")
    if not isinstance(operator, str) or operator not in OPERATORS:
        problems.append(Problem(_join(path, "op"), f"there is no operator {operator!r}"))
        return
    if fact.kind not in OPERATORS[operator][0]:
        problems.append(Problem(_join(path, "op"), f"“{OPERATORS[operator][1]}” does not fit {fact.label}"))
        return
    message = _value_problem(fact, operator, tree.get("value"))
    if message:
        problems.append(Problem(_join(path, "value"), message))


def _value_problem(fact: Fact, operator: str, value: Any) -> str:
    if operator in {"empty", "not_empty"}:
        return "" if value is None else "takes no value"
    if operator.endswith("_days"):
        return "" if _is_whole(value) and 0 <= value <= MAX_DAYS else f"must be days from 0 to {MAX_DAYS}"
    if operator == "between":
        sound = isinstance(value, list) and len(value) == 2 and all(map(_is_whole, value)) and value[0] <= value[1]
        return "" if sound else "must be two whole numbers, the smaller first"
    if operator == "one_of":
        if not isinstance(value, list) or not value or len(value) > MAX_TESTS:
            return "must be a list of values"
        return next(filter(None, (_single_problem(fact, each) for each in value)), "")
    return _single_problem(fact, value)


def _single_problem(fact: Fact, value: Any) -> str:
    if fact.kind is Kind.YES_NO:
        return "" if isinstance(value, bool) else "must be yes or no"
    if fact.kind in _NUMERIC and not _is_whole(value):
        return "must be a whole number"
    if fact.kind not in _NUMERIC and not is_text(value):
        return f"must be a text of up to {MAX_TEXT} characters"
    allowed = [choice for choice, _ in fact.choices]
    return f"must be one of {', '.join(map(str, allowed))}" if allowed and value not in allowed else ""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def is_text(value: Any, most: int = MAX_TEXT) -> bool:
    """Whether a value from JSON is a text the database can hold: no NUL, no half of a surrogate pair."""
    return (
        isinstance(value, str)
        and len(value) <= most
        and "\0" not in value
        and not any("\ud800" <= character <= "\udfff" for character in value)
    )


def facts_of(tree: Tree) -> list[str]:
    """The keys of the facts a tree tests, in order, each once."""
    return list(dict.fromkeys(test["fact"] for test in _tests(tree)))


def _tests(tree: Tree) -> Iterator[Tree]:
    if "fact" in tree:
        yield tree
    elif "not" in tree:
        yield from _tests(tree["not"])
    else:
        for child in tree.get("all") or tree.get("any") or []:
            yield from _tests(child)


# -- Compiling


def compile_condition(tree: Tree, context: FactContext) -> Q:
    """One boolean SQL expression over an ``Account`` queryset; the tree must be valid."""
    if "fact" in tree:
        return _compile_test(tree, context)
    if "not" in tree:
        return _negated(compile_condition(tree["not"], context))
    joined = Q()
    for child in tree.get("all") or tree["any"]:
        compiled = compile_condition(child, context)
        joined = joined & compiled if "all" in tree else joined | compiled
    return joined


class _IsNotTrue(Func):
    """SQL's NOT keeps "unknown"; ours is two-valued, so what is unknown is false before it is negated."""

    template = "(%(expressions)s) IS NOT TRUE"
    output_field = BooleanField()


def _negated(condition: Q) -> Q:
    return Q(_IsNotTrue(ExpressionWrapper(condition, BooleanField())))


def _value_of(test: Tree) -> Any:
    value: Any = test.get("value")
    return value


def _compile_test(test: Tree, context: FactContext) -> Q:
    return compile_over(test, get_fact(test["fact"]).expression(context), context)


def compile_over(test: Tree, expression: Any, context: FactContext) -> Q:
    """A valid test of a fact whose value stands in ``expression``, such as a column of a subselect."""
    # Without the context, which a family would ask for its label: one statement that no SQL needs.
    fact, operator, value = get_fact(test["fact"]), test["op"], _value_of(test)
    if operator == "empty":
        return Q(IsNull(expression, True))
    if operator == "not_empty":
        return Q(IsNull(expression, False))
    if operator == "is_not":
        # NULL stays NULL here, and is as good as false everywhere but under a "not", which sees to it.
        return Q(~Exact(expression, value))
    if operator == "between":
        return Q(GreaterThanOrEqual(expression, value[0])) & Q(LessThanOrEqual(expression, value[1]))
    if operator == "one_of":
        return Q(In(expression, value))
    if operator.endswith("_days"):
        return _compile_days(fact, expression, operator, timedelta(days=value), context)
    lookups = {
        "is": Exact,
        "lt": LessThan,
        "lte": LessThanOrEqual,
        "gt": GreaterThan,
        "gte": GreaterThanOrEqual,
    }
    return Q(lookups[operator](expression, value))


def _compile_days(fact: Fact, expression: Any, operator: str, span: timedelta, context: FactContext) -> Q:
    """Compare with bounds computed once, so that an index on the plain column stays usable.

    Days count from the workspace's calendar day: a moment belongs to the day it has there.
    """
    bound: Callable[[date], date | datetime] = context.start_of if fact.kind is Kind.MOMENT else lambda day: day
    one, today = timedelta(days=1), context.today
    if operator == "older_than_days":
        return Q(LessThan(expression, bound(today - span + one)))
    if operator == "in_last_days":
        return Q(GreaterThanOrEqual(expression, bound(today - span))) & Q(LessThan(expression, bound(today + one)))
    before = Q(LessThan(expression, bound(today + span + one)))
    return before if operator == "due_within_days" else before & Q(GreaterThanOrEqual(expression, bound(today)))


# -- Wording


def in_words(tree: Tree, context: FactContext) -> str:
    """The tree as a sentence part: ``health is red and tier is 1``."""
    return _say(tree, context, top=True)


def _say(tree: Tree, context: FactContext, *, top: bool = False) -> str:
    if "fact" in tree:
        return _say_test(tree, context)
    if "not" in tree:
        inner = tree["not"]
        if inner.get("op") == "is":
            return _say_test(inner | {"op": "is_not"}, context)
        return f"not ({_say(inner, context, top=True)})"
    joiner = " and " if "all" in tree else " or "
    parts = [_say(child, context) for child in tree.get("all") or tree["any"]]
    sentence = joiner.join(parts)
    return sentence if top or len(parts) == 1 else f"({sentence})"


def _say_test(test: Tree, context: FactContext) -> str:
    fact, operator, value = get_fact(test["fact"], context), test["op"], _value_of(test)
    verb = OPERATORS[operator][1]
    if isinstance(value, bool):
        return fact.say(value is (operator == "is"), context)
    if operator in {"empty", "not_empty"}:
        return f"{fact.label} {verb}"
    if operator.endswith("_days"):
        return f"{fact.label} {verb} {words.count(value, 'day')}{' ago' if operator == 'older_than_days' else ''}"
    if operator == "between":
        return f"{fact.label} {verb} {_say_value(fact, value[0], context)} and {_say_value(fact, value[1], context)}"
    if operator == "one_of":
        return f"{fact.label} {verb} {', '.join(_say_value(fact, each, context) for each in value)}"
    return f"{fact.label} {verb} {_say_value(fact, value, context)}"


def _say_value(fact: Fact, value: Any, context: FactContext) -> str:
    if fact.kind is Kind.MONEY:
        return words.money(value, context.currency)
    label = dict(fact.choices).get(value, value)
    return f"{str(label).lower() if fact.choices else label}{' ' + fact.unit if fact.unit else ''}"
