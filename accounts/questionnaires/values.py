"""Answers as values: how one is kept, compared, and said.

Kept as JSON: text; numbers; money in minor units of the workspace's currency; ISO dates; truth values; a chosen text or
a list of them; ``{"id", "name"}`` of a contact or a member, so that an answer stays readable when they are gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from csworkbench.common import words

from .definitions import Question, Sort

MAX_TEXT, MAX_LONG = 500, 5_000
BLANK: tuple[Any, ...] = (None, "", [], {})


def is_blank(value: Any) -> bool:
    """Whether nothing is answered; 0 and “no” are answers."""
    return value in BLANK


def same(one: Any, other: Any) -> bool:
    """Whether two values answer alike."""
    return digest(one) == digest(other)


def digest(value: Any) -> str:
    """A short digest of a value; people are told apart by id, blanks are all alike."""
    if is_blank(value):
        value = None
    if isinstance(value, Mapping):
        value = value.get("id")
    told = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def plain_text(value: str) -> str:
    """Text as it is kept: one kind of line end, no blanks around."""
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def in_words(question: Question, value: Any, currency: str) -> str:
    """A value as a person says it; an em dash for none. What does not suit the question is said as it is."""
    if is_blank(value):
        return "—"
    if isinstance(value, Mapping):
        return str(value.get("name") or "somebody")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if question.sort == Sort.MONEY and isinstance(value, int):
        return words.money(value, currency)
    if isinstance(value, int | float):
        return f"{value:,}"
    if question.sort == Sort.DATE:
        return _day(str(value))
    return str(value)


def _day(value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day:%b} {day.day}, {day.year}"


def as_cell(question: Question, value: Any) -> Any:
    """A value for a cell of a spreadsheet: numbers, amounts and days as such, the rest as text."""
    if is_blank(value):
        return None
    if isinstance(value, bool | list | Mapping):
        return in_words(question, value, "")
    if question.sort == Sort.MONEY and isinstance(value, int):
        return value / 100
    if question.sort == Sort.DATE:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            return str(value)
    return value


def suits(question: Question, value: Any) -> bool:
    """Whether a kept value can answer a question, as when a newer version takes answers over."""
    if is_blank(value):
        return True
    if question.sort in (Sort.TEXT, Sort.LONG):
        return isinstance(value, str) and len(value) <= (MAX_TEXT if question.sort == Sort.TEXT else MAX_LONG)
    if question.sort in (Sort.CONTACT, Sort.MEMBER):
        return isinstance(value, Mapping) and {"id", "name"} <= set(value)
    if question.sort == Sort.CHOICE:
        return isinstance(value, str) and value in question.choices
    if question.sort == Sort.CHOICES:
        return isinstance(value, list) and all(one in question.choices for one in value)
    return _suits_plainly(question.sort, value)


def _suits_plainly(sort: str, value: Any) -> bool:
    if sort == Sort.YES_NO or isinstance(value, bool):
        return sort == Sort.YES_NO and isinstance(value, bool)
    if sort == Sort.MONEY:
        return isinstance(value, int)
    if sort == Sort.NUMBER:
        return isinstance(value, int | float)
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return sort == Sort.DATE
