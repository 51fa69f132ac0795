"""Differences side by side: what stands here, and what the LMS, the CRM and billing say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Account, Contact, Difference
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace

from .differences import LABELS, PERSON, SOURCES, as_said

# So long a decision can be taken back on the page where it was made.
UNDO = timedelta(minutes=30)
PAGE_SIZE = 50
# More than a page can show of one account.
MOST = 500
SYSTEMS = tuple((source.value, source.label) for source in SOURCES)


@dataclass(frozen=True)
class Cell:
    """What one source says of one field; ``text`` is empty where it says nothing."""

    source: str
    system: str
    text: str = ""
    row: Difference | None = None


@dataclass(frozen=True)
class Line:
    """One field of a contact: ours, and what each source says."""

    label: str
    ours: str
    cells: list[Cell]


@dataclass
class Side:
    """A contact with the lines that differ, and the sources that have something open."""

    contact: Contact
    lines: list[Line] = field(default_factory=list)
    open_sources: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Stranger:
    """A person whom a source knows and who is no contact."""

    row: Difference
    name: str
    said: list[tuple[str, str]]


@dataclass(frozen=True)
class Differences:
    """What is open at an account, and what this member has just decided."""

    sides: list[Side]
    strangers: list[Stranger]
    decided: list[Decided]

    @property
    def count(self) -> int:
        told = [cell.row for side in self.sides for line in side.lines for cell in line.cells if cell.row]
        return len([row for row in told if row.decision == Difference.Decision.OPEN]) + len(self.strangers)


@dataclass(frozen=True)
class Decided:
    """A decision that can still be taken back."""

    row: Difference
    text: str


def differences_of(account: Account, workspace: Workspace, member: Member) -> Differences:
    """The open differences of an account side by side with what was kept, and what ``member`` has just decided."""
    known = (
        Difference.objects.filter(workspace=workspace, account=account)
        .exclude(decision=Difference.Decision.GONE)
        .select_related("contact")
        .order_by("contact__last_name", "contact_id", "field", "source")[:MOST]
    )
    rows = list(known)
    open_contacts = {row.contact_id for row in rows if row.decision == Difference.Decision.OPEN}
    sides: dict[UUID, Side] = {}
    for row in rows:
        if row.contact is not None and row.contact_id in open_contacts:
            sides.setdefault(row.contact.pk, Side(row.contact))
    for pk, side in sides.items():
        _fill(side, [row for row in rows if row.contact_id == pk])
    strangers = [_stranger(row) for row in rows if row.contact_id is None and row.decision == Difference.Decision.OPEN]
    since = clock.now() - UNDO
    just = [row for row in rows if row.decided_by_id == member.pk and row.decided_at and row.decided_at > since]
    just.sort(key=lambda row: row.decided_at or since, reverse=True)
    return Differences(list(sides.values()), strangers, [Decided(row, _told(row)) for row in just])


def _fill(side: Side, rows: Sequence[Difference]) -> None:
    """The fields in which any source says something else, in the order of the contact's form."""
    shown = [row for row in rows if row.decision in (Difference.Decision.OPEN, Difference.Decision.KEPT)]
    by_place = {(row.field, row.source): row for row in shown}
    for name, label in LABELS.items():
        if not any(row.field == name for row in shown):
            continue
        cells = [
            Cell(source, system, in_words(name, row.value) if row else "", row)
            for source, system in SYSTEMS
            for row in [by_place.get((name, source))]
        ]
        side.lines.append(Line(label, in_words(name, getattr(side.contact, name)), cells))
    speaking = {row.source for row in shown if row.decision == Difference.Decision.OPEN}
    side.open_sources = [(source, system) for source, system in SYSTEMS if source in speaking]


def _stranger(row: Difference) -> Stranger:
    said = as_said(row)
    name = f"{said.get('first_name', '')} {said.get('last_name', '')}".strip() or row.value
    wanted = ("email", "title", "phone", "validity", "last_active_on", "lms_user_id")
    labels = LABELS | {"last_active_on": "Last active", "lms_user_id": "LMS user ID"}
    return Stranger(row, name, [(labels[key], in_words(key, str(said[key]))) for key in wanted if said.get(key)])


def _told(row: Difference) -> str:
    """A decision in words: ``Took ada@example.org from the LMS for Ada Gallo``."""
    system = row.get_source_display()
    if row.field == PERSON:
        return f"{row.value} ({system}) {'added' if row.decision == Difference.Decision.ACCEPTED else 'left out'}"
    whose = f"{LABELS[row.field].lower()} of {row.contact}"
    if row.decision == Difference.Decision.ACCEPTED:
        return f"Took “{in_words(row.field, row.value)}” from {system} as the {whose}"
    return f"Kept the {whose}; {system} says “{in_words(row.field, row.value)}”"


def in_words(name: str, value: Any) -> str:
    """A value of a field as people read it."""
    if name == "validity":
        return str(dict(Contact.Validity.choices).get(value, value))
    if name == "phone" and value:
        return Contact(phone=str(value)).phone_in_words
    return str(value or "")


@dataclass(frozen=True)
class Entry:
    """One line of the workspace's list."""

    row: Difference
    label: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Listing:
    """One page of the workspace's open differences; ``after`` begins the next one."""

    entries: list[Entry]
    after: str


def all_differences(workspace: Workspace, chosen: dict[str, Any], after: UUID | None) -> Listing:
    """The open differences of a workspace, the newest first; each page begins after a row, however many there are."""
    rows: QuerySet[Difference] = Difference.objects.filter(workspace=workspace, decision=Difference.Decision.OPEN)
    if owner := chosen.get("owner"):
        rows = rows.filter(account__owner=owner)
    for name in ("source", "field"):
        if chosen.get(name):
            rows = rows.filter(**{name: chosen[name]})
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.select_related("account__owner", "contact").order_by("-pk")[: PAGE_SIZE + 1])
    more = str(found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else ""
    return Listing([_entry(row) for row in found[:PAGE_SIZE]], more)


def field_choices() -> list[tuple[str, str]]:
    """What a difference can be about."""
    return [*LABELS.items(), (PERSON, "Unknown person")]


def _entry(row: Difference) -> Entry:
    if row.contact is None:
        said = "; ".join(text for label, text in _stranger(row).said if label != "Email")
        return Entry(row, "Unknown person", "", f"{row.value}{f' ({said})' if said else ''}")
    return Entry(
        row, LABELS[row.field], in_words(row.field, getattr(row.contact, row.field)), in_words(row.field, row.value)
    )
