"""Which column is which field: proposals from titles, contents and memory, and what a person chose instead."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .cleaning import Cell, Cleaner
from .cleaning.base import LONGEST_TOLD, BadCell
from .kinds import Context, Field, titles_of
from .reader.layout import normalise

LIKELY = 0.86
# Percent: how sure a proposal is, before its cells are looked at.
REMEMBERED, SAME_TITLE, LIKE_TITLE, BY_CONTENT = 100, 95, 70, 45
# A title that means the field is doubted when fewer of its cells than this can be read as one.
DOUBTFUL = 0.5
CONVINCING = 0.9
MANY = 3


@dataclass(frozen=True)
class Proposal:
    """A column of the file, the field it seems to be (empty when none), how sure that is in percent, and why."""

    position: int
    title: str
    field: str = ""
    confidence: int = 0
    because: str = ""
    # Further fields that were read from the same column the last time.
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What becomes of a file: fields by column, fields that say the same in every row, and corrections."""

    columns: Mapping[str, int]
    constants: Mapping[str, str]
    fixes: Sequence[Mapping[str, Any]] = ()

    @property
    def chosen(self) -> frozenset[str]:
        """Every field that the rows will have."""
        return frozenset(self.columns) | frozenset(self.constants)


@dataclass(frozen=True)
class Memory:
    """The fields of each column, by folded title: none means "do not import". And what every row says."""

    columns: Mapping[str, Sequence[str]]
    constants: Mapping[str, str]
    because: str = "as the last time"


def shape_of(titles: Sequence[str]) -> str:
    """The fingerprint of a file's titles, in whatever order they stand."""
    return hashlib.sha256("\n".join(sorted(map(normalise, titles))).encode()).hexdigest()


def propose(
    titles: Sequence[str], context: Context, samples: Sequence[Sequence[Cell]] = (), memory: Memory | None = None
) -> list[Proposal]:
    """One proposal per column; a field is proposed once, for the column that fits best.

    What was chosen for such a file before comes first, then titles, then titles that are nearly right; at last
    contents, for fields whose cells cannot be mistaken (an address, an id, a member's name).
    """
    columns = [[row[at] for row in samples if at < len(row)] for at in range(len(titles))]
    choice = _Choice(titles, columns, context)
    if memory is not None:
        choice.remember(memory)
    choice.same_titles()
    choice.like_titles()
    choice.by_content()
    return [choice.proposals.get(at, Proposal(at, title)) for at, title in enumerate(titles)]


class _Choice:
    """The proposals so far."""

    def __init__(self, titles: Sequence[str], columns: Sequence[Sequence[Cell]], context: Context) -> None:
        self.titles = titles
        self.folded = [normalise(title) for title in titles]
        self.columns = columns
        self.fields = {one.key: one for one in context.fields}
        self.context = context
        self.exact = {title: one.key for one in context.fields for title in titles_of(one)}
        self.proposals: dict[int, Proposal] = {}
        self.used: set[str] = set()

    def remember(self, memory: Memory) -> None:
        for at, title in enumerate(self.folded):
            keys = memory.columns.get(title)
            if keys is None:
                continue
            known = [key for key in keys if key in self.fields and key not in self.used]
            if known or not keys:
                self._take(at, known[0] if known else "", REMEMBERED, memory.because, tuple(known[1:]))
        self.used |= set(memory.constants)

    def same_titles(self) -> None:
        for at, title in enumerate(self.folded):
            key = self.exact.get(title, "")
            if at not in self.proposals and key and key not in self.used:
                self._take(at, key, self._seen(SAME_TITLE, at, key), "by its title")

    def like_titles(self) -> None:
        for at, title in enumerate(self.folded):
            if at in self.proposals or not title:
                continue
            close = difflib.get_close_matches(title, list(self.exact), n=MANY, cutoff=LIKELY)
            key = next((self.exact[found] for found in close if self.exact[found] not in self.used), "")
            if key:
                self._take(at, key, self._seen(LIKE_TITLE, at, key), "by a title much like it")

    def by_content(self) -> None:
        for at, values in enumerate(self.columns):
            if at in self.proposals or sum(value != "" for value in values) < MANY:
                continue
            for key, one in self.fields.items():
                if one.telling and key not in self.used and readable(values, one, self.context) >= CONVINCING:
                    self._take(at, key, BY_CONTENT, "by its cells")
                    break

    def _seen(self, confidence: int, at: int, key: str) -> int:
        """Less sure where most of the cells mean nothing as this field."""
        share = readable(self.columns[at], self.fields[key], self.context) if at < len(self.columns) else 1.0
        return confidence if share >= DOUBTFUL else round(confidence * 0.4)

    def _take(self, at: int, key: str, confidence: int, because: str, also: tuple[str, ...] = ()) -> None:
        self.proposals[at] = Proposal(at, self.titles[at], key, confidence if key else 0, because, also)
        self.used |= {key, *also} - {""}


def readable(values: Sequence[Cell], one: Field, context: Context) -> float:
    """The share of filled cells that mean something as this field; 1 when none is filled."""
    filled = [value for value in values if value != ""]
    if not filled:
        return 1.0
    cleaner: Cleaner = one.cleaner(context)
    _, bad = cleaner.column(filled)
    return 1 - len(bad) / len(filled)


def mapping_of(proposals: Sequence[Proposal]) -> dict[str, int]:
    """The mapping that proposals amount to."""
    return {key: one.position for one in proposals for key in (one.field, *one.also) if key}


def checked(mapping: Mapping[str, Any], context: Context, width: int) -> dict[str, int]:
    """A stored or posted mapping without fields and columns that do not exist."""
    return {
        key: int(position)
        for key, position in mapping.items()
        if key in context.keys and isinstance(position, int) and 0 <= position < width
    }


def checked_constants(constants: Mapping[str, Any], context: Context) -> dict[str, str]:
    """Constants of fields that exist; blank ones say nothing."""
    said = {key: str(text).replace("\0", "") for key, text in constants.items() if key in context.keys}
    return {key: text for key, text in said.items() if text.strip()}


def constant_problems(constants: Mapping[str, str], context: Context) -> list[str]:
    """Why a constant means nothing as its field."""
    problems = []
    for key, text in constants.items():
        one = context.field(key)
        if len(text) > LONGEST_TOLD:
            problems.append(f"{one.label}: at most {LONGEST_TOLD:,} characters fit.")
            continue
        _, bad = one.cleaner(context).column([text])
        problems += [f"{one.label}: {in_words(problem)}" for _, problem in bad]
    return problems


def in_words(problem: BadCell) -> str:
    """A bad cell with what may have been meant."""
    return f"{problem.message} Perhaps {', '.join(problem.suggestions)}?" if problem.suggestions else problem.message
