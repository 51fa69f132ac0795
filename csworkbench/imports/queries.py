"""Reads for the pages of imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page

from csworkbench.common.pages import page_of
from csworkbench.tenancy.models import Workspace

from .cleaning.base import as_text
from .kinds import Change, Context, Kind
from .models import Import, ImportQuerySet, ImportRow

PAGE_ROWS = 50
SHOWN = (
    ImportRow.Verdict.NEW,
    ImportRow.Verdict.CHANGED,
    ImportRow.Verdict.REJECTED,
    ImportRow.Verdict.DUPLICATE,
    ImportRow.Verdict.CONFLICT,
    ImportRow.Verdict.CRM,
)


@dataclass(frozen=True)
class ShownRow:
    """One row of the comparison as the page shows it."""

    number: int
    name: str
    cells: list[str]
    changes: list[Change]
    problems: list[dict[str, Any]]


@dataclass(frozen=True)
class Difference:
    """One page of rows with one verdict; ``titles`` head the cells of new rows."""

    verdict: str
    titles: list[str]
    rows: list[ShownRow]
    page: Page[Any]


@dataclass(frozen=True)
class ColumnChoice:
    """A column of the file, what it is chosen to be, and some of its cells.

    ``confidence`` (percent) and ``because`` are those of the proposal, while that is what is chosen; ``note`` says how
    its cells are understood, where that was a decision.
    """

    position: int
    title: str
    chosen: str
    confidence: int
    because: str
    note: str
    samples: list[str] = field(default_factory=list)


def history_of(workspace: Workspace) -> ImportQuerySet:
    """All imports of a workspace, the latest first, with who sent and who approved them."""
    return (
        Import.objects.filter(workspace=workspace)
        .select_related("created_by", "approved_by")
        .defer("layout", "mapping", "problems")
        .order_by("-created_at", "-pk")
    )


def columns_of(one: Import, context: Context) -> list[ColumnChoice]:
    """Every column of the file with its choice, beside samples from the first rows."""
    proposals = one.layout.get("proposals") or [{}] * len(one.titles)
    chosen = {position: key for key, position in one.mapping.items()}
    samples = one.layout.get("samples", [])
    notes = one.layout.get("notes", {})
    return [
        ColumnChoice(
            position,
            title,
            key := chosen.get(position, ""),
            int(proposed.get("confidence", 0)) if key and key == proposed.get("field") else 0,
            str(proposed.get("because", "")) if key == proposed.get("field") else "",
            str(notes.get(key, "")),
            [shown for row in samples if (shown := as_text(row[position]))][:3],
        )
        for position, (title, proposed) in enumerate(zip(one.titles, proposals, strict=True))
    ]


def difference_of(one: Import, kind: Kind, context: Context, verdict: str, wanted: str | None) -> Difference:
    """A page of the rows with one verdict; an unknown verdict shows the first that has rows."""
    if verdict not in SHOWN:
        verdict = next((found for found in SHOWN if one.counts.get(found)), SHOWN[0])
    rows = ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one, verdict=verdict).order_by("number")
    page = page_of(rows, wanted, size=PAGE_ROWS, count=int(one.counts.get(verdict, 0)))
    found = list(page.object_list)
    described = kind.describe([row.changes for row in found], context)
    mapped = sorted(one.mapping.values())
    name_at = one.mapping.get("name")
    shown = [
        ShownRow(
            row.number,
            as_text(row.cells[name_at]) if name_at is not None else "",
            [as_text(row.cells[position]) for position in mapped],
            changes,
            row.problems,
        )
        for row, changes in zip(found, described, strict=True)
    ]
    return Difference(verdict, [one.titles[position] for position in mapped], shown, page)


def verdict_tabs(one: Import, chosen: str, address: str) -> list[dict[str, Any]]:
    """Tabs over the verdicts that have rows."""
    labels = dict(ImportRow.Verdict.choices)
    return [
        {
            "label": labels[verdict],
            "url": f"{address}?show={verdict}",
            "active": verdict == chosen,
            "count": f"{one.counts[verdict]:,}",
        }
        for verdict in SHOWN
        if one.counts.get(verdict)
    ]


def problem_groups(one: Import) -> list[dict[str, Any]]:
    """Problems by column: the column with its reasons, the worst column first."""
    columns: dict[str, dict[str, Any]] = {}
    for problem in one.problems:
        group = columns.setdefault(problem["column"] or "", {"column": problem["column"], "rows": 0, "reasons": []})
        group["rows"] += problem["rows"]
        group["reasons"].append(problem | {"values": [value_of(found) for found in problem.get("values", ())]})
    return sorted(columns.values(), key=lambda group: -group["rows"])


def value_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """One value that means nothing, as people see it: the first row with it, and how many there are."""
    return {
        "row": found["row"],
        "rows": found["rows"],
        "value": as_text(found.get("value")),
        "message": found["message"],
        "suggestions": found.get("suggestions") or [],
    }


def field_groups(context: Context) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields of a kind as grouped options of a select."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in context.fields:
        groups.setdefault(one.group, []).append((one.key, one.label))
    return list(groups.items())
