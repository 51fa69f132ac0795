"""Health and error pages."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import clock
from .models import Canary


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether requests can be served, and how old the canary is (``null`` before the first)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        sung = Canary.objects.filter(pk=1).values_list("sung_at", flat=True).first()
    except DatabaseError:
        return JsonResponse({"ready": False, "database": "unreachable"}, status=503)
    age = None if sung is None else round((clock.now() - sung).total_seconds())
    return JsonResponse({"ready": True, "canary_age_seconds": age})


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """One 404 for "does not exist" and "not yours": the bytes must not tell them apart."""
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """A reader who may not write."""
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is missing or stale."""
    return render(
        request,
        "403.html",
        {"reason": "This form is out of date. Go back, reload and try again."},
        status=403,
    )
