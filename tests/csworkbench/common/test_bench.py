"""``bench``: valid lines at a tiny scale. How long anything takes is not a test's business."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from csworkbench.common.management.commands.bench import PREFIX, as_line, as_row
from csworkbench.common.measuring import Measurement, best_in_turn, median_in_turn
from tests.architecture.house import ROOT

KEYS = ["name", "scale", "seconds", "floor_seconds", "ratio", "budget", "ok", "queries"]


class TestCommand:
    @pytest.mark.usefixtures("db")
    def test_prints_a_json_object_a_line_and_leaves_nothing(self) -> None:
        """In a process of its own, as it is run: it turns the connection to a database that is made for it."""
        done = subprocess.run(
            [sys.executable, "manage.py", "bench", "recompute", "queue_page", "--scale", "300", "--json"],
            cwd=ROOT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "csworkbench.settings", "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert [line["name"] for line in lines] == ["recompute", "recompute_1", "recompute_0", "queue_page"]
        for line in lines:
            assert list(line) == KEYS
            assert (line["scale"], type(line["ok"])) == (300, bool)
            assert min(line["seconds"], line["floor_seconds"], line["ratio"]) > 0
        assert [line["queries"] for line in lines[:3]] == [1, 1, 1]
        assert lines[3]["queries"] <= 8
        assert databases_like(PREFIX) == []

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["everything"], "no benchmark 'everything'; there are recompute, health, queue_page"),
            (["recompute", "--scale", "1"], "from 100 to 10,000,000"),
        ],
    )
    def test_refuses_what_it_does_not_know(self, arguments: list[str], message: str) -> None:
        with pytest.raises(CommandError, match=message):
            call_command("bench", *arguments)


def databases_like(prefix: str) -> list[str]:
    owner = settings.DATABASE_OWNER
    with psycopg.connect(
        host=owner["HOST"], port=owner["PORT"], user=owner["USER"], password=owner["PASSWORD"], dbname=owner["NAME"]
    ) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        return [name for (name,) in found]


class TestMeasurement:
    @pytest.mark.parametrize(("seconds", "sound", "ok"), [(1.5, True, True), (1.501, True, False), (1.0, False, False)])
    def test_is_ok_within_its_budget_when_both_did_the_same(self, seconds: float, sound: bool, ok: bool) -> None:
        made = Measurement("recompute", 100, seconds, 1.0, 1.5, 1, sound)
        assert (made.ok, as_line(made)["ok"]) == (ok, ok)

    def test_reads_as_a_row_of_a_table(self) -> None:
        over = as_line(Measurement("queue_page", 100_000, 0.04, 0.01, 3.0, 8))
        assert as_row(over).split() == [
            "queue_page",
            "100,000",
            "0.0400",
            "0.0100",
            "4.00",
            "3.00",
            "8",
            "over",
            "budget",
        ]

    def test_ways_run_in_turn(self) -> None:
        order: list[str] = []

        def way(name: str, seconds: list[float]) -> float:
            order.append(name)
            return seconds.pop()

        slow, fast = [3.0, 5.0, 4.0], [1.0, 1.0, 2.0]
        assert best_in_turn([lambda: way("a", slow), lambda: way("b", fast)]) == [3.0, 1.0]
        assert order == ["a", "b"] * 3
        slow, fast = [3.0, 5.0, 4.0], [1.0, 1.0, 2.0]
        assert median_in_turn([lambda: way("a", slow), lambda: way("b", fast)], 3) == [4.0, 1.0]
