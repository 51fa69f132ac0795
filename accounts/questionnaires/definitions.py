"""The shape of a questionnaire: sections of questions, validated with a message per node before it is published.

``[{"key", "title", "questions": [{"key", "label", "help", "sort", "choices", "counts", "prefill"}]}]``. ``counts`` says
whether a question counts towards completeness; ``prefill`` names a source (``accounts.questionnaires.sources``) or is
empty. Keys of questions stand once in the whole questionnaire: answers are kept, merged and taken over under them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import TextChoices

from accounts.conditions import Problem

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_SECTIONS, MAX_QUESTIONS, MAX_CHOICES = 20, 200, 50
MAX_TITLE, MAX_LABEL, MAX_HELP, MAX_CHOICE, MAX_PREFILL = 80, 200, 300, 80, 60
SECTION_PARTS = {"key", "title", "questions"}
QUESTION_PARTS = {"key", "label", "help", "sort", "choices", "counts", "prefill"}


class Sort(TextChoices):
    """What a question asks for, and so how its answer is kept."""

    TEXT = "text", "Short text"
    LONG = "long", "Long text"
    NUMBER = "number", "Number"
    MONEY = "money", "Money"
    DATE = "date", "Date"
    YES_NO = "yes_no", "Yes or no"
    CHOICE = "choice", "One choice"
    CHOICES = "choices", "Several choices"
    CONTACT = "contact", "Contact"
    MEMBER = "member", "Member"


CHOOSING = (Sort.CHOICE, Sort.CHOICES)
# (sort of the question, name of the source) → why the source cannot fill it; empty when it can.
PrefillCheck = Callable[[str, str], str]


@dataclass(frozen=True)
class Question:
    """One question; its ``key`` is what answers are kept under."""

    key: str
    label: str
    help: str = ""
    sort: str = Sort.TEXT.value
    choices: tuple[str, ...] = ()
    counts: bool = True
    prefill: str = ""

    @property
    def choice_lines(self) -> str:
        """What can be chosen, one a line, as it is edited."""
        return "\n".join(self.choices)

    @property
    def sort_label(self) -> str:
        return str(Sort(self.sort).label)


@dataclass(frozen=True)
class Section:
    """Questions under a title."""

    key: str
    title: str
    questions: tuple[Question, ...] = ()


Sections = tuple[Section, ...]


def validate_sections(data: Any, *, draft: bool = False, prefill: PrefillCheck | None = None) -> list[Problem]:
    """Every problem of sections with the path of its node; empty when they may be published.

    A ``draft`` may lack what somebody is about to write: titles, labels, choices, questions at all.
    """
    if not isinstance(data, list):
        return [Problem("", "is not a list of sections")]
    if len(data) > MAX_SECTIONS or (not data and not draft):
        return [Problem("", f"needs 1 to {MAX_SECTIONS} sections")]
    problems: list[Problem] = []
    sections: set[Any] = set()
    for index, section in enumerate(data):
        problems += _under(f"{index}", _section(section, sections, draft))
    if problems:
        return problems
    questions = [(s, q, each) for s, section in enumerate(data) for q, each in enumerate(section["questions"])]
    if len(questions) > MAX_QUESTIONS:
        return [Problem("", f"has {len(questions)} questions: at most {MAX_QUESTIONS} fit")]
    seen: set[Any] = set()
    for s, q, question in questions:
        problems += _under(f"{s}.questions.{q}", _question(question, seen, draft, prefill))
    return problems


def _under(path: str, problems: Iterable[Problem]) -> list[Problem]:
    return [Problem(f"{path}.{each.path}".rstrip("."), each.message) for each in problems]


def _section(section: Any, seen: set[Any], draft: bool) -> list[Problem]:
    if not isinstance(section, dict):
        return [Problem("", "is not a section")]
    problems = _unknown(section, SECTION_PARTS) + _key(section.get("key"), seen)
    problems += _text(section, "title", MAX_TITLE, needed=not draft)
    questions = section.get("questions")
    if not isinstance(questions, list):
        problems.append(Problem("questions", "must be a list"))
    elif not questions and not draft:
        problems.append(Problem("questions", "needs at least one question"))
    return problems


def _question(question: Any, seen: set[Any], draft: bool, prefill: PrefillCheck | None) -> list[Problem]:
    if not isinstance(question, dict):
        return [Problem("", "is not a question")]
    problems = _unknown(question, QUESTION_PARTS) + _key(question.get("key"), seen)
    problems += _text(question, "label", MAX_LABEL, needed=not draft) + _text(question, "help", MAX_HELP)
    problems += _text(question, "prefill", MAX_PREFILL)
    if question.get("sort", Sort.TEXT.value) not in Sort.values:
        return [*problems, Problem("sort", f"must be one of {', '.join(Sort.values)}")]
    if type(question.get("counts", True)) is not bool:
        problems.append(Problem("counts", "must be true or false"))
    problems += _choices(question, draft)
    if prefill is not None and not problems and question.get("prefill"):
        reason = prefill(question.get("sort", Sort.TEXT.value), question["prefill"])
        problems += [Problem("prefill", reason)] * bool(reason)
    return problems


def _choices(question: dict[str, Any], draft: bool) -> list[Problem]:
    choices = question.get("choices", [])
    if not isinstance(choices, list) or not all(_is_text(one, MAX_CHOICE) and one.strip() for one in choices):
        return [Problem("choices", f"must be texts of 1 to {MAX_CHOICE} characters")]
    if len(choices) > MAX_CHOICES:
        return [Problem("choices", f"has {len(choices)} things to choose: at most {MAX_CHOICES} fit")]
    if len({one.casefold() for one in choices}) < len(choices):
        return [Problem("choices", "names something twice")]
    chooses = question.get("sort") in CHOOSING
    if choices and not chooses:
        return [Problem("choices", "belong to a question that lets one choose")]
    return [Problem("choices", "needs at least two things to choose")] * (chooses and len(choices) < 2 and not draft)


def _unknown(data: dict[str, Any], parts: set[str]) -> list[Problem]:
    """A part with a slip in its name would be left out in silence."""
    return [Problem("", f"has the unknown part {name!r}") for name in data if name not in parts]


def _key(key: Any, seen: set[Any]) -> list[Problem]:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        return [Problem("key", "must be lower-case letters, digits and _, a letter first")]
    if key in seen:
        return [Problem("key", f"{key} stands twice")]
    seen.add(key)
    return []


def _text(data: dict[str, Any], name: str, most: int, *, needed: bool = False) -> list[Problem]:
    value = data.get(name, "")
    if not _is_text(value, most) or (needed and not value.strip()):
        return [Problem(name, f"must be a text of {1 if needed else 0} to {most} characters")]
    return []


def _is_text(value: Any, most: int) -> bool:
    # PostgreSQL's JSON holds no NUL.
    return isinstance(value, str) and len(value) <= most and "\0" not in value


def parse_sections(data: Iterable[dict[str, Any]]) -> Sections:
    """Valid sections as values."""
    return tuple(
        Section(
            section["key"],
            section.get("title", ""),
            tuple(
                Question(**{**each, "choices": tuple(each.get("choices", ())), "prefill": each.get("prefill") or ""})
                for each in section["questions"]
            ),
        )
        for section in data
    )


def as_data(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Sections as they are kept; ``parse_sections`` gives the same values back."""
    return [
        {
            "key": section.key,
            "title": section.title,
            "questions": [asdict(each) | {"choices": list(each.choices)} for each in section.questions],
        }
        for section in sections
    ]


def questions_of(sections: Iterable[Section]) -> Iterator[Question]:
    """Every question in order."""
    for section in sections:
        yield from section.questions


def where(problem: Problem, sections: Sequence[Section]) -> str:
    """A problem as a sentence that names the section and question by what they are called."""
    parts = problem.path.split(".")
    if not parts[0].isdigit() or int(parts[0]) >= len(sections):
        return f"The questionnaire {problem.message}."
    section = sections[int(parts[0])]
    named = f"“{section.title or 'Section without a title'}”"
    if len(parts) > 2 and parts[1] == "questions" and parts[2].isdigit():
        question = section.questions[int(parts[2])]
        named += f", “{question.label or f'question {int(parts[2]) + 1}'}”"
        parts = parts[2:]
    field = f" {parts[1]}" if len(parts) > 1 else ""
    return f"{named}:{field} {problem.message}."
