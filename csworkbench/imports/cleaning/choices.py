"""Fields with a fixed set of answers: choices, things of the workspace by name, time zones."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process

from .base import BadCell, Cell, Cleaner, as_text
from .directory import Directory, fold

ALIASES = {
    "eastern": "America/New_York", "et": "America/New_York", "est": "America/New_York", "edt": "America/New_York",
    "central": "America/Chicago", "ct": "America/Chicago", "cst": "America/Chicago", "cdt": "America/Chicago",
    "mountain": "America/Denver", "mt": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "pacific": "America/Los_Angeles", "pt": "America/Los_Angeles", "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles", "alaska": "America/Anchorage", "hawaii": "Pacific/Honolulu",
    "utc": "UTC", "gmt": "UTC",
}  # fmt: skip

YES = frozenset({"yes", "y", "true", "t", "1", "x", "on", "checked", "✓", "✔"})
NO = frozenset({"no", "n", "false", "f", "0", "off", "unchecked"})
# Comparisons for one column of one file: the last of a million strangers get no suggestions.
ENOUGH = 5_000_000
PLAIN_ELEMENT = re.compile(r"[A-Za-z0-9_.:@/+-]+")


class Guessing(Cleaner):
    """A cleaner that says what may have been meant, as long as nobody has to wait for it."""

    repeats = True
    guessed = 0

    def nearest(self, text: str, known: Iterable[str], most: int) -> list[str]:
        """The known texts that are more alike than not, best first."""
        among = list(known)
        if self.guessed > ENOUGH:
            return []
        self.guessed += len(among)
        return [found for found, _, _ in process.extract(text, among, scorer=fuzz.ratio, limit=most, score_cutoff=60)]


class Choice(Guessing):
    """One of a few answers; ``answers`` maps every way to write one to the stored value."""

    def __init__(self, label: str, answers: Mapping[str, str], shown: Mapping[str, str]) -> None:
        """``shown``: stored value → the word people use."""
        super().__init__()
        self.label = label
        self.answers = {fold(text): value for text, value in answers.items()}
        self.answers |= {fold(value): value for value in shown} | {fold(word): value for value, word in shown.items()}
        self.shown = shown

    def one(self, value: Cell) -> str | None:
        text = as_text(value)
        if not text:
            return None
        folded = fold(text)
        if folded in self.answers:
            return self.answers[folded]
        close = self.nearest(folded, self.answers, 1)
        raise BadCell(
            "unknown_choice",
            f"“{text}” is no {self.label}. It can be {', '.join(self.shown.values())}.",
            [self.shown[self.answers[word]] for word in close],
        )


class Choices(Cleaner):
    """Several of a few answers, as a PostgreSQL array: ``Finance; Training`` gives ``{finance,training}``.

    Answers are separated by semicolons, bars, line breaks or commas; an answer that has a comma itself is found
    first. Each counts once, in the order of the cell; one unknown answer refuses the cell.
    """

    repeats = True

    def __init__(self, label: str, answers: Mapping[str, str], shown: Mapping[str, str]) -> None:
        """As ``Choice``: ``answers`` way to write one → stored value, ``shown`` stored value → word."""
        super().__init__()
        self.choice = Choice(label, answers, shown)

    def one(self, value: Cell) -> str | None:
        pieces = self._pieces(value if isinstance(value, str) else as_text(value))
        found: dict[str, None] = {}
        for at, piece in enumerate(pieces):
            try:
                answer = self.choice.one(piece)
            except BadCell as bad:
                # A suggestion takes the place of the whole cell.
                whole = ["; ".join([*pieces[:at], word, *pieces[at + 1 :]]) for word in bad.suggestions]
                raise BadCell(bad.code, bad.message, whole) from None
            found |= {answer: None} if answer is not None else {}
        return array_of(found) if found else None

    def _pieces(self, text: str) -> list[str]:
        parts = [part for part in re.split(r"[;|\n]", text) if part.strip()]
        known = self.choice.answers
        pieces = [piece for part in parts for piece in ([part] if fold(part) in known else part.split(","))]
        return [piece.strip() for piece in pieces if piece.strip()]


def array_of(values: Iterable[str]) -> str:
    """Text values as PostgreSQL reads an array of them."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: str) -> str:
    if PLAIN_ELEMENT.fullmatch(value) and value.lower() != "null":
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class YesNo(Cleaner):
    """``true`` or ``false``, however a sheet says it."""

    repeats = True

    def one(self, value: Cell) -> str | None:
        text = as_text(value)
        if text.lower() in YES:
            return "true"
        if text.lower() in NO:
            return "false"
        if not text:
            return None
        raise BadCell("bad_yes_no", f"“{text[:60]}” is neither yes nor no.")


class Lookup(Cleaner):
    """Something of the workspace, by its name."""

    repeats = True

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self.directory = directory

    def one(self, value: Cell) -> str | None:
        text = as_text(value)
        return self.directory.find(text) if text else None


class TimeZone(Guessing):
    """A name of the IANA database, or the everyday name of an American zone."""

    def __init__(self) -> None:
        super().__init__()
        self.names = {name.lower(): name for name in zoneinfo.available_timezones()}

    def one(self, value: Cell) -> str | None:
        text = as_text(value)
        if not text:
            return None
        known = self.names.get(text.lower().replace(" ", "_"))
        found = known or ALIASES.get(fold(text).removesuffix(" time").removesuffix(" standard"))
        if found is None:
            close = self.nearest(text.lower().replace(" ", "_"), self.names, 3)
            raise BadCell(
                "unknown_time_zone",
                f"“{text}” is not a time zone. Use a name such as America/Chicago.",
                [self.names[name] for name in close],
            )
        return found
