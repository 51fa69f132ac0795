"""One way of doing a thing timed against its floor in the same run, for ``manage.py bench``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection

from .owner import owner_connection

ROUNDS = 3
TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True)
class Measurement:
    """One line of a benchmark: best seconds of the product and of its floor, and the ratio that is allowed.

    ``queries`` counts statements without transaction control; ``sound`` is false when product and floor did not do
    the same, or too many statements were needed.
    """

    name: str
    scale: int
    seconds: float
    floor_seconds: float
    budget: float
    queries: int
    sound: bool = True

    @property
    def ratio(self) -> float:
        return self.seconds / self.floor_seconds if self.floor_seconds else 0.0

    @property
    def ok(self) -> bool:
        return self.sound and self.ratio <= self.budget


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


Way = Callable[[], float]


def best_in_turn(ways: Sequence[Way], rounds: int = ROUNDS) -> list[float]:
    """The best seconds of each way, run in turn so that a busy machine is busy for all of them.

    A way returns its own seconds, so that its preparation does not count.
    """
    return [min(each) for each in _in_turn(ways, rounds)]


def median_in_turn(ways: Sequence[Way], rounds: int) -> list[float]:
    """The median seconds of each way, run in turn: what a person waits, rather than the best case."""
    return [median(each) for each in _in_turn(ways, rounds)]


def _in_turn(ways: Sequence[Way], rounds: int) -> list[tuple[float, ...]]:
    return list(zip(*[[way() for way in ways] for _ in range(rounds)], strict=True))


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The statements of the block, transaction control left out."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.upper().startswith(TRANSACTION_CONTROL):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def as_owner(*statements: str) -> None:
    """Run maintenance outside a transaction as the owner of the tables: ``VACUUM``, switching triggers."""
    with owner_connection(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
