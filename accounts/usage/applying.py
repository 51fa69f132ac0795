"""Applying a drop chunk by chunk, each in a transaction of its own; doing a chunk twice is doing it once."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import OperationalError
from django.db.models import Q

from csworkbench.common import clock, enqueue
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope

from ..models import Module, UsageDrop
from . import counting, reporting, statements
from .reading import CHUNK_ROWS, Chunk, read_chunks, read_heading
from .schema import STAGED, Heading, RefusedDrop

# As imports do: a worker that is silent for so long has died, and after a slice it hands the rest on, so that no
# message outlives the broker's visibility timeout.
LEASE = timedelta(seconds=170)
SLICE = 90.0
MAX_ATTEMPTS = 5
LATE_DAYS = 2
DEADLOCKS = 3
State = UsageDrop.State
COLUMN_TYPES = dict.fromkeys(STAGED, "text")


def apply_drop(workspace_id: int, drop_id: UUID, *, held: bool = False, size: int = CHUNK_ROWS) -> None:
    """Apply a waiting drop from where it stands; safe to call at any moment, by anyone.

    ``held`` says that the caller stays to the end, where a worker hands on what its slice of time leaves over.
    """
    drop = claim(workspace_id, drop_id)
    if drop is None:
        return
    ends = None if held else time.monotonic() + SLICE
    path = path_of(drop)
    try:
        heading = read_heading(path, drop.name)
        for chunk in read_chunks(path, heading, after=drop.report["through"], size=size):
            if not apply_again(drop, heading, chunk):
                return
            if ends is not None and time.monotonic() >= ends:
                hand_on(drop)
                return
    except RefusedDrop as refused:
        fail(drop, refused.code, refused.message)
        return
    except FileNotFoundError:
        fail(drop, "file", "The file of this drop is gone.")
        return
    finish(drop)


def claim(workspace_id: int, drop_id: UUID) -> UsageDrop | None:
    """Take a drop that waits, or whose worker has been silent too long; None when it is not due or failed too often."""
    now = clock.now()
    with workspace_scope(workspace_id, actor=Actor("integration", cause="usage drop")):
        due = Q(state=State.RECEIVED) | Q(state=State.APPLYING, started_at__lt=now - LEASE)
        mine = UsageDrop.objects.filter(due, workspace=workspace_id, pk=drop_id)
        drop = mine.select_for_update(skip_locked=True, of=("self",)).select_related("workspace").first()
        if drop is None:
            return None
        report = reporting.started() | {"begun_at": now.isoformat(), "attempts": 0} | drop.report
        drop.report = report | {"attempts": report["attempts"] + 1}
        drop.state, drop.started_at = State.APPLYING, now
        if drop.report["attempts"] > MAX_ATTEMPTS:
            drop.state = State.FAILED
            drop.report |= {"error_code": "failed", "error": "The drop broke off several times. Send it again."}
            drop.applied_at = now
        drop.save(update_fields=["report", "state", "started_at", "applied_at"])
        return drop if drop.state == State.APPLYING else None


def apply_again(drop: UsageDrop, heading: Heading, chunk: Chunk) -> bool:
    """Apply a chunk; a deadlock with somebody's edit is tried again."""
    for attempt in range(DEADLOCKS):
        try:
            return apply_chunk(drop, heading, chunk)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "40P01" or attempt == DEADLOCKS - 1:
                raise
    return False


def apply_chunk(drop: UsageDrop, heading: Heading, chunk: Chunk) -> bool:
    """Write one chunk, its counts and how far it goes, together; False when somebody else went on meanwhile."""
    with workspace_scope(drop.workspace_id, actor=actor_of(drop)):
        workspace = drop.workspace
        today = workspace.today
        options = {"today": today, "stated": drop.stated_at, "zone": workspace.time_zone}
        options["oldest"] = oldest_day(workspace)
        stage = Stage(drop.workspace_id, COLUMN_TYPES, options)
        counting.hold(stage)
        row = UsageDrop.objects.get(workspace=drop.workspace_id, pk=drop.pk)
        if row.state != State.APPLYING or row.report["through"] != drop.report["through"]:
            return False
        if counting.is_behind(workspace, today):
            counting.recount(workspace, today)
        stage.fill(chunk.pieces)
        report = write_chunk(stage, row.report, chunk, path_of(drop))
        # What moves on is no poison, however often its workers are restarted.
        drop.report = report | {"attempts": 0}
        UsageDrop.objects.filter(workspace=drop.workspace_id, pk=drop.pk).update(
            report=drop.report, started_at=clock.now()
        )
    return True


