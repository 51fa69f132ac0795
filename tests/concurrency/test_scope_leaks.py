"""Workspaces interleaved on a few pooled connections, with errors, cancels and lost backends: no foreign row (G4)."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client, RequestFactory

from accounts.models import Account
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import current_scope, user_scope, workspace_scope
from tests.architecture.scratch import owner_session, scratch_database
from tests.factories import AccountFactory, make_member, make_user, make_workspace

POOL, WORKERS, SECONDS, ACCOUNTS = 3, 6, 6.0, 4
WORDS = ("zqxalder", "zqxbirch", "zqxcedar")


@dataclass(frozen=True)
class Place:
    """A workspace, the word in every one of its names, and the session of somebody who belongs to all three."""

    workspace: Workspace
    word: str
    user_id: UUID
    cookie: str


@pytest.fixture
def places(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Place]]:
    """Three workspaces in a database of its own, reached through a small pool as in production."""
    with django_db_blocker.unblock(), scratch_database():
        user = make_user("Quinn Abbott")
        workspaces = [make_workspace(f"place-{number}") for number in range(len(WORDS))]
        for workspace, word in zip(workspaces, WORDS, strict=True):
            with workspace_scope(workspace.pk):
                Member.objects.create(workspace=workspace, user=user, name=word, roles=["csm"])
                owner = make_member(workspace, f"Owner {word}", roles=["csm"])
                for number in range(ACCOUNTS):
                    AccountFactory(workspace=workspace, name=f"{word} {number}", owner=owner)
        client = Client()
        client.force_login(user)
        cookie = client.cookies.output(header="", sep=";").strip()
        with pooled():
            yield [Place(one, word, user.pk, cookie) for one, word in zip(workspaces, WORDS, strict=True)]


@pytest.fixture
def quiet_logs() -> Iterator[None]:
    """Lost backends are the point: the pool need not tell about each."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@contextmanager
def pooled() -> Iterator[None]:
    """The production's pool, made small, so that every connection serves every workspace."""
    settings = connections["default"].settings_dict
    connection.close()
    kept = {key: settings[key] for key in ("OPTIONS", "CONN_HEALTH_CHECKS")}
    settings.update(OPTIONS={"pool": {"min_size": 1, "max_size": POOL, "timeout": 20}}, CONN_HEALTH_CHECKS=True)
    try:
        yield
    finally:
        connection.close()
        connections["default"].close_pool()  # type: ignore[attr-defined]
        settings.update(kept)


def foreign(place: Place | None) -> int:
    """How many rows of other workspaces this transaction sees, without any filter of the ORM."""
    own = place.workspace.pk if place else 0
    seen = [*Account.objects.values_list("workspace_id", flat=True), *raw_workspaces()]
    if place and not seen:
        raise AssertionError("an open workspace must see its own rows")
    return sum(one != own for one in seen)


def raw_workspaces() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id FROM accounts_account")
        return [one for (one,) in cursor.fetchall()]


class Interrupted(Exception):
    """Raised on purpose in the middle of a transaction."""


@cache
def handler() -> WSGIHandler:
    return WSGIHandler()


Step = Callable[[random.Random, list[Place]], int]


def reads(choice: random.Random, places: list[Place]) -> int:
    place = choice.choice(places)
    with workspace_scope(place.workspace.pk):
        return foreign(place)


def writes(choice: random.Random, places: list[Place]) -> int:
    """An update without a filter reaches the own rows only; locks are taken in one order, so nobody waits for ever."""
    place = choice.choice(places)
    with workspace_scope(place.workspace.pk):
        list(Account.objects.select_for_update().order_by("pk"))
        return Account.objects.update(employees=choice.randrange(9)) - ACCOUNTS


def nests(choice: random.Random, places: list[Place]) -> int:
    outer, inner = choice.sample(places, 2)
    with workspace_scope(outer.workspace.pk):
        with suppress(Interrupted), workspace_scope(inner.workspace.pk):
            found = foreign(inner)
            if choice.random() < 0.5:
                raise Interrupted
        return found + foreign(outer)


