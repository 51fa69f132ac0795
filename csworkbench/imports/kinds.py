"""What can be imported: a registry of kinds, each a list of fields and the statements that compare and apply.

A kind is registered from above in ``AppConfig.ready()``; this floor knows no account. A kind gets cleaned rows in the
temporary table of a ``Stage`` and answers with a verdict per row; it never sees a file, a form or a request.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from csworkbench.tenancy.models import Member, Workspace

from .cleaning import Cleaner, Directory
from .reader.layout import normalise as fold_title

if TYPE_CHECKING:
    from .staging import Stage


@dataclass(frozen=True)
class Context:
    """What the cells of one import may refer to: one workspace, its members and other named things.

    ``fields`` are those of the kind in this workspace, its custom fields included. ``crm_owned`` are staged columns
    that the CRM has the last word on: what the file says of them is shown and held back.
    """

    workspace: Workspace
    members: Directory
    directories: Mapping[str, Directory] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()
    crm_owned: frozenset[str] = frozenset()

    def field(self, key: str) -> Field:
        """A field by its key; KeyError for one that is not there."""
        return {one.key: one for one in self.fields}[key]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(one.key for one in self.fields)

    @property
    def hints(self) -> frozenset[str]:
        """Column titles that mean a field, for finding the header row."""
        return frozenset(text for one in self.fields for text in titles_of(one))


@dataclass(frozen=True)
class Field:
    """One thing a column can hold.

    ``columns`` are the staged columns (name → PostgreSQL type) that a clean value fills, one by one when the cleaner
    gives a tuple. ``synonyms`` are titles as sheets write them, compared in lower case without punctuation.
    """

    key: str
    label: str
    group: str
    columns: Mapping[str, str]
    cleaner: Callable[[Context], Cleaner]
    synonyms: tuple[str, ...] = ()
    help: str = ""
    example: str = ""
    # A row without it is rejected, once the column is mapped.
    demanded: bool = False
    # Another way to give what other fields give: known in a file, left out of the template.
    alternative: bool = False
    # Cells of this field cannot be mistaken for another one: a column without a useful title is known by them.
    telling: bool = False


class Kind(ABC):
    """A kind of import: its fields, and how its rows meet the workspace's.

    ``undo_by`` says what an undone row of the sheet takes back: everything of its ``account`` that the import wrote,
    or the one ``row`` of the database that is its target. ``sorts`` are the sorts of field that a column can become
    (see ``new_field``).
    """

    key: ClassVar[str]
    label: ClassVar[str]
    noun: ClassVar[tuple[str, str]]
    about: ClassVar[str] = ""
    fields: ClassVar[tuple[Field, ...]]
    undo_by: ClassVar[Literal["account", "row"]] = "row"
    sorts: ClassVar[Mapping[str, str]] = {}
    # Shown names of columns that no field is called after.
    labels: ClassVar[Mapping[str, str]] = {}

    def context(self, workspace: Workspace) -> Context:
        """What cells may refer to; kinds add their own directories and the workspace's fields."""
        return Context(workspace, members_of(workspace), fields=self.fields)

    def new_field(self, *, actor: Member, label: str, sort: str) -> str:
        """Make a field of the workspace's own for a column, and return its key; ValidationError when it cannot be."""
        raise NotImplementedError

    @abstractmethod
    def mapping_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        """Why these fields (by column or constant) cannot be imported; empty when they can."""

    @abstractmethod
    def demanded(self, chosen: AbstractSet[str]) -> frozenset[str]:
        """The fields that each row must fill."""

    def options(self, context: Context) -> dict[str, Any]:
        """Parameters that the kind's statements use beside the staged rows."""
        return {}

    @abstractmethod
    def compare(self, stage: Stage, *, lock: bool) -> None:
        """Give every staged row its verdict, in a constant number of statements; with ``lock``, hold what differs."""

    @abstractmethod
    def apply(self, stage: Stage) -> None:
        """Write the rows whose verdict is new or changed, in a constant number of statements."""

    def labels_of(self, context: Context) -> dict[str, str]:
        """Column, staged or of the tables that are written → what people call it."""
        ordered = sorted(context.fields, key=lambda one: one.alternative, reverse=True)
        return {name: one.label for one in ordered for name in one.columns} | dict(self.labels)

    def naming_field(self, given: AbstractSet[str], context: Context) -> str | None:
        """Of the fields given, the one that people know a row by: the name of its account, else what it must have."""
        labels = {one.label: one.key for one in context.fields}
        demanded = [one.key for one in context.fields if one.demanded]
        wanted = ["name", "account", "account_name", labels.get("Account", ""), *demanded]
        return next((key for key in wanted if key in given), None)

    @abstractmethod
    def describe(self, changes: Iterable[Mapping[str, list[Any]]], context: Context) -> list[list[Change]]:
        """Stored changes as people read them, one list per row."""


@dataclass(frozen=True)
class Change:
    """One field of one row: what is there and what the file says."""

    label: str
    old: str
    new: str


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; registering it again replaces it."""
    _kinds[kind.key] = kind


def kind_called(key: str) -> Kind:
    """The registered kind; KeyError when there is none."""
    return _kinds[key]


def all_kinds() -> list[Kind]:
    """Every registered kind, by label."""
    return sorted(_kinds.values(), key=lambda kind: kind.label)


def members_of(workspace: Workspace) -> Directory:
    """The active members, by name and by e-mail address."""
    members = Member.objects.filter(workspace=workspace, is_active=True).values_list("pk", "name", "user__email")
    return Directory("member", ((pk, name, [email]) for pk, name, email in members))


def titles_of(one: Field) -> tuple[str, ...]:
    """The normalised titles that mean a field."""
    return tuple({fold_title(text): None for text in (one.label, one.key.replace("_", " "), *one.synonyms)})
