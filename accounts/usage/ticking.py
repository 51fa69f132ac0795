"""What the tick of usage does in each workspace: look into the folder, find waiting drops, clear old days away."""

from __future__ import annotations

import logging
import os

from csworkbench.common import clock, enqueue
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import workspace_scope

from . import folder, receiving
from .applying import oldest_day

logger = logging.getLogger(__name__)


def tick(workspace: Workspace) -> None:
    """Safe to run at any time and twice at once; files are copied outside of any transaction."""
    try:
        folder.take_in(workspace)
        folder.settle(workspace)
    except OSError:  # a folder that cannot be read must not keep the drops waiting that have arrived
        logger.exception("could not look into the usage folder of %s", workspace.slug)
    with workspace_scope(workspace.pk):
        for drop_id in receiving.waiting(workspace.pk):
            enqueue("accounts.apply_drop", workspace_id=workspace.pk, drop_id=str(drop_id))
        receiving.clear_away(workspace.pk, clock.now() - receiving.FILES_KEPT, oldest_day(workspace))


def folder_is_writable(workspace: Workspace) -> bool:
    """Whether the watched folder is there; it is made when it can be."""
    path = folder.folder_of(workspace)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(path, os.R_OK | os.W_OK)
