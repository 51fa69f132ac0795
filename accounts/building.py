"""Conditions built line by line: what, how, value; lines joined by "or" belong together, groups by "and".

That is a condition of two storeys, ``all`` of ``any``, which covers what people write by hand. A tree that does not
fit is shown in words and kept as it is until somebody starts it anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError

from csworkbench.tenancy.models import Workspace

from .conditions import OPERATORS as CONDITION_OPERATORS
from .conditions import Problem, Tree, in_words, validate
from .facts import FactContext
from .models import Offer, Product, Questionnaire, Subtype
from .onboarding.simple_tests import OPERATORS, fact_choices, is_simple, parse_test, shown

MOST = 12
AND, OR = "and", "or"
Choices = list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class Line:
    """One test as its boxes show it; ``errors`` by box."""

    join: str = AND
    negated: bool = False
    fact: str = ""
    operator: str = "is"
    value: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not self.fact and not self.value.strip()


@dataclass(frozen=True)
class Lines:
    """A condition in lines; ``kept`` is a tree that lines cannot show."""

    lines: tuple[Line, ...]
    kept: Tree | None = None

    @property
    def errors(self) -> bool:
        return any(line.errors for line in self.lines)

    def tree(self) -> Tree | None:
        """The condition the lines make; None when all are blank. Sound only without ``errors``."""
        if self.kept is not None:
            return self.kept
        groups: list[list[Tree]] = []
        for line in self.lines:
            if line.is_blank or line.errors:
                continue
            test = parse_test(line.fact, line.operator, line.value)
            one: Tree = {"not": test} if line.negated else test
            if groups and line.join == OR:
                groups[-1].append(one)
            else:
                groups.append([one])
        parts = [group[0] if len(group) == 1 else {"any": group} for group in groups]
        return None if not parts else parts[0] if len(parts) == 1 else {"all": parts}

    def words(self, context: FactContext) -> str:
        """The sentence they make so far; empty for none, and where a line is wrong."""
        tree = self.tree()
        return "" if tree is None or validate(tree) else in_words(tree, context)

    def with_blank(self) -> Lines:
        """One more line to fill in, unless there is the most of them."""
        return self if len(self.lines) >= MOST else replace(self, lines=(*self.lines, Line()))

    def without(self, number: int) -> Lines:
        return replace(self, lines=tuple(line for at, line in enumerate(self.lines) if at != number))


def lines_of(tree: Tree | None) -> Lines:
    """A condition as lines, or kept whole when it has more storeys than two."""
    if tree is None:
        return Lines((Line(),))
    if validate(tree):
        return Lines((), kept=tree)
    parts = tree.get("all", [tree])
    lines: list[Line] = []
    for part in parts:
        group = part.get("any", [part])
        for at, one in enumerate(group):
            line = _line(one, OR if at else AND)
            if line is None:
                return Lines((), kept=tree)
            lines.append(line)
    return Lines(tuple(lines), kept=None) if len(lines) <= MOST else Lines((), kept=tree)


def _line(tree: Tree, join: str) -> Line | None:
    negated = "not" in tree
    test = tree["not"] if negated else tree
    if not is_simple(test) or not _fits(test):
        return None
    boxes = shown(test)
    return Line(join, negated, boxes["fact"], boxes["operator"], boxes["value"])


def _fits(test: Tree) -> bool:
    """Whether the boxes give the same test back."""
    boxes = shown(test)
    try:
        return parse_test(boxes["fact"], boxes["operator"], boxes["value"]) == test
    except ValidationError:
        return False


def lines_from(data: Mapping[str, Any], prefix: str, kept: Tree | None = None) -> Lines:
    """The lines as they were sent, each checked; ``kept`` when the form said to keep what lines cannot show."""
    if kept is not None and data.get(f"{prefix}-keep") == "yes":
        return Lines((), kept=kept)
    count = str(data.get(f"{prefix}-count", "0"))
    number = min(int(count), MOST) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    return Lines(tuple(_checked(_sent(data, f"{prefix}-{at}")) for at in range(number)))


def _sent(data: Mapping[str, Any], name: str) -> Line:
    def box(which: str, most: int = 200) -> str:
        return str(data.get(f"{name}-{which}", ""))[:most]

    return Line(
        join=OR if box("join") == OR else AND,
        negated=box("not") == "yes",
        fact=box("fact", 82),
        operator=box("operator", 20),
        value=box("value").replace("\0", ""),
    )


def _checked(line: Line) -> Line:
    if line.is_blank:
        return line
    try:
        parse_test(line.fact, line.operator, line.value)
    except ValidationError as error:
        return replace(line, errors={box: " ".join(said) for box, said in error.message_dict.items()})
    return line


def acted(lines: Lines, data: Mapping[str, Any], prefix: str) -> Lines | None:
    """The lines after a press on "add", "remove" or "start anew"; None when the form was to be saved."""
    pressed = str(data.get("do", ""))
    if not pressed.startswith(f"{prefix}-"):
        return None
    what = pressed.removeprefix(f"{prefix}-")
    if what.startswith("remove-") and what[7:].isdigit() and len(what) < 10:
        return lines.without(int(what[7:]))
    if what == "anew":
        return Lines((Line(),))
    return lines.with_blank() if what == "add" else lines


def problems_in_words(problems: Sequence[Problem]) -> list[str]:
    """What is wrong with a tree as a whole."""
    return [f"{one.message[:1].upper()}{one.message[1:]}." for one in problems]


def choices_for(workspace: Workspace) -> Choices:
    """Every fact a line can test, in groups: the account, use of modules, products, kinds, questionnaires, offers."""
    products = Product.objects.filter(workspace=workspace).order_by("name").values_list("key", "name")
    subtypes = Subtype.objects.filter(workspace=workspace).values_list("key", "name")
    asked = (
        Questionnaire.objects.filter(workspace=workspace, state=Questionnaire.State.PUBLISHED)
        .order_by("name")
        .values_list("key", "name")
    )
    offers = Offer.objects.filter(workspace=workspace, is_active=True).values_list("key", "name")
    groups: Choices = [
        *fact_choices(workspace),
        ("Products", [(f"has_product:{key}", f"has {name}") for key, name in products]),
        ("Subtypes", [(f"subtype:{key}", f"is {name}") for key, name in subtypes]),
        ("Questionnaires", [(f"completeness:{key}", f"{name}, percent complete") for key, name in asked]),
        ("Upsell", [(f"candidate:{key}", f"candidate for {name}") for key, name in offers]),
    ]
    return [(label, known) for label, known in groups if known]


__all__ = [
    "CONDITION_OPERATORS",
    "MOST",
    "OPERATORS",
    "Line",
    "Lines",
    "acted",
    "choices_for",
    "lines_from",
    "lines_of",
    "problems_in_words",
]
