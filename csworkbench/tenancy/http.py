"""The typed request of a workspace page, and who may call a view."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from .models import Member, User, Workspace


class WorkspaceRequest(HttpRequest):
    """A request whose workspace and member the middleware has resolved and authorised."""

    workspace: Workspace
    member: Member
    memberships: list[Member]
    user: User
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


def member_required(*roles: str) -> Callable[[View], View]:
    """Let members of a workspace in; with ``roles``, only those who hold one (others get 403).

    A stranger has already been answered 404 by the middleware, before the view is known to exist.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: WorkspaceRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if roles and not request.member.has_role(*roles):
                raise PermissionDenied("Your role cannot do this here.")
            return view(request, *args, **kwargs)

        guarded.member_roles = roles  # type: ignore[attr-defined]
        return guarded

    return decorate


def render_page(
    request: WorkspaceRequest, template: str, context: dict[str, Any], *, partial: str = "", status: int = 200
) -> HttpResponse:
    """Answer the page, or its named fragment when htmx asks for that element.

    ``partial`` names both the ``{% partialdef %}`` and the element id; it is used when HX-Target matches it, or for
    any htmx request when it starts with ``!`` (an answer that only exists as a fragment).
    """
    name = template
    if partial and request.htmx and not request.htmx.boosted:
        wanted = partial.removeprefix("!")
        if partial.startswith("!") or request.htmx.target == wanted:
            name = f"{template}#{wanted}"
    response = render(request, name, context, status=status)
    response.headers["Vary"] = "HX-Request, HX-Target, Cookie"
    return response
