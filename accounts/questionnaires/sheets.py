"""Copies as spreadsheets: one copy question by question, and all copies of a questionnaire over a book."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from accounts.models import Account, Answers
from csworkbench.common.sheets import Column, sheet_bytes
from csworkbench.tenancy.models import Workspace

from .definitions import Question, questions_of
from .queries import Asked, Sheet, columns_over, copies_over
from .values import as_cell

MOST_COPIES = 20_000
CHUNK = 500


def sheet_of_copy(sheet: Sheet) -> bytes:
    """One copy as xlsx: a row per question with its answer, what it is worth, who gave it and when."""
    columns: list[Column[tuple[str, Asked]]] = [
        ("Section", lambda row: row[0]),
        ("Question", lambda row: row[1].question.label),
        ("Answer", lambda row: as_cell(row[1].question, row[1].entry.get("value"))),
        ("State", lambda row: state_in_words(row[1])),
        ("Prefilled from", lambda row: row[1].origin),
        ("By", lambda row: row[1].by),
        ("On", lambda row: row[1].at),
    ]
    return sheet_bytes(columns, ((part.section.title, one) for part in sheet.parts for one in part.asked))


def state_in_words(one: Asked) -> str:
    """What an answer is worth."""
    if one.is_confirmed:
        return "Confirmed"
    return "Prefilled, not confirmed" if one.is_prefilled else "Not answered"


def sheet_over_book(workspace: Workspace, key: str, accounts: QuerySet[Account]) -> bytes:
    """The current copies of a questionnaire over some accounts: a row per account, a column per question.

    Four statements and one more per 500 copies; at most ``MOST_COPIES``.
    """
    copies = copies_over(workspace, key, accounts)
    used = copies.order_by().values_list("questionnaire_id", flat=True).distinct()
    questions = list(questions_of(columns_over(workspace, key, used)))
    columns: list[Column[Answers]] = [
        ("Account", lambda copy: copy.account.name),
        ("Salesforce ID", lambda copy: copy.account.sf_id),
        ("Owner", lambda copy: copy.account.owner.name if copy.account.owner else ""),
        ("Version", lambda copy: copy.questionnaire.number),
        ("Complete (%)", lambda copy: copy.completeness),
        ("Confirmed (%)", lambda copy: copy.confirmed),
        ("Completed on", lambda copy: copy.completed_at),
        ("Last changed on", lambda copy: copy.changed_at),
        *(_column(one, workspace.currency) for one in questions),
    ]
    return sheet_bytes(columns, _in_chunks(copies))


def _column(question: Question, currency: str) -> Column[Answers]:
    title = f"{question.label} ({currency})" if question.sort == "money" else question.label
    return title, lambda copy: as_cell(question, copy.answers.get(question.key, {}).get("value"))


def _in_chunks(copies: QuerySet[Answers]) -> Iterator[Answers]:
    return copies.defer("sections", "questionnaire__sections")[:MOST_COPIES].iterator(chunk_size=CHUNK)
