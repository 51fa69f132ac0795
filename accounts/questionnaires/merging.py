"""Answers of a copy: who gave each, how complete they are, and how what two people write at once becomes one.

Pure: no rows. ``Answers.answers`` maps a question's key to ``{"value", "source", "from", "on", "by", "at"}``. There
``source`` is ``fact`` (prefilled, not confirmed) or ``member``; ``from`` names the source it was taken from, ``on``
the day that source speaks of; ``by`` is the member, ``at`` the moment. A member's blank is kept too: it was emptied on
purpose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .definitions import Question, Section, questions_of
from .values import digest, is_blank, same, suits

FACT, MEMBER = "fact", "member"
Entry = dict[str, Any]
Entries = Mapping[str, Entry]


@dataclass(frozen=True)
class Given:
    """What a form says about one question: the value typed, and the digest of the value it had shown."""

    value: Any
    seen: str

    @property
    def is_untouched(self) -> bool:
        return digest(self.value) == self.seen


@dataclass(frozen=True)
class Conflict:
    """Somebody else changed the same answer meanwhile: both, for a person to decide."""

    key: str
    mine: Any
    theirs: Entry


@dataclass
class Merged:
    """The answers after a save, what of it was new, and what waits for a decision."""

    answers: dict[str, Entry]
    saved: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.saved or self.confirmed)


def merge(answers: Entries, given: Mapping[str, Given], confirm: Collection[str], *, by: str, at: str) -> Merged:
    """Put what a form says into the answers as they are now, question by question.

    A question whose answer is still the one that was shown takes the new value. One that somebody else changed
    meanwhile keeps theirs: quietly where the form left it alone or says the same, as a conflict where it does not.
    ``confirm`` names questions whose shown answer the member says is right.
    """
    merged = Merged(dict(answers))
    for key, one in given.items():
        current = merged.answers.get(key, {})
        now = digest(current.get("value"))
        theirs_is_new = now != one.seen
        if same(one.value, current.get("value")):
            if key in confirm and not theirs_is_new and _can_confirm(current):
                merged.answers[key] = current | {"source": MEMBER, "by": by, "at": at}
                merged.confirmed.append(key)
        elif theirs_is_new and not one.is_untouched:
            merged.conflicts.append(Conflict(key, one.value, current))
        elif not theirs_is_new:
            merged.answers[key] = {"value": one.value, "source": MEMBER, "by": by, "at": at}
            merged.saved.append(key)
    return merged


def _can_confirm(entry: Entry) -> bool:
    return entry.get("source") == FACT and not is_blank(entry.get("value"))


def is_confirmed(entry: Entry | None) -> bool:
    """Whether a member gave or confirmed an answer."""
    return entry is not None and entry.get("source") == MEMBER and not is_blank(entry.get("value"))


def is_prefilled(entry: Entry | None) -> bool:
    """Whether an answer stands there that nobody confirmed."""
    return entry is not None and entry.get("source") == FACT and not is_blank(entry.get("value"))


@dataclass(frozen=True)
class Tally:
    """How far some questions are; only those that count."""

    questions: int
    answered: int
    confirmed: int

    @property
    def completeness(self) -> int:
        """Percent of the questions with an answer; 100 when there is nothing to ask."""
        return percent(self.answered, self.questions) if self.questions else 100

    @property
    def confirmed_percent(self) -> int:
        """Percent of the answers that a member gave or confirmed."""
        return percent(self.confirmed, self.answered)


def percent(part: int, whole: int) -> int:
    """Whole percent, where 0 means none and 100 means all: 1 of 300 is 1, 299 of 300 are 99."""
    if not part or not whole:
        return 0
    return 100 if part == whole else min(max(part * 100 // whole, 1), 99)


def tally(questions: Iterable[Question], answers: Entries) -> Tally:
    """Count the questions that count, those answered, and those a member stands behind."""
    counting = [one for one in questions if one.counts]
    entries = [answers.get(one.key, {}) for one in counting]
    answered = [entry for entry in entries if not is_blank(entry.get("value"))]
    return Tally(len(counting), len(answered), sum(map(is_confirmed, answered)))


def taken_over(answers: Entries, sections: Iterable[Section]) -> dict[str, Entry]:
    """The answers that a newer version can keep: equal keys whose values still suit."""
    return {
        one.key: dict(answers[one.key])
        for one in questions_of(sections)
        if one.key in answers and suits(one, answers[one.key].get("value"))
    }


def refreshed(answers: Entries, known: Entries) -> tuple[dict[str, Entry], int]:
    """Answers with what is known now wherever no member spoke, and how many changed.

    What is no longer known is taken away; an answer that stays the same keeps its moment.
    """
    spoken = {key: entry for key, entry in answers.items() if entry.get("source") == MEMBER}
    merged, changed = dict(spoken), 0
    for key in {*answers, *known} - set(spoken):
        old, new = answers.get(key), known.get(key)
        if old and new and same(old["value"], new["value"]):
            merged[key] = old
            continue
        changed += 1
        if new:
            merged[key] = new
    return merged, changed
