"""What every page of the shell needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The user's workspaces, which the middleware has read already, and the colour theme."""
    theme = request.COOKIES.get("theme", "auto")
    context: dict[str, Any] = {"theme": theme if theme in {"light", "dark"} else "auto"}
    if hasattr(request, "memberships"):
        context["memberships"] = request.memberships
    return context
