"""The floor of a page: the same way through middleware, session, workspace and shell to a view that shows one word."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_safe

from csworkbench.tenancy.http import WorkspaceRequest, member_required

TEMPLATE = '{% extends "shell.html" %}{% block content %}<p>{{ request.member.name }}</p>{% endblock content %}'


@require_safe
@member_required()
def bare(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The member's name, in the shell that every page of a workspace carries."""
    return HttpResponse(_template().render({}, request))


@cache
def _template() -> Any:
    return engines["django"].from_string(TEMPLATE)


urlpatterns = [path("w/<slug:workspace>/bare/", bare, name="bare"), path("", include("csworkbench.urls"))]
