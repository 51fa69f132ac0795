"""What is nearly the same as what: ids a slip or two apart, names a letter or two; nothing here asks the database."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from accounts.importing.statements import IDS
from accounts.search import normalise_name

SUGGESTED = 3
# Pairs that are compared at most: nobody waits longer for a suggestion than for the rest of a comparison.
COMPARISONS = 20_000_000
# A spoilt id is another one by so many slips.
SLIPS = 2
# Names that are the same but for a slip, of a hundred.
NEARLY = 92
# Ids and names that come near enough to be offered for a cell that names no account.
LIKE_ID, LIKE_NAME = 0.75, 76.0
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Known:
    """An account of the workspace with everything it may be called."""

    pk: str
    name: str
    search: str
    ids: Mapping[str, str]

    @property
    def any_id(self) -> str:
        return next((self.ids[name] for name in IDS if self.ids[name]), "")


@dataclass
class Accounts:
    """The accounts of the workspace, loaded once; lists by way are made when first asked for."""

    everyone: Sequence[Known]
    lists: dict[str, tuple[list[str], list[tuple[str, Known]]]] = field(default_factory=dict)

    @cached_property
    def by_key(self) -> dict[str, Known]:
        return {one.pk: one for one in self.everyone}

    @cached_property
    def by_search(self) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = {}
        for one in self.everyone:
            found.setdefault(one.search, []).append(one)
        return found

    def fixing(self, one: Known, way: str) -> str:
        """What to write into a cell of this way to mean an account; empty where nothing would."""
        if way in IDS:
            return one.ids[way]
        if way == "name" and len(self.by_search[one.search]) == 1:
            return one.name
        return one.any_id

    def like(self, text: str, way: str) -> list[tuple[str, Known]]:
        """``(what to write, account)``, the most alike first."""
        return self._like_name(text) if way == "name" else self._like_id(text, IDS if way == "key" else (way,))

    def _like_id(self, text: str, names: Iterable[str]) -> list[tuple[str, Known]]:
        found: list[tuple[float, str, Known]] = []
        for name in names:
            texts, meant = self._list(name)
            # A sheet that takes an LMS ID for a number drops its zeros.
            written = text.zfill(7) if name == "lms_id" else text.lower()
            close = process.extract(
                written, texts, scorer=OSA.normalized_similarity, score_cutoff=LIKE_ID, limit=SUGGESTED
            )
            found += [(score, *meant[at]) for _, score, at in close]
        found.sort(key=lambda each: -each[0])
        return [(value, one) for _, value, one in found[:SUGGESTED]]

    def _like_name(self, text: str) -> list[tuple[str, Known]]:
        texts, meant = self._list("name")
        close = process.extract(in_order(text), texts, scorer=fuzz.ratio, score_cutoff=LIKE_NAME, limit=SUGGESTED)
        return [(self.fixing(meant[at][1], "name"), meant[at][1]) for _, _, at in close]

    def _list(self, name: str) -> tuple[list[str], list[tuple[str, Known]]]:
        if name not in self.lists:
            if name == "name":
                pairs = [(in_order(one.search), one.name, one) for one in self.everyone if one.search]
            else:
                pairs = [(one.ids[name].lower(), one.ids[name], one) for one in self.everyone if one.ids[name]]
            self.lists[name] = [text for text, _, _ in pairs], [(value, one) for _, value, one in pairs]
        return self.lists[name]


def in_order(text: str) -> str:
    """A folded name with its words in order: "Care, Willow" is like "Willow Care"."""
    return " ".join(sorted(normalise_name(text).split()))


def ids_alike(cell: str, known: Iterable[str]) -> list[str]:
    """The ids nearest to a cell, case aside, when they are few: ``00O0323`` gives ``0000323``."""
    said = cell.casefold()
    near: dict[int, list[str]] = defaultdict(list)
    for one in known:
        if (slips := OSA.distance(said, one.casefold(), score_cutoff=SLIPS)) <= SLIPS:
            near[slips].append(one)
    best = near[min(near)] if near else []
    return best if len(best) <= SUGGESTED else []


def names_alike(fresh: Mapping[int, str], known: list[str]) -> dict[int, int]:
    """Row → the position of the known name most like its own, where one is.

    Names with other numbers in them are other places: "Mesa Dental 17" is not "Mesa Dental 18".
    """
    groups: dict[tuple[str, ...], dict[int, str]] = defaultdict(dict)
    for at, name in enumerate(known):
        groups[numbers_of(name)][at] = name
    wanted = {row: groups.get(numbers_of(name), {}) for row, name in fresh.items()}
    if sum(map(len, wanted.values())) > COMPARISONS:
        return {}
    found = {}
    for row, name in fresh.items():
        best = process.extractOne(name, wanted[row], scorer=fuzz.ratio, score_cutoff=NEARLY)
        if best is not None:
            found[row] = int(best[2])
    return found


def numbers_of(name: str) -> tuple[str, ...]:
    return tuple(DIGITS.findall(name))
