"""The filled database, made once per process; each walk gets a copy of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
import time_machine
from django.test import override_settings

from csworkbench.common import clock
from csworkbench.tenancy.models import Member, User
from csworkbench.tenancy.scope import workspace_scope
from tests.architecture.addresses import Address, addresses
from tests.architecture.scratch import connected_to, copied_database, scratch_database
from tests.factories import make_member

from .belts import take_policies_off, without_filters
from .requests import Visitor, sign_in
from .walk import Walk
from .world import FOREIGN, FOREIGN_SLUG, OWN, OWN_SLUG, ROLES, Side, fill, found


@dataclass(frozen=True)
class Filled:
    """A database with two workspaces, and how the own one's pages read before the other one was filled."""

    name: str
    moment: datetime
    own: Side
    foreign: Side
    visitors: tuple[Visitor, ...]
    straddler: Visitor
    alone: dict[str, str]


@contextmanager
def quiet() -> Iterator[None]:
    """Thousands of refusals are the point of a walk: none of them needs a line of a log."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[Filled]:
    moment = clock.now().replace(microsecond=0)
    with django_db_blocker.unblock(), copied_database() as name:
        with connected_to(name), time_machine.travel(moment, tick=False), quiet():
            own, foreign = found(OWN, OWN_SLUG), found(FOREIGN, FOREIGN_SLUG)
            fill(own)
            straddler = join(own, "Somebody of both", roles=["ops"])
            both = sign_in("both", straddler, ROLES.index("ops"), belongs_to_both=True)
            visitors = tuple(sign_in(role, own.members[role], number) for number, role in enumerate(ROLES))
            alone = Walk(own, foreign, visitors, workspace_addresses())
            alone.own_pages(*some(visitors))
            fill(foreign)
            join(foreign, f"{FOREIGN} of both", roles=["admin"], user=straddler.user)
        yield Filled(name, moment, own, foreign, visitors, both, alone.pages)


def join(side: Side, name: str, *, roles: list[str], user: User | None = None) -> Member:
    """One member more, who is in no table of the side's rows."""
    with workspace_scope(side.workspace.pk):
        if user is None:
            return make_member(side.workspace, name, roles=roles)
        return Member.objects.create(workspace=side.workspace, user=user, name=name, roles=roles)


def some(visitors: Sequence[Visitor]) -> list[Visitor]:
    """One who works on a book of their own, and one who may do everything."""
    return [visitor for visitor in visitors if visitor.name in {"csm", "admin"}]


def workspace_addresses(urlconf: str | None = None) -> list[Address]:
    return [address for address in addresses(urlconf) if address.is_workspace_page]


class StartWalk(Protocol):
    """Opens a copy of the filled database with the given belts and yields a walk over it."""

    def __call__(
        self,
        belts: str = "both",
        *,
        urlconf: str = "csworkbench.urls",
        only: str = "",
        before: Callable[[], None] = ...,
    ) -> Any: ...


@pytest.fixture
def start_walk(filled: Filled, django_db_blocker: Any, tmp_path: Path) -> StartWalk:
    @contextmanager
    def start(
        belts: str = "both",
        *,
        urlconf: str = "csworkbench.urls",
        only: str = "",
        before: Callable[[], None] = lambda: None,
    ) -> Iterator[Walk]:
        with (
            django_db_blocker.unblock(),
            scratch_database(filled.name),
            time_machine.travel(filled.moment, tick=False),
            override_settings(ROOT_URLCONF=urlconf, MEDIA_ROOT=tmp_path),
            quiet(),
        ):
            before()
            if belts == "filters alone":
                take_policies_off()
            with without_filters() if belts == "policies alone" else nullcontext():
                chosen: Sequence[Address] = [one for one in workspace_addresses(urlconf) if one.name.startswith(only)]
                yield Walk(filled.own, filled.foreign, filled.visitors, chosen)

    return start
