"""Entries of the timeline as lines of a page: said in the reader's time zone, with what the reader may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from csworkbench.common import clock, words
from csworkbench.tenancy.models import Member, Workspace

from ..models import Account
from ..timeline import Entry

# Longer texts are folded.
FOLDED = 480
SHOWN = 300


@dataclass(frozen=True)
class Line:
    """One entry as it is drawn. ``signs`` are pairs of a word and its tone; an ``excerpt`` stands for a long text."""

    entry: Entry
    iso: str
    exact: str
    ago: str
    excerpt: str
    url: str
    edited: bool
    editable: bool
    recap: str

    @property
    def row(self) -> Any:
        return self.entry.row


Months = list[tuple[str, list[Line]]]


def months_of(
    entries: Iterable[Entry], account: Account, workspace: Workspace, reader: Member, zone: ZoneInfo
) -> Months:
    """The entries under the months of the reader's calendar, in the order given."""
    window = clock.now() - timedelta(hours=workspace.edit_window_hours)
    # One address is made, the others differ in the entry alone: making each anew would be a tenth of the page.
    nobody = UUID(int=0)
    address = reverse("accounts:entry", args=[workspace.slug, account.pk, nobody])
    edits_all = reader.has_role("admin")
    months: Months = []
    for entry in entries:
        at = entry.at.astimezone(zone)
        month = f"{at:%B} {at.year}"
        if not months or months[-1][0] != month:
            months.append((month, []))
        row = entry.row
        own = row is not None and row.created_at > window and (edits_all or row.author_id == reader.pk)
        url = address.replace(str(nobody), str(row.pk)) if row is not None else ""
        months[-1][1].append(_line(entry, at, url, editable=own))
    return months


def _line(entry: Entry, at: datetime, url: str, *, editable: bool) -> Line:
    row = entry.row
    return Line(
        entry=entry,
        iso=at.isoformat(timespec="seconds"),
        exact=f"{at:%a %b} {at.day}, {at.year} {at:%H:%M}",
        ago=words.relative_time(entry.at),
        excerpt=f"{entry.text[: SHOWN - 1]}…" if len(entry.text) > FOLDED and entry.kind != "note" else "",
        url=url,
        edited=row is not None and row.edited_at is not None,
        editable=editable,
        recap=_recap(row, at),
    )


def _recap(row: Any, at: datetime) -> str:
    """``owed``, or the day on which the recap of a meeting was sent; empty where there is none to send."""
    if row is None or not getattr(row, "needs_recap", False):
        return ""
    if row.recap_sent_at is None:
        return "owed"
    sent = row.recap_sent_at.astimezone(at.tzinfo)
    return f"{sent:%b} {sent.day}"
