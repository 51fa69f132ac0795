"""Texts of the demo: templates from ``texts/*.toml``, filled so that one story keeps its words and numbers.

Three marks: ``[good|fine]`` is one of several wordings; ``{carrier}`` is a fact of the account or a pick from the pool
of that name; ``{n3-12}`` is a number from 3 to 12. A scene picks once: every ``{carrier}`` of a story is the same, and
numbers of one letter stand at the same height of their ranges, so ``{n170-930}`` imported rows never exceed the
``{n180-940}`` delivered ones. A capital letter, ``{Carrier}``, begins a sentence.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).parent / "texts"
CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
FITTING = ("at_least", "at_most", "heads", "needs", "lacks")
SLOT = re.compile(r"\{([A-Za-z_]+)(?:(\d+)-(\d+))?\}")


@dataclass(frozen=True)
class Step:
    """One interaction of an episode, ``day`` days after its start; ``answered`` as on ``Interaction``."""

    day: int
    kind: str
    direction: str
    answered: bool | None
    subject: str
    bodies: tuple[str, ...]


@dataclass(frozen=True)
class Fit:
    """Which accounts a text is about.

    By their number of contracted users, by the keys of products of which they ``need`` one and ``lack`` all, or
    parents of a group only.
    """

    at_least: int = 0
    at_most: int = sys.maxsize
    heads: bool = False
    needs: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    def suits(self, users: int, products: Set[str], is_head: bool) -> bool:
        return (
            self.at_least <= users <= self.at_most
            and (is_head or not self.heads)
            and (not self.needs or not self.needs.isdisjoint(products))
            and self.lacks.isdisjoint(products)
        )


@dataclass(frozen=True)
class Episode:
    """A little story on one account: its interactions, and the task that was opened and closed with it, if any.

    ``reason`` is what it does to the health of the account, in one line.
    """

    key: str
    area: str
    fit: Fit
    steps: tuple[Step, ...]
    task: Mapping[str, Any] | None
    reason: str = ""

    @property
    def days(self) -> int:
        """From the first step to the last."""
        return self.steps[-1].day


@dataclass(frozen=True)
class Opening:
    """Work that waits today, and the interaction that brought it, if any; ``on`` names the story it belongs to."""

    on: str
    area: str
    fit: Fit
    step: Step | None
    task: Mapping[str, Any]


class Wording:
    """All texts of one pack: those of any vendor and those of its trade."""

    def __init__(self, pack: str) -> None:
        data = [_read("shared"), _read(pack)]
        self.pools: dict[str, list[str]] = {}
        self.episodes: dict[str, list[Episode]] = defaultdict(list)
        self.openings: dict[str, list[Opening]] = defaultdict(list)
        self.notes: dict[str, dict[str, list[str]]] = data[1]["notes"]
        self.reasons: dict[str, list[str]] = data[1]["reasons"]
        self.snoozes: list[str] = data[0]["snoozes"]["reasons"]
        for part in data:
            self.pools |= part["slots"]
            for row in part["episode"]:
                episode = _episode(row)
                for occasion in row["on"]:
                    self.episodes[occasion].append(episode)
            for row in part["open"]:
                opening = _opening(row)
                self.openings[opening.on].append(opening)


class Scene:
    """One story being told: remembers what it picked."""

    def __init__(self, rng: Random, wording: Wording, facts: Mapping[str, str]) -> None:
        self.rng = rng
        self.pools = wording.pools
        self.known: dict[str, str] = dict(facts)
        self.heights: dict[str, float] = {}

    def tell(self, text: str) -> str:
        """A template as a text."""
        text = CHOICE.sub(lambda match: self.rng.choice(match[1].split("|")), text)
        text = SLOT.sub(self._fill, text)
        return text[:1].upper() + text[1:]

    def _fill(self, match: re.Match[str]) -> str:
        name, low, high = match[1], match[2], match[3]
        if low is not None:
            height = self.heights.setdefault(name, self.rng.random())
            return str(int(low) + round(height * (int(high) - int(low))))
        key = name.lower()
        if key not in self.known:
            self.known[key] = SLOT.sub(self._fill, self.rng.choice(self.pools[key]))
        value = self.known[key]
        return value if name == key else value[:1].upper() + value[1:]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _episode(row: dict[str, Any]) -> Episode:
    steps = tuple(_step(step) for step in row["steps"])
    return Episode(row["key"], row.get("area", ""), _fit(row), steps, row.get("task"), row.get("reason", ""))


def _fit(row: dict[str, Any]) -> Fit:
    return Fit(
        row.get("at_least", 0),
        row.get("at_most", sys.maxsize),
        row.get("heads", False),
        frozenset(row.get("needs", ())),
        frozenset(row.get("lacks", ())),
    )


def _opening(row: dict[str, Any]) -> Opening:
    step = row.get("step")
    task = {name: value for name, value in row.items() if name not in ("on", "area", "step", *FITTING)}
    return Opening(row.get("on", "any"), row.get("area", ""), _fit(row), _step(step) if step else None, task)


def _step(row: list[str]) -> Step:
    """``["+3 call missed", subject, body, …]``; without a day it happens on day 0."""
    head, subject, *bodies = row
    words = head.split()
    day = int(words.pop(0)) if words[0].startswith("+") else 0
    kind, *flags = words
    inbound = "in" in flags
    answered = None if inbound or "sent" in flags else "missed" not in flags
    return Step(day, kind, "in" if inbound else "out", answered, subject, tuple(bodies))
