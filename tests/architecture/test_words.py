"""One word per thing, in templates and in the names of models, fields, addresses and choices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import pytest
from django.apps import apps

from .addresses import Address, addresses
from .house import assert_none, belongs
from .test_templates import Page, pages

# A banned word (as it stands in running text or between underscores) and the house's word for the thing.
ON_SCREEN: dict[str, str] = {
    "organi[sz]ations?": "workspace",
    "tenants?": "workspace",
    "compan(?:y|ies)": "account",
    "clients?": "account",
    "prospects?": "contact",
    "portfolios?": "book",
    "environments?": "instance",
    "to-?dos?": "task",
    "ctas?": "task",
    "touch-?points?": "interaction",
    "comments?": "note",
    "workflows?": "playbook",
    "enrol(?:l?ments?|led)": "run",
    # The support desk has tickets of its own (ACC-9); an escalation case is none.
    "(?<!support )tickets?": "case",
    "reassignments?": "transition",
}
IN_CODE: dict[str, str] = ON_SCREEN | {"customers?": "account", "sequences?": "playbook", "activit(?:y|ies)": "task"}
# Where a banned word is the right one, and why. An entry that no longer occurs fails.
ALLOWED: dict[str, str] = {
    "RuleSet.comment": "a remark of a version, not a note on an account",
    "Account.customer_since": "the account's own relation to the vendor, as the sheets call it",
}

PROSE = re.compile(
    r"\{%\s*(?:comment\b.*?endcomment)\s*%\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<script\b.*?</script>|<!--.*?-->",
    re.DOTALL,
)
SHOWN_ATTRIBUTES = re.compile(r"\b(?:title|placeholder|aria-label|alt|content|value)\s*=\s*\"([^\"]*)\"")
TAG = re.compile(r"<[^>]*>", re.DOTALL)


def shown(text: str) -> str:
    """What a person reads of a template: text between tags, and the attributes a browser shows or reads out."""
    prose = PROSE.sub(" ", text)
    attributes = " . ".join(SHOWN_ATTRIBUTES.findall(prose))
    return f"{TAG.sub(' ', prose)} . {attributes}"


def said(text: str, words: Mapping[str, str]) -> list[str]:
    return [
        f"“{match[0]}” (say {better})"
        for word, better in words.items()
        for match in re.finditer(rf"(?<![\w-])(?:{word})(?![\w-])", text, re.IGNORECASE)
    ]


def on_screen(templates: Sequence[Page]) -> list[str]:
    return [f"{page.name}: {problem}" for page in templates for problem in said(shown(page.text), ON_SCREEN)]


def in_parts(name: str) -> str:
    """``CustomerName`` and ``customer_name`` as running text."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_:/.<>]", " ", name)


def misnamed(names: Iterable[str], allowed: Iterable[str] = ()) -> list[str]:
    return [f"{name}: {problem}" for name in names if name not in allowed for problem in said(in_parts(name), IN_CODE)]


def names_of_models() -> list[str]:
    models = [model for model in apps.get_models() if belongs(model.__module__)]
    return [model.__name__ for model in models] + [
        f"{model.__name__}.{field.name}" for model in models for field in model._meta.local_fields
    ]


def labels_of_choices() -> list[str]:
    return [
        f"{model.__name__} {label}"
        for model in apps.get_models()
        if belongs(model.__module__)
        for field in model._meta.local_fields
        for _, label in field.flatchoices
    ]


def names_of_addresses(known: Sequence[Address]) -> list[str]:
    return [f"{one.name} {one.route}" for one in known if one.is_workspace_page]


class TestTheHouse:
    def test_templates(self) -> None:
        assert_none(on_screen(pages()))

    def test_models_and_fields(self) -> None:
        assert_none(misnamed(names_of_models(), ALLOWED))

    def test_choices(self) -> None:
        assert_none(misnamed(labels_of_choices()))

    def test_addresses(self) -> None:
        assert_none(misnamed(names_of_addresses(addresses())))

    def test_exceptions_are_still_needed(self) -> None:
        assert_none(name for name in ALLOWED if name not in names_of_models() or not misnamed([name]))


class TestTheGuards:
    @pytest.mark.parametrize(
        "text",
        [
            "<h1>Your organization</h1>",
            '<input placeholder="Search companies">',
            "<p>{{ count }} to-dos</p>",
            "<a>Touchpoints</a>",
            '<button aria-label="Close ticket">x</button>',
        ],
    )
    def test_a_banned_word_on_screen_is_reported(self, text: str) -> None:
        assert len(on_screen([Page("sample.html", text)])) == 1

    @pytest.mark.parametrize(
        "text",
        [
            '<p class="company client">Accounts</p>',
            "{# the tenant #}{% if organization %}x{% endif %}{{ client.name }}",
            "<p>Client-side check</p>",
            "<p>Add an account to do it</p>",
        ],
    )
    def test_what_nobody_reads_is_not(self, text: str) -> None:
        assert on_screen([Page("sample.html", text)]) == []

    @pytest.mark.parametrize(
        "name", ["CustomerNote", "Task.ticket_id", "accounts:company_list", "w/<slug:workspace>/to-do/", "Client"]
    )
    def test_a_banned_name_is_reported(self, name: str) -> None:
        assert len(misnamed([name])) == 1

    @pytest.mark.parametrize("name", ["Task", "Account.parent", "priorities:hand_over", "Run.started_on"])
    def test_a_name_of_the_house_is_not(self, name: str) -> None:
        assert misnamed([name]) == []
