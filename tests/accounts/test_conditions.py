"""Conditions: validated node by node, worded, and compiled to SQL that an independent reading agrees with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.conditions import (
    MAX_DAYS,
    MAX_DEPTH,
    MAX_TESTS,
    OPERATORS,
    InvalidCondition,
    compile_condition,
    facts_of,
    in_words,
    require_valid,
    validate,
)
from accounts.facts import FactContext, context_for
from accounts.models import Account
from csworkbench.tenancy.models import Workspace
from tests.factories import (
    AccountFactory,
    ContactFactory,
    InstanceFactory,
    ModuleFactory,
    ModuleUseFactory,
    ProductFactory,
    SubscriptionFactory,
)

Tree = dict[str, Any]
RED: Tree = {"fact": "health", "op": "is", "value": "red"}


def a_test(fact: str, op: str, value: Any = None) -> Tree:
    return {"fact": fact, "op": op} if value is None else {"fact": fact, "op": op, "value": value}


def nested(depth: int) -> Tree:
    tree = RED
    for _ in range(depth - 1):
        tree = {"not": tree}
    return tree


class TestValidate:
    @pytest.mark.parametrize(
        "tree",
        [
            RED,
            {"all": [RED]},
            {"any": [RED, {"not": {"all": [RED, RED]}}]},
            a_test("tier", "between", [1, 3]),
            a_test("tier", "one_of", [1, 2]),
            a_test("renews_on", "within_days", 0),
            a_test("renews_on", "within_days", MAX_DAYS),
            a_test("last_use:cases", "empty"),
            a_test("primary_contact_dnc", "is", False),
            {"fact": "segment", "op": "empty", "value": None},
            nested(MAX_DEPTH),
            {"all": [RED] * MAX_TESTS},
        ],
    )
    def test_accepts_a_sound_tree(self, tree: Tree) -> None:
        assert validate(tree) == []
        assert require_valid(tree) is tree

    @pytest.mark.parametrize(
        ("tree", "path", "message"),
        [
            (None, "", "is not a condition"),
            ("health is red", "", "is not a condition"),
            ([RED], "", "is not a condition"),
            ({}, "", "must be one of all, any, not"),
            ({"all": [RED], "any": [RED]}, "", "must be one of all, any, not"),
            ({"all": [RED], "note": "x"}, "", "must be one of all, any, not"),
            ({"none": [RED]}, "", "must be one of all, any, not"),
            ({"all": []}, "all", "needs at least one condition"),
            ({"any": RED}, "any", "needs at least one condition"),
            ({"all": [RED, None]}, "all.1", "is not a condition"),
            ({"not": {"any": [RED, {"all": [{}]}]}}, "not.any.1.all.0", "must be one of"),
            ({**RED, "because": "x"}, "", "unknown part 'because'"),
            (a_test("mood", "is", "red"), "fact", "no fact 'mood'"),
            ({"fact": None, "op": "is", "value": 1}, "fact", "no fact None"),
            ({"fact": ["health"], "op": "is", "value": 1}, "fact", "no fact ['health']"),
            (a_test("last_use:", "empty"), "fact", "no fact 'last_use:'"),
            (a_test("last_use:ca\x00ses", "empty"), "fact", "no fact"),
            (a_test("last_use:two words", "empty"), "fact", "no fact"),
            (a_test("mood:cases", "empty"), "fact", "no fact 'mood:cases'"),
            (a_test("health", "resembles", "red"), "op", "no operator 'resembles'"),
            ({"fact": "health", "value": "red"}, "op", "no operator None"),
            ({"fact": "health", "op": {"is": 1}, "value": "red"}, "op", "no operator"),
            (a_test("health", "lt", 3), "op", "“is below” does not fit health"),
            (a_test("tier", "within_days", 3), "op", "does not fit tier"),
            (a_test("renews_on", "is", 3), "op", "does not fit renewal date"),
            (a_test("primary_contact_dnc", "one_of", [True]), "op", "does not fit"),
            (a_test("health", "is", "purple"), "value", "must be one of green, yellow, red, undefined"),
            (a_test("health", "is", 3), "value", "must be a text"),
            (a_test("health", "is"), "value", "must be a text"),
            (a_test("segment", "is", "x" * 201), "value", "must be a text"),
            (a_test("segment", "is", "nul\x00byte"), "value", "must be a text"),
            (a_test("segment", "is", "half a pair \ud800"), "value", "must be a text"),
            (a_test("tier", "is", "1"), "value", "must be a whole number"),
            (a_test("tier", "is", True), "value", "must be a whole number"),
            (a_test("tier", "is", 1.5), "value", "must be a whole number"),
            (a_test("mrr", "gt", 2**53), "value", "must be a whole number"),
            (a_test("level", "is", 7), "value", "must be one of 1, 2, 3, 4"),
            (a_test("primary_contact_dnc", "is", "yes"), "value", "must be yes or no"),
            (a_test("primary_contact_dnc", "is", 1), "value", "must be yes or no"),
            (a_test("renews_on", "within_days", -1), "value", f"must be days from 0 to {MAX_DAYS}"),
            (a_test("renews_on", "within_days", MAX_DAYS + 1), "value", "must be days"),
            (a_test("renews_on", "within_days", "soon"), "value", "must be days"),
            (a_test("renews_on", "within_days", True), "value", "must be days"),
            (a_test("tier", "between", [3, 1]), "value", "the smaller first"),
            (a_test("tier", "between", [1]), "value", "must be two whole numbers"),
            (a_test("tier", "between", 1), "value", "must be two whole numbers"),
            (a_test("tier", "one_of", []), "value", "must be a list of values"),
            (a_test("tier", "one_of", 1), "value", "must be a list of values"),
            (a_test("tier", "one_of", [1, "2"]), "value", "must be a whole number"),
            (a_test("tier", "one_of", [1] * (MAX_TESTS + 1)), "value", "must be a list of values"),
            ({"fact": "segment", "op": "empty", "value": 1}, "value", "takes no value"),
            (nested(MAX_DEPTH + 1), ".".join(["not"] * MAX_DEPTH), f"nested deeper than {MAX_DEPTH}"),
            ({"all": [RED] * (MAX_TESTS + 1)}, "", f"has {MAX_TESTS + 1} tests; the most is {MAX_TESTS}"),
        ],
    )
    def test_names_the_node_and_what_is_wrong(self, tree: Any, path: str, message: str) -> None:
        problems = validate(tree)
        assert [problem.path for problem in problems] == [path]
        assert message in problems[0].message

    def test_reports_every_problem_at_once(self) -> None:
        tree = {"all": [a_test("mood", "is", 1), RED, {"any": [a_test("tier", "is", "1")]}]}
        assert [problem.path for problem in validate(tree)] == ["all.0.fact", "all.2.any.0.value"]
        with pytest.raises(InvalidCondition, match=r"all\.0\.fact: there is no fact 'mood'; all\.2"):
            require_valid(tree)

    def test_a_hostile_depth_is_refused_without_walking_it(self) -> None:
        assert len(validate(nested(900))) == 1

    def test_facts_of_a_tree_stand_once_in_order(self) -> None:
        tree = {"any": [a_test("tier", "is", 1), {"not": {"all": [RED, a_test("tier", "is", 2)]}}]}
        assert facts_of(tree) == ["tier", "health"]


class TestHostileValues:
    def test_sql_text_in_a_value_is_just_a_value(self, workspace: Workspace) -> None:
        text = "x' OR 1=1; DROP TABLE accounts_account; --%s"
        named = AccountFactory(workspace=workspace, segment=text)
        AccountFactory(workspace=workspace, segment="Clinics")
        condition = compile_condition(a_test("segment", "is", text), context_for(workspace))
        assert list(Account.objects.filter(condition)) == [named]

    def test_sql_text_in_the_key_of_a_fact_is_no_fact(self) -> None:
        assert validate(a_test("last_use:x') OR 1=1 --", "empty"))[0].path == "fact"

    @pytest.mark.parametrize("op", ["is", "is_not", "lt", "lte", "gt", "gte"])
    @pytest.mark.parametrize("value", [40_000, 3_000_000_000, -(2**53) + 1, 2**53 - 1])
    def test_a_number_beyond_the_column_is_compared_not_refused(
        self, workspace: Workspace, op: str, value: int
    ) -> None:
        AccountFactory(workspace=workspace, tier=2)
        found = Account.objects.filter(compile_condition(a_test("tier", op, value), context_for(workspace)))
        assert found.exists() is holds(a_test("tier", op, value), {"tier": 2}, A_MONDAY, "UTC")


# -- The compiled SQL against an oracle that reads the tree in Python, over a small book full of gaps

A_MONDAY = date(2026, 11, 23)
# Where midnight is far from UTC's, half an hour off, missing (clocks skip 00:00) or passed twice.
CALENDARS = [
    ("America/Chicago", A_MONDAY),
    ("America/Chicago", date(2026, 11, 1)),
    ("America/Havana", date(2026, 3, 8)),
    ("Asia/Kolkata", A_MONDAY),
    ("Pacific/Auckland", date(2026, 9, 27)),
]


def holds(tree: Tree, row: dict[str, Any], today: date, zone: str) -> bool:
    """The documented two-valued meaning of a tree, one row at a time."""
    if "all" in tree:
        return all(holds(child, row, today, zone) for child in tree["all"])
    if "any" in tree:
        return any(holds(child, row, today, zone) for child in tree["any"])
    if "not" in tree:
        return not holds(tree["not"], row, today, zone)
    known, operator = row[tree["fact"]], tree["op"]
    if operator in ("empty", "not_empty"):
        return (known is None) is (operator == "empty")
    if isinstance(known, datetime):
        known = known.astimezone(ZoneInfo(zone)).date()
    return known is not None and MEANINGS[operator](known, tree["value"], today)


MEANINGS: dict[str, Callable[[Any, Any, date], bool]] = {
    "is": lambda known, wanted, today: bool(known == wanted),
    "is_not": lambda known, wanted, today: bool(known != wanted),
    "one_of": lambda known, wanted, today: known in wanted,
    "lt": lambda known, wanted, today: bool(known < wanted),
    "lte": lambda known, wanted, today: bool(known <= wanted),
    "gt": lambda known, wanted, today: bool(known > wanted),
    "gte": lambda known, wanted, today: bool(known >= wanted),
    "between": lambda known, wanted, today: bool(wanted[0] <= known <= wanted[1]),
    "within_days": lambda day, wanted, today: 0 <= (day - today).days <= wanted,
    "due_within_days": lambda day, wanted, today: (day - today).days <= wanted,
    "older_than_days": lambda day, wanted, today: (today - day).days >= wanted,
    "in_last_days": lambda day, wanted, today: 0 <= (today - day).days <= wanted,
}


DAYS = st.sampled_from([0, 1, 2, 29, 30, 31, 90, MAX_DAYS])
NUMBERS = st.sampled_from([-1, 0, 1, 2, 3, 4, 40_000, 99_999, 100_000, 2**40])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "tier": NUMBERS,
    "mrr": NUMBERS,
    "segment": st.sampled_from(["Clinics", "clinics", "", "%s", "O'Hara"]),
    "instance": st.sampled_from(["core", "enterprise"]),
    "growth_potential": st.sampled_from(["high", "medium", "low"]),
    "health": st.sampled_from(["green", "yellow", "red", "undefined"]),
    "stage": st.sampled_from(["onboarding", "adoption", "churned"]),
    "primary_contact_dnc": st.booleans(),
    "owns:cases": st.booleans(),
    "renews_on": DAYS,
    "past_due_since": DAYS,
    "last_answered_at": DAYS,
    "last_use:cases": DAYS,
}
YES_NO = {"primary_contact_dnc", "owns:cases"}
NUMERIC, DATED = {"tier", "mrr"}, {"renews_on", "past_due_since", "last_answered_at", "last_use:cases"}


@st.composite
def single_tests(draw: st.DrawFn) -> Tree:
    fact = draw(st.sampled_from(sorted(VALUES)))
    operators = ["empty", "not_empty"]
    if fact in DATED:
        operators += ["within_days", "due_within_days", "older_than_days", "in_last_days"]
    else:
        operators += ["is", "is_not"] + ([] if fact in YES_NO else ["one_of"])
    operators += ["lt", "lte", "gt", "gte", "between"] if fact in NUMERIC else []
    operator = draw(st.sampled_from(operators))
    if operator in ("empty", "not_empty"):
        return a_test(fact, operator)
    if operator == "between":
        return a_test(fact, operator, sorted(draw(st.tuples(VALUES[fact], VALUES[fact]))))
    if operator == "one_of":
        return a_test(fact, operator, draw(st.lists(VALUES[fact], min_size=1, max_size=3)))
    return a_test(fact, operator, draw(VALUES[fact]))


TREES = st.recursive(
    single_tests(),
    lambda inner: st.one_of(
        st.builds(lambda children: {"all": children}, st.lists(inner, min_size=1, max_size=4)),
        st.builds(lambda children: {"any": children}, st.lists(inner, min_size=1, max_size=4)),
        st.builds(lambda child: {"not": child}, inner),
    ),
    max_leaves=10,
).filter(lambda tree: validate(tree) == [])


def make_book(workspace: Workspace, today: date) -> dict[Any, dict[str, Any]]:
    """Accounts around every edge of today; the values of their facts by account id."""
    zone = ZoneInfo(workspace.time_zone)
    owned = ProductFactory(workspace=workspace)
    cases = ModuleFactory(product=owned)
    instance = InstanceFactory(workspace=workspace, key="core")
    moments: list[datetime | None] = [None]
    for days in (-31, -30, -1, 0, 1, 30, 31):
        midnight = datetime.combine(today + timedelta(days=days), time.min, zone).astimezone(UTC)
        moments += [midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=2)]
    dates = [None if moment is None else moment.date() for moment in moments]
    book: dict[Any, dict[str, Any]] = {}
    for index, moment in enumerate(moments):
        row: dict[str, Any] = {
            "tier": [None, 1, 2, 3][index % 4],
            "mrr": [0, 1, 99_999, 100_000][index % 4],
            "segment": ["", "Clinics", "%s"][index % 3] or None,
            "growth_potential": ["", "high", "low"][index % 3] or None,
            "health": ["green", "yellow", "red", "undefined"][index // 2 % 4],
            "stage": ["onboarding", "adoption", "churned"][index // 3 % 3],
            "instance": ["core", None][index % 2],
            "primary_contact_dnc": [None, True, False][index // 2 % 3],
            "owns:cases": index % 4 == 1,
            "renews_on": dates[index],
            "past_due_since": dates[-index],
            "last_answered_at": moment,
            "last_use:cases": moments[-index],
        }
        account = AccountFactory(
            workspace=workspace,
            instance=instance if row["instance"] else None,
            segment=row["segment"] or "",
            growth_potential=row["growth_potential"] or "",
            **{name: row[name] for name in ("tier", "health", "stage", "past_due_since")},
        )
        if row["mrr"] or row["renews_on"]:
            chosen = {"product": owned} if row["owns:cases"] else {}
            SubscriptionFactory(account=account, mrr_minor=row["mrr"], renews_on=row["renews_on"], **chosen)
            SubscriptionFactory(account=account, product=owned, mrr_minor=9, ended_on=today)
        if row["primary_contact_dnc"] is not None:
            ContactFactory(account=account, is_primary=True, dnc=row["primary_contact_dnc"])
        if moment is not None:
            account.interactions.create(workspace=workspace, kind="call", answered=True, happened_at=moment)
        if row["last_use:cases"] is not None:
            ModuleUseFactory(account=account, module=cases, last_used_at=row["last_use:cases"])
        book[account.pk] = row
    return book


@pytest.mark.parametrize(("zone", "today"), CALENDARS)
class TestCompiledSql:
    @pytest.fixture
    def context(self, workspace: Workspace, zone: str, today: date) -> FactContext:
        workspace.time_zone = zone
        self.book = make_book(workspace, today)
        return context_for(workspace, today=today)

    @settings(
        max_examples=120,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
    )
    @given(tree=TREES)
    def test_selects_the_accounts_the_tree_means(
        self, context: FactContext, zone: str, today: date, tree: Tree
    ) -> None:
        meant = {pk for pk, row in self.book.items() if holds(tree, row, today, zone)}
        chosen = set(Account.objects.filter(compile_condition(tree, context)).values_list("pk", flat=True))
        assert chosen == meant
        others = Account.objects.filter(compile_condition({"not": tree}, context))
        assert set(others.values_list("pk", flat=True)) == self.book.keys() - meant

    def test_days_are_calendar_days_of_the_workspace(self, context: FactContext, zone: str, today: date) -> None:
        operators = ("within_days", "due_within_days", "older_than_days", "in_last_days")
        for fact, operator, days in product(sorted(DATED), operators, (0, 1, 30)):
            tree = a_test(fact, operator, days)
            meant = {pk for pk, row in self.book.items() if holds(tree, row, today, zone)}
            chosen = Account.objects.filter(compile_condition(tree, context)).values_list("pk", flat=True)
            assert meant, "the book has an account for each of them"
            assert (tree, set(chosen)) == (tree, meant)


class TestWords:
    """Every operator, read aloud."""

    CASES = [
        (a_test("health", "is", "red"), "health is red"),
        (a_test("stage", "is_not", "churned"), "lifecycle stage is not churned"),
        (a_test("tier", "is", 1), "tier is 1"),
        (a_test("level", "lte", 2), "account level is at most high"),
        (a_test("health", "one_of", ["red", "yellow"]), "health is one of red, yellow"),
        (a_test("tier", "lt", 3), "tier is below 3"),
        (a_test("active_users", "lte", 10), "active users is at most 10"),
        (a_test("mrr", "gt", 50_000), "MRR is above $500"),
        (a_test("outcome_percent", "gte", 50), "lowest outcome is at least 50 % of target"),
        (a_test("mrr", "between", [0, 100_000]), "MRR is between $0 and $1,000"),
        (a_test("renews_on", "within_days", 90), "renewal date is within the next 90 days"),
        (a_test("renews_on", "within_days", 1), "renewal date is within the next 1 day"),
        (a_test("renews_on", "due_within_days", 30), "renewal date is past or within the next 30 days"),
        (a_test("last_answered_at", "older_than_days", 60), "last answer is at least 60 days ago"),
        (a_test("last_answered_at", "older_than_days", 1), "last answer is at least 1 day ago"),
        (a_test("last_interaction_at", "in_last_days", 7), "last interaction is within the last 7 days"),
        (a_test("past_due_since", "empty"), "past due since is unknown"),
        (a_test("past_due_since", "not_empty"), "past due since is known"),
        (a_test("primary_contact_dnc", "is", True), "primary contact is DNC"),
        (a_test("primary_contact_dnc", "is", False), "primary contact may be contacted"),
        (a_test("primary_contact_dnc", "is_not", True), "primary contact may be contacted"),
    ]

    @pytest.mark.parametrize(("tree", "sentence"), CASES)
    def test_says_each_test(self, tree: Tree, sentence: str, workspace: Workspace) -> None:
        assert validate(tree) == []
        assert in_words(tree, context_for(workspace)) == sentence

    def test_no_operator_is_left_out(self) -> None:
        assert {tree["op"] for tree, _ in self.CASES} == set(OPERATORS)

    def test_brackets_stand_where_the_meaning_needs_them(self, workspace: Workspace) -> None:
        tier, either = a_test("tier", "is", 1), {"any": [RED, a_test("health", "is", "yellow")]}
        context = context_for(workspace)
        both = in_words({"all": [tier, either]}, context)
        assert both == "tier is 1 and (health is red or health is yellow)"
        assert in_words({"not": either}, context) == "not (health is red or health is yellow)"
        assert in_words({"all": [either]}, context) == "(health is red or health is yellow)"
        assert in_words({"any": [{"all": [tier]}, RED]}, context) == "tier is 1 or health is red"

    def test_a_use_is_called_what_the_workspace_calls_it(self, workspace: Workspace) -> None:
        ModuleFactory(product=ProductFactory(workspace=workspace), key="cases", use_label="case created")
        tree = a_test("last_use:cases", "older_than_days", 30)
        assert in_words(tree, context_for(workspace)) == "last case created is at least 30 days ago"
