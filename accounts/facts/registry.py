"""The registry of facts. Higher apps register theirs in ``AppConfig.ready``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from accounts.models import Module
from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace

# What follows the colon of a family's key: the key of a module or the like.
ARGUMENT = re.compile(r"[-a-zA-Z0-9_]{1,40}")


class Kind(StrEnum):
    """What values a fact has, and so which operators fit."""

    NUMBER = "number"
    MONEY = "money"
    CHOICE = "choice"
    TEXT = "text"
    YES_NO = "yes_no"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True)
class FactContext:
    """What an expression or a wording may depend on besides the row: one workspace on one calendar day."""

    workspace_id: int
    today: date
    time_zone: str
    currency: str = "USD"
    use_labels: Mapping[str, str] | None = None

    def start_of(self, day: date) -> datetime:
        """The first moment of a calendar day in the workspace."""
        return datetime.combine(day, time.min, ZoneInfo(self.time_zone))

    def day_of(self, moment: datetime) -> date:
        """The workspace's calendar day of a moment."""
        return moment.astimezone(ZoneInfo(self.time_zone)).date()

    def days_since(self, value: date | datetime) -> int:
        """Whole calendar days from a day or moment to today; negative for the future."""
        day = self.day_of(value) if isinstance(value, datetime) else value
        return (self.today - day) // timedelta(days=1)

    def use_label(self, module_key: str) -> str:
        """How one use of a module reads ("case created"); the key itself for an unknown module."""
        return (self.use_labels or {}).get(module_key, module_key)


@dataclass(frozen=True)
class Fact:
    """One thing known about an account.

    ``expression`` builds the ORM expression over an ``Account`` queryset; ``say`` words a value that is not ``None``
    ("renews in 42 d"); ``unknown`` is the wording for ``None``, empty when an absent value is not worth a word.
    """

    key: str
    label: str
    kind: Kind
    expression: Callable[[FactContext], Combinable]
    say: Callable[[Any, FactContext], str]
    unit: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    unknown: str = ""
    # The key of the day fact that says how long the value has held: "health red" + "12 d".
    since: str = ""
    # Whether the value says something a queue row does not show anyway.
    telling: bool = True
    # Whether health or the rules decide it, so that health cannot be measured by it.
    decided: bool = False
    # The same values as rows of (account, value), at most one an account, where the expression looks each account up:
    # a pass over a whole book joins them.
    rows: Callable[[FactContext], QuerySet[Any, Any]] | None = None

    def words(self, value: Any, context: FactContext) -> str:
        """The value as a person would say it."""
        return self.unknown if value is None or value == "" else self.say(value, context)


_facts: dict[str, Fact] = {}
_families: dict[str, Callable[[str, FactContext | None], Fact]] = {}


def register(fact: Fact) -> Fact:
    """Declare a fact; a key can be declared once."""
    if fact.key in _facts:
        raise ValueError(f"The fact {fact.key!r} is declared twice.")
    _facts[fact.key] = fact
    return fact


def register_family(prefix: str, build: Callable[[str, FactContext | None], Fact]) -> None:
    """Declare facts that carry an argument, such as ``last_use:cases``."""
    _families[prefix] = build


def get_fact(key: str, context: FactContext | None = None) -> Fact:
    """The fact of a key; raises ``KeyError`` for an unknown one."""
    prefix, colon, argument = key.partition(":")
    if colon and prefix in _families and ARGUMENT.fullmatch(argument):
        return _families[prefix](argument, context)
    return _facts[key]


def all_facts() -> list[Fact]:
    """Every plain fact, in order of declaration."""
    return list(_facts.values())


def context_for(workspace: Workspace, *, today: date | None = None) -> FactContext:
    """The context of a workspace now; ``today`` for another day."""
    return FactContext(
        workspace_id=workspace.pk,
        today=today or workspace.today,
        time_zone=workspace.time_zone,
        currency=workspace.currency,
        use_labels=_LazyLabels(workspace.pk),
    )


class _LazyLabels(Mapping[str, str]):
    """Module labels, read only when a wording needs one and then kept for a minute."""

    def __init__(self, workspace_id: int) -> None:
        self.workspace_id = workspace_id

    def _labels(self) -> Mapping[str, str]:
        return _use_labels(self.workspace_id, int(clock.now().timestamp()) // 60)

    def __getitem__(self, key: str) -> str:
        return self._labels()[key]

    def __iter__(self) -> Any:
        return iter(self._labels())

    def __len__(self) -> int:
        return len(self._labels())


@lru_cache(maxsize=256)
def _use_labels(workspace_id: int, minute: int) -> Mapping[str, str]:
    return dict(Module.objects.filter(workspace=workspace_id).values_list("key", "use_label"))
