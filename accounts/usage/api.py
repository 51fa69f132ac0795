"""``/api/w/<slug>/usage/``: a drop sent by another system, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import JsonResponse
from django.urls import reverse

from csworkbench.common import clock
from csworkbench.integrations.api import ApiRequest, problem, token_required
from csworkbench.tenancy.scope import Actor, workspace_scope

from ..models import UsageDrop
from . import reporting
from .receiving import receive_drop, store_file
from .schema import RefusedDrop, check_version, read_moment

SCOPE = "usage:write"
TYPES = {
    "text/csv": "csv",
    "application/csv": "csv",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/x-jsonlines": "jsonl",
    "application/gzip": "gz",
    "application/x-gzip": "gz",
    "application/octet-stream": "bin",
}
ENCODINGS = ("", "identity", "gzip")
# A source that sends more often than this within an hour is stuck in a loop.
MOST_AN_HOUR = 120
PIECE = 1024 * 1024


@token_required(SCOPE, "POST")
def receive(request: ApiRequest) -> JsonResponse:
    """Take a drop: 202 with its id; 200 when the same bytes came before; 422 when it is no drop."""
    try:
        refused = check(request)
        if refused is not None:
            return refused
        moment = said(request, "generated_at", "X-Generated-At")
        stated_at = read_moment(moment) if moment else None
        check_version(said(request, "schema", "X-Usage-Schema") or 1)
        # No transaction is open while the body arrives, however slow its sender.
        stored = store_file(request.workspace.pk, pieces_of(request))
    except RefusedDrop as error:
        return problem(413 if error.code == "too_big" else 422, error.code, error.message)
    actor = Actor("integration", None, None, f"token {request.token.name}")
    with workspace_scope(request.workspace.pk, actor=actor):
        drop = receive_drop(
            workspace_id=request.workspace.pk,
            source=UsageDrop.Source.API,
            name=said(request, "name", "X-File-Name") or f"drop.{TYPES[content_type(request)]}",
            stored=stored,
            token_name=request.token.name,
            stated_at=stated_at,
        )
    if drop.state == UsageDrop.State.FAILED:
        return problem(422, drop.report["error_code"], drop.report["error"], id=str(drop.pk))
    answer = JsonResponse(told(request, drop), status=200 if drop.state == UsageDrop.State.REPEATED else 202)
    answer.headers["Location"] = address_of(request, drop)
    return answer


@token_required(SCOPE, "GET", "HEAD")
def report(request: ApiRequest, drop: UUID) -> JsonResponse:
    """What became of a drop of this workspace."""
    with workspace_scope(request.workspace.pk):
        found = UsageDrop.objects.filter(workspace=request.workspace, pk=drop).first()
    return problem(404, "not_found", "There is no such drop.") if found is None else JsonResponse(told(request, found))


def check(request: ApiRequest) -> JsonResponse | None:
    """What can be refused before the body is read."""
    if content_type(request) not in TYPES:
        return problem(415, "content_type", f"Send one of {', '.join(sorted(TYPES))}.")
    if request.headers.get("Content-Encoding", "").lower() not in ENCODINGS:
        return problem(415, "content_encoding", "Send it plain or packed with gzip.")
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        return problem(411, "length", "Send Content-Length.")
    if int(length) > settings.USAGE_MAX_BYTES:
        return problem(413, "too_big", f"At most {settings.USAGE_MAX_BYTES // 1024**2:,} MB. Send it in parts.")
    with workspace_scope(request.workspace.pk):
        lately = UsageDrop.objects.filter(
            workspace=request.workspace, source=UsageDrop.Source.API, received_at__gt=clock.now() - timedelta(hours=1)
        ).count()
    if lately < MOST_AN_HOUR:
        return None
    refused = problem(429, "too_many", f"More than {MOST_AN_HOUR} drops within an hour. Send fewer, larger ones.")
    refused.headers["Retry-After"] = "600"
    return refused


def content_type(request: ApiRequest) -> str:
    return request.headers.get("Content-Type", "").split(";")[0].strip().lower()


def said(request: ApiRequest, parameter: str, header: str) -> str:
    """A value of the query or of a header; csv has no room for it in some exporters."""
    return str(request.GET.get(parameter) or request.headers.get(header) or "")


def pieces_of(request: ApiRequest) -> Iterator[bytes]:
    """The body as it arrives. One that ends before its length is what a broken connection leaves."""
    left = int(request.headers["Content-Length"])
    while left and (piece := request.read(min(PIECE, left))):
        left -= len(piece)
        yield piece
    if left:
        raise RefusedDrop("cut_off", "The body is shorter than its Content-Length.")


def told(request: ApiRequest, drop: UsageDrop) -> dict[str, object]:
    return {
        "id": str(drop.pk),
        "state": drop.state,
        "name": drop.name,
        "digest": drop.digest,
        "size": drop.size,
        "schema": drop.schema_version,
        "received_at": drop.received_at,
        "generated_at": drop.stated_at,
        "applied_at": drop.applied_at,
        "url": address_of(request, drop),
        "report": reporting.public(drop.report),
    }


def address_of(request: ApiRequest, drop: UsageDrop) -> str:
    return request.build_absolute_uri(reverse("usage_api:report", args=[request.workspace.slug, drop.pk]))