def write_chunk(stage: Stage, before: dict[str, Any], chunk: Chunk, path: Path) -> dict[str, Any]:
    """Staged rows → days, counts and the report."""
    read(stage)
    ((rows, rejected, users, first, last, late),) = stage.rows(statements.OUTLINE)
    counts = {
        "rows": rows,
        "rejected": rejected,
        "users_rows": users,
        "use_rows": rows - rejected - users,
        "late": late,
    }
    for table in ("usage_change", "usage_seat_change"):
        stage.run(f"DROP TABLE IF EXISTS {table}")
    stage.run(statements.CHANGE_TABLE)
    stage.run(statements.SEAT_CHANGE_TABLE)
    kinds = (
        (rows - rejected - users, "use", statements.LAST_USE, statements.UPSERT_USE, statements.SUPERSEDED_USE),
        (users, "seats", statements.LAST_SEATS, statements.UPSERT_SEATS, statements.SUPERSEDED_SEATS),
    )
    for staged, name, last_said, upsert, superseded in kinds:
        said = stage.run(last_said)
        counts["repeated"] = counts.get("repeated", 0) + staged - said
        if said:
            for key, value in upsert_days(stage, name, said, upsert, superseded).items():
                counts[key] = counts.get(key, 0) + value
    modules = list(Module.objects.filter(workspace=stage.workspace_id).values_list("pk", flat=True))
    counting.count_changes(stage, modules)
    report = reporting.add(before, counts, [f"{day}" for day in (first, last) if day], chunk.last)
    if rejected:
        reasons = dict(stage.rows(statements.PROBLEM_COUNTS))
        reporting.add_problems(report, reasons, stage.rows(statements.PROBLEMS, most=reporting.KEPT))
        rejects = stage.rows(statements.REJECTS, most=reporting.REJECTS_PER_CHUNK)
        reporting.write_rejects(path, chunk.first, rejects)
    if users:
        note_contracted(stage, report)
    return report


def read(stage: Stage) -> None:
    """Find out what each staged row means, or why it means nothing."""
    for table in ("who", "key", "found", "account", "day", "read", "use", "seats"):
        stage.run(f"DROP TABLE IF EXISTS usage_{table}")
    stage.run("SET LOCAL enable_nestloop = on")
    for statement in statements.FIND_ACCOUNTS:
        stage.run(statement)
    stage.run("SET LOCAL enable_nestloop = off")
    stage.run(statements.FIND_DAYS)
    stage.run(statements.READ)


def upsert_days(stage: Stage, name: str, said: int, upsert: str, superseded: str) -> dict[str, int]:
    """Write days of use or of seats; how many were new, changed, unchanged, or said otherwise by a newer drop."""
    stage.run(f"ANALYZE usage_{name}")
    stage.run(upsert)
    table = "usage_change" if name == "use" else "usage_seat_change"
    ((written, new, changed),) = stage.rows(
        f"SELECT count(*), count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE differs AND NOT is_new) FROM {table}"  # noqa: S608
    )
    newer = stage.rows(superseded)[0][0] if written < said else 0
    return {"new": new, "changed": changed, "superseded": newer, "unchanged": said - new - changed - newer}


def note_contracted(stage: Stage, report: dict[str, Any]) -> None:
    """Where the source counts other contracted users than the subscription says: told, never written."""
    known = {(one["account"], one["product"]): one for one in report.get("contracted", [])}
    for account, name, product, said, ours in stage.rows(statements.CONTRACTED):
        known[account, product] = {
            "account": account, "name": name, "product": product, "said": said, "ours": ours,
        }  # fmt: skip
    report["contracted"] = list(known.values())[: reporting.KEPT]


def finish(drop: UsageDrop) -> None:
    """Close a drop whose last row is written."""
    with workspace_scope(drop.workspace_id, actor=actor_of(drop)):
        UsageDrop.objects.filter(workspace=drop.workspace_id, pk=drop.pk, state=State.APPLYING).update(
            state=State.APPLIED, applied_at=clock.now()
        )


def fail(drop: UsageDrop, code: str, message: str) -> None:
    """Close a drop that cannot be read on; what was written before that stays, and the report says how much."""
    report = drop.report | {"error_code": code, "error": message}
    with workspace_scope(drop.workspace_id, actor=actor_of(drop)):
        UsageDrop.objects.filter(workspace=drop.workspace_id, pk=drop.pk, state=State.APPLYING).update(
            state=State.FAILED, report=report, applied_at=clock.now()
        )


def hand_on(drop: UsageDrop) -> None:
    """Let another worker go on where this one stands."""
    with workspace_scope(drop.workspace_id, actor=actor_of(drop)):
        moved = UsageDrop.objects.filter(workspace=drop.workspace_id, pk=drop.pk, state=State.APPLYING)
        if moved.update(state=State.RECEIVED):
            enqueue("accounts.apply_drop", workspace_id=drop.workspace_id, drop_id=str(drop.pk))


def actor_of(drop: UsageDrop) -> Actor:
    """The actor of what a drop writes."""
    return Actor("integration", drop.sender_id, None, f"usage {drop.name}"[:200])


def path_of(drop: UsageDrop) -> Path:
    return Path(settings.MEDIA_ROOT) / drop.path


def oldest_day(workspace: Workspace) -> Any:
    """The first day that is kept: never fewer than the windows need."""
    return workspace.today - timedelta(days=max(workspace.usage_days_kept, 100) - 1)
