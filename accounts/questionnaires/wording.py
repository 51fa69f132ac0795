"""The ledger of questionnaires in words: what differs between two states of the answers, or of a version's sections."""

from __future__ import annotations

from typing import Any

from accounts.models import Questionnaire
from csworkbench.tenancy.models import Workspace

from .definitions import Question, parse_sections, questions_of, validate_sections
from .differences import differences
from .merging import MEMBER
from .values import in_words, is_blank, same

MOST_WORDS = 120
Pairs = list[tuple[str, str, str]]


class AnswersWording:
    """Says what differs between two values of ``Answers.answers``, with the questions of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.currency = workspace.currency
        self.questions: dict[str, Question] = {}
        versions = Questionnaire.objects.filter(workspace=workspace).order_by("number")
        for sections in versions.values_list("sections", flat=True):
            if not validate_sections(sections, draft=True):
                self.questions |= {one.key: one for one in questions_of(parse_sections(sections))}

    def __call__(self, before: Any, after: Any) -> Pairs:
        """``(question, before, after)`` per answer that differs; a mere confirmation says so."""
        old, new = before or {}, after or {}
        told = [self._told(key, old.get(key) or {}, new.get(key) or {}) for key in {**old, **new}]
        return [pair for pair in told if pair is not None]

    def _told(self, key: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[str, str, str] | None:
        question = self.questions.get(key) or Question(key, key.replace("_", " "))
        was, now = old.get("value"), new.get("value")
        if not same(was, now):
            return question.label, self._say(question, was), self._say(question, now)
        if old.get("source") != MEMBER and new.get("source") == MEMBER and not is_blank(now):
            return question.label, "prefilled", f"confirmed: {self._say(question, now)}"
        return None

    def _say(self, question: Question, value: Any) -> str:
        told = " ".join(in_words(question, value, self.currency).split())
        return told if len(told) <= MOST_WORDS else f"{told[: MOST_WORDS - 1]}…"


class SectionsWording:
    """Says what differs between two values of ``Questionnaire.sections``."""

    def __init__(self, workspace: Workspace) -> None:
        pass

    def __call__(self, before: Any, after: Any) -> Pairs:
        old, new = ([] if validate_sections(each, draft=True) else each for each in (before, after))
        return [
            (what, was or "—", now or "—") for what, was, now in differences(parse_sections(old), parse_sections(new))
        ]
