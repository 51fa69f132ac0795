"""What a person may correct in an import: bad values with all their rows, and the problems of one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict

from .cleaning.base import LONGEST_TOLD, BadCell, as_text
from .forms import sent_items
from .kinds import Context
from .models import Import, ImportRow

# Values on one page, the most frequent first: three controls each stay below what one form may hold.
ITEMS_SHOWN = 150
# The same row twice is applied once: it has a tab of its own and no value to correct. With other values it is among
# the rejects.
HARMLESS = {"duplicate", "other_values"}
# What does not keep a row from being applied.
WARNINGS = {"same_name"}
MAX_FIXES = 1000
TAKEN = "s"
BLANK, EVERYWHERE, ONE_ROW = "blank", "all", "row"


@dataclass
class Item:
    """One bad value, or one problem of one row, with what somebody has chosen or typed for it.

    ``key`` names it in a form: ``v3`` is the fourth value of the summary, ``r12.0`` the first problem of row 12.
    """

    key: str
    field: str
    column: str
    value: str
    message: str
    suggestions: list[str]
    row: int
    rows: int
    can_be_fixed: bool
    code: str = ""
    # Rows with a suggestion of their own, where those are not the same for all.
    own: int = 0
    # Row → what is meant there, once those suggestions are taken.
    by_row: Mapping[int, str] | None = None
    choice: str = ""
    typed: str = ""
    scope: str = ""
    error: str = ""

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Suggestions with what a form sends for each."""
        return [(f"{TAKEN}{at}", text) for at, text in enumerate(self.suggestions)]

    @property
    def is_warning(self) -> bool:
        """Whether the row is applied all the same."""
        return self.code in WARNINGS

    @property
    def is_said(self) -> bool:
        """Whether somebody corrected it."""
        return bool(self.by_row) or self.taken() is not None

    @property
    def is_everywhere(self) -> bool:
        """Whether the correction is for every row with the value; what is missing is missing differently in each."""
        return self.scope == EVERYWHERE or (not self.scope and bool(self.value))

    def taken(self) -> str | None:
        """What is meant; None when nothing was said. What is typed counts more than what is chosen."""
        if self.typed:
            return self.typed
        if self.choice == BLANK:
            return ""
        if self.choice.startswith(TAKEN):
            return dict(self.choices).get(self.choice)
        return None


@dataclass
class Group:
    """The problems of one column, the most frequent value first; ``more`` values are not listed."""

    column: str
    is_warning: bool = False
    rows: int = 0
    more: int = 0
    items: list[Item] = field(default_factory=list)

    @property
    def has_suggestions(self) -> bool:
        return sum(bool((item.suggestions or item.own) and item.can_be_fixed) for item in self.items) > 1

    @property
    def key(self) -> str:
        """The first item: names the group in a form."""
        return self.items[0].key if self.items else ""


def groups_of(one: Import) -> list[Group]:
    """Problems by column: the column with the most rows first. Warnings come last, apart from problems."""
    columns: dict[tuple[bool, str], Group] = {}

    def group_of(problem: Mapping[str, Any]) -> Group:
        about = (problem["code"] in WARNINGS, problem["column"] or "")
        return columns.setdefault(about, Group(about[1], about[0]))

    problems = [problem for problem in one.problems if problem["code"] not in HARMLESS]
    for number, (problem, found) in enumerate(_values(problems)):
        group_of(problem).items.append(_item(one, f"v{number}", problem, found))
    for problem in problems:
        group = group_of(problem)
        group.rows += problem["rows"]
        group.more += problem["different"]
    for group in columns.values():
        group.more -= len(group.items)
    return sorted(columns.values(), key=lambda group: (group.is_warning, -group.rows))


