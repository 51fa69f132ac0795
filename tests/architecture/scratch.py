"""A database of its own for a test that must alter tables, commit rows or switch a policy off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

_numbers = count(1)


def owner_session(name: str, *, autocommit: bool = True) -> psycopg.Connection:
    """A connection of the owner role beside Django's."""
    owner = settings.DATABASE_OWNER
    return psycopg.connect(
        host=owner["HOST"],
        port=owner["PORT"],
        user=owner["USER"],
        password=owner["PASSWORD"],
        dbname=name,
        autocommit=autocommit,
    )


@contextmanager
def owner_rolled_back() -> Iterator[psycopg.Cursor]:
    """The owner in the current database, to break a table and look; nothing is kept."""
    with owner_session(connections["default"].settings_dict["NAME"], autocommit=False) as session:
        with session.cursor() as cursor:
            yield cursor
        session.rollback()


@contextmanager
def copied_database(template: str = "") -> Iterator[str]:
    """A copy of the current database, or of another one, dropped at the end; yields its name.

    A copy can be copied: a filled database is the template of the next one. Nobody may be connected to the template.
    """
    template = template or connections["default"].settings_dict["NAME"]
    name = f"{template}_{next(_numbers)}"
    connections["default"].close()
    with owner_session(settings.DATABASE_OWNER["NAME"]) as maintenance:
        copying = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(template)
        )
        try:
            maintenance.execute(copying)
        except psycopg.errors.ObjectInUse:
            # A thread of a test before this one has not closed its connection: its own role may end it.
            end_sessions(template)
            maintenance.execute(copying)
        try:
            yield name
        finally:
            # Not by force: the owner may not end sessions of the application role, and a closed one leaves in a moment.
            maintenance.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def end_sessions(name: str) -> None:
    """End what the application's role has left open in a database, seen from another one."""
    own = connections["default"].settings_dict
    with psycopg.connect(
        host=own["HOST"],
        port=own["PORT"],
        user=own["USER"],
        password=own["PASSWORD"],
        dbname=settings.DATABASE_OWNER["NAME"],
        autocommit=True,
    ) as session:
        session.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
            " AND usename = current_user",
            [name],
        )


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Within the block the default connection is to another database. No transaction may be open."""
    before = connections["default"].settings_dict["NAME"]
    _point_at(name)
    try:
        yield
    finally:
        _point_at(before)


@contextmanager
def scratch_database(template: str = "") -> Iterator[str]:
    """Within the block the default connection is to a copy made for it; yields the copy's name."""
    with copied_database(template) as name, connected_to(name):
        yield name


def _point_at(name: str) -> None:
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name
