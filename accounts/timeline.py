"""The timeline of an account: interactions, notes and changes in one order (ACC-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from csworkbench.tenancy.models import Workspace

from .changes import changes_of
from .models import Account

PAGE_SIZE = 40
KINDS = (("all", "All"), ("call", "Calls"), ("email", "Emails"), ("meeting", "Meetings"), ("chat", "Chats"),
         ("note", "Notes"), ("change", "Changes"))  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One thing that happened; ``kind`` names its icon, ``row`` is the interaction or note behind it."""

    kind: str
    at: datetime
    title: str
    text: str
    author: str
    row: Any = None
    changes: tuple[tuple[str, str, str], ...] = ()


def timeline_of(
    account: Account, workspace: Workspace, *, kind: str = "all", page: int = 1
) -> tuple[list[Entry], bool]:
    """One page of entries, newest first, and whether there are older ones."""
    size = page * PAGE_SIZE + 1
    entries: list[Entry] = []
    if kind in {"all", "call", "email", "meeting", "chat"}:
        entries += _interactions(account, workspace, "" if kind == "all" else kind, size)
    if kind in {"all", "note"}:
        entries += _notes(account, workspace, size)
    if kind in {"all", "change"}:
        entries += _changes(account, workspace, size)
    entries.sort(key=lambda entry: entry.at, reverse=True)
    start = (page - 1) * PAGE_SIZE
    return entries[start : start + PAGE_SIZE], len(entries) > start + PAGE_SIZE


def _interactions(account: Account, workspace: Workspace, kind: str, size: int) -> list[Entry]:
    rows = account.interactions.filter(workspace=workspace).select_related("author", "contact").order_by("-happened_at")
    if kind:
        rows = rows.filter(kind=kind)
    return [
        Entry(
            row.kind,
            row.happened_at,
            row.subject or f"{row.get_kind_display()}{f' with {row.contact.name}' if row.contact else ''}",
            row.body,
            row.author.name if row.author else "",
            row,
        )
        for row in rows[:size]
    ]


def _notes(account: Account, workspace: Workspace, size: int) -> list[Entry]:
    rows = account.notes.filter(workspace=workspace).select_related("author").order_by("-created_at")[:size]
    return [
        Entry("note", row.created_at, "Note", row.house_format, row.author.name if row.author else "", row)
        for row in rows
    ]


def _changes(account: Account, workspace: Workspace, size: int) -> list[Entry]:
    return [
        Entry("change", change.at, change.title, change.cause, change.actor, None, change.fields)
        for change in changes_of(account, workspace, size)
    ]
