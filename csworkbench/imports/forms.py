"""Forms of the import pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.http import QueryDict

from csworkbench.tenancy.models import Member, Workspace

from .kinds import Context, Kind, all_kinds
from .models import Import

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

WORKBOOKS = ("xlsx", "xlsm", "xls", "ods")
TEXTS = ("csv", "tsv", "txt")
ACCEPTED = ",".join(f".{ending}" for ending in (*WORKBOOKS, *TEXTS))
MEGABYTE = 1024 * 1024
# Stands for a column that becomes a field of the workspace's own, before the sort of that field.
NEW_FIELD = "new:"
# Where a select says nothing.
NOTHING = "none"
# Blank lines for values that every row has.
SPARE_CONSTANTS = 2


class UploadForm(forms.Form):
    """A file and what it is."""

    kind = forms.ChoiceField(label="What is in the sheet?", widget=forms.RadioSelect)
    file = forms.FileField(
        label="Sheet",
        max_length=255,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": "Choose a file first.", "empty": "The file is empty."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["kind"]).choices = [(kind.key, kind.label) for kind in all_kinds()]

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        limit = limit_of(file.name or "")
        if (file.size or 0) > limit:
            raise forms.ValidationError(
                f"The file is larger than {limit // MEGABYTE} MB. Split it, or save it as .csv."
            )
        return file


def limit_of(name: str) -> int:
    """How many bytes a file of this name may have: a workbook is unpacked whole, text is read line by line."""
    most = int(settings.MAX_UPLOAD_BYTES)
    is_workbook = name.rsplit(".", 1)[-1].lower() in WORKBOOKS
    return min(most, int(settings.MAX_WORKBOOK_BYTES)) if is_workbook else most


class HistoryForm(forms.Form):
    """Which imports to list."""

    q = forms.CharField(required=False, max_length=100, label="File name")
    kind = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False, choices=[("", "Any state"), *Import.State.choices])
    who = forms.ModelChoiceField(Member.objects.none(), required=False, empty_label="Sent by anyone", label="Sent by")

    def __init__(self, data: Mapping[str, Any], *, workspace: Workspace) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["kind"]).choices = [
            ("", "Any kind"),
            *((kind.key, kind.label) for kind in all_kinds()),
        ]
        who = cast("forms.ModelChoiceField[Member]", self.fields["who"])
        sent = Import.objects.filter(workspace=workspace).values("created_by")
        who.queryset = Member.objects.filter(workspace=workspace, pk__in=sent).order_by("name")


class TableForm(forms.Form):
    """Where in the file the table is."""

    sheet = forms.CharField(required=False, max_length=200)
    header_row = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1_048_576,
        label="Row of the titles",
        error_messages={"min_value": "Rows count from 1.", "invalid": "The row of the titles is a whole number."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, one: Import) -> None:
        super().__init__(
            data, initial={"sheet": one.layout.get("sheet", ""), "header_row": one.layout.get("header_row")}
        )
        self.sheets = [str(sheet) for sheet in one.layout.get("sheets") or ()]

    def clean_sheet(self) -> str:
        sheet = str(self.cleaned_data["sheet"])
        if sheet and sheet not in self.sheets:
            raise forms.ValidationError("The file has no such sheet.")
        return sheet


class Columns:
    """What the columns of a file are: as stored, or as somebody has just chosen and perhaps not well.

    ``column_3=sf_id`` and ``also_3=name`` say what a column holds, ``column_3=new:words`` that it becomes a field;
    ``field_0=tier`` with ``value_0=2`` say the same in every row.
    """

    def __init__(self, one: Import, kind: Kind, context: Context) -> None:
        self.one, self.kind, self.context = one, kind, context
        self.uses: list[list[str]] = [[] for _ in one.titles]
        for key, position in one.mapping.items():
            if position < len(self.uses):
                self.uses[position].append(key)
        self.constants: list[tuple[str, str]] = list(one.constants.items())
        self.errors: list[str] = []

    def take(self, data: QueryDict) -> None:
        """Replace what is stored by what was sent, and find out what cannot be."""
        for position in range(len(self.uses)):
            said = (data.get(f"column_{position}", ""), data.get(f"also_{position}", ""))
            self.uses[position] = list(dict.fromkeys(key for key in said if key and key != NOTHING))
        lines = sorted(
            int(name.removeprefix("field_"))
            for name in data
            if name.startswith("field_") and name[6:].isascii() and name[6:].isdigit() and len(name) < 12
        )
        pairs = [(data.get(f"field_{line}") or NOTHING, data.get(f"value_{line}", "").strip()) for line in lines]
        self.constants = [(key, text) for key, text in pairs if key != NOTHING or text]
        self.errors = [*self._unknown(), *self._twice(), *self._half()]

    def _unknown(self) -> list[str]:
        known = {*self.context.keys, *(NEW_FIELD + sort for sort in self.kind.sorts)}
        used = {key for keys in self.uses for key in keys} | {key for key, _ in self.constants if key != NOTHING}
        return ["There is no such field here. Choose another one."] if used - known else []

    def _twice(self) -> list[str]:
        columns: dict[str, int] = {}
        errors = []
        for position, keys in enumerate(self.uses):
            for key in keys:
                if key in columns and not key.startswith(NEW_FIELD):
                    first, second = self.one.titles[columns[key]], self.one.titles[position]
                    errors.append(f"“{first}” and “{second}” cannot both be the same: choose one of them.")
                columns[key] = position
        said = [key for key, _ in self.constants if key != NOTHING]
        for key in dict.fromkeys(key for key in said if said.count(key) > 1 and key in self.context.keys):
            errors.append(f"{self.context.field(key).label} is said twice for every row: keep one of them.")
        return errors

    def _half(self) -> list[str]:
        """Values for every row without a field; a field without a value says nothing and is dropped."""
        return [f"Choose the field that is “{text}” in every row." for key, text in self.constants if key == NOTHING]

    @property
    def mapping(self) -> dict[str, int]:
        """Field → position, without fields that do not exist yet."""
        return {key: at for at, keys in enumerate(self.uses) for key in keys if not key.startswith(NEW_FIELD)}

    @property
    def new_fields(self) -> dict[int, str]:
        """Position → sort of the field that the column becomes."""
        return {
            at: key.removeprefix(NEW_FIELD)
            for at, keys in enumerate(self.uses)
            for key in keys
            if key.startswith(NEW_FIELD)
        }

    @property
    def said(self) -> dict[str, str]:
        """Field → what every row says."""
        return {key: text for key, text in self.constants if key != NOTHING and text}

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Values for every row, a line for each field that is needed, and some blank ones."""
        said = {key for key, _ in self.constants}
        wanted = [(key, "") for key in self.wanted() if key not in said]
        return [*self.constants, *wanted, *[(NOTHING, "")] * SPARE_CONSTANTS]

    def missing(self) -> list[str]:
        """Why this cannot be imported yet."""
        return self.kind.mapping_problems(frozenset(self.mapping) | frozenset(self.said), self.context)

    def wanted(self) -> list[str]:
        """Fields that would each settle one of the reasons, and could say the same in every row."""
        chosen = frozenset(self.mapping) | frozenset(self.said)
        open_ones = len(self.kind.mapping_problems(chosen, self.context))
        if not open_ones:
            return []
        return [
            one.key
            for one in self.context.fields
            if one.key not in chosen
            and not one.telling
            and not one.demanded
            and len(self.kind.mapping_problems(chosen | {one.key}, self.context)) < open_ones
        ]


def sent_items(data: QueryDict) -> Sequence[str]:
    """The items that a form of corrections speaks about, in its order: ``use_v3``, ``choice_r12.0``."""
    names = (name.partition("_") for name in data)
    return list(dict.fromkeys(item for start, _, item in names if start in {"use", "choice"} and item))
