"""One cluster per run, one database per process, one workspace per test: the scope is opened here, once."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

if TYPE_CHECKING:  # the models may only be imported once Django is set up
    from django.test import Client

    from csworkbench.tenancy.models import Member, Workspace


def drop_database(maintenance: Any, name: str) -> None:
    """Drop a test database; a vacuum at work there belongs to the server and cannot be forced out, so ask again."""
    import psycopg
    from psycopg import sql

    for _ in range(20):
        try:
            maintenance.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
            time.sleep(0.5)
        else:
            return
    # A cluster of the run's own is thrown away whole; another one keeps an empty database.
    warnings.warn(f"could not drop {name}", stacklevel=1)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest, worker_id_or_main: str) -> Iterator[None]:
    """A database built by the owner's migrations and used as the restricted role, exactly as in production."""
    import psycopg
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections
    from psycopg import sql

    name = f"test_csworkbench_{worker_id_or_main}_{os.getpid()}"
    owner = settings.DATABASE_OWNER
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        maintenance = psycopg.connect(
            host=owner["HOST"],
            port=owner["PORT"],
            user=owner["USER"],
            password=owner["PASSWORD"],
            dbname=owner["NAME"],
            autocommit=True,
        )
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = name
        settings.DATABASES["default"]["NAME"] = name
        call_command("migrate", verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connections["default"].close()
        drop_database(maintenance, name)
        maintenance.close()


@pytest.fixture(scope="session")
def worker_id_or_main(request: pytest.FixtureRequest) -> str:
    """The xdist process, or ``main`` without xdist."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture
def frozen() -> Iterator[time_machine.Traveller]:
    """A Monday morning; ``frozen.shift(timedelta)`` and ``frozen.move_to(...)`` tell the story on."""
    with time_machine.travel(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def shared_data() -> Path:
    """The public data sets beside the checkout; a test that needs them says so when they are absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not at {folder}")
    return folder


@pytest.fixture
def workspace(db: None) -> Iterator[Workspace]:
    """An empty workspace whose scope is open for the whole test."""
    from csworkbench.tenancy.scope import workspace_scope
    from tests.factories import make_workspace

    created = make_workspace("northwind")
    with workspace_scope(created.pk):
        yield created


@pytest.fixture
def other_workspace(db: None) -> Workspace:
    """A second workspace; open ``workspace_scope(other_workspace.pk)`` to put rows into it."""
    from tests.factories import make_workspace

    return make_workspace("elsewhere")


@pytest.fixture
def client_for() -> Callable[[Member], Client]:
    """A browser-like client signed in as a member's user."""
    from django.test import Client

    def sign_in(member: Member) -> Client:
        client = Client()
        client.force_login(member.user)
        return client

    return sign_in


@pytest.fixture
def csm(workspace: Workspace) -> Member:
    """A CSM whose lead is the ``lead`` fixture."""
    from tests.factories import make_member

    return make_member(workspace, "Quinn Abbott", roles=["csm"])


@pytest.fixture
def lead(workspace: Workspace) -> Member:
    from tests.factories import make_member

    return make_member(workspace, "Ines Young", roles=["lead"])


@pytest.fixture
def ops(workspace: Workspace) -> Member:
    from tests.factories import make_member

    return make_member(workspace, "Farid Fontaine", roles=["ops"])


@pytest.fixture
def finance(workspace: Workspace) -> Member:
    from tests.factories import make_member

    return make_member(workspace, "Tala Weiss", roles=["finance"])


@pytest.fixture
def admin(workspace: Workspace) -> Member:
    from tests.factories import make_member

    return make_member(workspace, "Keiko Ueda", roles=["admin"])
