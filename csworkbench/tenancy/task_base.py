"""The base of every background task: ids in, a workspace opened, work that may run twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery import Task
from celery.exceptions import SoftTimeLimitExceeded

from .models import Workspace
from .scope import SYSTEM, workspace_scope

logger = logging.getLogger(__name__)


class TenantTask(Task):  # type: ignore[type-arg]
    """A task of one workspace; ``workspace_id`` is required and the body runs inside its scope.

    Set ``scoped = False`` for work that needs several transactions or talks to the outside between them; the body
    then opens ``workspace_scope`` itself.
    """

    abstract = True
    scoped = True
    acks_late = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self.scoped:
            return super().__call__(*args, **kwargs)
        with workspace_scope(int(kwargs["workspace_id"]), actor=SYSTEM):
            return super().__call__(*args, **kwargs)


@contextmanager
def workspace_of(workspace_id: int) -> Iterator[Workspace]:
    """Open one workspace and yield its row."""
    workspace = Workspace.objects.get(pk=workspace_id)
    with workspace_scope(workspace.pk, actor=SYSTEM):
        yield workspace


def active_workspaces() -> list[Workspace]:
    """Every active workspace, for ticks that visit each in its own transaction."""
    return list(Workspace.objects.filter(is_active=True).order_by("pk"))


def visit_workspaces(work: Callable[[Workspace], None], doing: str) -> None:
    """Run a tick's work in each active workspace, in its own transaction; one that fails does not stop the others."""
    for workspace in active_workspaces():
        try:
            with workspace_of(workspace.pk) as opened:
                work(opened)
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # what is due stays in its rows, and the log says so at every tick
            logger.exception("could not %s in %s", doing, workspace.slug)