def fails(choice: random.Random, places: list[Place]) -> int:
    place = choice.choice(places)
    with suppress(Interrupted), workspace_scope(place.workspace.pk):
        foreign(place)
        raise Interrupted
    return foreign(None)


def breaks(choice: random.Random, places: list[Place]) -> int:
    """A statement that the server refuses, or cancels."""
    place = choice.choice(places)
    statement = choice.choice(["SELECT 1/0", "SELECT pg_sleep(5)"])
    with suppress(DatabaseError), workspace_scope(place.workspace.pk), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 5")
        cursor.execute(statement)
    return foreign(None)


def loses_its_backend(choice: random.Random, places: list[Place]) -> int:
    place = choice.choice(places)
    with suppress(DatabaseError), workspace_scope(place.workspace.pk), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    return reads(choice, places)


def belongs_nowhere(choice: random.Random, places: list[Place]) -> int:
    """Without a workspace no account is there, for a signed-in user neither."""
    with transaction.atomic():
        found = foreign(None)
    with user_scope(places[0].user_id):
        return found + foreign(None)


def asks(choice: random.Random, places: list[Place]) -> int:
    """A page, through the whole middleware, by somebody who belongs to all three."""
    place = choice.choice(places)
    address = choice.choice(["accounts/", "", "settings/members/", "accounts/00000000-0000-7000-8000-000000000000/"])
    request = RequestFactory().get(f"/w/{place.workspace.slug}/{address}", HTTP_COOKIE=place.cookie)
    response = handler()(request.environ, lambda status, headers, *more: lambda data: None)
    text = b"".join(response).decode()
    response.close()  # the end of a request: the connection goes back to the pool
    return sum(text.count(word) for word in WORDS if word != place.word)


STEPS: dict[Step, int] = {
    reads: 30, writes: 6, nests: 15, fails: 10, breaks: 8, loses_its_backend: 2, belongs_nowhere: 15, asks: 14,
}  # fmt: skip


@dataclass
class Tally:
    """What all threads saw together."""

    done: Counter[str]
    foreign: int = 0
    errors: tuple[str, ...] = ()


def interleave(places: list[Place], steps: dict[Step, int], seconds: float, seed: int = 7) -> Tally:
    """Threads that take random steps on a pool smaller than their number, until the time is over."""
    tally, lock = Tally(Counter()), threading.Lock()
    deadline = time.monotonic() + seconds

    def work(number: int) -> None:
        choice = random.Random(seed + number)
        while time.monotonic() < deadline:
            (step,) = choice.choices(list(steps), list(steps.values()))
            found, error = 0, ""
            try:
                found = step(choice, places)
                if current_scope() is not None:
                    error = f"{step.__name__}: left its scope open"
            except Exception as raised:  # every failure is a finding, whatever it is
                error = f"{step.__name__}: {type(raised).__name__}: {raised}"
            finally:
                connection.close()
            with lock:
                tally.done[step.__name__] += 1
                tally.foreign += found
                tally.errors += (error,) * bool(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 30)
    return tally


def forgets_a_session_setting(choice: random.Random, places: list[Place]) -> int:
    """The mistake this house does not make: a setting of the session outlives its transaction on the connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.workspace_id', %s, false)", [str(places[0].workspace.pk)])
    return 0


class TestInterleaved:
    def test_no_foreign_row_is_ever_seen(self, places: list[Place], quiet_logs: None) -> None:
        tally = interleave(places, STEPS, SECONDS)
        assert tally.errors == ()
        assert tally.foreign == 0
        assert len(tally.done) == len(STEPS)
        assert tally.done.total() >= 200

    def test_a_setting_left_on_the_session_is_caught(self, places: list[Place], quiet_logs: None) -> None:
        steps: dict[Step, int] = {forgets_a_session_setting: 1, belongs_nowhere: 3}
        assert interleave(places, steps, 0.7).foreign > 0

    def test_a_missing_policy_is_caught(self, places: list[Place], quiet_logs: None) -> None:
        with owner_session(connections["default"].settings_dict["NAME"]) as owner:
            owner.execute("ALTER TABLE accounts_account DISABLE ROW LEVEL SECURITY")
        assert interleave(places, {reads: 1}, 0.5).foreign > 0
