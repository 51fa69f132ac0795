"""Forged requests: every unsafe address refuses a POST without its token (T11, G12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test.client import ClientHandler
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from tests.architecture.addresses import Address, addresses
from tests.architecture.house import assert_none

from .conftest import Filled, StartWalk
from .requests import Ask, Browser, Visitor
from .walk import values
from .world import Side

# Addresses that take a POST without the token, and what guards them instead. An entry that needs none fails.
EXEMPT: dict[str, str] = {}
NO_TOKEN = "no token, no entry"


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Says that it was the token, and not a role, that was missing."""
    return HttpResponse(NO_TOKEN, status=403)


def unguarded(browser: Browser, own: Side, visitor: Visitor, known: Iterable[Address]) -> set[str]:
    """Addresses that look at an unsafe request before its token."""
    found = set()
    for address in known:
        place = (
            address.path(workspace=own.slug, **values(own, address, 0))
            if address.is_workspace_page
            else "/" + address.route
        )
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = browser.ask(Ask(visitor, method, place, {"name": "x"}))
            if NO_TOKEN not in answer.text:
                found.add(f"{address.name} {method}: {answer.status}")
    return found


def guarded_browser(filled: Filled) -> Browser:
    browser = Browser(filled.own, filled.foreign)
    browser.handler = ClientHandler(enforce_csrf_checks=True)
    return browser


def reachable(urlconf: str | None = None) -> Sequence[Address]:
    """Addresses of workspaces, and those outside that take no parameter."""
    return [one for one in addresses(urlconf) if one.is_workspace_page or not (one.parameters or "(" in one.route)]


@pytest.fixture(autouse=True)
def _tell_tokens_from_roles(settings: Any) -> None:
    settings.CSRF_FAILURE_VIEW = f"{__name__}.refused"


def test_every_unsafe_request_needs_its_token(start_walk: StartWalk, filled: Filled) -> None:
    with start_walk(only="-"):
        known = reachable()
        found = unguarded(guarded_browser(filled), filled.own, filled.visitors[-1], known)
        assert_none(line for line in found if line.split()[0] not in EXEMPT)
        assert_none(set(EXEMPT) - {line.split()[0] for line in found})
        assert len(known) >= 40


@csrf_exempt
def exempt(request: HttpRequest, workspace: str) -> HttpResponse:
    return HttpResponse("as you like")


urlpatterns = [path("w/<slug:workspace>/exempt/", exempt, name="exempt")]


def test_an_exempt_view_is_caught(start_walk: StartWalk, filled: Filled) -> None:
    with start_walk(only="-", urlconf=__name__):
        found = unguarded(guarded_browser(filled), filled.own, filled.visitors[-1], reachable(__name__))
        assert "exempt POST: 200" in found
