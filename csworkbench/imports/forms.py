"""Forms of the import pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from .kinds import Context, all_kinds
from .models import Import

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

ACCEPTED = ".xlsx,.xlsm,.csv,.tsv,.txt"


class UploadForm(forms.Form):
    """A file and what it is."""

    kind = forms.ChoiceField(label="What is in the sheet?")
    file = forms.FileField(
        label="Sheet",
        max_length=255,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": "Choose a file first.", "empty": "The file is empty."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(kind.key, kind.label) for kind in all_kinds()]

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
            limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
            raise forms.ValidationError(f"The file is larger than {limit} MB. Split it, or save it as .csv.")
        return file


class ColumnsForm(forms.Form):
    """One choice per column of the file: ``column_3=sf_id``; blank means "do not import"."""

    def __init__(self, *args: Any, one: Import, context: Context, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.one = one
        choices = [("", "Do not import"), *((field.key, field.label) for field in context.fields)]
        for position, title in enumerate(one.titles):
            self.fields[f"column_{position}"] = forms.ChoiceField(label=title, choices=choices, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen: dict[str, int] = {}
        for name, key in data.items():
            position = int(name.removeprefix("column_"))
            if key and key in chosen:
                first, second = self.one.titles[chosen[key]], self.one.titles[position]
                raise forms.ValidationError(f"“{first}” and “{second}” cannot both be the same: choose one of them.")
            if key:
                chosen[key] = position
        return {"mapping": chosen}
