"""A drop from file to counted, against COPY and an upsert by hand into the same table.

The night that is measured is an ordinary one: every account and module is known and was used the day before. What the
product does beyond the floor is read and judge each row, find its account and module by their ids, and keep the counts
of modules and accounts true, which rewrites as many rows again as the upsert writes.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.test.utils import override_settings

from csworkbench.common.measuring import Measurement, as_owner, counted_statements, timed
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import workspace_scope

from ..models import Account, Module, Product, UsageDrop
from .applying import apply_drop
from .receiving import receive_drop, store_file

BUDGET = 3.0
MEMORY = 300 * 1024 * 1024
MODULES, BATCH = 10, 5_000
BESIDE = ("history_insert", "search_insert")
COLUMNS = {"account": "text", "module": "text", "day": "text", "uses": "text", "active_users": "text"}
BY_HAND = """
INSERT INTO accounts_usageday (workspace_id, account_id, module_id, day, uses, active_users, stated_at)
SELECT %(workspace)s, a.id, m.id, s.day::date, s.uses::int, s.active_users::int, now()
FROM import_stage s JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.sf_id = s.account AND a.sf_id <> ''
JOIN accounts_module m ON m.workspace_id = %(workspace)s AND m.key = s.module
ON CONFLICT (workspace_id, account_id, module_id, day) DO UPDATE
    SET uses = excluded.uses, active_users = excluded.active_users, stated_at = excluded.stated_at
"""
TABLES = ("accounts_usageday", "accounts_moduleuse", "accounts_accountfigures", "accounts_account")


@dataclass(frozen=True)
class Run:
    """What one drop took: seconds, statements, the highest memory of this process in bytes, and its report."""

    seconds: float
    queries: int
    memory: int
    drop: UsageDrop


def bench_usage_drop(scale: int) -> Iterator[Measurement]:
    """Drops of ``scale`` rows, one per account and module: ``usage_drop`` brings a new day, ``usage_drop_again`` the
    same rows in another file. The floor loads days of its own into the same table, in turn with them."""
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        workspace = make_workspace(scale)
        today = workspace.today
        path = Path(folder) / "usage.csv"
        # The pairs are known: their first day is no part of the measurement.
        run(workspace, write_drop(path, scale, today - timedelta(days=9)))
        settle_tables()
        floors, nights = [], []
        for back in (7, 4):
            floors.append(floor_seconds(workspace, write_drop(path, scale, today - timedelta(days=back))))
            settle_tables()
            nights.append(run(workspace, write_drop(path, scale, today - timedelta(days=back - 1))))
            settle_tables()
        # The same rows, one line of remark more: another file.
        again = run(workspace, write_drop(path, scale, today - timedelta(days=3), remark=' "note": "again",'))
        yield measured("usage_drop", scale, nights, min(floors), {"new": scale})
        yield measured("usage_drop_again", scale, [again], min(floors), {"unchanged": scale})


def bench_usage_growth(scale: int) -> Iterator[Measurement]:
    """A first drop of ``2 * scale`` rows beside one of ``scale``: seconds per ``scale`` rows."""
    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        path = Path(folder) / "usage.csv"
        runs = []
        for rows in (scale, 2 * scale):
            workspace = make_workspace(rows)
            runs.append(run(workspace, write_drop(path, rows, workspace.today - timedelta(days=1))))
        few, many = runs
        sound = all(each.memory <= MEMORY and each.drop.state == UsageDrop.State.APPLIED for each in runs)
        yield Measurement("usage_growth", 2 * scale, many.seconds, few.seconds, 2.2, many.queries, sound=sound)


def measured(name: str, scale: int, runs: list[Run], floor: float, expected: dict[str, int]) -> Measurement:
    """The best of some runs; sound when each did what it should in the memory it may have."""
    best = min(runs, key=lambda each: each.seconds)
    sound = all(each.drop.report[key] == rows for each in runs for key, rows in expected.items())
    fits = all(each.memory <= MEMORY for each in runs)
    return Measurement(name, scale, best.seconds, floor, BUDGET, best.queries, sound=sound and fits)


def run(workspace: Workspace, path: Path) -> Run:
    """Store, receive, apply and count one file, as a worker does."""
    Path("/proc/self/clear_refs").write_text("5")
    found: list[UsageDrop] = []

    def work() -> None:
        stored = store_file(workspace.pk, pieces_of(path))
        with workspace_scope(workspace.pk):
            drop = receive_drop(workspace_id=workspace.pk, source="folder", name=path.name, stored=stored)
        apply_drop(workspace.pk, drop.pk, held=True)
        found.append(drop)

    with counted_statements() as statements:
        seconds = timed(work)
    with workspace_scope(workspace.pk):
        found[0].refresh_from_db()
    return Run(seconds, len(statements), peak(), found[0])


def floor_seconds(workspace: Workspace, path: Path) -> float:
    """COPY the rows of the file and upsert them with the statement a person would write."""

    def work() -> None:
        with workspace_scope(workspace.pk), path.open() as file:
            next(file)
            next(file)
            stage = Stage(workspace.pk, COLUMNS)
            lines = enumerate(file, start=3)
            stage.fill(f"{number}\t\\N\t\\N\t{line}".replace(",", "\t").encode() for number, line in lines)
            stage.run("ANALYZE import_stage")
            stage.run(BY_HAND)

    return timed(work)


def make_workspace(scale: int) -> Workspace:
    """A workspace with as many accounts as ``scale`` rows need, ten modules each."""
    # What a new account brings into the ledger and the search is no part of the measurement.
    as_owner(*(f"ALTER TABLE accounts_account DISABLE TRIGGER {name}" for name in BESIDE))
    workspace = Workspace.objects.create(slug=f"bench-{random.randrange(10**9)}", name="Usage benchmark")  # noqa: S311
    with workspace_scope(workspace.pk):
        product = Product.objects.create(workspace=workspace, key="learning", name="Learning")
        for number in range(MODULES):
            Module.objects.create(
                workspace=workspace, product=product, key=f"module-{number}", name=f"Module {number}", use_label="use"
            )
        accounts = -(-scale // MODULES)
        # Batch by batch: a list of them all would count as the memory of what is measured afterwards.
        for first in range(0, accounts, BATCH):
            Account.objects.bulk_create(
                Account(workspace=workspace, name=f"Clinic {n}", search_name=f"clinic {n}", sf_id=sf_id(n))
                for n in range(first, min(first + BATCH, accounts))
            )
    as_owner(*(f"ALTER TABLE accounts_account ENABLE TRIGGER {name}" for name in BESIDE))
    settle_tables()
    return workspace


def write_drop(path: Path, scale: int, day: date, *, remark: str = "") -> Path:
    """One row per account and module for a day, in the order of accounts as an export writes them."""
    chance = random.Random(day.toordinal())  # noqa: S311
    with path.open("w") as file:
        file.write(f'#{{"schema": 1,{remark} "source": "bench"}}\naccount,module,day,uses,active_users\n')
        for number in range(scale):
            uses = chance.randrange(1, 90)
            file.write(f"{sf_id(number // MODULES)},module-{number % MODULES},{day},{uses},{uses // 9}\n")
    return path


def sf_id(number: int) -> str:
    return f"001{number:012d}AAA"


def pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            yield piece


def settle_tables() -> None:
    """What autovacuum does between two nights."""
    as_owner(*(f"VACUUM ANALYZE {table}" for table in TABLES))


def peak() -> int:
    """The highest resident memory since it was reset, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024
