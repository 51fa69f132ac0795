"""What the settings pages of every app share: their tabs, and how a write is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from .http import WorkspaceRequest, render_page
from .models import Role


@dataclass(frozen=True)
class Tab:
    """One page of the settings: ``name`` is its URL name, ``roles`` see it (none: everyone), by ``place``."""

    label: str
    name: str
    icon: str
    place: int
    roles: tuple[str, ...] = ()


_tabs: dict[str, Tab] = {}


def add_tab(tab: Tab) -> None:
    """Register a page of the settings from any floor; registering it again replaces it (seam 2)."""
    _tabs[tab.name] = tab


for _own in (
    Tab("Workspace", "tenancy:settings", "workspace", 10),
    Tab("Members", "tenancy:members", "users", 20),
    Tab("Holidays", "tenancy:holidays", "calendar", 30),
    Tab("Mail", "tenancy:mail", "mail", 60, (Role.ADMIN,)),
    Tab("History", "tenancy:history", "history", 70, (Role.ADMIN, Role.OPS)),
    Tab("You", "tenancy:profile", "user", 80),
):
    add_tab(_own)


def settings_page(
    request: WorkspaceRequest,
    template: str,
    tab: str,
    context: dict[str, Any],
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """A settings page, or its fragment for htmx; ``tab`` is the URL name of its tab."""
    slug = request.workspace.slug
    tabs = [
        {"label": one.label, "url": reverse(one.name, args=[slug]), "icon": one.icon, "active": one.name == tab}
        for one in sorted(_tabs.values(), key=lambda one: one.place)
        if not one.roles or request.member.has_role(*one.roles)
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
