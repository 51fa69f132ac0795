"""Real transactions in real threads: what they commit is taken away again by the owner of the tables."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase

from csworkbench.common.owner import owner_connection
from csworkbench.tenancy.models import Workspace

# A deadlock is reported by the server after a second; a test that takes this long has hung.
PATIENCE = 60


def wait_for_somebody_to_wait(seconds: float = 5.0) -> bool:
    """Whether another connection comes to wait for a lock of this database within ``seconds``."""
    deadline = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pid IN"
                " (SELECT pid FROM pg_stat_activity WHERE datname = current_database()))"
            )
            if cursor.fetchone()[0]:
                return True
            time.sleep(0.02)
    return False


RunAtOnce = Callable[[Sequence[Callable[[], Any]]], list[Any]]


def take_everything_away(case: TransactionTestCase) -> None:
    """Instead of Django's flush: the restricted role cannot TRUNCATE, and rows of migrations must stay."""
    with owner_connection(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE tenancy_workspace CASCADE")


@pytest.fixture(scope="session", autouse=True)
def owner_cleans_up() -> Iterator[None]:
    """Outlives each test's own database fixture, whose end does the cleaning."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", take_everything_away)
        yield


@pytest.fixture
def committed(transactional_db: None) -> Workspace:
    """A workspace that every thread sees; open ``workspace_of(committed.pk)`` to work in it."""
    from tests.factories import make_workspace

    return make_workspace("northwind")


@pytest.fixture
def at_once() -> RunAtOnce:
    """Run functions in threads that start together, each with a connection of its own; returns their answers.

    An exception of any of them is raised here once all have ended.
    """

    def run(functions: Sequence[Callable[[], Any]]) -> list[Any]:
        barrier = threading.Barrier(len(functions))

        def start(function: Callable[[], Any]) -> Any:
            try:
                barrier.wait(PATIENCE)
                return function()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            answers = [pool.submit(start, function) for function in functions]
            return [answer.result(PATIENCE) for answer in answers]

    return run
