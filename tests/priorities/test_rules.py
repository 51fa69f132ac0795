"""Rule sets: validated before they are published, compiled to one SELECT whose verdicts explain themselves."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.conditions import compile_condition
from accounts.facts import FactContext, context_for
from accounts.models import Account
from csworkbench.tenancy.models import Workspace
from priorities.rules import (
    MAX_POINTS,
    MAX_RULES,
    Verdict,
    facts_of_rules,
    level_without,
    validate_rules,
    verdicts,
)
from priorities.starter import STARTER_RULES
from tests.factories import AccountFactory, SubscriptionFactory

RED: dict[str, Any] = {"fact": "health", "op": "is", "value": "red"}
MRR: dict[str, Any] = {"fact": "mrr", "size": 10_000, "most": 99}


def rule(key: str | None = "red", **changes: Any) -> dict[str, Any]:
    """A sound rule with some parts changed; ``None`` takes a part away."""
    made = {"key": key, "name": "Health is red", "when": RED, "add": 60} | changes
    return {name: value for name, value in made.items() if value is not None}


class TestValidate:
    @pytest.mark.parametrize(
        "rules",
        [
            STARTER_RULES,
            [rule(add=None, level=1)],
            [rule(add=-MAX_POINTS)],
            [rule(when=None, add=None, per=MRR)],
            [rule(f"rule_{n}") for n in range(MAX_RULES)],
        ],
    )
    def test_accepts_a_sound_rule_set(self, rules: list[dict[str, Any]]) -> None:
        assert validate_rules(rules) == []

    @pytest.mark.parametrize(
        ("rules", "path", "message"),
        [
            (None, "", "at least one rule"),
            ({}, "", "at least one rule"),
            ([], "", "at least one rule"),
            ([rule(f"rule_{n}") for n in range(MAX_RULES + 1)], "", f"the most is {MAX_RULES}"),
            (["red"], "0", "is not a rule"),
            ([rule("Red")], "0.key", "must be lower-case"),
            ([rule("")], "0.key", "must be lower-case"),
            ([rule("x" * 41)], "0.key", "must be lower-case"),
            ([rule(key=None)], "0.key", "must be lower-case"),
            ([rule(), rule()], "1.key", "'red' stands twice"),
            ([rule(name=None)], "0.name", "must be a text"),
            ([rule(name="  ")], "0.name", "must be a text"),
            ([rule(name=3)], "0.name", "must be a text"),
            ([rule(name="nul\x00byte")], "0.name", "must be a text"),
            ([rule(name="x" * 201)], "0.name", "must be a text"),
            ([rule(add=None)], "0", "exactly one effect"),
            ([rule(level=1)], "0", "exactly one effect"),
            ([rule(because="x")], "0", "unknown part"),
            ([rule(when=None)], "0.when", "is not a condition"),
            ([rule(when={"all": [RED, {"fact": "mood", "op": "is", "value": 1}]})], "0.when.all.1.fact", "no fact"),
            ([rule(add=None, level=0)], "0.level", "must be a level"),
            ([rule(add=None, level=5)], "0.level", "must be a level"),
            ([rule(add=None, level=True)], "0.level", "must be a level"),
            ([rule(add=None, level=1.0)], "0.level", "must be a level"),
            ([rule(add=None, level="1")], "0.level", "must be a level"),
            ([rule(add=None, level=[1])], "0.level", "must be a level"),
            ([rule(add=MAX_POINTS + 1)], "0.add", "must be points"),
            ([rule(add=True)], "0.add", "must be points"),
            ([rule(add=0.5)], "0.add", "must be points"),
            ([rule(add="60")], "0.add", "must be points"),
            ([rule(add=None, per=MRR)], "0", "takes no condition"),
            ([rule(when=None, add=None, per={"fact": "mrr"})], "0.per", "needs fact, size and most"),
            ([rule(when=None, add=None, per=MRR | {"fact": "health"})], "0.per.fact", "number or money"),
            ([rule(when=None, add=None, per=MRR | {"fact": "mood"})], "0.per.fact", "number or money"),
            ([rule(when=None, add=None, per=MRR | {"fact": ["mrr"]})], "0.per.fact", "number or money"),
            ([rule(when=None, add=None, per=MRR | {"size": 0})], "0.per", "above zero"),
            ([rule(when=None, add=None, per=MRR | {"size": 2**63})], "0.per", "above zero"),
            ([rule(when=None, add=None, per=MRR | {"most": MAX_POINTS + 1})], "0.per", "above zero"),
            ([rule(when={"not": {"fact": "level", "op": "is", "value": 1}})], "0.when", "cannot test account level"),
            ([rule(when=None, add=None, per=MRR | {"fact": "level"})], "0.per.fact", "cannot test account level"),
        ],
    )
    def test_names_the_node_and_what_is_wrong(self, rules: Any, path: str, message: str) -> None:
        problems = validate_rules(rules)
        assert [problem.path for problem in problems] == [path]
        assert message in problems[0].message

    def test_reports_every_problem_at_once(self) -> None:
        problems = validate_rules([rule(name=""), "red", rule("other", add=True)])
        assert [problem.path for problem in problems] == ["0.name", "1", "2.add"]

    def test_facts_of_rules_stand_once_in_order(self) -> None:
        tier = rule("tier", when={"all": [{"fact": "tier", "op": "is", "value": 1}, RED]})
        assert facts_of_rules([rule(), rule("mrr", when=None, add=None, per=MRR), tier]) == ["health", "mrr", "tier"]


@pytest.fixture
def context(workspace: Workspace) -> FactContext:
    return context_for(workspace)


@pytest.fixture
def book(workspace: Workspace) -> list[Account]:
    """Every tier, health and stage, with and without a renewal."""
    accounts = []
    for index in range(48):
        account = AccountFactory(
            workspace=workspace,
            tier=[1, 2, 3, None][index % 4],
            health=["green", "yellow", "red", "undefined"][index // 4 % 4],
            stage=["onboarding", "adoption", "churned"][index // 16],
            growth_potential=["", "high"][index % 2],
        )
        if index % 3:
            SubscriptionFactory(
                account=account, mrr_minor=index * 30_000, renews_on=workspace.today + timedelta(days=index * 3 - 20)
            )
        accounts.append(account)
    return accounts


def verdicts_of(rules: list[dict[str, Any]], context: FactContext) -> list[Verdict]:
    assert validate_rules(rules) == []
    return verdicts(Account.objects.filter(workspace=context.workspace_id).order_by("pk"), rules, context)


CONDITIONS = st.sampled_from(
    [
        RED,
        {"fact": "tier", "op": "is", "value": 1},
        {"fact": "tier", "op": "empty"},
        {"fact": "tier", "op": "is_not", "value": 2},
        {"fact": "growth_potential", "op": "is_not", "value": "high"},
        {"not": {"fact": "renews_on", "op": "within_days", "value": 90}},
        {"any": [{"fact": "stage", "op": "is", "value": "churned"}, RED]},
        {"fact": "mrr", "op": "gte", "value": 300_000},
        {"all": [{"fact": "outcome_percent", "op": "lt", "value": 50}, RED]},
    ]
)
EFFECTS = st.one_of(
    st.builds(lambda level: {"level": level}, st.integers(1, 4)),
    st.builds(lambda points: {"add": points}, st.integers(-100, 100)),
)
RULES = st.lists(
    st.one_of(
        st.builds(lambda when, effect: {"name": "Drawn", "when": when, **effect}, CONDITIONS, EFFECTS),
        st.just({"name": "MRR", "per": MRR}),
    ),
    min_size=1,
    max_size=8,
).map(lambda drawn: [{"key": f"rule_{index}", **each} for index, each in enumerate(drawn)])


class TestVerdicts:
    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(rules=RULES)
    def test_level_and_score_follow_from_the_rules_that_matched(
        self, context: FactContext, book: list[Account], rules: list[dict[str, Any]]
    ) -> None:
        """The explanation is not a second implementation: what is recorded accounts for what was decided."""
        matching = {
            each["key"]: set(
                Account.objects.filter(compile_condition(each["when"], context)).values_list("pk", flat=True)
            )
            for each in rules
            if "when" in each
        }
        mrr = dict(Account.objects.values_list("pk", "figures__mrr_minor"))
        found = verdicts_of(rules, context)
        assert len(found) == len(book)
        for verdict in found:
            expected = [key for key, accounts in matching.items() if verdict.account_id in accounts]
            assert verdict.matched == expected, "in the order of the rules"
            assert verdict.level == level_without(rules, verdict.matched, [])
            points = sum(each["add"] for each in rules if "add" in each and each["key"] in expected)
            points += sum(min(mrr[verdict.account_id] // MRR["size"], MRR["most"]) for each in rules if "per" in each)
            assert verdict.score == points

    def test_the_starter_rules_explain_their_own_levels(self, context: FactContext, book: list[Account]) -> None:
        found = verdicts_of(STARTER_RULES, context)
        assert {verdict.level for verdict in found} == {1, 2, 3, 4}
        for verdict in found:
            assert verdict.level == level_without(STARTER_RULES, verdict.matched, [])

    def test_one_statement_whatever_the_number_of_accounts(self, context: FactContext, book: list[Account]) -> None:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            verdicts_of(STARTER_RULES, context)
        assert len(queries) == 1

    def test_rules_without_conditions_match_nothing(self, context: FactContext, book: list[Account]) -> None:
        found = verdicts_of([{"key": "mrr", "name": "MRR", "per": MRR}], context)
        assert {(verdict.level, tuple(verdict.matched)) for verdict in found} == {(4, ())}
        assert max(verdict.score for verdict in found) == 99

    def test_negative_money_scores_nothing(self, workspace: Workspace, context: FactContext) -> None:
        SubscriptionFactory(account=AccountFactory(workspace=workspace), mrr_minor=-500_000)
        assert [verdict.score for verdict in verdicts_of([{"key": "m", "name": "MRR", "per": MRR}], context)] == [0]

    def test_points_can_take_away(self, workspace: Workspace, context: FactContext) -> None:
        AccountFactory(workspace=workspace, health="red")
        assert [verdict.score for verdict in verdicts_of([rule(add=-60)], context)] == [-60]

    def test_a_rule_never_lowers_another_rules_level(self, workspace: Workspace, context: FactContext) -> None:
        AccountFactory(workspace=workspace, health="red", tier=1)
        calm = rule("calm", when={"fact": "tier", "op": "is", "value": 1}, add=None, level=4)
        assert [v.level for v in verdicts_of([rule(add=None, level=1), calm], context)] == [1]

    def test_an_effect_on_a_text_with_quotes_is_only_text(self, workspace: Workspace, context: FactContext) -> None:
        AccountFactory(workspace=workspace, segment="O'Hara %s {x}")
        named = rule("quoted", when={"fact": "segment", "op": "is", "value": "O'Hara %s {x}"})
        assert [verdict.matched for verdict in verdicts_of([named], context)] == [["quoted"]]


class TestLevelWithout:
    RULES = [rule("a", add=None, level=1), rule("b", add=None, level=2), rule("c", add=50)]

    @pytest.mark.parametrize(
        ("matched", "left_out", "level"),
        [
            (["a", "b", "c"], [], 1),
            (["a", "b", "c"], ["a"], 2),
            (["a", "b", "c"], ["a", "b"], 4),
            (["c"], [], 4),
            ([], ["a"], 4),
            (["retired_rule"], [], 4),
        ],
    )
    def test_says_what_would_lower_it(self, matched: list[str], left_out: list[str], level: int) -> None:
        assert level_without(deepcopy(self.RULES), matched, left_out) == level
