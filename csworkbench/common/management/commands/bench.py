"""``bench``: the product's budgets, each measured against a floor in the same run (architecture, budgets)."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from celery import current_app
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections
from django.test.utils import override_settings
from django.utils.module_loading import import_string
from psycopg import sql

from csworkbench.common.measuring import Measurement

# Named by string, as apps are in the settings; each takes the scale and returns a Measurement or several.
BENCHMARKS = {
    "recompute": "priorities.benchmarks.recompute.bench_recompute",
    "health": "priorities.benchmarks.health.bench_health",
    "queue_page": "priorities.benchmarks.queue_page.bench_queue_page",
    "account_page": "priorities.benchmarks.account_page.bench_account_page",
    "search": "priorities.benchmarks.lists.bench_search",
    "account_list": "priorities.benchmarks.lists.bench_account_list",
    "import_book": "csworkbench.imports.benchmark.bench_import_book",
    "usage_drop": "accounts.usage.benchmark.bench_usage_drop",
}
# Too long for every run: only when named.
ONLY_NAMED = {
    "usage_growth": "accounts.usage.benchmark.bench_usage_growth",
    "import_growth": "csworkbench.imports.benchmark.bench_import_growth",
    "import_hostile": "csworkbench.imports.benchmark_hostile.bench_import_hostile",
}
PREFIX = "csw_bench_"
COLUMNS = (("name", 14), ("scale", 11), ("seconds", 11), ("floor", 11), ("ratio", 8), ("budget", 8), ("queries", 9))


class Command(BaseCommand):
    """Runs in a scratch database of its own beside the real one, dropped afterwards."""

    help = "Time the product against floors measured in the same run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "names", nargs="*", metavar="NAME", help=f"default: {', '.join(BENCHMARKS)}; also {', '.join(ONLY_NAMED)}"
        )
        parser.add_argument("--scale", type=int, default=100_000, help="accounts or rows (default 100000)")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, names: list[str], scale: int, **options: Any) -> None:
        known = BENCHMARKS | ONLY_NAMED
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise CommandError(f"There is no benchmark {unknown[0]!r}; there are {', '.join(known)}.")
        if not 100 <= scale <= 10_000_000:
            raise CommandError("The scale must be from 100 to 10,000,000.")
        if not options["json"]:
            self.stdout.write("".join(f"{title:>{width}}" for title, width in COLUMNS))
        # All of them first: a benchmark that is not there should not be found out after an hour.
        for measure in [import_string(known[name]) for name in names or BENCHMARKS]:
            with scratch_database():
                made = measure(scale)
                for measurement in [made] if isinstance(made, Measurement) else made:
                    self.show(measurement, as_json=options["json"])

    def show(self, measurement: Measurement, *, as_json: bool) -> None:
        line = as_line(measurement)
        if as_json:
            self.stdout.write(json.dumps(line))
        else:
            self.stdout.write(as_row(line))
        self.stdout.flush()


def as_line(measurement: Measurement) -> dict[str, Any]:
    """The measurement as the JSON object that is printed."""
    return {
        "name": measurement.name,
        "scale": measurement.scale,
        "seconds": round(measurement.seconds, 6),
        "floor_seconds": round(measurement.floor_seconds, 6),
        "ratio": round(measurement.ratio, 3),
        "budget": measurement.budget,
        "ok": measurement.ok,
        "queries": measurement.queries,
    }


def as_row(line: Mapping[str, Any]) -> str:
    cells = (
        line["name"],
        f"{line['scale']:,}",
        f"{line['seconds']:.4f}",
        f"{line['floor_seconds']:.4f}",
        f"{line['ratio']:.2f}",
        f"{line['budget']:.2f}",
        str(line["queries"]),
    )
    row = "".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells, COLUMNS, strict=True))
    return row if line["ok"] else f"{row}  over budget"


@contextmanager
def scratch_database() -> Iterator[None]:
    """An empty migrated database on the same server, used as the application role; gone afterwards.

    Nothing of the run reaches the real database, its broker or its cache.
    """
    name, owner = f"{PREFIX}{os.getpid()}", settings.DATABASE_OWNER
    connection = connections["default"]
    kept = dict(connection.settings_dict)
    server = {"host": owner["HOST"], "port": owner["PORT"], "user": owner["USER"], "password": owner["PASSWORD"]}
    maintenance = psycopg.connect(**server, dbname=owner["NAME"], autocommit=True)
    _drop_leftovers(maintenance)
    try:
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise CommandError(f"{owner['USER']} makes a scratch database for this: ALTER ROLE … CREATEDB.") from error
    current_app.conf.update(broker_url="memory://")
    try:
        connection.close()
        # Loading a large book takes longer than a request may; one connection needs no pool.
        connection.settings_dict.update({"NAME": name, "OPTIONS": {}})
        with override_settings(CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}):
            call_command("migrate", verbosity=0, interactive=False)
            yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)
        # Not WITH (FORCE): an owner may not end a vacuum at work there; the server does that itself.
        maintenance.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        maintenance.close()


def _drop_leftovers(maintenance: psycopg.Connection[Any]) -> None:
    """What a killed run left; a database that is in use, by a run on another machine, refuses to go."""
    for (name,) in maintenance.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]
    ).fetchall():
        if not Path(f"/proc/{name.removeprefix(PREFIX)}").exists():
            with suppress(psycopg.errors.ObjectInUse):
                maintenance.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
