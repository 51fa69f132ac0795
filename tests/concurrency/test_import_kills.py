"""kill -9 at random moments of an import: it finishes once, each row once, and the ledger says so once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from celery import Celery
from django.conf import settings as django_settings
from django.db import connections
from django.db.models import Count

from accounts.models import Account, Contact, Subscription
from csworkbench.common import queueing
from csworkbench.imports import services
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.services import applying, claiming, undoing
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.imports.sheets import applied, book_csv, compared, row_of
from tests.factories import ProductFactory, make_member

CHECKOUT = Path(__file__).resolve().parents[2]
ROWS, CHUNK = 2_000, 40
KILLS, WORKER_KILLS, UNDO_KILLS = 20, 3, 6
# Moments after a process starts; it reads the file first.
SOONEST, LATEST = 0.05, 1.2
PATIENCE = 120.0


@pytest.fixture(autouse=True)
def setting(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Small chunks, no messages, files of the test; deaths before the first chunk are no poison here."""
    monkeypatch.setattr(queueing, "_send", lambda name, ids: None)
    monkeypatch.setattr(applying, "CHUNK_ROWS", CHUNK)
    monkeypatch.setattr(undoing, "CHUNK_ROWS", CHUNK)
    monkeypatch.setattr(claiming, "MAX_ATTEMPTS", 1_000)
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def ops(committed: Workspace) -> Member:
    with workspace_scope(committed.pk):
        ProductFactory(workspace=committed, key="compliance", name="Compliance")
        make_member(committed, "Keiko Ueda", roles=["csm"])
        return make_member(committed, "Farid Fontaine", roles=["ops"])


def book(mrr: int = 1000, rows: int = ROWS) -> bytes:
    return book_csv(*[row_of(f"00100000000{n:04d}", f"Account {n}", lms=f"{n:07d}", mrr=mrr) for n in range(rows)])


