"""Working as the database owner: migrations and test databases, never requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections

OWNED_KEYS = ("USER", "PASSWORD", "HOST", "PORT")


@contextmanager
def owner_connection() -> Iterator[str]:
    """Within the block the default connection is the owner's, without a pool; afterwards the application's again.

    Yields the name of the application role.
    """
    connection = connections["default"]
    kept = dict(connection.settings_dict)
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()
    connection.settings_dict.update({key: settings.DATABASE_OWNER[key] for key in OWNED_KEYS})
    # A migration may build an index for longer than any request may run, and needs no pool.
    connection.settings_dict["OPTIONS"] = {}
    try:
        yield kept["USER"]
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def grant_to_application_role(role: str) -> None:
    """Give the application role exactly what it needs on every table; history is append-only (T20)."""
    if role == settings.DATABASE_OWNER["USER"]:
        return
    with connections["default"].cursor() as cursor:
        quoted = connections["default"].ops.quote_name(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {quoted}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE, MAINTAIN ON ALL TABLES IN SCHEMA public TO {quoted}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
        cursor.execute(f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {quoted}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {quoted}")
        cursor.execute("SELECT to_regclass('tenancy_historyentry')")
        if cursor.fetchone()[0]:
            cursor.execute(f"REVOKE UPDATE, DELETE ON tenancy_historyentry FROM {quoted}")
