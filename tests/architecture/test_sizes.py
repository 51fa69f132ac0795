"""The size budget: files, functions and branches, and names that say nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from statistics import quantiles

import pytest

from .house import Function, Source, assert_none, product, sample, suite

FILE_LINES, FUNCTION_LINES, BRANCHES = 500, 60, 10
FILE_P95, FUNCTION_P95, BRANCH_P95 = 400, 35, 7
EMPTY_NAMES = {
    "util",
    "utils",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "base_classes",
    "functions",
}
BRANCHING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case)


def written(sources: Sequence[Source]) -> list[Source]:
    """What a person wrote: migrations are counted apart."""
    return [source for source in sources if not source.is_migration]


def lines_of(source: Source) -> int:
    return source.text.count("\n") + 1


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def branches(function: Function) -> int:
    """Forks of one function; those of a function inside it are its own."""
    count = 0
    waiting: list[ast.AST] = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        count += isinstance(node, BRANCHING)
        count += len(node.ifs) if isinstance(node, ast.comprehension) else 0
        waiting += ast.iter_child_nodes(node)
    return count


def long_files(sources: Sequence[Source]) -> list[str]:
    return [f"{source.path}: {lines_of(source)} lines" for source in sources if lines_of(source) > FILE_LINES]


def over(sources: Sequence[Source], measure: Callable[[Function], int], limit: int) -> list[str]:
    return [
        f"{source.path}:{function.lineno} {function.name}: {measure(function)}"
        for source in sources
        for function in source.functions()
        if measure(function) > limit
    ]


def empty_names(sources: Sequence[Source]) -> list[str]:
    """Modules and packages that could hold anything; ``common`` is the ground's name alone."""
    return [
        source.path
        for source in sources
        if set(source.module.split(".")) & EMPTY_NAMES
        or ("common" in source.module.split(".") and not source.module.startswith("csworkbench.common"))
    ]


def p95(values: Sequence[int]) -> float:
    return quantiles(values, n=20)[-1]


class TestTheHouse:
    def test_files(self) -> None:
        everything = [*written(product()), *suite()]
        assert_none(long_files([source for source in everything if source.module != "csworkbench.settings"]))

    def test_functions(self) -> None:
        assert_none(over([*written(product()), *suite()], length, FUNCTION_LINES))

    def test_branches(self) -> None:
        assert_none(over([*written(product()), *suite()], branches, BRANCHES))

    def test_names_say_what_is_inside(self) -> None:
        assert_none(empty_names(product()))

    @pytest.mark.parametrize(("measure", "budget"), [(length, FUNCTION_P95), (branches, BRANCH_P95)])
    def test_most_functions_are_far_below_the_limit(self, measure: Callable[[Function], int], budget: int) -> None:
        functions = [function for source in written(product()) for function in source.functions()]
        assert p95([measure(function) for function in functions]) <= budget

    def test_most_files_are_far_below_the_limit(self) -> None:
        assert p95([lines_of(source) for source in written(product())]) <= FILE_P95


class TestTheGuards:
    def test_a_long_file_is_reported(self) -> None:
        assert len(long_files([sample("accounts.services", "x = 1\n" * FILE_LINES)])) == 1
        assert long_files([sample("accounts.services", "x = 1\n" * (FILE_LINES - 1))]) == []

    def test_a_long_function_is_reported(self) -> None:
        body = "    x = 1\n"
        assert len(over([sample("a", "def f():\n" + body * FUNCTION_LINES)], length, FUNCTION_LINES)) == 1
        assert over([sample("a", "def f():\n" + body * (FUNCTION_LINES - 1))], length, FUNCTION_LINES) == []

    def test_a_method_of_many_branches_is_reported(self) -> None:
        body = "        if x:\n            pass\n"
        text = "class C:\n    def f(self, x):\n" + body * (BRANCHES + 1)
        assert len(over([sample("a", text)], branches, BRANCHES)) == 1

    def test_each_kind_of_fork_counts_once(self) -> None:
        text = (
            "def f(x):\n"
            "    for y in x:\n        pass\n"
            "    while x:\n        pass\n"
            "    try:\n        pass\n    except ValueError:\n        pass\n"
            "    match x:\n        case 1:\n            pass\n"
            "    def inner(z):\n        if z:\n            pass\n"
            "    return [a if a else 0 for a in x if a]\n"
        )
        (outer, _) = sample("a", text).functions()
        assert branches(outer) == 6

    @pytest.mark.parametrize(
        "module", ["accounts.utils", "playbooks.helpers.dates", "priorities.common", "accounts.managers"]
    )
    def test_an_empty_name_is_reported(self, module: str) -> None:
        assert empty_names([sample(module, "")]) == [sample(module, "").path]
