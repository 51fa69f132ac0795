"""A form per request; what a person may not decide is not among the fields."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from phonenumbers import SUPPORTED_REGIONS

from .fingerprints import SeenForm
from .models import Invitation, Member, Role, User, Workspace

CURRENCIES = [(code, code) for code in ("USD", "EUR", "GBP", "CAD", "AUD", "NZD", "CHF", "SEK", "NOK", "DKK", "JPY")]
# Zones people live in; the IANA database also keeps aliases and fixed offsets, which nobody should pick.
AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
Sent = Mapping[str, Any] | None
MEMBER_FIELDS = ("name", "roles", "lead_id", "title", "time_zone", "is_active")
WORKSPACE_FIELDS = (
    "name",
    "time_zone",
    "currency",
    "phone_region",
    "requires_mfa",
    "imports_need_approval",
    "edit_window_hours",
)


@cache
def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """IANA time zones by area, for a grouped select."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(zoneinfo.available_timezones()):
        area, _, city = zone.partition("/")
        if area in AREAS and city:
            groups.setdefault(area, []).append((zone, zone.replace("_", " ")))
    return [("General", [("UTC", "UTC")]), *groups.items()]


def time_zone_choices(kept: str = "", *, blank: str = "") -> list[Any]:
    """The choices of a time-zone select: a blank one in words, and a stored zone outside the areas."""
    known = {zone for _, zones in time_zones() for zone, _ in zones}
    first = [("", blank)] if blank else []
    return first + ([(kept, kept)] if kept and kept not in known else []) + time_zones()


class RolesField(forms.MultipleChoiceField):
    """Roles as check boxes."""

    def __init__(self) -> None:
        super().__init__(choices=Role.choices, widget=forms.CheckboxSelectMultiple, label="Roles")


class LeadField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """An active team lead of the workspace, or nobody."""

    def __init__(self, workspace: Workspace, *, besides: Member | None = None) -> None:
        leads = Member.objects.filter(workspace=workspace.pk, is_active=True, roles__contains=[Role.LEAD])
        if besides is not None:
            leads = leads.exclude(pk=besides.pk)
        super().__init__(leads, required=False, empty_label="Nobody", label="Lead")


class MemberForm(SeenForm):
    """A member as CS Ops or an admin edits it."""

    name = forms.CharField(max_length=120)
    title = forms.CharField(max_length=120, required=False)
    roles = RolesField()
    time_zone = forms.ChoiceField(required=False, label="Time zone")

    def __init__(self, data: Sent = None, *, member: Member, workspace: Workspace) -> None:
        shown = {field: getattr(member, field) for field in ("name", "title", "roles", "time_zone", "lead")}
        super().__init__(data, initial=shown)
        self.fields["lead"] = LeadField(workspace, besides=member)
        zone = cast(forms.ChoiceField, self.fields["time_zone"])
        zone.choices = time_zone_choices(member.time_zone, blank=f"The workspace's ({workspace.time_zone})")
        self.order_fields(["name", "title", "roles", "lead", "time_zone"])
        self.guard(member, MEMBER_FIELDS)


