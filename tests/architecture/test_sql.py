"""Where SQL text may be written, and what is never called: the policies are a net, not a wall (T6, T8)."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

import pytest

from .house import Source, assert_none, product, sample

# Modules that open a cursor, and why the ORM would not do. Migrations may. An entry without a cursor fails.
WRITERS: dict[str, str] = {
    "accounts.computing": "INSERT … SELECT of marks for a whole book",
    "accounts.health.preview": "the SELECT of the health step with two questions around it",
    "accounts.health.scoring": "UPDATE … FROM the ORM's own SELECT into INSERT … ON CONFLICT of the history of health",
    "accounts.renewals.revenue": "UPDATE … RETURNING into INSERT … ON CONFLICT of the history of MRR",
    "accounts.onboarding.records": "INSERT … SELECT of records and goals, UPDATE … FROM the ORM's own SELECT",
    "accounts.plans.following": "UPDATE … FROM a join of goals and outcomes by name",
    "accounts.growth.offers": "INSERT … SELECT … ON CONFLICT of candidates, in sets",
    "accounts.growth.subtypes": "UPDATE … FROM the ORM's own SELECT, in sets",
    "csworkbench.common.measuring": "VACUUM and switched triggers of a scratch database, for benchmarks",
    "csworkbench.common.owner": "grants of the application role, as the owner, outside requests",
    "csworkbench.common.statistics": "ANALYZE after a bulk load",
    "csworkbench.common.views": "SELECT 1 of the readiness page",
    "csworkbench.imports.staging": "COPY into temporary tables, and the statements of a kind over them",
    "csworkbench.tenancy.checks": "reads the catalogue about the role itself",
    "csworkbench.tenancy.protect": "migration operation: asks whether a constraint exists",
    "csworkbench.tenancy.scope": "set_config, the one place that opens a workspace",
    "csworkbench.tenancy.undoing.plan": "temporary tables of an undo, whose tables and columns the ledger names",
    "playbooks.engine": "INSERT … SELECT … ON CONFLICT of runs and tasks in sets",
    "priorities.benchmarks.book": "rows by generate_series, into a scratch database",
    "priorities.benchmarks.health": "rows by dice, into a scratch database, and the floor written by hand",
    "priorities.benchmarks.lists": "rows by generate_series, into a scratch database",
    "priorities.benchmarks.queue_page": "rows by generate_series, and the query written by hand as the floor",
    "priorities.benchmarks.recompute": "the floor is the statement written by hand",
    "priorities.pipeline": "advisory locks, and DELETE … RETURNING of the marks",
    "priorities.recompute": "UPDATE … FROM the ORM's own SELECT, in sets",
}
RAW = {"raw", "extra"}
BANNED_NAMES = {
    "RawSQL": "SQL text inside an ORM expression",
    "StreamingHttpResponse": "its body runs outside the request's transaction and workspace",
    "mark_safe": "unescaped text",
    "SafeString": "unescaped text",
    "eval": "code from data",
    "exec": "code from data",
    "pickle": "code from data",
}


def names_of(source: Source) -> list[tuple[str, int]]:
    """Every name a module uses, imports or reaches by attribute, with its line."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name):
            found.append((node.id, node.lineno))
        elif isinstance(node, ast.Attribute):
            found.append((node.attr, node.lineno))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found += [(name.name, node.lineno) for name in node.names]
    return found


def banned(sources: Sequence[Source]) -> list[str]:
    return [
        f"{source.path}:{line} {name}: {BANNED_NAMES[name]}"
        for source in sources
        for name, line in names_of(source)
        if name in BANNED_NAMES
    ]


def raw_queries(sources: Sequence[Source]) -> list[str]:
    """``.raw(…)`` and ``.extra(…)`` on anything."""
    return [
        f"{source.path}:{node.lineno} .{node.func.attr}("
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RAW
    ]


def cursors(sources: Sequence[Source]) -> set[str]:
    """The modules that open a cursor."""
    return {source.module for source in sources if any(name == "cursor" for name, _ in names_of(source) if name)}


def opened_elsewhere(sources: Sequence[Source], writers: Mapping[str, str]) -> set[str]:
    return cursors([source for source in sources if not source.is_migration]) - set(writers)


def set_config_elsewhere(sources: Sequence[Source]) -> list[str]:
    """Whoever can choose the workspace setting can read any workspace, so one module writes it."""
    return [
        source.path
        for source in sources
        if "app.workspace_id" in source.text
        and source.module not in {"csworkbench.tenancy.scope", "csworkbench.tenancy.protect"}
    ]


class TestTheHouse:
    def test_nothing_banned_is_used(self) -> None:
        assert_none(banned(product()))

    def test_no_raw_queries(self) -> None:
        assert_none(raw_queries(product()))

    def test_cursors_stand_in_named_modules(self) -> None:
        assert_none(opened_elsewhere(product(), WRITERS))

    def test_every_named_module_still_opens_one(self) -> None:
        assert_none(set(WRITERS) - cursors(product()))
        assert_none([module for module, reason in WRITERS.items() if len(reason) < 15])

    def test_one_module_chooses_the_workspace(self) -> None:
        assert_none(set_config_elsewhere(product()))


class TestTheGuards:
    @pytest.mark.parametrize(
        "text",
        [
            "from django.http import StreamingHttpResponse",
            "import django.http as h\nh.StreamingHttpResponse(rows)",
            "from django.db.models.expressions import RawSQL",
            "eval(text)",
            "import pickle",
        ],
    )
    def test_a_banned_name_is_reported(self, text: str) -> None:
        assert len(banned([sample("accounts.views", text)])) == 1

    @pytest.mark.parametrize("text", ["Account.objects.raw('SELECT 1')", "books.extra(where=['1=1'])"])
    def test_a_raw_query_is_reported(self, text: str) -> None:
        assert len(raw_queries([sample("accounts.views", text)])) == 1

    @pytest.mark.parametrize(
        "text", ["with connection.cursor() as c: pass", "open_one = connections['default'].cursor"]
    )
    def test_a_cursor_elsewhere_is_reported(self, text: str) -> None:
        assert opened_elsewhere([sample("accounts.views", text)], WRITERS) == {"accounts.views"}

    def test_a_second_door_to_the_workspace_setting_is_reported(self) -> None:
        text = "SQL = \"SELECT set_config('app.workspace_id', %s, false)\""
        assert len(set_config_elsewhere([sample("accounts.views", text)])) == 1
