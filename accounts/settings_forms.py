"""Forms of the settings pages of accounts: custom fields, and who owns which field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from csworkbench.tenancy.fingerprints import SeenForm, digest
from csworkbench.tenancy.models import Workspace

from .custom import LABEL_LENGTH
from .models import CustomField, FieldOwner
from .ownership import OWNABLE, Owner, Which, owned_by_crm


def choices_field(**options: Any) -> forms.CharField:
    """What can be chosen, one a line."""
    return forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), required=False, max_length=20_000, label="Choices", **options
    )


def in_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class NewFieldForm(forms.Form):
    """A new field of accounts."""

    label = forms.CharField(max_length=LABEL_LENGTH, help_text="Such as “Plan tier”.")
    sort = forms.ChoiceField(choices=CustomField.Sort.choices, label="Holds", help_text="This cannot be changed later.")
    choices = choices_field(help_text="Only for a choice: one a line.")

    def clean_choices(self) -> list[str]:
        return in_lines(self.cleaned_data["choices"])


class FieldForm(SeenForm):
    """A field's label and, of a choice, what can be chosen."""

    label = forms.CharField(max_length=LABEL_LENGTH)
    choices = choices_field(help_text="One a line. What you take away stays where an account has it.")

    def __init__(self, data: Mapping[str, Any] | None = None, *, field: CustomField) -> None:
        super().__init__(data, initial={"label": field.label, "choices": "\n".join(field.choices)})
        if field.sort != CustomField.Sort.CHOICE:
            del self.fields["choices"]
        self.guard(field, ("label", "choices", "is_active"))

    def clean_choices(self) -> list[str]:
        return in_lines(self.cleaned_data["choices"])


@dataclass(frozen=True)
class Group:
    """The fields of one kind of record as the page shows them."""

    label: str
    fields: list[forms.BoundField]


class OwnersForm(SeenForm):
    """The CRM or the workbench, for every field that both know: ``account.website=crm``."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, workspace: Workspace) -> None:
        super().__init__(data)
        owned = owned_by_crm(workspace)
        for entity, columns in OWNABLE.items():
            for column, label in columns.items():
                self.fields[f"{entity}.{column}"] = forms.ChoiceField(
                    choices=[(Owner.WORKBENCH, "Workbench"), (Owner.CRM, "CRM")],
                    widget=forms.RadioSelect,
                    label=label,
                    initial=Owner.CRM if (entity, column) in owned else Owner.WORKBENCH,
                )
        self.remember(digest(sorted(owned)))

    @property
    def owners(self) -> dict[Which, str]:
        """What was chosen, for ``ownership.choose_owners``."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return {(name.split(".", 1)[0], name.split(".", 1)[1]): value for name, value in chosen.items()}

    def groups(self) -> Iterator[Group]:
        """The choices by kind of record."""
        for entity, columns in OWNABLE.items():
            yield Group(FieldOwner.Entity(entity).label, [self[f"{entity}.{column}"] for column in columns])
