"""The only doors to rows named by a request: fetch and authorise in one line, or 404."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from .http import WorkspaceRequest
from .models import Member, Workspace

Row = TypeVar("Row", bound=Model)


def get_or_404(queryset: QuerySet[Row], workspace: Workspace | int, pk: UUID | str) -> Row:
    """The row ``pk`` of a workspace, or 404 whether it does not exist or belongs to another one.

    The explicit filter is the first belt; it holds when the policies of the database are off.
    """
    workspace_id = workspace if isinstance(workspace, int) else workspace.pk
    row = queryset.filter(workspace_id=workspace_id, pk=pk).first()
    if row is None:
        raise Http404("No such row.")
    return row


def member_or_404(request: WorkspaceRequest, pk: UUID | str) -> Member:
    """A member of the request's workspace, active or not, with the login behind it."""
    return get_or_404(Member.objects.select_related("user", "lead"), request.workspace, pk)
