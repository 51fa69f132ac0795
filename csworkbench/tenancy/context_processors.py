"""What every page of the shell needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .queries import memberships_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """The user's workspaces (read only when the switch is drawn) and the colour theme."""
    theme = request.COOKIES.get("theme", "auto")
    context: dict[str, Any] = {"theme": theme if theme in {"light", "dark"} else "auto"}
    if getattr(request, "member", None) is not None:
        user_id = request.user.pk
        context["memberships"] = SimpleLazyObject(lambda: memberships_of(user_id))
    return context
