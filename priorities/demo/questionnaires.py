"""Questionnaires of the demo: copies for a good part of the book, prefilled, and confirmed as far as their CSM got."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from accounts.models import Account, Answers, Questionnaire
from accounts.questionnaires.definitions import Question, parse_sections, questions_of
from accounts.questionnaires.prefilling import prefill_accounts
from accounts.questionnaires.services import new_copy
from csworkbench.tenancy.models import Member

from .books import Setting

# Share of the accounts with a copy, by the key of the questionnaire.
SHARES = {"kyc": 0.45, "account_analysis": 0.08}
# How far their CSMs got: (share of copies, share of prefilled answers confirmed, share of the rest answered).
DILIGENCE = ((0.25, 0.0, 0.0), (0.4, 0.5, 0.35), (0.25, 0.9, 0.7), (0.1, 1.0, 1.0))
STARTED = (5, 260)  # days ago
SAID: dict[str, tuple[str, ...]] = {
    "what_they_do": (
        "Two offices, mostly families who came by word of mouth.",
        "Started small, now the busiest in the county. Mondays are full, call later in the week.",
        "A partnership of four; each has a line of their own.",
    ),
    "why_they_bought": (
        "Everything lived in spreadsheets and one person's memory, and that person retired.",
        "An audit went badly two years ago. They never want to look for a paper again.",
        "They outgrew what they had, and liked that we answer the phone.",
    ),
    "success": (
        "Nobody asks for a document twice.",
        "Every new starter trained within two weeks of the first day.",
        "The owner sees one page a month and has no questions.",
    ),
    "changes": (
        "A second location opens in spring.",
        "The office manager goes on leave; her deputy takes over.",
        "Nothing they know of.",
    ),
    "who_uses": (
        "Two people all day, the rest sign off once a month.",
        "The office manager does it all; the owner has never logged in.",
    ),
    "best_part": ("The reminders.", "That it is all in one place.", "The reports before a board meeting."),
    "trained": ("Both sessions done, recap sent.", "The new colleague still needs the first one."),
    "support_wish": ("Fewer clicks to add a person.", "A single sign-on.", "A report by location."),
    "alternatives": ("Nobody at the moment.", "A cheaper tool that a neighbour uses."),
    "an_open_cases": ("None.", "An invoice they dispute; finance has it."),
    "an_tone": ("Brief, and by mail first.", "Call. They like to talk, and remember birthdays."),
}


def fill_questionnaires(setting: Setting, accounts: Sequence[Account]) -> list[Answers]:
    """Copies of the published questionnaires, not saved yet; a constant number of statements per questionnaire."""
    made: list[Answers] = []
    published = Questionnaire.objects.filter(workspace=setting.workspace, state=Questionnaire.State.PUBLISHED)
    for version in published.order_by("key"):
        rng = setting.rng("questionnaires", version.key)
        share = SHARES.get(version.key, 0)
        chosen = [account for account in accounts if rng.random() < share]
        sections = parse_sections(version.sections)
        known = prefill_accounts(setting.workspace, [account.pk for account in chosen], sections)
        questions = list(questions_of(sections))
        made += [_copy(setting, rng, account, version, questions, known.get(account.pk, {})) for account in chosen]
    return made


def _copy(
    setting: Setting,
    rng: Random,
    account: Account,
    version: Questionnaire,
    questions: Sequence[Question],
    answers: dict[str, Any],
) -> Answers:
    _, confirming, answering = rng.choices(DILIGENCE, [share for share, _, _ in DILIGENCE])[0]
    started = setting.days.now - timedelta(days=rng.randint(*STARTED), minutes=rng.randint(0, 500))
    author, last = account.owner, started
    for entry in answers.values():
        entry["at"] = started.isoformat(timespec="seconds")
    for place, question in enumerate(questions):
        at = min(started + timedelta(days=place // 12, minutes=2 * place), setting.days.now)
        draw, said = rng.random(), rng.choice(SAID.get(question.key) or question.choices or ("",))
        if author is None:
            continue
        if question.key in answers and draw < confirming:
            answers[question.key] |= _by(author, at)
            last = at
        elif question.key not in answers and said and draw < answering:
            value = [said] if question.sort == "choices" else said
            answers[question.key] = {"value": value} | _by(author, at)
            last = at
    copy = new_copy(account=account, questionnaire=version, answers=answers, author=author)
    copy.created_at, copy.changed_at = started, last
    if confirming == 1.0:
        copy.completed_at, copy.completed_by = last, author
    return copy


def _by(author: Member, at: datetime) -> dict[str, str]:
    return {"source": "member", "by": str(author.pk), "at": at.isoformat(timespec="seconds")}
