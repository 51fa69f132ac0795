"""What this floor tells in the timeline: interactions, notes, and the changes of the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from csworkbench.tenancy.models import Workspace

from ..changes import page_of_changes
from ..models import Account, Contact, Interaction, Note
from ..naming import name_column
from ..timeline import Asked, Entry, Place, Read, add_source, below, told, with_words

CONTACT = name_column(Contact, "contact__")
ANSWERS = {True: ("answered", "good"), False: ("no answer", "warn")}
MOODS = {1: ("positive", "good"), 0: ("neutral", ""), -1: ("negative", "bad")}


def register() -> None:
    """Tell the timeline of the kinds of this floor."""
    for kind, label in (("call", "Calls"), ("email", "Emails"), ("meeting", "Meetings"), ("chat", "Chats")):
        add_source(kind, label, interactions)
    add_source("note", "Notes", notes)
    add_source("change", "Changes", changes)


def interactions(account: Account, workspace: Workspace, asked: Asked) -> Read:
    """Calls, emails, meetings and chats."""
    rows = Interaction.objects.filter(workspace=workspace, account=account)
    rows = rows.annotate(author_name=F("author__name"), contact_name=CONTACT)
    if asked.kind != "all":
        rows = rows.filter(kind=asked.kind)
    if asked.author:
        rows = rows.filter(author=asked.author)
    return told(below(with_words(rows, asked, "subject", "body"), "happened_at", asked), asked, _interaction)


def _interaction(row: Any) -> Entry:
    kind, contact, author = row.get_kind_display(), row.contact_name or "", row.author_name or ""
    minutes = f"{row.duration_minutes} min" if row.duration_minutes else ""
    about = (kind, str(row.get_direction_display()).lower(), contact, minutes, author)
    return Entry(
        kind=row.kind,
        at=row.happened_at,
        place=(row.happened_at, row.pk),
        title=row.subject or f"{kind}{f' with {contact}' if contact else ''}",
        text=row.body,
        author=author,
        author_id=row.author_id,
        about=" · ".join(part for part in about if part),
        signs=tuple(sign for sign in (ANSWERS.get(row.answered), MOODS.get(row.sentiment)) if sign),
        row=row,
    )


def notes(account: Account, workspace: Workspace, asked: Asked) -> Read:
    """Notes in the house format."""
    rows = Note.objects.filter(workspace=workspace, account=account).annotate(author_name=F("author__name"))
    if asked.author:
        rows = rows.filter(author=asked.author)
    return told(below(with_words(rows, asked, "text"), "created_at", asked), asked, _note)


def _note(row: Any) -> Entry:
    return Entry(
        kind="note",
        at=row.created_at,
        place=(row.created_at, row.pk),
        title="Note",
        text=row.house_format,
        author=row.author_name or "",
        author_id=row.author_id,
        row=row,
    )


def changes(account: Account, workspace: Workspace, asked: Asked) -> Read:
    """What the ledger knows of the account; a search for words leaves it out, for it holds values, not words."""
    if asked.words:
        return [], None
    found, horizon = page_of_changes(
        account,
        workspace,
        asked.size + 1,
        below=ledger_bound(asked.before) if asked.before else None,
        actor=asked.author,
    )
    entries = [
        Entry(
            kind="change",
            at=change.at,
            place=place_in_ledger(change.last),
            title=change.title,
            author=change.actor,
            author_id=change.actor_id,
            about=f"{change.actor} · {change.cause}" if change.cause else change.actor,
            changes=change.fields,
        )
        for change in found
    ]
    return entries, place_in_ledger(horizon) if horizon else None


def place_in_ledger(key: UUID) -> Place:
    """The ledger is in the order of its ids, and they carry their moment: its rows are placed by that."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=key.int >> 80), key


def ledger_bound(before: Place) -> UUID:
    """The id that divides the ledger at a place of the timeline: every row below it lies below the place."""
    at, key = before
    passed = at - datetime.fromtimestamp(0, UTC)
    milliseconds, rest = divmod(passed, timedelta(milliseconds=1))
    milliseconds = max(milliseconds, 0)
    first, last = UUID(int=milliseconds << 80), UUID(int=(milliseconds + 1) << 80)
    return last if rest else min(max(key, first), last)
