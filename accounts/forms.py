"""One form per request of the account pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from csworkbench.tenancy.fingerprints import SeenForm
from csworkbench.tenancy.models import Member, Workspace

from .custom import DIGITS, PLACES, TEXT_LENGTH, Sort, active_fields, as_json
from .models import Account, Contact, CustomField, Instance, Level, Opportunity
from .ownership import Entity, owned_by_crm

CUSTOM = "custom_"
CRM_OWNS = "The CRM owns this field. It is not locked here, but the CRM has the last word."


class FilterForm(forms.Form):
    """The filters of the account list; every part of it stands in the address."""

    SORTS: ClassVar = [
        ("priority", "Priority"),
        ("name", "Name"),
        ("mrr", "MRR"),
        ("renewal", "Renewal"),
        ("health", "Health"),
        ("last_interaction", "Last interaction"),
    ]

    q = forms.CharField(required=False, max_length=100, label="Search")
    owner = forms.ModelChoiceField(queryset=Member.objects.none(), required=False, empty_label="Any owner")
    level = forms.TypedChoiceField(
        choices=[("", "Any level"), *Level.choices], coerce=int, empty_value=None, required=False
    )
    health = forms.ChoiceField(choices=[("", "Any health"), *Account.Health.choices], required=False)
    tier = forms.TypedChoiceField(
        choices=[("", "Any tier"), (1, "Tier 1"), (2, "Tier 2"), (3, "Tier 3")],
        coerce=int,
        empty_value=None,
        required=False,
    )
    stage = forms.ChoiceField(choices=[("", "Any stage"), *Account.Stage.choices], required=False)
    instance = forms.ModelChoiceField(queryset=Instance.objects.none(), required=False, empty_label="Any instance")

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = Member.objects.active().filter(workspace=workspace).with_role("csm").order_by("name")
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        instances = Instance.objects.filter(workspace=workspace)
        self.fields["instance"].queryset = instances  # type: ignore[attr-defined]


class WebsiteField(forms.URLField):
    """A web address typed without its scheme is an https one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", **kwargs)


class CustomNumberField(forms.DecimalField):
    """A number as a custom field keeps it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=DIGITS, decimal_places=PLACES, **kwargs)
        self.widget.attrs["step"] = "any"


def custom_input(field: CustomField, kept: Any) -> forms.Field:
    """The input of a custom field; a choice that is offered no longer stays choosable where an account has it."""
    shared: dict[str, Any] = {"label": field.label, "required": False}
    if field.sort == Sort.NUMBER:
        return CustomNumberField(**shared)
    if field.sort == Sort.DATE:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **shared)
    if field.sort == Sort.YES_NO:
        return forms.ChoiceField(choices=[("", "Not known"), ("yes", "Yes"), ("no", "No")], **shared)
    if field.sort == Sort.CHOICE:
        offered = [*field.choices, *([kept] if kept and kept not in field.choices else [])]
        return forms.ChoiceField(choices=[("", "Not known"), *((one, one) for one in offered)], **shared)
    return forms.CharField(max_length=TEXT_LENGTH, **shared)


def custom_initial(value: Any) -> Any:
    """A kept value as its input shows it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def custom_value(field: CustomField, entered: Any) -> Any:
    """What an input says, as it is kept."""
    return {"yes": True, "no": False}.get(entered) if field.sort == Sort.YES_NO else as_json(entered)


def say_who_owns(form: forms.BaseForm, owned: Iterable[tuple[str, str]]) -> None:
    """A hint at the inputs of fields that the CRM owns."""
    for _, column in owned:
        for name in (column, column.removesuffix("_id"), column.removesuffix("_minor")):
            if name in form.fields:
                said = str(form.fields[name].help_text).removesuffix(".")
                form.fields[name].help_text = f"{said}. {CRM_OWNS}" if said else CRM_OWNS
                break


