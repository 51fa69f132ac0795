"""Questionnaires for tests: small ones by hand, and any that may exist, by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from accounts.models import Questionnaire
from accounts.questionnaires.definitions import CHOOSING, Question, Section, Sort, as_data
from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace

SECTIONS = (
    Section(
        "background",
        "Background",
        (
            Question("industry", "Industry", prefill="account.industry"),
            Question("why", "Why did they buy?", sort=Sort.LONG),
            Question("customer_since", "Customer since", sort=Sort.DATE, prefill="account.customer_since"),
        ),
    ),
    Section(
        "money",
        "Contacts and billing",
        (
            Question("main_contact", "Main contact", sort=Sort.CONTACT, prefill="contact.primary"),
            Question("mrr", "MRR", sort=Sort.MONEY, prefill="subscription.mrr"),
            Question("tools", "Tools", sort=Sort.CHOICES, choices=("SSO", "HRIS")),
            Question("growing", "Growing?", sort=Sort.YES_NO, counts=False),
        ),
    ),
)


def published(workspace: Workspace, sections: Any = SECTIONS, **fields: Any) -> Questionnaire:
    """A published version, ``kyc`` unless said otherwise."""
    values = {"key": "kyc", "name": "KYC questionnaire", "state": "published", "published_at": clock.now()}
    return Questionnaire.objects.create(workspace=workspace, sections=as_data(sections), **values | fields)


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
WORDS = TEXT.filter(lambda text: bool(text.strip()))
KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)


@st.composite
def questions(draw: st.DrawFn, key: str) -> Question:
    """Any question that may be published, without a source."""
    sort = draw(st.sampled_from(Sort.values))
    choices = draw(st.lists(WORDS, min_size=2, max_size=5, unique_by=str.casefold)) if sort in CHOOSING else []
    return Question(key, draw(WORDS), draw(TEXT | st.just("")), sort, tuple(choices), draw(st.booleans()))


@st.composite
def sections(draw: st.DrawFn) -> tuple[Section, ...]:
    """Any sections that may be published: one to four, a question at least in each."""
    keys = iter(draw(st.lists(KEYS, min_size=4, max_size=16, unique=True)))
    made, titles = [], draw(st.lists(KEYS, min_size=1, max_size=4, unique=True))
    for title in titles:
        asked = [draw(questions(key)) for key, _ in zip(keys, range(draw(st.integers(1, 4))), strict=False)]
        made += [Section(title, draw(WORDS), tuple(asked))] if asked else []
    return tuple(made)
