"""One form per request of the pages of plans."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Account, Contact, Plan, PlanAction, PlanEntry, PlanGoal
from csworkbench.common.days import check_years
from csworkbench.tenancy.fingerprints import SeenForm
from csworkbench.tenancy.models import Member, Workspace

from .starter import Suggestion

KINDS = dict(Plan.Kind.choices)
# What one chooses from; any number of days is allowed besides.
RHYTHMS = {"success": 30, "retention": 7}
PLAN_DAYS = {"success": 180, "retention": 60}


def day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class StartForm(forms.Form):
    """A new plan, with what is copied from the starter kit."""

    kind = forms.ChoiceField(choices=Plan.Kind.choices, widget=forms.HiddenInput)
    title = forms.CharField(max_length=120)
    starts_on = forms.DateField(widget=day(), label="Starts on")
    target_on = forms.DateField(widget=day(), required=False, label="Until")
    check_in_days = forms.IntegerField(
        min_value=1, max_value=365, required=False, label="Check-in every … days", help_text="Nothing: no rhythm."
    )
    copied = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="From the starter kit"
    )

    def __init__(self, *args: Any, account: Account, kit: list[Suggestion], kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = account.workspace.today
        self.fields["copied"].choices = [(one.key, one.says) for one in kit]  # type: ignore[attr-defined]
        if not kit:
            del self.fields["copied"]
        self.initial.update(
            kind=kind,
            title=f"{KINDS[kind]} {today:%Y}",
            starts_on=today,
            target_on=today + timedelta(days=PLAN_DAYS[kind]),
            check_in_days=RHYTHMS[kind],
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        check_years(self, "starts_on", "target_on")
        require_order(self, data.get("starts_on"), data.get("target_on"), "target_on")
        data.setdefault("copied", [])
        return data


def require_order(form: forms.BaseForm, first: Any, last: Any, field: str) -> None:
    """Refuse an end before its start, beside the field of the end."""
    if first is not None and last is not None and last < first:
        form.add_error(field, "This is before the start.")


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What can be corrected on a plan; remembers what it showed, so that only what was changed is written."""

    class Meta:
        model = Plan
        fields: ClassVar = ["title", "starts_on", "target_on", "check_in_days", "next_check_in_on"]
        labels: ClassVar = {
            "starts_on": "Starts on",
            "target_on": "Until",
            "check_in_days": "Check-in every … days",
            "next_check_in_on": "Next check-in",
        }
        help_texts: ClassVar = {"check_in_days": "Nothing: no rhythm."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_on", "target_on", "next_check_in_on"):
            self.fields[name].widget = day()
        days: Any = self.fields["check_in_days"]
        days.min_value, days.max_value = 1, 365
        days.widget.attrs |= {"min": 1, "max": 365}
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean_check_in_days(self) -> int | None:
        days: int | None = self.cleaned_data["check_in_days"]
        if days is not None and not 1 <= days <= 365:
            raise ValidationError("A rhythm is 1 to 365 days.")
        return days

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        check_years(self, "starts_on", "target_on", "next_check_in_on")
        require_order(self, data.get("starts_on"), data.get("target_on"), "target_on")
        return data


class GoalForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A goal with its measure; the current value has a form of its own once the goal is there."""

    class Meta:
        model = PlanGoal
        fields: ClassVar = ["measure", "unit", "baseline", "target", "due_on"]
        labels: ClassVar = {"due_on": "Due on", "baseline": "Baseline: where it is", "target": "Target"}
        help_texts: ClassVar = {
            "measure": "Named like an outcome of the account, it follows that outcome.",
            "unit": "Logins, courses, %.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].widget = day()
        for name in ("baseline", "target"):
            self.fields[name].widget.attrs["step"] = "any"
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("target") is not None and data.get("target") == data.get("baseline"):
            self.add_error("target", "The target has to differ from the baseline.")
        return data


class ValueForm(forms.Form):
    """Where a goal is now."""

    value = forms.DecimalField(max_digits=14, decimal_places=2, widget=forms.NumberInput(attrs={"step": "any"}))
    measured_on = forms.DateField(widget=day(), label="Measured on")

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = workspace.today
        self.initial.setdefault("measured_on", self.today)

    def clean_measured_on(self) -> Any:
        return not_to_come(self.cleaned_data["measured_on"], self.today)


def not_to_come(value: Any, today: Any) -> Any:
    """A day that has come; ``ValidationError`` otherwise."""
    if value > today:
        raise ValidationError("This day is still to come.")
    return value


class ActionForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Something that somebody does: one of ours, or somebody at the account."""

    class Meta:
        model = PlanAction
        fields: ClassVar = ["title", "due_on", "goal", "member", "contact"]
        labels: ClassVar = {"title": "Action", "due_on": "Due on", "member": "Ours", "contact": "Or theirs"}

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["due_on"].widget = day()
        fields["goal"].queryset = PlanGoal.objects.filter(workspace=plan.workspace_id, plan=plan)
        fields["goal"].empty_label = "No goal in particular"
        members = Member.objects.filter(workspace=plan.workspace_id)
        fields["member"].queryset = (members.active() | members.filter(pk=self.instance.member_id)).order_by("name")
        fields["member"].empty_label = "The account’s CSM"
        contacts = Contact.objects.filter(workspace=plan.workspace_id, account=plan.account_id)
        fields["contact"].queryset = contacts.order_by("-is_primary", "last_name")
        fields["contact"].empty_label = "Nobody of theirs"
        fields["contact"].label_from_instance = lambda contact: contact.name
        for field in self.fields.values():
            field.show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("member") and data.get("contact"):
            self.add_error("contact", "Name one of ours or one of theirs, not both.")
        return data


class EntryForm(forms.Form):
    """A check-in, or what the account got out of it, in somebody's words."""

    kind = forms.ChoiceField(choices=PlanEntry.Kind.choices, widget=forms.RadioSelect, initial="check_in", label="What")
    on = forms.DateField(widget=day(), label="On")
    text = forms.CharField(max_length=8_000, widget=forms.Textarea(attrs={"rows": 3}), label="What was said")
    said_by = forms.ModelChoiceField(
        queryset=Contact.objects.none(), required=False, empty_label="Nobody in particular", label="Said by"
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = plan.workspace.today
        contacts = Contact.objects.filter(workspace=plan.workspace_id, account=plan.account_id)
        field: Any = self.fields["said_by"]
        field.queryset = contacts.order_by("-is_primary", "last_name")
        field.label_from_instance = lambda contact: contact.name
        self.initial.update(on=self.today, request_key=uuid4())

    def clean_on(self) -> Any:
        return not_to_come(self.cleaned_data["on"], self.today)


class KitForm(forms.Form):
    """What to copy into a plan that runs."""

    copied = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="From the starter kit")

    def __init__(self, *args: Any, kit: list[Suggestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["copied"].choices = [(one.key, one.says) for one in kit]  # type: ignore[attr-defined]


class EndForm(SeenForm):
    """How a plan ends."""

    state = forms.ChoiceField(
        choices=[("achieved", "Achieved"), ("closed", "Closed without")], widget=forms.RadioSelect, label="The plan is"
    )
    note = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}), label="What came of it")

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guard(plan, ("state",))


class ListForm(forms.Form):
    """Filters of the list of plans; every part stands in the address."""

    owner = forms.ModelChoiceField(queryset=Member.objects.none(), required=False, empty_label="Any owner", label="CSM")
    kind = forms.ChoiceField(choices=[("", "Any kind"), *Plan.Kind.choices], required=False)
    state = forms.ChoiceField(choices=[("", "Running"), *Plan.State.choices[1:], ("all", "All")], required=False)
    due = forms.ChoiceField(
        choices=[("", "Whatever is due"), ("check_in", "Check-in due"), ("action", "Action overdue")],
        required=False,
        label="Due",
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = Member.objects.active().filter(workspace=workspace).with_role("csm").order_by("name")
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
