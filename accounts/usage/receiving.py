"""Taking drops in: a file, its digest and a row; a worker applies it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from csworkbench.common import clock, enqueue
from csworkbench.imports.services.storing import clean_name
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import Member

from ..models import UsageDrop
from . import reporting
from .applying import LEASE, path_of
from .reading import read_heading
from .schema import Heading, RefusedDrop, check_stated, check_version

State = UsageDrop.State
# Files of drops are kept so long for whoever asks what was in them.
FILES_KEPT = timedelta(days=14)
CLEARED_ROWS, CLEARED_FILES = 100_000, 500
LOCK = 7_105  # the family of advisory locks under which drops of a workspace arrive one by one


def store_file(workspace_id: int, pieces: Iterable[bytes], *, most: int | None = None) -> tuple[Path, str, int]:
    """Write pieces to a new file that only this user can read; path below the media folder, SHA-256 and size.

    Raises RefusedDrop when there is more than ``USAGE_MAX_BYTES``. Needs no transaction, so a slow sender holds none.
    """
    most = settings.USAGE_MAX_BYTES if most is None else most
    relative = Path("usage") / str(workspace_id) / str(uuid4())
    path = Path(settings.MEDIA_ROOT) / relative
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                size += len(piece)
                if size > most:
                    raise RefusedDrop("too_big", f"The file is larger than {most // 1024**2:,} MB. Send it in parts.")
                digest.update(piece)
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return relative, digest.hexdigest(), size


def receive_drop(
    *,
    workspace_id: int,
    source: str,
    name: str,
    stored: tuple[Path, str, int],
    sender: Member | None = None,
    token_name: str = "",
    schema: str = "",
    stated_at: datetime | None = None,
) -> UsageDrop:
    """Record a stored file as a drop and let a worker apply it; the scope of its workspace is open.

    The same bytes again, while they wait or once they are applied, are REPEATED: nothing is applied. A file that is no
    drop is kept as FAILED with the reason in its report, so that nothing fails in silence. What the file says about
    its version and moment counts before what the request says (``schema``, ``stated_at``). Whatever is raised, the
    stored file goes with it.
    """
    try:
        return _record(
            stored, workspace_id=workspace_id, source=source, name=name, sender=sender, token_name=token_name,
            schema=schema, stated_at=stated_at,
        )  # fmt: skip
    except BaseException:
        reporting.remove_files(Path(settings.MEDIA_ROOT) / stored[0])
        raise


def _record(
    stored: tuple[Path, str, int],
    *,
    workspace_id: int,
    source: str,
    name: str,
    sender: Member | None,
    token_name: str,
    schema: str,
    stated_at: datetime | None,
) -> UsageDrop:
    relative, digest, size = stored
    now = clock.now()
    drop = UsageDrop(
        workspace_id=workspace_id,
        source=source,
        name=clean_name(name),
        path=str(relative),
        digest=digest,
        size=size,
        sender=sender,
        token_name=token_name[:80],
        received_at=now,
        report=reporting.started(),
    )
    Stage(workspace_id, {}).run("SELECT pg_advisory_xact_lock(%(family)s, %(workspace)s)", family=LOCK)
    earlier = (
        UsageDrop.objects.filter(workspace=workspace_id, digest=digest)
        .exclude(state__in=(State.FAILED, State.REPEATED))
        .order_by("received_at")
        .first()
    )
    try:
        heading = look_at(drop, schema)
        drop.stated_at = check_stated(heading.stated_at or stated_at, now)
        drop.schema_version = heading.schema
        drop.report["ignored"] = list(heading.ignored)[:20]
    except RefusedDrop as refused:
        drop.state, drop.applied_at = State.FAILED, now
        drop.report |= {"error_code": refused.code, "error": refused.message}
    if earlier is not None and drop.state != State.FAILED:
        drop.state, drop.applied_at = State.REPEATED, now
        drop.report["same_as"] = str(earlier.pk)
    if drop.state != State.RECEIVED:
        reporting.remove_files(path_of(drop))
        drop.path = ""
    drop.save()
    if drop.state == State.RECEIVED:
        enqueue("accounts.apply_drop", workspace_id=workspace_id, drop_id=str(drop.pk))
    return drop


def look_at(drop: UsageDrop, schema: str) -> Heading:
    """The heading of a stored file; the version that a request names has to be known as well."""
    if schema:
        check_version(schema)
    return read_heading(path_of(drop), drop.name)


def waiting(workspace_id: int) -> list[UUID]:
    """Drops that are due: received and not begun, or begun by a worker that died, the oldest first."""
    rows = UsageDrop.objects.filter(workspace=workspace_id, state__in=(State.RECEIVED, State.APPLYING))
    silent = clock.now() - LEASE
    return [
        pk
        for pk, state, begun in rows.order_by("received_at").values_list("pk", "state", "started_at")
        if state == State.RECEIVED or begun is None or begun < silent
    ]


def clear_away(workspace_id: int, oldest: datetime, oldest_day: object) -> int:
    """Remove one bounded chunk of days that are older than those kept, and files of drops long over."""
    stage = Stage(workspace_id, {})
    removed = 0
    for statement in (CLEAR_USE, CLEAR_SEATS):
        removed += stage.run(statement, oldest=oldest_day, most=CLEARED_ROWS)
    old = UsageDrop.objects.filter(workspace=workspace_id, received_at__lt=oldest).exclude(path="")
    for drop in old.exclude(state__in=(State.RECEIVED, State.APPLYING))[:CLEARED_FILES]:
        reporting.remove_files(path_of(drop))
        UsageDrop.objects.filter(workspace=workspace_id, pk=drop.pk).update(path="")
    return removed


CLEAR_USE = """
DELETE FROM accounts_usageday WHERE workspace_id = %(workspace)s AND id IN (
    SELECT id FROM accounts_usageday WHERE workspace_id = %(workspace)s AND day < %(oldest)s::date
    ORDER BY day LIMIT %(most)s)
"""
# What was said last before the days kept is still what holds.
CLEAR_SEATS = """
DELETE FROM accounts_seatday WHERE workspace_id = %(workspace)s AND id IN (
    SELECT s.id FROM accounts_seatday s WHERE s.workspace_id = %(workspace)s AND s.day < %(oldest)s::date
        AND EXISTS (SELECT 1 FROM accounts_seatday n WHERE n.workspace_id = %(workspace)s
            AND n.account_id = s.account_id AND n.product_id = s.product_id AND n.day > s.day
            AND n.day <= %(oldest)s::date)
    LIMIT %(most)s)
"""
