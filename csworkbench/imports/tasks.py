"""Thin doors from the queue to the imports."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from csworkbench.common import enqueue
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.task_base import TenantTask, visit_workspaces

from . import services
from .models import Import

DOORS: dict[str, str] = {
    Import.State.UPLOADED: "imports.examine",
    Import.State.MAPPED: "imports.examine",
    Import.State.APPLYING: "imports.apply",
    Import.State.UNDOING: "imports.undo",
}


@shared_task(
    base=TenantTask, name="imports.examine", queue="imports", scoped=False, soft_time_limit=150, time_limit=170
)
def examine(*, workspace_id: int, import_id: str) -> None:
    """Read a file and compare it."""
    spool = services.examine(workspace_id, UUID(import_id))
    if spool is not None:
        spool.close()


@shared_task(base=TenantTask, name="imports.apply", queue="imports", scoped=False, soft_time_limit=150, time_limit=170)
def apply(*, workspace_id: int, import_id: str) -> None:
    """Apply an approved import, from where it stands."""
    services.apply_import(workspace_id, UUID(import_id))


@shared_task(base=TenantTask, name="imports.undo", queue="imports", scoped=False, soft_time_limit=150, time_limit=170)
def undo(*, workspace_id: int, import_id: str) -> None:
    """Take back what an import wrote, from where it stands."""
    services.undo_import(workspace_id, UUID(import_id))


@shared_task(
    base=TenantTask, name="imports.write_sheets", queue="imports", scoped=False, soft_time_limit=150, time_limit=170
)
def write_sheets(*, workspace_id: int, import_id: str) -> None:
    """Make the large sheets that somebody asked for."""
    services.write_sheets(workspace_id, UUID(import_id))


@shared_task(name="imports.resume_all", queue="imports")
def resume_all() -> None:
    """Find work whose message was lost or whose worker died, in the rows of each workspace."""

    def find(workspace: Workspace) -> None:
        for pk, state in Import.objects.due(workspace.pk).values_list("pk", "state"):
            enqueue(DOORS[state], workspace_id=workspace.pk, import_id=str(pk))
        services.sweep_sheets(workspace.pk)
        services.sweep_files(workspace.pk)

    visit_workspaces(find, "resume imports")
