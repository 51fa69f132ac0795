"""The cast of the settings pages: an admin, CS Ops, a CSM as reader, and people of another workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import make_member

SignIn = Callable[[Member], Client]
# A password the validators accept; the factories' own one is set without asking them.
GOOD = "tango lamp river 42 oboe"


@pytest.fixture(autouse=True)
def _no_counts_from_other_tests() -> None:
    """Rate limits live in the cache, which outlasts a test."""
    cache.clear()


@pytest.fixture
def as_admin(client_for: SignIn, admin: Member) -> Client:
    return client_for(admin)


@pytest.fixture
def as_ops(client_for: SignIn, ops: Member) -> Client:
    return client_for(ops)


@pytest.fixture
def as_csm(client_for: SignIn, csm: Member) -> Client:
    return client_for(csm)


@pytest.fixture
def foreign(workspace: Workspace, other_workspace: Workspace) -> Iterator[Member]:
    """An admin of the other workspace, who is nobody in ours."""
    with workspace_scope(other_workspace.pk):
        stranger = make_member(other_workspace, "Nadia Petrov", roles=["admin"])
    yield stranger


@pytest.fixture
def as_stranger(client_for: SignIn, foreign: Member) -> Client:
    return client_for(foreign)


@pytest.fixture
def url(workspace: Workspace) -> Callable[..., str]:
    """``url("member", some_member.pk)``: an address of the settings of our workspace."""

    def address(name: str, *args: object) -> str:
        return reverse(f"tenancy:{name}", args=[workspace.slug, *args])

    return address


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The mails services hand to the worker, in order."""
    calls: list[dict[str, object]] = []

    def note(task_name: str, **ids: object) -> None:
        calls.append({"task": task_name, **ids})

    monkeypatch.setattr("csworkbench.tenancy.services.mail.enqueue", note)
    return calls


def htmx(target: str) -> dict[str, str]:
    """The headers of an htmx request for an element."""
    return {"HX-Request": "true", "HX-Target": target}
