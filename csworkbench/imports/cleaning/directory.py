"""Names that a cell may mention — members, products — found in spite of case, spacing and accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from uuid import UUID

from rapidfuzz import fuzz, process

from .base import BadCell

NOT_WORD = re.compile(r"[^a-z0-9@.&+]+")
SUGGESTED = 3
# Percent: names surely meant come first; where there are none, names that have at least something in common.
LIKELY, ALIKE = 60, 30
# Comparisons for one column of one file, some ten seconds' worth: a file that names a hundred thousand strangers gets
# no suggestions for the last of them.
ENOUGH = 50_000_000


def fold(text: str) -> str:
    """Lower case, accents folded, white space and punctuation as single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return NOT_WORD.sub(" ", text.lower()).strip()


class Directory:
    """The things of one workspace that have a name; never those of another one."""

    def __init__(self, noun: str, entries: Iterable[tuple[UUID | str, str, Iterable[str]]]) -> None:
        """``entries``: key, name to show, and other names of the same thing."""
        self.noun = noun
        self._names: dict[str, str] = {}
        self._found: dict[str, set[str]] = {}
        self._all: list[str] = []
        self._in_order: list[str] = []
        self._compared = 0
        for key, name, others in entries:
            self._names[str(key)] = name
            for text in (name, *others):
                if folded := fold(text):
                    self._found.setdefault(folded, set()).add(str(key))

    def __len__(self) -> int:
        return len(self._names)

    @property
    def only(self) -> str | None:
        """The key of the only entry, if there is just one."""
        return next(iter(self._names)) if len(self._names) == 1 else None

    def name_of(self, key: str) -> str:
        """The name to show for a key."""
        return self._names.get(key, "")

    def find(self, text: str) -> str:
        """The key that a text names; ``Last, First`` is turned round. Raises BadCell with the nearest names."""
        for reading in readings(text):
            keys = self._found.get(reading, set())
            if len(keys) == 1:
                return next(iter(keys))
            if keys:
                raise BadCell(f"ambiguous_{self.code}", f"“{text}” is the name of {len(keys)} {self.noun}s.")
        raise BadCell(f"unknown_{self.code}", f"No {self.noun} is called “{text}”.", self.nearest(text))

    @property
    def code(self) -> str:
        return self.noun.lower().replace(" ", "_")

    def nearest(self, text: str) -> list[str]:
        """The names most like a text, best first: letters mistyped, left out or swapped, words in another order."""
        if len(self._all) != len(self._found):
            self._all = list(self._found)
            self._in_order = [in_order(folded) for folded in self._all]
        if self._compared > ENOUGH:
            return []
        query = readings(text)[-1]
        ranked = self._closest(query, LIKELY) or self._closest(query, ALIKE)
        keys = [key for folded in ranked for key in sorted(self._found[folded])]
        return list(dict.fromkeys(self._names[key] for key in dict.fromkeys(keys)))[:SUGGESTED]

    def _closest(self, query: str, cutoff: int) -> list[str]:
        """The folded names that are most like a query, as it stands or with words in another order, best first."""
        best: dict[str, float] = {}
        for asked, among in ((query, self._all), (in_order(query), self._in_order)):
            self._compared += len(among)
            close = process.extract(asked, among, scorer=fuzz.ratio, limit=SUGGESTED * 2, score_cutoff=cutoff)
            for _, score, at in close:
                best[self._all[at]] = max(score, best.get(self._all[at], 0.0))
        return sorted(best, key=lambda folded: (-best[folded], folded))


def in_order(folded: str) -> str:
    """The words of a folded name, sorted: two orders of the same words are one."""
    return " ".join(sorted(folded.split()))


def readings(text: str) -> list[str]:
    """The ways to read a name: as it stands and, with one comma, turned round."""
    ways = [fold(text)]
    if text.count(",") == 1:
        last, first = text.split(",")
        ways.append(fold(f"{first} {last}"))
    return ways
