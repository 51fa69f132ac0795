"""System checks that refuse to serve with a database role that could look past the policies."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.db import connection

MINIMUM_VERSION = 180000


@register()
def secret_key_is_set(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A real database with the development key would make every session forgeable."""
    if settings.SECRET_KEY == settings.DEVELOPMENT_KEY and settings.HTTPS:
        return [Error("Set SECRET_KEY.", id="tenancy.E001")]
    return []


@register("database")
def role_is_restricted(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Error]:
    """The serving role must not be superuser, BYPASSRLS or owner of a table."""
    if not databases or "default" not in databases:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        bypasses = cursor.fetchone()[0]
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
        owned = cursor.fetchone()[0]
        version = connection.pg_version  # type: ignore[attr-defined]
    errors = []
    if bypasses:
        errors.append(Error("The database role bypasses row-level security.", id="tenancy.E002"))
    if owned:
        errors.append(Error("The database role owns tables; use a second role for migrations.", id="tenancy.E003"))
    if version < MINIMUM_VERSION:
        errors.append(Error("PostgreSQL 18 or newer is required.", id="tenancy.E004"))
    return errors
