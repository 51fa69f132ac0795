"""Thin doors from the queue to the pipeline."""

from __future__ import annotations

from celery import shared_task

from csworkbench.common import enqueue
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.task_base import TenantTask, active_workspaces, visit_workspaces, workspace_of

from . import pipeline


@shared_task(base=TenantTask, name="priorities.drain", queue="pipeline", scoped=False)
def drain(*, workspace_id: int) -> None:
    """Drain one workspace, chunk by chunk, each in its own transaction."""
    marks = pipeline.DRAIN_LIMIT
    while marks >= pipeline.DRAIN_LIMIT:
        with workspace_of(workspace_id) as workspace:
            marks = pipeline.drain(workspace).marks


@shared_task(name="priorities.drain_all", queue="pipeline")
def drain_all() -> None:
    """The tick behind every write path: whatever marked an account is found here, hint or not.

    One chunk of each, so that neither a large workspace nor one that fails keeps the others waiting.
    """

    def take(workspace: Workspace) -> None:
        if pipeline.drain(workspace).marks >= pipeline.DRAIN_LIMIT:
            enqueue("priorities.drain", workspace_id=workspace.pk)

    visit_workspaces(take, "drain")


@shared_task(name="priorities.sweep_due", queue="pipeline")
def sweep_due() -> None:
    """Send a sweep for each workspace whose calendar day has turned since the last one."""
    for workspace in active_workspaces():
        if workspace.swept_on is None or workspace.swept_on < workspace.today:
            enqueue("priorities.sweep", workspace_id=workspace.pk)


@shared_task(
    base=TenantTask,
    name="priorities.sweep",
    queue="pipeline",
    scoped=False,
    soft_time_limit=600,
    time_limit=900,
)
def sweep(*, workspace_id: int) -> None:
    """Sweep one workspace once per calendar day; claim and work commit together."""
    with workspace_of(workspace_id) as workspace:
        if pipeline.claim_midnight(workspace, workspace.today):
            pipeline.sweep(workspace)
