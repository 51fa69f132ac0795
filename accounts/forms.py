"""One form per request of the account pages."""

from __future__ import annotations

from typing import Any, ClassVar

import phonenumbers
from django import forms

from csworkbench.tenancy.models import Member, Workspace

from .models import Account, Contact, Instance, Level


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


class HealthForm(forms.Form):
    """A member's judgement of an account's health; the reason is what makes it worth reading later."""

    health = forms.ChoiceField(choices=Account.Health.choices)
    reason = forms.CharField(max_length=200)


class WebsiteField(forms.URLField):
    """A web address typed without its scheme is an https one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", **kwargs)


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What a member may correct by hand; ids, owner and figures have their own ways."""

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

    def clean_tier(self) -> int | None:
        tier: int | None = self.cleaned_data["tier"]
        if tier is not None and not 1 <= tier <= 3:
            raise forms.ValidationError("A tier is 1, 2 or 3.")
        return tier


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A person at an account."""

    class Meta:
        model = Contact
        fields: ClassVar = [
            "first_name", "last_name", "title", "email", "phone", "phone_extension", "areas", "is_primary",
            "is_decision_maker", "validity", "dnc",
        ]  # fmt: skip

        labels: ClassVar = {
            "phone_extension": "Extension",
            "is_primary": "Primary contact",
            "is_decision_maker": "Decision maker",
        }
        help_texts: ClassVar = {
            "email": "",
            "is_primary": "Takes the place of the primary contact there is.",
            "dnc": "Shown to everyone, and nothing here calls or mails them.",
        }

    # As it is typed; what is kept is the number as the world writes it, and the extension beside it.
    phone = forms.CharField(
        max_length=40,
        required=False,
        help_text="As one dials it here, or with + and the country code.",
        widget=forms.TextInput(attrs={"type": "tel"}),
    )
    areas = forms.MultipleChoiceField(choices=Contact.Area.choices, required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, region: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = region
        self.extension = ""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"]).strip()
        if not typed:
            return ""
        try:
            parsed = phonenumbers.parse(typed, self.region)
        except phonenumbers.NumberParseException:
            raise forms.ValidationError("This is not a phone number. Start with + and the country code.") from None
        if not phonenumbers.is_possible_number(parsed):
            raise forms.ValidationError("This phone number has too few or too many digits.")
        self.extension = parsed.extension or ""
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        # "929-475-3142 x31" has its extension in it; one typed into its own field counts more.
        data["phone_extension"] = data.get("phone_extension") or self.extension
        if not self.errors and not any(data.get(name) for name in ("first_name", "last_name", "email")):
            raise forms.ValidationError("Write a name or an e-mail address.")
        return data
