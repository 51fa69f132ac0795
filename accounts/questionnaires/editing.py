"""A draft under the hands of its editor: what the page's form says, and the one change a button asks for. Pure.

Fields are named by key: ``section-KEY-title``; ``question-KEY-label``, ``-help``, ``-sort``, ``-choices`` (one a line),
``-counts``, ``-prefill``; ``new-KEY`` is the label of a question to add to a section. The button ``do`` is ``save``,
``add-section``, or a verb with a key: ``add-question:KEY``, ``up:KEY``, ``down:KEY``, ``remove:KEY``, and
``section-up:KEY``, ``section-down:KEY``, ``section-remove:KEY``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from accounts.custom import key_for

from .definitions import CHOOSING, Question, Section, Sections, questions_of

Sent = Mapping[str, str]


def edited(sections: Sections, sent: Sent) -> Sections:
    """Sections with what the form says of them; what it does not mention stays."""
    return tuple(
        replace(
            section,
            title=_line(sent, f"section-{section.key}-title", section.title),
            questions=tuple(_question(one, sent) for one in section.questions),
        )
        for section in sections
    )


def _question(one: Question, sent: Sent) -> Question:
    name = f"question-{one.key}-"
    if f"{name}label" not in sent:
        return one
    sort = sent.get(f"{name}sort", one.sort)
    choices = sent.get(f"{name}choices", "\n".join(one.choices))
    return replace(
        one,
        label=_line(sent, f"{name}label", one.label),
        help=_line(sent, f"{name}help", one.help),
        sort=sort,
        choices=_choices(choices) if sort in CHOOSING else (),
        # A box that is not ticked is not sent.
        counts=f"{name}counts" in sent,
        prefill=sent.get(f"{name}prefill", one.prefill),
    )


def _line(sent: Sent, name: str, before: str) -> str:
    return " ".join(sent[name].replace("\0", "").split()) if name in sent else before


def _choices(text: str) -> tuple[str, ...]:
    """What can be chosen, one a line, without blanks and repetitions."""
    kept: dict[str, str] = {}
    for line in text.replace("\0", "").splitlines():
        said = " ".join(line.split())
        if said:
            kept.setdefault(said.casefold(), said)
    return tuple(kept.values())


def act(sections: Sections, do: str, sent: Sent, taken: Collection[str] = ()) -> tuple[Sections, str]:
    """Do what a button asks for; returns the sections and the key of what to look at next.

    ``taken`` are keys of other versions: a new question gets none of them, because answers are taken over by key.
    An unknown button, or one whose row is gone, changes nothing.
    """
    verb, _, key = do.partition(":")
    if verb == "add-section":
        new = key_for(_line(sent, "new-section", "") or "section", {section.key for section in sections})
        return (*sections, Section(new, _line(sent, "new-section", ""))), new
    if verb == "add-question":
        return _add_question(sections, key, sent, taken)
    if verb in SECTION_VERBS:
        return SECTION_VERBS[verb](sections, key), key
    if verb in QUESTION_VERBS:
        return QUESTION_VERBS[verb](sections, key), key
    return sections, ""


def _add_question(sections: Sections, at: str, sent: Sent, taken: Collection[str]) -> tuple[Sections, str]:
    label = _line(sent, f"new-{at}", "")
    used = {one.key for one in questions_of(sections)} | set(taken)
    new = Question(key_for(label or "question", used), label)
    placed = tuple(
        replace(section, questions=(*section.questions, new)) if section.key == at else section for section in sections
    )
    return placed, new.key if placed != sections else ""


def _move_section(step: int) -> Callable[[Sections, str], Sections]:
    def move(sections: Sections, key: str) -> Sections:
        place = next((index for index, one in enumerate(sections) if one.key == key), None)
        return sections if place is None else _swapped(sections, place, place + step)

    return move


def _remove_section(sections: Sections, key: str) -> Sections:
    return tuple(one for one in sections if one.key != key)


def _move_question(step: int) -> Callable[[Sections, str], Sections]:
    """A question past the end of its section goes on into the next one."""

    def move(sections: Sections, key: str) -> Sections:
        at = next((s for s, section in enumerate(sections) if any(one.key == key for one in section.questions)), None)
        if at is None:
            return sections
        questions = sections[at].questions
        place = next(index for index, one in enumerate(questions) if one.key == key)
        if 0 <= place + step < len(questions):
            return _with(sections, at, _swapped(questions, place, place + step))
        if not 0 <= at + step < len(sections):
            return sections
        moved, there = questions[place], sections[at + step].questions
        left = _with(sections, at, questions[:place] + questions[place + 1 :])
        return _with(left, at + step, (moved, *there) if step > 0 else (*there, moved))

    return move


def _remove_question(sections: Sections, key: str) -> Sections:
    return tuple(
        replace(section, questions=tuple(one for one in section.questions if one.key != key)) for section in sections
    )


def _with(sections: Sections, at: int, questions: tuple[Question, ...]) -> Sections:
    return (*sections[:at], replace(sections[at], questions=questions), *sections[at + 1 :])


def _swapped(rows: tuple[Any, ...], one: int, other: int) -> tuple[Any, ...]:
    if not 0 <= other < len(rows):
        return rows
    swapped = list(rows)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return tuple(swapped)


SECTION_VERBS: dict[str, Callable[[Sections, str], Sections]] = {
    "section-up": _move_section(-1),
    "section-down": _move_section(1),
    "section-remove": _remove_section,
}
QUESTION_VERBS: dict[str, Callable[[Sections, str], Sections]] = {
    "up": _move_question(-1),
    "down": _move_question(1),
    "remove": _remove_question,
}
