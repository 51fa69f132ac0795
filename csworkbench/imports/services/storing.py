"""Keeping an uploaded file until it is applied."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.models import Sum

from csworkbench.common import clock, enqueue
from csworkbench.imports.models import Import
from csworkbench.imports.reading import RefusedFile
from csworkbench.tenancy.models import Member

from .claiming import LEASE

# What breaks a line, is not seen, or turns the direction of what is read: a name must be what it looks like.
# Longer than an import can be undone.
FILES_KEPT = timedelta(days=35)
SWEPT = 10_000
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff/\\]+")
# What one member may have waiting, and send within a day (files of the largest size): nobody fills the disk alone.
MOST_OPEN, FILES_A_DAY = 50, 20
DAY = timedelta(days=1)


def store_upload(
    *,
    actor: Member,
    kind: str,
    name: str,
    pieces: Iterable[bytes],
    inline: bool = False,
    table: Mapping[str, Any] | None = None,
) -> Import:
    """Store a file for its owner alone and start an import; a worker reads it, or the caller at once when ``inline``.

    ``table`` is what the sender knows of it, all of it optional: ``{"sheet": name, "header_row": n,
    "columns": {title in lower case: [fields]}, "constants": {field: value}}``.
    Raises RefusedFile when it is larger than ``MAX_UPLOAD_BYTES``, or when its sender has sent too much; who works in
    a shell has no such limit.
    """
    if not inline:
        check_room(actor)
    started = Import(
        workspace_id=actor.workspace_id,
        kind=kind,
        file_name=clean_name(name),
        file_key=uuid4(),
        created_by=actor,
        table=dict(table or {}),
    )
    started.sha256, started.size = write(started.path, pieces)
    if inline:
        started.claimed_until, started.attempts = clock.now() + LEASE, 1
    started.save()
    if not inline:
        enqueue("imports.examine", workspace_id=actor.workspace_id, import_id=str(started.pk))
    return started


def check_room(actor: Member) -> None:
    """Raises RefusedFile when a member has too many imports open, or has sent too much since yesterday."""
    sent = Import.objects.filter(workspace=actor.workspace_id, created_by=actor)
    if sent.filter(state__in=Import.OPEN).count() >= MOST_OPEN:
        message = f"You have {MOST_OPEN} imports open. Apply or cancel some of them first."
        raise RefusedFile("too_many", message)
    size = sent.filter(created_at__gt=clock.now() - DAY).aggregate(size=Sum("size"))["size"] or 0
    if size >= FILES_A_DAY * settings.MAX_UPLOAD_BYTES:
        limit = FILES_A_DAY * settings.MAX_UPLOAD_BYTES // (1024 * 1024)
        raise RefusedFile("too_many", f"You have sent more than {limit:,} MB within a day. Send the next one tomorrow.")


def write(path: Path, pieces: Iterable[bytes]) -> tuple[str, int]:
    """Write pieces to a new file that only this user can read; returns SHA-256 and size."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                size += len(piece)
                if size > settings.MAX_UPLOAD_BYTES:
                    limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
                    raise RefusedFile(
                        "too_big", f"The file is larger than {limit} MB. Split it, or ask your administrator."
                    )
                digest.update(piece)
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def clean_name(name: str) -> str:
    """The last part of a file name, on one line, short enough to show and to store."""
    shown = UNSAFE.sub(" ", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    return shown[-200:] or "sheet"


def sweep_files(workspace_id: int) -> None:
    """Remove the files of imports that are over, once nothing can be undone any more; their rows stay."""
    oldest = (clock.now() - FILES_KEPT).timestamp()
    folder = Path(settings.MEDIA_ROOT) / "imports" / str(workspace_id)
    old = [path for path in islice(folder.glob("*-*"), SWEPT) if not path.suffix and path.stat().st_mtime < oldest]
    if not old:
        return
    over = Import.objects.filter(
        workspace=workspace_id, file_key__in=[path.name for path in old], state__in=Import.OVER
    ).values_list("file_key", flat=True)
    for name in over:
        (folder / str(name)).unlink(missing_ok=True)
