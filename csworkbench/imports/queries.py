"""Reads for the pages of imports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from csworkbench.tenancy.models import Member, Workspace

from . import services
from .cleaning.base import as_text
from .forms import NEW_FIELD, Columns, HistoryForm
from .kinds import Context, Field, Kind, kind_called
from .models import Import, ImportQuerySet
from .rejects import has_rejects

SAMPLES = 3
NAMES_SHOWN = 4
OUTCOMES = {
    "new": "new",
    "changed": "changed",
    "crm": "the CRM’s",
    "unchanged": "unchanged",
    "duplicate": "twice in the sheet",
    "conflict": "changed meanwhile",
    "rejected": "rejected",
}
ALWAYS = {"new", "changed", "unchanged", "rejected"}


@dataclass(frozen=True)
class ColumnChoice:
    """A column of the file, what it is chosen to be, and some of its cells.

    ``confidence`` (percent) and ``because`` are those of the proposal, while that is what is chosen; ``note`` says how
    its cells are understood, where that was a decision. ``also`` is a second field that the column fills.
    """

    position: int
    title: str
    chosen: str
    also: str
    confidence: int
    because: str
    note: str
    samples: list[str] = field(default_factory=list)


def history_of(workspace: Workspace, form: HistoryForm) -> ImportQuerySet:
    """The imports of a workspace that a form asks for, the latest first, with who sent and who approved them."""
    found = (
        Import.objects.filter(workspace=workspace)
        .select_related("created_by", "approved_by")
        .defer("layout", "mapping", "constants", "fixes", "problems")
        .order_by("-created_at", "-pk")
    )
    if not form.is_valid():
        return found.none()
    asked = form.cleaned_data
    if asked["q"]:
        found = found.filter(file_name__icontains=asked["q"])
    if asked["kind"]:
        found = found.filter(kind=asked["kind"])
    if asked["state"]:
        found = found.filter(state=asked["state"])
    if asked["who"]:
        found = found.filter(created_by=asked["who"])
    return found


def columns_of(one: Import, columns: Columns) -> list[ColumnChoice]:
    """Every column of the file with its choice, beside samples from the first rows."""
    proposals = one.layout.get("proposals") or [{}] * len(one.titles)
    samples = one.layout.get("samples", [])
    notes = one.layout.get("notes", {})
    choices = []
    for position, (title, proposed) in enumerate(zip(one.titles, proposals, strict=True)):
        key, also = [*columns.uses[position], "", ""][:2]
        kept = bool(key) and key == proposed.get("field")
        choices.append(
            ColumnChoice(
                position,
                title,
                key,
                also,
                int(proposed.get("confidence", 0)) if kept else 0,
                str(proposed.get("because", "")) if key == proposed.get("field") else "",
                str(notes.get(key, "")),
                [shown for row in samples if position < len(row) and (shown := as_text(row[position]))][:SAMPLES],
            )
        )
    return choices


def field_groups(kind: Kind, context: Context, *, new: bool = False) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields of a kind as grouped options of a select, with ``new`` the sorts of field a column can become."""
    groups = [(group, [(one.key, one.label) for one in fields]) for group, fields in fields_by_group(context)]
    if new and kind.sorts:
        groups.append(
            ("A new field", [(NEW_FIELD + sort, f"New field: {words.lower()}") for sort, words in kind.sorts.items()])
        )
    return groups


def fields_by_group(context: Context) -> list[tuple[str, list[Field]]]:
    """The fields that a sheet can hold, by part."""
    groups: dict[str, list[Field]] = {}
    for one in context.fields:
        groups.setdefault(one.group, []).append(one)
    return list(groups.items())


def shown_fixes(one: Import, context: Context) -> list[dict[str, Any]]:
    """Corrections as people read them, the latest first, with their position."""
    labels = {known.key: known.label for known in context.fields}
    fixes = [
        {"position": position, "label": labels.get(fix["field"], fix["field"]), **fix}
        for position, fix in enumerate(one.fixes)
    ]
    return fixes[::-1]


def bar_of(one: Import) -> list[dict[str, Any]]:
    """The rows of an import by outcome, as parts of a bar 1000 wide: verdict, words, rows, x and width."""
    total = sum(int(one.counts.get(verdict) or 0) for verdict in OUTCOMES)
    parts, x = [], 0.0
    for verdict, words in OUTCOMES.items():
        rows = int(one.counts.get(verdict) or 0)
        width = round(1000 * rows / total, 2) if total else 0
        parts.append({"verdict": verdict, "words": words, "rows": rows, "x": f"{x:.2f}", "width": f"{width:.2f}"})
        x += width
    return [part for part in parts if part["rows"] or part["verdict"] in ALWAYS]


def kind_of(one: Import) -> Kind:
    """The registered kind of an import."""
    return kind_called(one.kind)


def approvers(one: Import, member: Member) -> dict[str, Any]:
    """Whether this member may approve, and if not who may."""
    if services.may_approve(member, one):
        return {"may_approve": True}
    names = [found.name for found in services.approvers_of(one)]
    shown, more = names[:NAMES_SHOWN], len(names) - NAMES_SHOWN
    return {"may_approve": False, "approver_names": shown, "approvers_more": max(more, 0)}


def sheets_of(one: Import) -> list[services.SheetOut]:
    """The sheets that can be downloaded: what was not applied, where there is something, and all changes."""
    wanted: list[services.exporting.Sort] = ["rejects", "changes"] if has_rejects(one) else ["changes"]
    return [services.SheetOut(one, sort) for sort in wanted]


def undo_until(one: Import) -> datetime | None:
    """Until when an import can be undone; None while it is not finished."""
    return one.finished_at + timedelta(days=services.UNDO_DAYS) if one.finished_at else None


def outlook_of(one: Import) -> dict[str, Any]:
    """What an undo would take back and leave: ``to_undo`` and ``to_keep`` rows, and examples of what is in the way."""
    to_undo, to_keep, examples = services.undo_outlook(one)
    return {"to_undo": to_undo, "to_keep": to_keep, "examples": examples}
