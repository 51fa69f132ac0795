"""A workspace's custom fields as fields of a book."""

from __future__ import annotations

from accounts.custom import MOST_NUMBER, PLACES, TEXT_LENGTH, Sort, active_fields
from accounts.models import CustomField
from csworkbench.imports.cleaning import Choice, Cleaner, Number, Text, YesNo
from csworkbench.imports.kinds import Context, Field
from csworkbench.tenancy.models import Workspace

from .makers import day
from .statements import STAGED_CUSTOM

GROUP = "Custom fields"
# The sorts that a column can become by itself; a choice needs to know what can be chosen.
SORTS = {sort.value: str(sort.label) for sort in (Sort.TEXT, Sort.NUMBER, Sort.DATE, Sort.YES_NO)}
TYPES = {
    Sort.TEXT: "text",
    Sort.NUMBER: "numeric",
    Sort.DATE: "date",
    Sort.CHOICE: "text",
    Sort.YES_NO: "boolean",
}
HELP = {
    Sort.TEXT: ("Any words.", "Words"),
    Sort.NUMBER: ("A number.", "42"),
    Sort.DATE: ("A date.", "2027-03-22"),
    Sort.YES_NO: ("Yes or no.", "Yes"),
}


def fields_of(workspace: Workspace) -> tuple[Field, ...]:
    """The active custom fields of a workspace, by label."""
    return tuple(as_field(one) for one in active_fields(workspace))


def as_field(one: CustomField) -> Field:
    """A custom field as a column can hold it; a blank cell says nothing, as everywhere."""
    name, sort = f"{STAGED_CUSTOM}{one.key}", Sort(one.sort)
    about, example = HELP.get(sort, (f"One of: {', '.join(one.choices)}.", next(iter(one.choices), "")))

    def cleaner(context: Context) -> Cleaner:
        return cleaner_of(one, context)

    return Field(name, one.label, GROUP, {name: TYPES[sort]}, cleaner, help=about, example=example)


def cleaner_of(one: CustomField, context: Context) -> Cleaner:
    """What a cell of the field means."""
    match one.sort:
        case Sort.NUMBER:
            return Number(-MOST_NUMBER, MOST_NUMBER, places=PLACES)
        case Sort.DATE:
            return day(context)
        case Sort.YES_NO:
            return YesNo()
        case Sort.CHOICE:
            return Choice(one.label, {}, {choice: choice for choice in one.choices})
        case _:
            return Text(TEXT_LENGTH)
