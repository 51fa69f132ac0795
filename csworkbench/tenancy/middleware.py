"""Opens the transaction and the workspace of every ``/w/<slug>/`` request, or answers 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from . import hooks
from .queries import memberships_of
from .scope import Actor, Scope, replace_scope, user_scope

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class WorkspaceMiddleware:
    """Runs the view inside its workspace.

    ``ATOMIC_REQUESTS`` would open its transaction after the middleware, so settings local to a transaction would be
    gone when the view runs; this middleware opens the transaction itself and calls the view inside it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: Any,
        view: Callable[..., HttpResponseBase],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        slug = kwargs.get("workspace")
        if slug is None:
            return None
        if not request.user.is_authenticated:
            return to_sign_in(request)
        with user_scope(request.user.pk):
            enter(request, slug)
            if request.workspace.requires_mfa and not request.member.second_step:
                return to_second_step(request)
            response = view(request, *args, **kwargs)
            if request.method not in SAFE_METHODS and response.status_code < 400:
                hooks.run_after_write(request.workspace)
            return response


def enter(request: Any, slug: str) -> None:
    """Resolve the member for a slug and narrow the open scope to the workspace; 404 for anyone else.

    Reads all memberships of the user in one statement: the workspace switch needs them on every page anyway.
    """
    request.memberships = memberships_of(request.user.pk)
    member = next((each for each in request.memberships if each.workspace.slug == slug), None)
    if member is None:
        raise Http404("No such workspace.")
    member.user = request.user
    request.workspace, request.member = member.workspace, member
    replace_scope(Scope(member.workspace_id, Actor("member", member.pk, request.user.pk)))


def to_sign_in(request: Any) -> HttpResponse:
    """Send a visitor to sign in and back; htmx is told to leave the page, so no fragment shows a login form."""
    if request.htmx:
        back = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?next={quote(back)}")
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?next={quote(request.get_full_path())}")


def to_second_step(request: Any) -> HttpResponse:
    """Send a member of a workspace that asks for a second step to set one up, before anything is shown."""
    text = f"{request.workspace.name} asks everyone for a second step when signing in. Set one up to go on."
    messages.warning(request, text)
    return HttpResponseClientRedirect(resolve_url("mfa_index")) if request.htmx else redirect("mfa_index")