class AccountForm(forms.ModelForm, SeenForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What a member may correct by hand; ids, owner and figures have their own ways.

    The form remembers what it showed, so that only what its reader changed is written.
    """

    class Meta:
        model = Account
        fields: ClassVar = [
            "name", "tier", "instance", "segment", "growth_potential", "stage", "industry", "website", "employees",
            "declared_frequency", "past_due_since",
        ]  # fmt: skip
        field_classes: ClassVar = {"website": WebsiteField}
        widgets: ClassVar = {
            "past_due_since": forms.DateInput(attrs={"type": "date"}),
            "tier": forms.NumberInput(attrs={"min": 1, "max": 3}),
        }
        labels: ClassVar = {"declared_frequency": "Said they log in"}

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instances = Instance.objects.filter(workspace=workspace)
        self.fields["instance"].queryset = instances  # type: ignore[attr-defined]
        self.fields["instance"].empty_label = "Not known"  # type: ignore[attr-defined]
        for name in ("growth_potential", "declared_frequency"):
            known = [choice for choice in self.fields[name].choices if choice[0]]  # type: ignore[attr-defined]
            self.fields[name].choices = [("", "Not known"), *known]  # type: ignore[attr-defined]
        self.custom_fields = active_fields(workspace)
        for one in self.custom_fields:
            kept = self.instance.custom.get(one.key)
            self.fields[CUSTOM + one.key] = custom_input(one, kept)
            self.initial[CUSTOM + one.key] = custom_initial(kept)
        if self.instance.sf_id:
            say_who_owns(self, owned_by_crm(workspace, Entity.ACCOUNT))
        for field in self.fields.values():
            field.show_hidden_initial = True
        self.fields["seen"].show_hidden_initial = False
        self.guard(self.instance, (*self.Meta.fields, "custom"))

    def clean_tier(self) -> int | None:
        tier: int | None = self.cleaned_data["tier"]
        if tier is not None and not 1 <= tier <= 3:
            raise forms.ValidationError("A tier is 1, 2 or 3.")
        return tier

    @property
    def changed_columns(self) -> list[str]:
        """The columns of the account that were changed."""
        return [name for name in self.changed_data if not name.startswith(CUSTOM) and name != "seen"]

    @property
    def changed_custom(self) -> dict[str, Any]:
        """Key → value of the custom fields that were changed; None where it was taken away."""
        return {
            one.key: custom_value(one, self.cleaned_data[CUSTOM + one.key])
            for one in self.custom_fields
            if CUSTOM + one.key in self.changed_data
        }


class OpportunityForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A possible sale to an account; money in the opportunity's currency."""

    class Meta:
        model = Opportunity
        fields: ClassVar = [
            "name", "kind", "category", "stage", "state", "mrr", "otr", "closes_on", "owner", "contact", "next_step",
        ]  # fmt: skip
        widgets: ClassVar = {"closes_on": forms.DateInput(attrs={"type": "date"})}
        labels: ClassVar = {"closes_on": "Closes on", "next_step": "Next step"}
        help_texts: ClassVar = {"stage": "The word your CRM has for it, such as Prospect."}

    MONEY: ClassVar = {"mrr": "mrr_minor", "otr": "otr_minor"}

    mrr = forms.DecimalField(max_digits=13, decimal_places=2, required=False, label="MRR")
    otr = forms.DecimalField(max_digits=13, decimal_places=2, required=False, label="OTR")

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        one = self.instance
        members = Member.objects.filter(workspace=account.workspace_id)
        known = members.active() | members.filter(pk=one.owner_id)
        self.fields["owner"].queryset = known.order_by("name")  # type: ignore[attr-defined]
        self.fields["owner"].empty_label = "Nobody yet"  # type: ignore[attr-defined]
        contacts = Contact.objects.filter(workspace=account.workspace_id, account=account)
        self.fields["contact"].queryset = contacts.order_by("-is_primary", "last_name")  # type: ignore[attr-defined]
        self.fields["contact"].empty_label = "Nobody in particular"  # type: ignore[attr-defined]
        known_words = [choice for choice in self.fields["category"].choices if choice[0]]  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", "Not known"), *known_words]  # type: ignore[attr-defined]
        for name, column in self.MONEY.items():
            self.fields[name].label = f"{name.upper()} ({one.currency})"
            minor = getattr(one, column)
            self.initial[name] = f"{minor / 100:.2f}" if minor else None
        if one.sf_id:
            say_who_owns(self, owned_by_crm(account.workspace, Entity.OPPORTUNITY))
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, column in self.MONEY.items():
            if name in data:
                setattr(self.instance, column, int((data[name] or 0) * 100))
        return data

    @property
    def changed_columns(self) -> list[str]:
        """The columns of the opportunity that were changed."""
        return [self.MONEY.get(name, name) for name in self.changed_data]
