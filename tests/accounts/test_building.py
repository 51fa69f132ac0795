"""Conditions built line by line: what lines say is what is tested, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.building import AND, MOST, OR, Line, Lines, acted, choices_for, lines_from, lines_of
from accounts.conditions import validate
from accounts.facts import context_for, get_fact
from csworkbench.tenancy.models import Workspace

TESTS = st.sampled_from(
    [
        {"fact": "tier", "op": "is", "value": 1},
        {"fact": "mrr", "op": "lt", "value": 50_000},
        {"fact": "stage", "op": "is_not", "value": "churned"},
        {"fact": "renews_on", "op": "within_days", "value": 90},
        {"fact": "past_due_since", "op": "empty"},
        {"fact": "has_product:learning", "op": "is", "value": True},
        {"fact": "segment", "op": "is", "value": "Clinics, large"},
    ]
)
PARTS = st.one_of(TESTS, TESTS.map(lambda test: {"not": test}))
GROUPS = st.one_of(PARTS, st.lists(PARTS, min_size=2, max_size=3).map(lambda parts: {"any": parts}))
TREES = st.one_of(GROUPS, st.lists(GROUPS, min_size=2, max_size=3).map(lambda groups: {"all": groups}))


def sent(lines: Lines) -> dict[str, str]:
    """What a browser would send of these lines."""
    data = {"c-count": str(len(lines.lines))}
    for at, line in enumerate(lines.lines):
        data |= {f"c-{at}-{box}": getattr(line, box) for box in ("join", "fact", "operator", "value")}
        if line.negated:
            data[f"c-{at}-not"] = "yes"
    return data


class TestThereAndBack:
    @given(tree=TREES)
    def test_a_tree_of_two_storeys_survives_its_lines(self, tree: dict[str, Any]) -> None:
        lines = lines_of(tree)
        assert lines.kept is None
        assert lines.tree() == tree
        assert lines_from(sent(lines), "c").tree() == tree

    @pytest.mark.parametrize(
        "tree",
        [
            {"any": [{"all": [{"fact": "tier", "op": "is", "value": 1}, {"fact": "tier", "op": "is", "value": 2}]}]},
            {"not": {"any": [{"fact": "tier", "op": "is", "value": 1}, {"fact": "tier", "op": "is", "value": 2}]}},
            {"fact": "tier", "op": "between", "value": [1, 2]},
            {"fact": "mrr", "op": "lt", "value": 50_001},
            {"fact": "no_such_fact", "op": "is", "value": 1},
            {"all": [{"fact": "tier", "op": "is", "value": 1}] * (MOST + 1)},
        ],
    )
    def test_what_lines_cannot_show_is_kept_whole(self, tree: dict[str, Any]) -> None:
        lines = lines_of(tree)
        assert lines.kept == tree
        assert lines_from({"c-keep": "yes"}, "c", kept=tree).tree() == tree

    def test_nothing_is_no_condition(self) -> None:
        assert lines_of(None).tree() is None
        assert lines_from({}, "c").tree() is None


class TestSent:
    @given(
        data=st.dictionaries(
            st.sampled_from(["c-count", "do", *(f"c-{at}-{box}" for at in range(3)
                             for box in ("join", "not", "fact", "operator", "value"))]),
            st.one_of(st.text(max_size=12), st.sampled_from(["3", "tier", "mrr", "is", "lt", "or", "yes", "5"])),
        )
    )  # fmt: skip
    def test_anything_sent_is_either_refused_beside_its_line_or_sound(self, data: dict[str, str]) -> None:
        lines = lines_from(data, "c")
        tree = None if lines.errors else lines.tree()
        assert tree is None or validate(tree) == []

    def test_says_what_is_wrong_beside_the_line(self) -> None:
        good, bad = Line(AND, False, "tier", "is", "1"), Line(OR, False, "tier", "is", "one")
        lines = lines_from(sent(Lines((good, bad))), "c")
        assert lines.errors
        assert [bool(line.errors) for line in lines.lines] == [False, True]
        assert lines.lines[1].value == "one"

    def test_buttons(self) -> None:
        lines = Lines((Line(AND, False, "tier", "is", "1"), Line(AND, False, "mrr", "lt", "5")))
        added = acted(lines, {"do": "c-add"}, "c")
        assert added and len(added.lines) == 3
        removed = acted(lines, {"do": "c-remove-0"}, "c")
        assert removed and [line.fact for line in removed.lines] == ["mrr"]
        assert acted(lines, {"do": "other-add"}, "c") is None
        assert acted(lines, {}, "c") is None


@pytest.mark.django_db
class TestChoices:
    def test_every_choice_is_a_fact_and_words_itself(self, workspace: Workspace) -> None:
        keys = [key for _, known in choices_for(workspace) for key, _ in known]
        assert len(keys) == len(set(keys)) > 40
        for key in keys:
            assert get_fact(key).label
        line = Lines((Line(AND, True, "tier", "is", "1"), Line(OR, False, "mrr", "lt", "500")))
        assert line.words(context_for(workspace)) == "tier is not 1 or MRR is below $500"
