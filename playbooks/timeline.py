"""What playbooks tell in the timeline of an account: tasks that were completed, cleared or cancelled (ACC-6)."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet

from accounts.models import Account
from accounts.timeline import Asked, Entry, Read, below, told, with_words
from csworkbench.tenancy.models import Workspace

from .models import Task

WORDS = {Task.State.DONE.value: "completed", Task.State.CLEARED.value: "cleared by itself",
         Task.State.CANCELLED.value: "cancelled"}  # fmt: skip


def ended_tasks(account: Account, workspace: Workspace, asked: Asked) -> Read:
    """The tasks of an account that are no longer open, at the moment they ended."""
    rows: QuerySet[Any] = Task.objects.filter(
        workspace=workspace, account=account, state__in=list(WORDS), closed_at__isnull=False
    ).annotate(author_name=F("closed_by__name"))
    if asked.author:
        rows = rows.filter(closed_by=asked.author)
    rows = with_words(rows, asked, "title", "outcome_note")
    return told(below(rows, "closed_at", asked), asked, _entry)


def _entry(task: Any) -> Entry:
    at, author = task.closed_at, task.author_name or ""
    how = str(task.get_outcome_display()) if task.outcome else task.closed_because
    return Entry(
        kind="task",
        at=at,
        place=(at, task.pk),
        title=f"{task.title} — {WORDS[task.state]}",
        text="\n".join(part for part in (how, task.outcome_note) if part),
        author=author,
        author_id=task.closed_by_id,
        about=" · ".join(part for part in ("Task", author) if part),
    )
