"""The watched folder of a workspace: finished files in, what became of them in ``done`` and ``failed`` beside it."""

from __future__ import annotations

import json
import logging
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import Error

from csworkbench.imports.services.storing import clean_name
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope

from ..models import UsageDrop
from . import reporting
from .receiving import receive_drop, store_file
from .schema import RefusedDrop

logger = logging.getLogger(__name__)
# A file that nobody has written to for so long is finished; one under another name while it grows is not looked at.
QUIET_SECONDS = 10
UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload")
AT_ONCE = 20
# Bytes of a name; what is put around it still fits the 255 that a disk allows.
MAX_NAME = 200
TAKEN, DONE, FAILED = "taken", "done", "failed"
State = UsageDrop.State


def folder_of(workspace: Workspace) -> Path:
    """Where a workspace's files are dropped."""
    return Path(settings.USAGE_DROPS_DIR) / workspace.slug


def take_in(workspace: Workspace) -> int:
    """Receive the finished files of a workspace's folder, the oldest first; returns how many."""
    taken = 0
    for path in finished_files(folder_of(workspace)):
        try:
            taken += receive_file(workspace, path)
        except (OSError, ValueError, Error):  # one file must not keep the others waiting; it is tried again
            logger.exception("could not take in the file %r of %s", path.name, workspace.slug)
    return taken


def finished_files(folder: Path) -> list[Path]:
    """Plain files that have come to rest. Links are not followed: they could name any file of this machine."""
    if not folder.is_dir():
        return []
    now = time.time()
    found = []
    for entry in os.scandir(folder):
        if entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED):
            continue
        seen = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(seen.st_mode) and now - seen.st_mtime >= QUIET_SECONDS:
            found.append((seen.st_mtime, Path(entry.path)))
    return [path for _, path in sorted(found)][:AT_ONCE]


def receive_file(workspace: Workspace, path: Path) -> bool:
    """Copy a file into a drop, then move it to ``taken`` under the drop's id; False when it was still growing."""
    before = path.lstat()
    target = folder_of(workspace) / TAKEN
    target.mkdir(parents=True, exist_ok=True)
    try:
        stored = store_file(workspace.pk, pieces_of(path), most=settings.USAGE_FOLDER_MAX_BYTES)
    except RefusedDrop as refused:
        put_away(path, folder_of(workspace) / FAILED, path.name, {"error_code": refused.code, "error": refused.message})
        return False
    after = path.lstat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        (Path(settings.MEDIA_ROOT) / stored[0]).unlink(missing_ok=True)
        return False
    with workspace_scope(workspace.pk, actor=Actor("integration", cause=f"usage {clean_name(path.name)}"[:200])):
        drop = receive_drop(workspace_id=workspace.pk, source=UsageDrop.Source.FOLDER, name=path.name, stored=stored)
    # A worker that dies between the two receives the file once more, as a repeated one.
    path.replace(target / f"{drop.pk}~{shortened(path.name)}")
    return True


def pieces_of(path: Path) -> Iterator[bytes]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        while piece := file.read(1024 * 1024):
            yield piece


def settle(workspace: Workspace) -> None:
    """Move files whose drop is over to ``done`` or ``failed``, with its report beside them."""
    folder = folder_of(workspace)
    taken = sorted((folder / TAKEN).glob("*~*"))[:500] if (folder / TAKEN).is_dir() else []
    if not taken:
        return
    with workspace_scope(workspace.pk):
        over = UsageDrop.objects.filter(workspace=workspace.pk, pk__in=[key for path in taken if (key := key_of(path))])
        drops = {drop.pk: drop for drop in over.exclude(state__in=(State.RECEIVED, State.APPLYING))}
    for path in taken:
        drop = drops.get(key_of(path) or UUID(int=0))
        if drop is not None:
            place = FAILED if drop.state == State.FAILED else DONE
            said = {"id": str(drop.pk), "state": drop.state, **reporting.public(drop.report)}
            try:
                put_away(path, folder / place, path.name.split("~", 1)[1], said)
            except OSError:
                logger.exception("could not put away the file %r of %s", path.name, workspace.slug)


def key_of(path: Path) -> UUID | None:
    try:
        return UUID(path.name.split("~", 1)[0])
    except ValueError:
        return None


def shortened(name: str) -> str:
    """The end of a name that is too long: it tells what kind of file it is."""
    return os.fsdecode(os.fsencode(name)[-MAX_NAME:])


def put_away(path: Path, folder: Path, name: str, report: dict[str, object]) -> None:
    """Move a file beside its report; an earlier one of that name stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    name = shortened(name)
    target, number = folder / name, 1
    # A link counts as there, wherever it leads: nothing is written through one.
    while os.path.lexists(target) or os.path.lexists(f"{target}.report.json"):
        number += 1
        target = folder / f"{number}-{name}"
    with Path(f"{target}.report.json").open("x", encoding="utf-8") as file:
        file.write(json.dumps(report, indent=2, default=str) + "\n")
    path.replace(target)
