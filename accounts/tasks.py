"""Thin doors from the queue to the accounts floor."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from csworkbench.tenancy.task_base import TenantTask, active_workspaces

from .usage import applying, ticking

logger = logging.getLogger(__name__)


@shared_task(
    base=TenantTask,
    name="accounts.apply_drop",
    queue="imports",
    scoped=False,
    soft_time_limit=150,
    time_limit=170,
)
def apply_drop(*, workspace_id: int, drop_id: str) -> None:
    """Apply a usage drop, from where it stands."""
    applying.apply_drop(workspace_id, UUID(drop_id))


@shared_task(name="accounts.usage_tick", queue="imports", soft_time_limit=150, time_limit=170)
def usage_tick() -> None:
    """Look into each watched folder, and find drops whose message was lost or whose worker died."""
    for workspace in active_workspaces():
        try:
            ticking.tick(workspace)
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # what is due stays in rows and files, and the log says so at every tick
            logger.exception("could not take in the usage of %s", workspace.slug)
