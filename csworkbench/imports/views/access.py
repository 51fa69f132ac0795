"""Who imports, and how an import is fetched: the workspace's own or nobody's."""

from __future__ import annotations

from uuid import UUID

from csworkbench.imports.models import Import
from csworkbench.tenancy.access import get_or_404
from csworkbench.tenancy.http import WorkspaceRequest

IMPORTERS = ("ops", "lead", "admin")


def the_import(request: WorkspaceRequest, pk: UUID) -> Import:
    """An import of the request's workspace with the people it names, or 404."""
    people = Import.objects.select_related("workspace", "created_by", "approved_by", "undone_by")
    return get_or_404(people, request.workspace, pk)
