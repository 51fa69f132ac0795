"""The floor of a page: the same way through middleware, session and workspace to a view that shows one word."""

from __future__ import annotations

from django.http import HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_safe

from csworkbench.tenancy.http import WorkspaceRequest, member_required

TEMPLATE = "<!doctype html><title>Bare</title><p>{{ request.member.name }}</p>"


@require_safe
@member_required()
def bare(request: WorkspaceRequest, workspace: str) -> HttpResponse:
    """The member's name."""
    return HttpResponse(engines["django"].from_string(TEMPLATE).render({}, request))


urlpatterns = [path("w/<slug:workspace>/bare/", bare, name="bare"), path("", include("csworkbench.urls"))]
