"""The workspace a transaction may see: the second belt, enforced by row-level security.

Settings are local to the transaction (``set_config(..., true)``); a session-level setting would leak to the next
request on a pooled connection. No scope means no rows and no writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

ACTOR_KINDS = ("member", "playbook", "import", "integration", "system")


@dataclass(frozen=True)
class Actor:
    """Who changes rows: a kind of ``ACTOR_KINDS``, the member behind it if any, and a cause for the history.

    ``cause_id`` names the undertaking whose changes can be undone together (an import), if there is one.
    """

    kind: str
    member_id: UUID | None = None
    user_id: UUID | None = None
    cause: str = ""
    cause_id: UUID | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True)
class Scope:
    workspace_id: int | None
    actor: Actor


_current: ContextVar[Scope | None] = ContextVar("workspace_scope", default=None)


def current_scope() -> Scope | None:
    """The innermost open scope of this thread, if any."""
    return _current.get()


def current_actor() -> Actor:
    """The actor of the open scope; the system when none is open."""
    scope = _current.get()
    return scope.actor if scope else SYSTEM


@contextmanager
def workspace_scope(workspace_id: int, *, actor: Actor = SYSTEM) -> Iterator[None]:
    """Open a transaction that sees exactly one workspace.

    Nested scopes restore the outer one on leaving. The transaction commits on leaving the outermost block and rolls
    back on an exception.
    """
    with _scoped(Scope(workspace_id, actor)):
        yield


@contextmanager
def user_scope(user_id: UUID) -> Iterator[None]:
    """A transaction of a signed-in user outside any workspace: sees only that user's own memberships."""
    with _scoped(Scope(None, Actor("member", user_id=user_id))):
        yield


@contextmanager
def _scoped(scope: Scope) -> Iterator[None]:
    outer = _current.get()
    with transaction.atomic():
        apply_scope(scope)
        token = _current.set(scope)
        try:
            yield
        finally:
            _current.reset(token)
        # A rolled-back savepoint restores the settings by itself; a released one keeps the inner ones.
        if outer is not None:
            apply_scope(outer)


def replace_scope(scope: Scope) -> None:
    """Narrow the open scope in place (the middleware learns the member after opening the transaction)."""
    apply_scope(scope)
    _current.set(scope)


def apply_scope(scope: Scope) -> None:
    """Write a scope into the transaction's settings; one statement."""
    actor = scope.actor
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.workspace_id', %s, true), set_config('app.user_id', %s, true),"
            " set_config('app.actor_id', %s, true), set_config('app.actor_kind', %s, true),"
            " set_config('app.cause', %s, true), set_config('app.cause_id', %s, true)",
            [
                "" if scope.workspace_id is None else str(scope.workspace_id),
                str(actor.user_id or ""),
                str(actor.member_id or ""),
                actor.kind,
                actor.cause,
                str(actor.cause_id or ""),
            ],
        )
