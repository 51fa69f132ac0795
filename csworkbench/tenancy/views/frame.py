"""What the settings pages share: their tabs, and how a write is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ..http import WorkspaceRequest, render_page
from ..models import Role

# label, URL name, icon, the roles that see it (none: everyone)
TABS: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("Workspace", "settings", "workspace", ()),
    ("Members", "members", "users", ()),
    ("Holidays", "holidays", "calendar", ()),
    ("Mail", "mail", "mail", (Role.ADMIN,)),
    ("History", "history", "history", (Role.ADMIN, Role.OPS)),
    ("You", "profile", "user", ()),
]


def settings_page(
    request: WorkspaceRequest,
    template: str,
    tab: str,
    context: dict[str, Any],
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """A settings page, or its fragment for htmx."""
    slug = request.workspace.slug
    tabs = [
        {"label": label, "url": reverse(f"tenancy:{name}", args=[slug]), "icon": icon, "active": name == tab}
        for label, name, icon, roles in TABS
        if not roles or request.member.has_role(*roles)
    ]
    manages = request.member.has_role(Role.ADMIN, Role.OPS)
    shared = {
        "tabs": tabs,
        "manages": manages,
        "is_admin": request.member.has_role(Role.ADMIN),
        "zone": request.member.time_zone or request.workspace.time_zone,
    }
    return render_page(request, template, shared | context, partial=partial, status=status)


def answered(request: WorkspaceRequest, text: str, *, changed: bool = True) -> None:
    """Say what a write did; a write that changed nothing says so too."""
    if changed:
        messages.success(request, text)
    else:
        messages.info(request, "Nothing changed.")


def refuse(form: Form, error: ValidationError) -> None:
    """Put a service's refusal beside the fields it names; what has no field stands above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


LOST_RACE = "Someone else saved a change here after you opened the page."


def lost_race(request: WorkspaceRequest, current: Callable[[], HttpResponse]) -> HttpResponse:
    """Somebody changed the row after the form was drawn: 409 with the row as it is now, or the way to it."""
    if not request.htmx:
        return render(request, "409.html", {"reason": LOST_RACE, "current_url": request.path}, status=409)
    messages.warning(request, f"{LOST_RACE} This is how it is now.")
    return current()
