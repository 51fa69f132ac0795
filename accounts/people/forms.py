"""The forms about the people at an account."""

from __future__ import annotations

from typing import Any, ClassVar

import phonenumbers
from django import forms

from accounts.forms import say_who_owns
from accounts.models import Contact, Difference
from accounts.ownership import Entity, owned_by_crm
from csworkbench.tenancy.fingerprints import SeenForm
from csworkbench.tenancy.models import Member, Workspace

FIELDS = (
    "first_name", "last_name", "title", "email", "phone", "phone_extension", "areas", "is_primary",
    "is_decision_maker", "validity", "validity_on", "dnc", "dnc_reason", "lms_user_id",
)  # fmt: skip
SOURCES = [(value, label) for value, label in Contact.Source.choices if value in ("lms", "crm", "billing")]


class ContactForm(forms.ModelForm, SeenForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A person at an account; ``changed_columns`` is what its reader changed."""

    class Meta:
        model = Contact
        fields = FIELDS
        labels: ClassVar = {
            "phone_extension": "Extension",
            "is_primary": "Primary contact",
            "is_decision_maker": "Decision maker",
            "validity_on": "Validity known since",
            "dnc_reason": "Why not to contact",
            "dnc": "Do not contact (DNC)",
        }
        help_texts: ClassVar = {
            "email": "",
            "is_primary": "Takes the place of the primary contact there is.",
            "dnc": "Shown to everyone, and nothing here calls or mails them.",
            "dnc_reason": "Asked for when DNC is set: who said so, and what they want instead.",
            "validity_on": "Today, where you change the validity and leave this as it is.",
            "lms_user_id": "Their login in the LMS: by it, what the LMS says of them finds them.",
        }
        widgets: ClassVar = {"validity_on": forms.DateInput(attrs={"type": "date"})}

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
        self.was_dnc = self.instance.dnc
        # What is typed goes into the instance even where it is refused.
        self.shown_name = self.instance.name
        self.guard(self.instance, FIELDS)
        if self.instance.account.sf_id:
            say_who_owns(self, owned_by_crm(self.instance.account.workspace, Entity.CONTACT))

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
        if data.get("dnc") and not self.was_dnc and not str(data.get("dnc_reason", "")).strip():
            self.add_error("dnc_reason", "Say why this person must not be contacted.")
        day = data.get("validity_on")
        if day is not None and day > self.instance.account.workspace.today:
            self.add_error("validity_on", "This day is still to come.")
        return data

    @property
    def changed_columns(self) -> list[str]:
        """The columns of the contact that were changed."""
        found = [name for name in self.changed_data if name != "seen"]
        # The extension may come with the number.
        return [*found, "phone_extension"] if "phone" in found and "phone_extension" not in found else found


class PeopleFilter(forms.Form):
    """Which people of an account are listed; every part of it stands in the address."""

    area = forms.ChoiceField(
        choices=[("", "Any area"), *Contact.Area.choices, ("none", "Without an area")], required=False
    )
    validity = forms.ChoiceField(choices=[("", "Any validity"), *Contact.Validity.choices], required=False)
    dnc = forms.ChoiceField(
        choices=[("", "DNC or not"), ("yes", "DNC"), ("no", "Not DNC")], required=False, label="DNC"
    )


class DifferenceFilter(forms.Form):
    """Which differences of the workspace are listed."""

    owner = forms.ModelChoiceField(queryset=Member.objects.none(), required=False, empty_label="Any CSM", label="CSM")
    source = forms.ChoiceField(choices=[("", "Any source"), *SOURCES], required=False)
    field = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, workspace: Workspace, fields: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = Member.objects.active().filter(workspace=workspace).with_role("csm").order_by("name")
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.fields["field"].choices = [("", "Any field"), *fields]  # type: ignore[attr-defined]


class ChosenForm(forms.Form):
    """Some differences, and what becomes of them."""

    verb = forms.ChoiceField(choices=[("accept", "Accept"), ("keep", "Keep ours")])
    chosen = forms.ModelMultipleChoiceField(
        queryset=Difference.objects.none(), error_messages={"required": "Choose at least one difference first."}
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = Difference.objects.filter(workspace=workspace)  # type: ignore[attr-defined]
