"""Fields with a fixed set of answers: choices, things of the workspace by name, time zones."""

from __future__ import annotations

import difflib
import zoneinfo
from collections.abc import Mapping

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


class Choice(Cleaner):
    """One of a few answers; ``answers`` maps every way to write one to the stored value."""

    repeats = True

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
        close = difflib.get_close_matches(folded, list(self.answers), n=1, cutoff=0.6)
        raise BadCell(
            "unknown_choice",
            f"“{text}” is no {self.label}. It can be {', '.join(self.shown.values())}.",
            [self.shown[self.answers[word]] for word in close],
        )


class Lookup(Cleaner):
    """Something of the workspace, by its name."""

    repeats = True

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self.directory = directory

    def one(self, value: Cell) -> str | None:
        text = as_text(value)
        return self.directory.find(text) if text else None


class TimeZone(Cleaner):
    """A name of the IANA database, or the everyday name of an American zone."""

    repeats = True

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
            close = difflib.get_close_matches(text.lower().replace(" ", "_"), list(self.names), n=3, cutoff=0.6)
            raise BadCell(
                "unknown_time_zone",
                f"“{text}” is not a time zone. Use a name such as America/Chicago.",
                [self.names[name] for name in close],
            )
        return found
