"""Which column is which field: proposals from titles, and what a person chose instead."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .kinds import Kind, titles_of
from .reader.layout import normalise

LIKELY = 0.86
SURE, GUESS = "sure", "likely"


@dataclass(frozen=True)
class Proposal:
    """A column of the file, the field it seems to be (empty when none) and how sure that is."""

    position: int
    title: str
    field: str = ""
    confidence: str = ""


def propose(titles: Sequence[str], kind: Kind) -> list[Proposal]:
    """One proposal per column; a field is proposed once, for the column whose title fits best."""
    exact = {title: one.key for one in kind.fields for title in titles_of(one)}
    folded = [normalise(title) for title in titles]
    taken: dict[int, tuple[str, str]] = {}
    used: set[str] = set()
    for position, title in enumerate(folded):
        key = exact.get(title, "")
        if key and key not in used:
            taken[position] = (key, SURE)
            used.add(key)
    for position, title in enumerate(folded):
        if position in taken:
            continue
        close = difflib.get_close_matches(title, list(exact), n=3, cutoff=LIKELY)
        key = next((exact[found] for found in close if exact[found] not in used), "")
        if key:
            taken[position] = (key, GUESS)
            used.add(key)
    return [Proposal(at, title, *taken.get(at, ("", ""))) for at, title in enumerate(titles)]


def mapping_of(proposals: Sequence[Proposal]) -> dict[str, int]:
    """The mapping that proposals amount to."""
    return {proposal.field: proposal.position for proposal in proposals if proposal.field}


def checked(mapping: Mapping[str, Any], kind: Kind, width: int) -> dict[str, int]:
    """A stored or posted mapping without fields and columns that do not exist."""
    return {
        key: int(position)
        for key, position in mapping.items()
        if key in kind.keys and isinstance(position, int) and 0 <= position < width
    }