class InvitationForm(forms.Form):
    """An offer of membership."""

    email = forms.EmailField(label="Email", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    roles = RolesField()

    def __init__(self, data: Sent = None, *, workspace: Workspace) -> None:
        super().__init__(data, initial={"roles": [Role.CSM]})
        self.fields["lead"] = LeadField(workspace)


class JoinForm(forms.Form):
    """A new login, made by accepting an invitation."""

    name = forms.CharField(max_length=120, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=" ".join(password_validators_help_texts()),
    )

    def __init__(self, data: Sent = None, *, invitation: Invitation) -> None:
        super().__init__(data, initial={"name": invitation.name})
        self.invitation = invitation

    def clean(self) -> dict[str, Any] | None:
        """Check the password against the person it will belong to."""
        cleaned = super().clean() or {}
        if "password" in cleaned:
            person = User(email=self.invitation.email, name=cleaned.get("name", ""))
            try:
                validate_password(cleaned["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class WorkspaceForm(SeenForm):
    """What holds for everyone in a workspace."""

    name = forms.CharField(max_length=120)
    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Days begin and end here: due dates, the midnight sweep, “today”."
    )
    currency = forms.ChoiceField(choices=CURRENCIES, help_text="For amounts that name no currency of their own.")
    phone_region = forms.CharField(
        label="Phone region",
        max_length=2,
        help_text="The country of phone numbers written without a country code.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    requires_mfa = forms.BooleanField(
        required=False,
        label="Everyone signs in with a second step",
        help_text="Whoever has neither an authenticator app nor a passkey is asked to set one up first.",
    )
    imports_need_approval = forms.BooleanField(
        required=False,
        label="A second person approves every import",
        help_text="Whoever sends a sheet cannot apply it: another member of CS Ops, a team lead or an admin does.",
    )
    edit_window_hours = forms.IntegerField(
        min_value=0,
        max_value=720,
        label="Hours to edit an entry",
        help_text="How long its author may edit or remove a call, email, meeting, chat or note; every edit stays in"
        " its history. 0 to 720; with 0 nobody may.",
    )

    def __init__(self, data: Sent = None, *, workspace: Workspace) -> None:
        shown = {field: getattr(workspace, field) for field in WORKSPACE_FIELDS}
        super().__init__(data, initial=shown)
        cast(forms.ChoiceField, self.fields["time_zone"]).choices = time_zone_choices(workspace.time_zone)
        currency = cast(forms.ChoiceField, self.fields["currency"])
        if workspace.currency not in dict(CURRENCIES):
            currency.choices = [(workspace.currency, workspace.currency), *CURRENCIES]
        self.guard(workspace, WORKSPACE_FIELDS)

    def clean_phone_region(self) -> str:
        """A region the numbering plans know, in capitals."""
        region = str(self.cleaned_data["phone_region"]).upper()
        if region not in SUPPORTED_REGIONS:
            raise ValidationError("Two letters of a country, such as US or CA.")
        return region


class HolidayForm(forms.Form):
    """One day that is not a business day."""

    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    name = forms.CharField(max_length=120)


class FederalHolidaysForm(forms.Form):
    """A year of US federal holidays."""

    year = forms.TypedChoiceField(coerce=int)

    def __init__(self, data: Sent = None, *, this_year: int) -> None:
        super().__init__(data, initial={"year": this_year})
        years = [(year, str(year)) for year in range(this_year - 1, this_year + 5)]
        cast(forms.TypedChoiceField, self.fields["year"]).choices = years


class ProfileForm(forms.Form):
    """A member's own data in this workspace."""

    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    phone = forms.CharField(
        max_length=32, required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    time_zone = forms.ChoiceField(required=False, label="Time zone")

    def __init__(self, data: Sent = None, *, member: Member, workspace: Workspace) -> None:
        shown = {field: getattr(member, field) for field in ("name", "phone", "time_zone")}
        super().__init__(data, initial=shown)
        zone = cast(forms.ChoiceField, self.fields["time_zone"])
        zone.choices = time_zone_choices(member.time_zone, blank=f"The workspace's ({workspace.time_zone})")


class ThemeForm(forms.Form):
    """Light, dark, or as the system says."""

    theme = forms.ChoiceField(
        choices=[("light", "Light"), ("dark", "Dark"), ("auto", "Like the system")], widget=forms.RadioSelect
    )


class HistoryFilterForm(forms.Form):
    """Which part of the history to show."""

    FIELDS = ("actor", "table", "start", "end")

    actor = forms.ModelChoiceField(Member.objects.none(), required=False, empty_label="Anyone", label="Who")
    table = forms.ChoiceField(required=False, label="What")
    start = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Sent = None, *, workspace: Workspace, tables: list[tuple[str, str]]) -> None:
        super().__init__(data)
        actor = cast("forms.ModelChoiceField[Member]", self.fields["actor"])
        actor.queryset = Member.objects.filter(workspace=workspace.pk)
        cast(forms.ChoiceField, self.fields["table"]).choices = [("", "Anything"), *tables]
