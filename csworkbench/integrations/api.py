"""Requests of outside systems: a bearer token instead of a session, JSON answers, no workspace open meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from csworkbench.tenancy.models import Workspace

from .models import ApiToken
from .services import authenticate

BEARER = re.compile(r"Bearer +([\x21-\x7e]{8,200})", re.IGNORECASE)
# Wrong secrets from one address within the window; more are not even looked up.
MOST_FAILURES, WINDOW = 60, 600


class ApiRequest(HttpRequest):
    """A request whose token has been recognised. The view opens the workspace's scope itself."""

    workspace: Workspace
    token: ApiToken


View = Callable[..., JsonResponse]


def problem(status: int, code: str, message: str, **more: Any) -> JsonResponse:
    """An answer that says what was wrong: ``{"error": code, "message": …}``."""
    return JsonResponse({"error": code, "message": message} | more, status=status)


def token_required(scope: str, *methods: str) -> Callable[[View], Any]:
    """Let requests in whose bearer token has ``scope`` in the workspace that the address names as ``slug``.

    A wrong token and a strange workspace get the same 401; a token without the scope 403; another verb 405.
    """

    def decorate(view: View) -> Any:
        @csrf_exempt
        @wraps(view)
        def guarded(request: ApiRequest, slug: str, *args: Any, **kwargs: Any) -> JsonResponse:
            address = f"api-failures:{get_adapter().get_client_ip(request)}"
            if (cache.get(address) or 0) >= MOST_FAILURES:
                refused = problem(429, "too_many", "Too many requests with a wrong token. Wait ten minutes.")
                refused.headers["Retry-After"] = str(WINDOW)
                return refused
            match = BEARER.fullmatch(request.headers.get("Authorization", "").strip())
            known = authenticate(slug, match[1]) if match else None
            if known is None:
                note_failure(address)
                refused = problem(
                    401, "unauthorized", "Send Authorization: Bearer with a valid token of this workspace."
                )
                refused.headers["WWW-Authenticate"] = "Bearer"
                return refused
            request.workspace, request.token = known
            if scope not in request.token.scopes:
                return problem(403, "forbidden", f"This token has no permission “{scope}”.")
            if request.method not in methods:
                refused = problem(405, "method", f"Use {' or '.join(methods)} here.")
                refused.headers["Allow"] = ", ".join(methods)
                return refused
            return view(request, *args, **kwargs)

        guarded.token_scope = scope  # type: ignore[attr-defined]
        return guarded

    return decorate


def note_failure(address: str) -> None:
    cache.add(address, 0, WINDOW)
    try:
        cache.incr(address)
    except ValueError:
        cache.set(address, 1, WINDOW)
