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
def scratch_database() -> Iterator[str]:
    """Within the block the default connection is to a copy of the current database; yields its name.

    A copy can be copied: a filled database is the template of the next one. No transaction may be open.
    """
    connection = connections["default"]
    template = connection.settings_dict["NAME"]
    name = f"{template}_{next(_numbers)}"
    connection.close()
    with owner_session(settings.DATABASE_OWNER["NAME"]) as maintenance:
        maintenance.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        try:
            _point_at(name)
            yield name
        finally:
            _point_at(template)
            maintenance.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _point_at(name: str) -> None:
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name
