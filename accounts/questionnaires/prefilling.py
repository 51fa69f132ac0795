"""Prefilled answers: what a source or a fact says of an account, as an answer to a question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from accounts.facts import FactContext, Kind, all_facts, context_for, get_fact
from accounts.models import Module
from csworkbench.common import clock, words
from csworkbench.tenancy.models import Workspace

from .definitions import Question, Section, Sort, questions_of
from .known import Known, known_of
from .merging import FACT, Entry
from .sources import SOURCES, Source, day_in_words
from .values import MAX_LONG, MAX_TEXT, in_words, is_blank, plain_text

FACT_PREFIX = "fact:"
# What a question can hold beside its own sort: everything can be said in words.
WORDS = (Sort.TEXT, Sort.LONG)
SORT_OF_FACT: dict[Kind, str] = {
    Kind.NUMBER: Sort.NUMBER,
    Kind.MONEY: Sort.MONEY,
    Kind.CHOICE: Sort.TEXT,
    Kind.TEXT: Sort.TEXT,
    Kind.YES_NO: Sort.YES_NO,
    Kind.DAY: Sort.DATE,
    Kind.MOMENT: Sort.DATE,
}


def cannot_fill(sort: str, prefill: str) -> str:
    """Why a source cannot fill a question of a sort; empty when it can."""
    given = _sort_of(prefill)
    if given is None:
        return f"names {prefill}, which nothing here knows"
    if sort in WORDS or given == sort or (sort in (Sort.CHOICE, Sort.CHOICES) and given == Sort.TEXT):
        return ""
    return f"gives {Sort(given).label.lower()}, which a question for {Sort(sort).label.lower()} cannot hold"


def _sort_of(prefill: str) -> str | None:
    if prefill in SOURCES:
        return SOURCES[prefill].sort
    if not prefill.startswith(FACT_PREFIX):
        return None
    try:
        return str(SORT_OF_FACT[get_fact(prefill.removeprefix(FACT_PREFIX)).kind])
    except KeyError:
        return None


def source_label(prefill: str, context: FactContext | None = None) -> str:
    """What a source is called on screen; its key when it is no longer known."""
    if prefill in SOURCES:
        return SOURCES[prefill].label
    try:
        return _capital(get_fact(prefill.removeprefix(FACT_PREFIX), context).label)
    except KeyError:
        return prefill


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def offered_sources(workspace: Workspace) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything a question can be prefilled from, in groups: ``(group, [(key, label)])``."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for source in SOURCES.values():
        groups.setdefault(source.group, []).append((source.key, source.label))
    context = context_for(workspace)
    facts = [(FACT_PREFIX + fact.key, _capital(fact.label)) for fact in all_facts()]
    for key in Module.objects.filter(workspace=workspace).values_list("key", flat=True):
        told = get_fact(f"last_use:{key}", context)
        facts.append((FACT_PREFIX + told.key, _capital(told.label)))
    return [*groups.items(), ("Facts", facts)]


def prefill_accounts(
    workspace: Workspace, accounts: Sequence[UUID], sections: Sequence[Section]
) -> dict[UUID, dict[str, Entry]]:
    """Account → question → prefilled answer, for questions whose source knows something; a constant of statements."""
    wanted = [one for one in questions_of(sections) if one.prefill]
    sources = [SOURCES[one.prefill] for one in wanted if one.prefill in SOURCES]
    facts = [one.prefill.removeprefix(FACT_PREFIX) for one in wanted if one.prefill.startswith(FACT_PREFIX)]
    found = known_of(workspace, accounts, parts={source.part for source in sources}, facts=dict.fromkeys(facts))
    at = clock.now().isoformat(timespec="seconds")
    return {
        account: {one.key: entry for one in wanted if (entry := _entry(one, known, workspace.currency, at))}
        for account, known in found.items()
    }


def _entry(question: Question, known: Known, currency: str, at: str) -> Entry | None:
    source = SOURCES.get(question.prefill)
    value = fitted(question, *(_read(source, known) if source else _fact(question.prefill, known)), currency)
    if is_blank(value):
        return None
    on = source.on(known) if source else None
    day = known.context.day_of(on) if isinstance(on, datetime) else on
    return {"value": value, "source": FACT, "from": question.prefill, "at": at} | (
        {"on": day.isoformat()} if day else {}
    )


def _read(source: Source, known: Known) -> tuple[str, Any]:
    value = source.read(known)
    return source.sort, value.isoformat() if isinstance(value, date) else value


def _fact(prefill: str, known: Known) -> tuple[str, Any]:
    """A fact's value as an answer: choices by their labels, moments by their day."""
    key = prefill.removeprefix(FACT_PREFIX)
    value = known.facts.get(key)
    if value is None or value == "":
        return Sort.TEXT, None
    fact = get_fact(key)
    if isinstance(value, datetime):
        value = known.context.day_of(value)
    if isinstance(value, date):
        return Sort.DATE, value.isoformat()
    choices = dict(fact.choices)
    return (Sort.TEXT, str(choices[value])) if value in choices else (str(SORT_OF_FACT[fact.kind]), value)


def fitted(question: Question, sort: str, value: Any, currency: str) -> Any:
    """A source's value as the question holds it; None when it cannot."""
    if is_blank(value):
        return None
    if question.sort in WORDS and sort not in WORDS:
        value = _worded(sort, value, currency)
    if question.sort in WORDS:
        return plain_text(str(value))[: MAX_TEXT if question.sort == Sort.TEXT else MAX_LONG].rstrip()
    if question.sort in (Sort.CHOICE, Sort.CHOICES):
        return _chosen(question, str(value))
    return value if question.sort == sort else None


def _worded(sort: str, value: Any, currency: str) -> str:
    if sort == Sort.MONEY:
        return words.money(value, currency)
    if sort == Sort.DATE:
        return day_in_words(date.fromisoformat(value))
    return in_words(_asking(sort), value, currency)


@cache
def _asking(sort: str) -> Question:
    return Question("any", "any", sort=sort)


def _chosen(question: Question, value: str) -> Any:
    """What of the choices a text names."""
    named = [part.strip().casefold() for part in (value, *value.split(","))]
    hits = [choice for choice in question.choices if choice.casefold() in named]
    if question.sort == Sort.CHOICES:
        return hits or None
    return hits[0] if hits else None
