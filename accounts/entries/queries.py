"""Reads over interactions and notes: one of them, its versions, and the recaps that are owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from csworkbench.tenancy.models import HistoryEntry, Member, Workspace

from ..changes import COLUMNS, in_words
from ..models import Account, Contact, Interaction, Note
from ..naming import names_of
from .services import FIELDS, Row


@dataclass(frozen=True)
class Version:
    """One edit of an entry: who changed which fields when; each field is ``(label, before, after)`` in words."""

    at: datetime
    by: str
    fields: tuple[tuple[str, str, str], ...]


def entry_of(account: Account, pk: UUID) -> Row | None:
    """The interaction or note of an account with that id."""
    for model in (Interaction, Note):
        rows: QuerySet[Any] = model._default_manager.filter(workspace=account.workspace_id, account=account, pk=pk)
        if row := rows.select_related(*({"author", "contact"} & {f.name for f in model._meta.fields})).first():
            found: Row = row
            return found
    return None


def versions_of(entry: Row, workspace: Workspace) -> list[Version]:
    """The edits of an entry, the last one first, as the ledger has them."""
    rows = list(HistoryEntry.objects.filter(workspace=workspace, row_id=entry.pk, operation="update").order_by("-pk"))
    columns = {column.attname: column for column in entry._meta.concrete_fields}
    told = (*FIELDS[type(entry)], "recap_sent_at")
    people = {UUID(value) for row in rows for value in row.changes.get("contact_id", ()) if value}
    names = names_of(workspace, {Member: {row.actor_id for row in rows if row.actor_id}, Contact: people})
    versions = []
    for row in rows:
        fields = tuple(
            (label(columns[name]), *(said(columns[name], value, names, workspace) for value in row.changes[name]))
            for name in told
            if name in row.changes
        )
        if fields:
            versions.append(Version(row.at, names.get(row.actor_id, row.actor_kind.capitalize()), fields))
    return versions


def label(column: Any) -> str:
    """What a field of an entry is called where it is read."""
    known = {"happened_at": "when", "body": "what was said", "text": "note", "duration_minutes": "minutes"}
    known |= {"needs_recap": "owes a recap", "recap_sent_at": "recap sent", "contact_id": "with"}
    return known.get(column.attname) or COLUMNS.get(column.attname) or str(column.verbose_name)


def said(column: Any, value: Any, names: dict[Any, str], workspace: Workspace) -> Any:
    """A value of the ledger as a person would say it; a moment as a moment, for the page to put in a time zone."""
    if column.attname in {"happened_at", "recap_sent_at"}:
        return datetime.fromisoformat(value) if value else "—"
    return in_words(column, value, names, workspace.currency)


def recaps_owed_by(member: Member) -> QuerySet[Interaction]:
    """Meetings whose recap the member still owes, the longest waiting first."""
    return (
        Interaction.objects.filter(
            workspace=member.workspace_id, author=member, needs_recap=True, recap_sent_at__isnull=True
        )
        .select_related("account", "contact")
        .order_by("happened_at", "pk")
    )


def last_written_about(member: Member, limit: int) -> list[Account]:
    """The accounts the member wrote about last, the latest first; reads a bounded number of entries."""
    recent = Interaction.objects.filter(workspace=member.workspace_id, author=member).order_by("-pk")
    ids = list(dict.fromkeys(recent.values_list("account_id", flat=True)[: limit * 5]))[:limit]
    found = Account.objects.filter(workspace=member.workspace_id, pk__in=ids).in_bulk()
    return [found[pk] for pk in ids if pk in found]


def correction_of(account: Account, entry: str) -> dict[str, Any]:
    """What the composer begins with when an entry that can no longer be edited is corrected by a new one."""
    try:
        row = entry_of(account, UUID(entry))
    except ValueError:
        return {}
    if isinstance(row, Note):
        return {"kind": "note", "body": f"Correction of {row.written_on:%m/%d/%y}-{row.initials}: "}
    if row is None:
        return {}
    day = row.happened_at.astimezone(ZoneInfo(account.workspace.time_zone)).date()
    subject = f"Correction of the {row.get_kind_display().lower()} of {day:%b} {day.day}, {day.year}"
    about = f"{subject}: {row.subject}" if row.subject else subject
    return {"kind": row.kind, "subject": about[:200], "contact": row.contact_id, "direction": row.direction}
