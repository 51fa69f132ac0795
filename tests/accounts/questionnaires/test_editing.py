"""The editor of a draft: what its form says, what its buttons do, and what differs between two versions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from accounts.questionnaires.definitions import Question, Section, as_data, questions_of, validate_sections
from accounts.questionnaires.differences import differences
from accounts.questionnaires.editing import QUESTION_VERBS, SECTION_VERBS, act, edited

from . import shapes
from .shapes import SECTIONS


def keys(sections: tuple[Section, ...]) -> list[list[str]]:
    return [[one.key for one in section.questions] for section in sections]


class TestForm:
    def test_what_is_not_mentioned_stays(self) -> None:
        assert edited(SECTIONS, {}) == SECTIONS

    def test_titles_and_the_open_question(self) -> None:
        sent = {
            "section-background-title": "  Who  they are ",
            "question-industry-label": "Trade",
            "question-industry-help": "One word",
            "question-industry-sort": "choice",
            "question-industry-choices": "Dental\r\n\r\n dental\r\nVision care\r\n",
            "question-industry-prefill": "",
        }
        changed = edited(SECTIONS, sent)
        assert changed[0].title == "Who they are"
        assert changed[0].questions[0] == Question(
            "industry", "Trade", "One word", "choice", ("Dental", "Vision care"), counts=False, prefill=""
        )
        assert changed[1:] == SECTIONS[1:] and changed[0].questions[1:] == SECTIONS[0].questions[1:]

    def test_choices_go_with_their_sort(self) -> None:
        sent = {"question-tools-label": "Tools", "question-tools-sort": "text", "question-tools-choices": "a\nb"}
        assert edited(SECTIONS, sent)[1].questions[2].choices == ()


class TestButtons:
    def test_a_section_and_a_question_are_added(self) -> None:
        sections, at = act(SECTIONS, "add-section", {"new-section": "Money"})
        assert at == "money_2" and sections[-1] == Section("money_2", "Money")
        sections, at = act(sections, "add-question:money_2", {"new-money_2": "MRR?"}, {"mrr_2"})
        assert at == "mrr_3" and sections[-1].questions == (Question("mrr_3", "MRR?"),)

    def test_questions_move_within_and_across_sections(self) -> None:
        down, _ = act(SECTIONS, "down:industry", {})
        assert keys(down)[0] == ["why", "industry", "customer_since"]
        over, _ = act(SECTIONS, "down:customer_since", {})
        assert keys(over) == [["industry", "why"], ["customer_since", "main_contact", "mrr", "tools", "growing"]]
        back, _ = act(over, "up:customer_since", {})
        assert back == SECTIONS
        assert act(SECTIONS, "up:industry", {})[0] == act(SECTIONS, "down:growing", {})[0] == SECTIONS

    def test_sections_move_and_go(self) -> None:
        assert act(SECTIONS, "section-down:background", {})[0] == SECTIONS[::-1]
        assert act(SECTIONS, "section-up:background", {})[0] == SECTIONS
        assert act(SECTIONS, "section-remove:money", {})[0] == SECTIONS[:1]
        assert keys(act(SECTIONS, "remove:why", {})[0])[0] == ["industry", "customer_since"]

    @given(shapes.sections(), st.sampled_from([*QUESTION_VERBS, *SECTION_VERBS, "add-question", "x"]), shapes.KEYS)
    def test_no_button_breaks_a_draft(self, sections: tuple[Section, ...], verb: str, key: str) -> None:
        known = [one.key for one in questions_of(sections)] + [section.key for section in sections] + [key]
        for each in known:
            changed, _ = act(sections, f"{verb}:{each}", {})
            assert validate_sections(as_data(changed), draft=True) == []
            if verb in {"up", "down", "section-up", "section-down"}:
                assert sorted(one.key for one in questions_of(changed)) == sorted(
                    one.key for one in questions_of(sections)
                )


class TestDifferences:
    def test_equal_versions_do_not_differ(self) -> None:
        assert differences(SECTIONS, SECTIONS) == []

    def test_each_change_is_said_once(self) -> None:
        sent = {
            "section-money-title": "Money",
            "question-mrr-label": "Monthly revenue",
            "question-mrr-sort": "number",
            "question-mrr-prefill": "account.tier",
        }
        new = act(edited(SECTIONS, sent), "remove:why", {})[0]
        new = act(new, "add-question:money", {"new-money": "Who signs?"})[0]
        assert differences(SECTIONS, new) == [
            ("Section renamed", "Contacts and billing", "Money"),
            ("Question reworded", "MRR", "Monthly revenue"),
            ("“Monthly revenue”: answer", "Money", "Number"),
            ("“Monthly revenue”: completeness", "counts", "does not count"),
            ("“Monthly revenue”: prefilled from", "MRR", "Tier"),
            ("Question added", "", "Who signs? (Money)"),
            ("Question removed", "Why did they buy?", ""),
        ]

    def test_moves(self) -> None:
        assert differences(SECTIONS, SECTIONS[::-1]) == [
            ("Order of sections", "Background, Contacts and billing", "Contacts and billing, Background")
        ]
        assert differences(SECTIONS, act(SECTIONS, "down:industry", {})[0]) == [
            ("Order of questions in “Background”", "", "changed")
        ]
        assert differences(SECTIONS, act(SECTIONS, "down:customer_since", {})[0]) == [
            ("“Customer since” moved", "Background", "Contacts and billing")
        ]

    @given(shapes.sections(), shapes.sections())
    def test_two_versions_differ_when_something_does(self, old: tuple[Section, ...], new: tuple[Section, ...]) -> None:
        assert bool(differences(old, new)) == (old != new)
