"""The timeline of an account: interactions, notes and changes in one order (ACC-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from csworkbench.tenancy.models import HistoryEntry, Member, Workspace

from .models import Account

PAGE_SIZE = 40
KINDS = (("all", "All"), ("call", "Calls"), ("email", "Emails"), ("meeting", "Meetings"), ("chat", "Chats"),
         ("note", "Notes"), ("change", "Changes"))  # fmt: skip
LABELS = {
    "accounts_account": "account",
    "accounts_contact": "contact",
    "accounts_subscription": "subscription",
    "accounts_outcome": "outcome",
}
HIDDEN = frozenset({"search_name", "workspace_id", "id", "account_id", "request_key", "created_at"})


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
    """One page of entries, newest first, and whether there are older ones; at most four statements."""
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
    """What changed in the account's own rows, and who did it; notes and interactions stand there as themselves."""
    rows = list(
        HistoryEntry.objects.filter(workspace=workspace, account_id=account.pk, table_name__in=LABELS).order_by("-pk")[
            :size
        ]
    )
    names = _names(workspace, rows)
    return [
        Entry("change", row.at, _title(row), row.cause, _actor(row, names), None, _fields(row, names)) for row in rows
    ]


def _names(workspace: Workspace, rows: list[HistoryEntry]) -> dict[UUID, str]:
    members = Member.objects.filter(workspace=workspace) if rows else Member.objects.none()
    return dict(members.values_list("pk", "name"))


def _title(row: HistoryEntry) -> str:
    verb = {"insert": "added", "update": "changed", "delete": "removed"}[row.operation]
    return f"{LABELS[row.table_name].capitalize()} {verb}"


def _actor(row: HistoryEntry, names: dict[UUID, str]) -> str:
    name = names.get(row.actor_id) if row.actor_id else None
    if row.actor_kind == "member":
        return name or "A member"
    return f"{row.actor_kind.capitalize()}{f' by {name}' if name else ''}"


def _fields(row: HistoryEntry, names: dict[UUID, str]) -> tuple[tuple[str, str, str], ...]:
    """``(field, old, new)`` in words; ids of members become names, other ids are left out."""
    if row.operation != "update":
        return ()
    return tuple(
        (column.removesuffix("_id").replace("_", " "), _shown(old, names), _shown(new, names))
        for column, (old, new) in row.changes.items()
        if column not in HIDDEN
    )


def _shown(value: Any, names: dict[UUID, str]) -> str:
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and len(value) == 36 and value.count("-") == 4:
        return names.get(UUID(value), "another record")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
