"""What two people write at once becomes one copy in which nothing is lost; percents against an oracle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.questionnaires.definitions import Question, Section
from accounts.questionnaires.merging import (
    Given,
    is_confirmed,
    merge,
    percent,
    refreshed,
    taken_over,
    tally,
)
from accounts.questionnaires.values import digest, is_blank, same

AT, LATER = "2026-11-23T15:00:00+00:00", "2026-11-23T15:05:00+00:00"
KEYS = ["a", "b", "c", "d", "e"]
VALUES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x", "y"]) | st.just(["SSO"])
ENTRIES = st.dictionaries(
    st.sampled_from(KEYS),
    st.builds(lambda value, source: {"value": value, "source": source}, VALUES, st.sampled_from(["fact", "member"])),
)
FORMS = st.dictionaries(st.sampled_from(KEYS), VALUES)


def drawn(answers: dict[str, Any], typed: dict[str, Any]) -> dict[str, Given]:
    """What a form that was drawn from some answers sends."""
    return {key: Given(value, digest(answers.get(key, {}).get("value"))) for key, value in typed.items()}


def values(answers: dict[str, Any]) -> dict[str, Any]:
    return {key: entry["value"] for key, entry in answers.items() if not is_blank(entry["value"])}


class TestOnePerson:
    @given(ENTRIES, FORMS)
    def test_what_is_typed_is_what_stands_there(self, answers: dict[str, Any], typed: dict[str, Any]) -> None:
        merged = merge(answers, drawn(answers, typed), (), by="q", at=AT)
        assert not merged.conflicts
        for key, value in typed.items():
            assert same(merged.answers.get(key, {}).get("value"), value)
        assert {key: entry for key, entry in merged.answers.items() if key not in typed} == {
            key: entry for key, entry in answers.items() if key not in typed
        }

    @given(ENTRIES)
    def test_saving_what_was_shown_changes_nothing(self, answers: dict[str, Any]) -> None:
        shown = {key: entry["value"] for key, entry in answers.items()}
        merged = merge(answers, drawn(answers, shown), (), by="q", at=AT)
        assert not merged.changed and merged.answers == answers

    def test_a_prefilled_answer_is_confirmed_by_name_only(self) -> None:
        answers = {"a": {"value": 1, "source": "fact", "from": "account.tier", "at": AT}}
        form = drawn(answers, {"a": 1})
        assert merge(answers, form, (), by="q", at=LATER).answers == answers
        merged = merge(answers, form, {"a"}, by="q", at=LATER)
        assert merged.confirmed == ["a"]
        assert merged.answers["a"] == {"value": 1, "source": "member", "from": "account.tier", "by": "q", "at": LATER}

    def test_an_emptied_answer_is_remembered_as_emptied(self) -> None:
        answers = {"a": {"value": "x", "source": "fact"}}
        merged = merge(answers, drawn(answers, {"a": ""}), (), by="q", at=AT)
        assert merged.answers["a"]["source"] == "member" and not is_confirmed(merged.answers["a"])

    def test_no_and_nought_are_answers(self) -> None:
        assert not is_blank(False) and not is_blank(0) and is_blank("") and is_blank([])
        assert not same(False, None) and not same(0, None) and same("", None)

    def test_people_are_told_apart_by_id(self) -> None:
        assert same({"id": "1", "name": "Ada"}, {"id": "1", "name": "Ada Gallo"})
        assert not same({"id": "1", "name": "Ada"}, {"id": "2", "name": "Ada"})


class TestTwoPeople:
    @settings(max_examples=300)
    @given(ENTRIES, FORMS, FORMS, st.sets(st.sampled_from(KEYS)))
    def test_nothing_is_lost(
        self, before: dict[str, Any], first: dict[str, Any], second: dict[str, Any], confirm: set[str]
    ) -> None:
        """Both drew the form before either saved: every change of either stands there, or is shown beside the other."""
        forms = drawn(before, first), drawn(before, second)
        one = merge(before, forms[0], (), by="first", at=AT)
        both = merge(one.answers, forms[1], confirm, by="second", at=LATER)
        clashing = {conflict.key: conflict for conflict in both.conflicts}
        for key in KEYS:
            old = before.get(key, {}).get("value")
            mine, theirs, now = second.get(key, old), first.get(key, old), both.answers.get(key, {}).get("value")
            if same(theirs, old):
                assert same(now, mine)
            else:
                assert same(now, theirs)
                lost = not same(mine, old) and not same(mine, theirs)
                assert (key in clashing) is lost
                if lost:
                    assert same(clashing[key].mine, mine) and same(clashing[key].theirs.get("value"), theirs)

    @given(ENTRIES, FORMS, FORMS)
    def test_different_questions_never_meet(
        self, before: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
    ) -> None:
        second = {key: value for key, value in second.items() if key not in first}
        one = merge(before, drawn(before, first), (), by="first", at=AT)
        both = merge(one.answers, drawn(before, second), (), by="second", at=LATER)
        other = merge(before, drawn(before, second), (), by="second", at=AT)
        swapped = merge(other.answers, drawn(before, first), (), by="first", at=LATER)
        assert not both.conflicts and not swapped.conflicts
        assert values(both.answers) == values(swapped.answers)

    def test_what_was_not_shown_is_not_confirmed(self) -> None:
        """Between drawing and confirming, the prefilled answer was refreshed to another one."""
        shown = {"a": {"value": 1, "source": "fact"}}
        now = {"a": {"value": 2, "source": "fact"}}
        merged = merge(now, drawn(shown, {"a": 1}), {"a"}, by="q", at=AT)
        assert merged.answers == now and not merged.changed

    def test_after_a_conflict_mine_can_be_kept(self) -> None:
        before = {"a": {"value": "x", "source": "fact"}}
        one = merge(before, drawn(before, {"a": "y"}), (), by="first", at=AT)
        clash = merge(one.answers, drawn(before, {"a": "z"}), (), by="second", at=AT)
        again = merge(clash.answers, drawn(clash.answers, {"a": "z"}), (), by="second", at=LATER)
        assert again.answers["a"]["value"] == "z" and again.answers["a"]["by"] == "second"


class TestPercents:
    @given(st.lists(st.tuples(st.booleans(), VALUES, st.sampled_from(["fact", "member", ""])), max_size=40))
    def test_against_counting_by_hand(self, rows: list[tuple[bool, Any, str]]) -> None:
        questions = [Question(f"q{n}", "Q", counts=counts) for n, (counts, _, _) in enumerate(rows)]
        answers = {f"q{n}": {"value": value, "source": source} for n, (_, value, source) in enumerate(rows) if source}
        asked = answered = confirmed = 0
        for counts, value, source in rows:
            if not counts:
                continue
            asked += 1
            if source and value not in (None, "", []):
                answered += 1
                confirmed += source == "member"
        told = tally(questions, answers)
        assert (told.questions, told.answered, told.confirmed) == (asked, answered, confirmed)
        exact = 100.0 if not asked else 100 * answered / asked
        assert abs(told.completeness - exact) < 1 or (told.completeness, answered) == (1, 1)
        assert (told.completeness == 100) == (answered == asked)
        assert (told.confirmed_percent == 100) == (confirmed == answered and answered > 0)
        assert (told.confirmed_percent == 0) == (confirmed == 0)

    @pytest.mark.parametrize(
        ("part", "whole", "said"), [(0, 0, 0), (0, 9, 0), (9, 9, 100), (1, 300, 1), (299, 300, 99), (1, 3, 33)]
    )
    def test_nought_is_none_and_a_hundred_is_all(self, part: int, whole: int, said: int) -> None:
        assert percent(part, whole) == said


class TestRefreshing:
    @given(ENTRIES, ENTRIES)
    def test_what_members_said_stays(self, answers: dict[str, Any], known: dict[str, Any]) -> None:
        known = {
            key: {"value": each["value"], "source": "fact"}
            for key, each in known.items()
            if not is_blank(each["value"])
        }
        merged, _ = refreshed(answers, known)
        for key in KEYS:
            if answers.get(key, {}).get("source") == "member":
                assert merged[key] == answers[key]
            else:
                assert same(merged.get(key, {}).get("value"), known.get(key, {}).get("value"))
        assert refreshed(merged, known) == (merged, 0)


class TestTakingOver:
    def test_equal_keys_whose_values_still_suit(self) -> None:
        newer = Section(
            "s",
            "S",
            (
                Question("same", "Same"),
                Question("other_sort", "Now a number", sort="number"),
                Question("gone_choice", "Choice", sort="choice", choices=("New", "Newer")),
                Question("money", "Money", sort="money"),
                Question("day", "Day", sort="date"),
                Question("truth", "Truth", sort="yes_no"),
                Question("somebody", "Somebody", sort="member"),
                Question("emptied", "Emptied", sort="date"),
            ),
        )
        answers: dict[str, dict[str, Any]] = {
            "same": {"value": "x"}, "other_sort": {"value": "many"}, "gone_choice": {"value": "Old"},
            "removed": {"value": 1}, "money": {"value": 1200}, "day": {"value": "2026-11-02"},
            "truth": {"value": False}, "somebody": {"value": {"id": "1", "name": "Ada"}}, "emptied": {"value": None},
        }  # fmt: skip
        assert set(taken_over(answers, [newer])) == {"same", "money", "day", "truth", "somebody", "emptied"}