def approved(ops: Member, data: bytes) -> Import:
    """Half of the rows are in the book already, with another MRR."""
    with workspace_scope(ops.workspace_id):
        applied(ops, book(mrr=500, rows=ROWS // 2))
        one = compared(ops, data)
        services.approve(actor=ops, one=one)
    return one


def in_a_process(work: Callable[[], None]) -> int:
    """Start work in a process of its own that has nothing of our connections; its id."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def killed(pid: int, after: float) -> bool:
    """kill -9 after so many seconds; False when the process had ended by itself."""
    time.sleep(after)
    ended, _ = os.waitpid(pid, os.WNOHANG)
    if ended:
        return False
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return True


def let_the_lease_run_out(one: Import) -> Import:
    with workspace_scope(one.workspace_id):
        Import.objects.filter(pk=one.pk).update(claimed_until=None)
        one.refresh_from_db()
    return one


def kill_again_and_again(one: Import, work: Callable[[int, UUID], None], kills: int, seed: int) -> int:
    """Let one process after the other work on it, each killed at a random moment; how many kills met one alive."""
    chance, met = random.Random(seed), 0
    for _ in range(kills):
        pid = in_a_process(lambda: work(one.workspace_id, one.pk))
        met += killed(pid, chance.uniform(SOONEST, LATEST))
        let_the_lease_run_out(one)
    return met


def each_row_once(one: Import) -> None:
    """The import finished once; every row, every entry of the ledger and every count once."""
    with workspace_scope(one.workspace_id):
        one.refresh_from_db()
        assert (one.state, one.applied_rows, one.applied_through) == ("applied", ROWS, ROWS + 1)
        assert (one.counts["new"], one.counts["changed"], one.counts["conflict"]) == (ROWS // 2, ROWS // 2, 0)
        assert Account.objects.count() == Contact.objects.count() == Subscription.objects.count() == ROWS
        assert set(Subscription.objects.values_list("mrr_minor", flat=True)) == {100_000}
        written = HistoryEntry.objects.filter(cause_id=one.pk, account_id__isnull=False)
        told = written.values_list("table_name", "operation").annotate(
            rows=Count("row_id"), different=Count("row_id", distinct=True)
        )
        half = ROWS // 2
        assert sorted(told) == [
            ("accounts_account", "insert", half, half),
            ("accounts_contact", "insert", half, half),
            ("accounts_subscription", "insert", half, half),
            ("accounts_subscription", "update", half, half),
        ]
        closed = HistoryEntry.objects.filter(table_name="imports_import", row_id=one.pk, changes__state__1="applied")
        assert closed.count() == 1


def test_twenty_kills_of_an_apply(committed: Workspace, ops: Member) -> None:
    one = approved(ops, book())
    met = kill_again_and_again(one, services.apply_import, KILLS, seed=20)
    assert met  # a fast machine is done before the last of them
    services.apply_import(committed.pk, one.pk)
    each_row_once(one)


def test_kills_of_an_undo(committed: Workspace, ops: Member) -> None:
    one = approved(ops, book())
    services.apply_import(committed.pk, one.pk)
    with workspace_scope(committed.pk):
        one.refresh_from_db()
        services.undo(actor=ops, one=one)
    assert kill_again_and_again(one, services.undo_import, UNDO_KILLS, seed=6)
    services.undo_import(committed.pk, one.pk)
    with workspace_scope(committed.pk):
        one.refresh_from_db()
        assert (one.state, one.undone_rows, one.kept_rows) == ("undone", ROWS, 0)
        assert not ImportRow.objects.filter(import_batch=one).exclude(undo="undone").exists()
        assert Account.objects.count() == Contact.objects.count() == Subscription.objects.count() == ROWS // 2
        assert set(Subscription.objects.values_list("mrr_minor", flat=True)) == {50_000}
        taken = HistoryEntry.objects.filter(
            cause_id=one.pk, cause__startswith="undo of ", table_name="accounts_account"
        )
        assert taken.count() == ROWS // 2


def test_kills_of_a_worker(committed: Workspace, ops: Member, tmp_path: Path) -> None:
    one = approved(ops, book())
    broker = os.environ["REDIS_URL"].rsplit("/", 1)[0] + "/6"
    server, name = os.environ["DATABASE_URL"].rsplit("/", 1)[0], django_settings.DATABASES["default"]["NAME"]
    environment = os.environ | {
        "DATABASE_URL": f"{server}/{name}",
        "REDIS_URL": broker,
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "csworkbench.settings",
        "IMPORT_CHUNK_ROWS": str(CHUNK),
    }
    connections.close_all()
    sender, chance = Celery("sender", broker=broker), random.Random(3)
    for kill in range(WORKER_KILLS + 1):
        before = let_the_lease_run_out(one).applied_rows
        ids = {"workspace_id": committed.pk, "import_id": str(one.pk)}
        sender.send_task("imports.apply", kwargs=ids, queue="imports")
        worker = start_worker(environment, tmp_path / f"worker-{kill}.log")
        try:
            if kill < WORKER_KILLS:
                wait_until(one, partial(has_moved, before))
                time.sleep(chance.uniform(0, 0.3))
            else:
                wait_until(one, lambda seen: seen.state == "applied")
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
    each_row_once(one)


def start_worker(environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """The worker and its children in a group of their own, so that a kill takes all of them."""
    command = [
        sys.executable, "-m", "celery", "-A", "tests.concurrency.small_chunks", "worker", "--queues", "imports",
        "--concurrency", "1", "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat",
    ]  # fmt: skip
    with log.open("wb") as out:
        return subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )


def has_moved(before: int, seen: Import) -> bool:
    return seen.applied_rows > before


def wait_until(one: Import, reached: Callable[[Import], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with workspace_scope(one.workspace_id):
            one.refresh_from_db()
        if reached(one) or one.state == "applied":
            return
        time.sleep(0.05)
    raise AssertionError(f"still {one.state} with {one.applied_rows} rows")
