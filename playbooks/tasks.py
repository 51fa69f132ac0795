"""Thin doors to the playbook engine."""

from __future__ import annotations

from celery import shared_task

from accounts.facts import context_for
from csworkbench.common import enqueue
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.task_base import TenantTask, active_workspaces

from . import engine


@shared_task(name="playbooks.tick", queue="playbooks")
def tick() -> None:
    """Re-derive what is due in every workspace; one small task each, so that one cannot hold up another."""
    for workspace in active_workspaces():
        enqueue("playbooks.scan", workspace_id=workspace.pk)


@shared_task(base=TenantTask, name="playbooks.scan", queue="playbooks")
def scan(*, workspace_id: int) -> None:
    """Bring the runs of one workspace up to date with today's facts."""
    workspace = Workspace.objects.get(pk=workspace_id)
    engine.scan(workspace, context_for(workspace))
