"""The shape of a questionnaire: what is refused and where, and that nothing is lost on the way to JSON and back."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.questionnaires.definitions import (
    MAX_QUESTIONS,
    MAX_SECTIONS,
    Question,
    Section,
    as_data,
    parse_sections,
    questions_of,
    validate_sections,
    where,
)
from accounts.questionnaires.prefilling import cannot_fill
from accounts.questionnaires.starter import starters

from . import shapes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "title", "questions", "label", "sort", "choices", "counts", "x"]), inner
        )
    ),
    max_leaves=20,
)


def data() -> list[dict[str, Any]]:
    return as_data(shapes.SECTIONS)


def found(changed: Any, **options: Any) -> list[tuple[str, str]]:
    return [(each.path, each.message) for each in validate_sections(changed, **options)]


class TestRoundTrip:
    @given(shapes.sections())
    def test_every_sound_questionnaire_comes_back_the_same(self, sections: tuple[Section, ...]) -> None:
        kept = json.loads(json.dumps(as_data(sections)))
        assert validate_sections(kept) == []
        assert parse_sections(kept) == sections

    @given(JSON)
    def test_whatever_is_sent_is_judged_and_never_breaks(self, anything: Any) -> None:
        if not validate_sections(anything):
            assert as_data(parse_sections(anything)) == as_data(parse_sections(as_data(parse_sections(anything))))

    def test_what_may_be_missing_is_filled(self) -> None:
        (section,) = parse_sections([{"key": "a", "title": "A", "questions": [{"key": "q", "label": "Why?"}]}])
        assert section.questions == (Question("q", "Why?"),)


class TestValidation:
    def test_a_sound_one(self) -> None:
        assert found(data(), prefill=cannot_fill) == []

    @pytest.mark.parametrize(
        ("change", "path", "said"),
        [
            (lambda d: d[0].update(title=" "), "0.title", "must be a text of 1 to 80"),
            (lambda d: d[0].update(questions=[]), "0.questions", "at least one question"),
            (lambda d: d[0].update(questions="x"), "0.questions", "must be a list"),
            (lambda d: d[1].update(key="background"), "1.key", "stands twice"),
            (lambda d: d[1].update(key="Two words"), "1.key", "lower-case"),
            (lambda d: d[1].update(colour="red"), "1", "unknown part 'colour'"),
            (lambda d: d[0]["questions"][1].update(label=""), "0.questions.1.label", "1 to 200"),
            (lambda d: d[0]["questions"][1].update(label="a\0b"), "0.questions.1.label", "1 to 200"),
            (lambda d: d[0]["questions"][1].update(help="x" * 301), "0.questions.1.help", "0 to 300"),
            (lambda d: d[0]["questions"][1].update(sort="essay"), "0.questions.1.sort", "must be one of"),
            (lambda d: d[0]["questions"][1].update(counts=1), "0.questions.1.counts", "true or false"),
            (lambda d: d[0]["questions"][1].update(key="mrr"), "1.questions.1.key", "mrr stands twice"),
            (
                lambda d: d[0]["questions"][1].update(choices=["a", "b"]),
                "0.questions.1.choices",
                "belong to a question",
            ),
            (lambda d: d[1]["questions"][2].update(choices=["a"]), "1.questions.2.choices", "at least two"),
            (lambda d: d[1]["questions"][2].update(choices=["a", "A"]), "1.questions.2.choices", "twice"),
            (lambda d: d[1]["questions"][2].update(choices=["a", ""]), "1.questions.2.choices", "texts of 1"),
            (lambda d: d[1]["questions"][2].update(choices=list(map(str, range(51)))), "1.questions.2.choices", "50"),
            (lambda d: d[0]["questions"][0].update(prefill="fact:nothing"), "0.questions.0.prefill", "nothing here"),
            (lambda d: d[1]["questions"][1].update(prefill="account.industry"), "1.questions.1.prefill", "cannot hold"),
        ],
    )
    def test_each_mistake_is_named_where_it_is(self, change: Any, path: str, said: str) -> None:
        changed = copy.deepcopy(data())
        change(changed)
        ((at, message),) = found(changed, prefill=cannot_fill)
        assert at == path and said in message

    @pytest.mark.parametrize("wrong", [None, {}, "x", [1], [[]], [{"key": "a", "title": "A", "questions": [1]}]])
    def test_what_is_no_questionnaire(self, wrong: Any) -> None:
        assert validate_sections(wrong)

    def test_bounds(self) -> None:
        many = [{"key": f"s{n}", "title": "T", "questions": []} for n in range(MAX_SECTIONS + 1)]
        assert "20 sections" in found(many, draft=True)[0][1]
        asked = [{"key": f"q{n}", "label": "Q"} for n in range(MAX_QUESTIONS + 1)]
        assert "201 questions" in found([{"key": "s", "title": "T", "questions": asked}])[0][1]
        assert found([{"key": "s", "title": "T", "questions": asked[:-1]}]) == []

    def test_a_draft_may_lack_what_is_still_to_be_written(self) -> None:
        draft = [{"key": "s", "title": "", "questions": [{"key": "q", "label": "", "sort": "choice"}]}]
        assert found(draft, draft=True) == [] and found([], draft=True) == []
        assert len(found(draft)) == 1 and found([])

    def test_a_problem_is_said_with_the_names_of_its_place(self) -> None:
        changed = data()
        changed[1]["questions"][2]["choices"] = ["SSO"]
        sections = parse_sections(changed)
        assert [where(each, sections) for each in validate_sections(changed)] == [
            "“Contacts and billing”, “Tools”: choices needs at least two things to choose."
        ]
        assert where(validate_sections([])[0], ()) == "The questionnaire needs 1 to 20 sections."


class TestStarters:
    @pytest.mark.parametrize("pack", ["advisor", "compliance"])
    def test_they_are_sound_and_prefilled(self, pack: str) -> None:
        kyc, analysis = (starter["sections"] for starter in starters(pack))
        for sections in (kyc, analysis):
            assert validate_sections(sections, prefill=cannot_fill) == []
        assert 25 <= len(list(questions_of(parse_sections(kyc)))) <= 40
        asked = [{one.key for one in questions_of(parse_sections(sections))} for sections in (kyc, analysis)]
        assert not asked[0] & asked[1]
        assert sum(bool(one.prefill) for one in questions_of(parse_sections(analysis))) >= 14