def _values(problems: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Every listed value with its problem, column by column, as many as a page holds."""
    found = [(problem, value) for problem in problems for value in problem.get("values", ())]
    yield from found[:ITEMS_SHOWN]


def row_items(one: Import, row: ImportRow) -> list[Item]:
    """The problems of one row."""
    return [
        _item(one, f"r{row.number}.{at}", problem, problem | {"row": row.number, "rows": 1})
        for at, problem in enumerate(row.problems)
    ]


def _item(one: Import, key: str, problem: Mapping[str, Any], found: Mapping[str, Any]) -> Item:
    named = problem["field"]
    return Item(
        key,
        named,
        problem["column"] or "",
        as_text(found.get("value")),
        str(found["message"]),
        [str(text) for text in found.get("suggestions") or ()],
        int(found["row"]),
        int(found["rows"]),
        # A problem of the whole row has no cell to correct, a value for every row has no cells at all.
        can_be_fixed=named in one.mapping and one.state in {Import.State.READY, Import.State.MAPPED},
        code=problem["code"],
        own=min(int(found.get("own") or 0), max(0, MAX_FIXES - len(one.fixes))),
    )


def stamp(one: Import) -> str:
    """Which comparison a form of corrections was drawn from."""
    moment: datetime | None = one.compared_at
    return moment.isoformat() if moment else ""


@dataclass
class Corrections:
    """What somebody sent: the items it speaks of, filled in, and the reasons against it."""

    items: dict[str, Item]
    errors: list[str]

    def fill(self, items: Iterable[Item]) -> None:
        """Put what was typed, chosen and refused back beside what is shown again."""
        for item in items:
            if known := self.items.get(item.key):
                item.choice, item.typed, item.scope, item.error = known.choice, known.typed, known.scope, known.error

    def fixes(self, one: Import) -> list[dict[str, Any]]:
        """What the service takes: ``[{"field", "value", "row", "use"}]``."""
        return [fix for item in self.items.values() for fix in _fixes(one, item)]


def corrections_of(one: Import, context: Context, data: QueryDict) -> Corrections:
    """Read a form of corrections; every typed value is read as its field would read it."""
    items = {item.key: item for item in _spoken_of(one, sent_items(data))}
    taken = _taken_groups(one, data.get("take", ""))
    for item in items.values():
        item.choice = data.get(f"choice_{item.key}", "")
        item.typed = data.get(f"use_{item.key}", "").replace("\0", "").strip()
        item.scope = data.get(f"scope_{item.key}", "")
        is_taken = item.key in taken and item.taken() is None
        if item.own and item.can_be_fixed and (is_taken or item.key == data.get("each")):
            item.by_row = own_suggestions(one, item)
        elif is_taken and item.suggestions:
            item.choice = f"{TAKEN}0"
        if item.typed and item.can_be_fixed:
            item.error = problem_with(item, context)
    said = {key: item for key, item in items.items() if item.can_be_fixed and item.is_said}
    errors = [f"{item.column}: {item.error}" for item in said.values() if item.error]
    if not said:
        errors.append("Nothing was corrected: choose a suggestion or type the right value first.")
    return Corrections(said, errors)


def _spoken_of(one: Import, keys: Sequence[str]) -> Iterator[Item]:
    parts = (key[1:].partition(".")[0] for key in keys if key.startswith("r"))
    numbers = {int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 8}
    wanted = set(keys)
    if any(key.startswith("v") for key in keys):
        for group in groups_of(one):
            yield from (item for item in group.items if item.key in wanted)
    if numbers:
        rows = ImportRow.objects.filter(workspace=one.workspace_id, import_batch=one, number__in=numbers)
        for row in rows:
            yield from (item for item in row_items(one, row) if item.key in wanted)


def _taken_groups(one: Import, said: str) -> set[str]:
    """The items whose first suggestion is taken with one press: those of a column, named by its first item."""
    groups = groups_of(one) if said else []
    return {item.key for group in groups if said in {group.key, EVERYWHERE} for item in group.items}


def own_suggestions(one: Import, item: Item) -> dict[int, str]:
    """Row → its own first suggestion, of the rows with a problem like this, as many as corrections fit."""
    rows = ImportRow.objects.filter(
        workspace=one.workspace_id, import_batch=one, problems__contains=[{"field": item.field, "code": item.code}]
    )
    found: dict[int, str] = {}
    for number, problems in rows.order_by("number").values_list("number", "problems").iterator(chunk_size=MAX_FIXES):
        for problem in problems:
            like = (problem["field"], problem["code"], as_text(problem.get("value")))
            if like == (item.field, item.code, item.value) and problem.get("suggestions"):
                found[number] = str(problem["suggestions"][0])
        if len(found) >= item.own:
            break
    return found


def problem_with(item: Item, context: Context) -> str:
    """Why what was typed means nothing either; empty when it does."""
    if len(item.typed) > LONGEST_TOLD:
        return f"At most {LONGEST_TOLD:,} characters fit."
    try:
        cleaner = context.field(item.field).cleaner(context)
        _, bad = cleaner.column([item.typed])
    except (BadCell, KeyError):
        return "This column cannot be corrected here."
    return bad[0][1].message if bad else ""


def _fixes(one: Import, item: Item) -> Iterator[dict[str, Any]]:
    """The correction, and those of what was corrected to this value before: corrections do not follow each other."""
    if item.by_row:
        for number, meant in item.by_row.items():
            yield {"field": item.field, "value": item.value, "row": number, "use": meant}
        return
    use = item.taken() or ""
    # What every row without a value says may not be what identifies a row.
    row = None if item.is_everywhere and item.key.startswith("v") else item.row
    earlier = [fix for fix in one.fixes if fix["field"] == item.field and fix["use"] == item.value and item.value]
    for fix in earlier:
        if row is None or fix["row"] == row:
            yield {"field": item.field, "value": fix["value"], "row": fix["row"], "use": use}
    yield {"field": item.field, "value": item.value, "row": row, "use": use}
