"""One form per request of the onboarding pages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from accounts.conditions import in_words, validate
from accounts.facts import context_for
from accounts.models import AdoptionCheck, GoalTemplate, Instance, Onboarding
from csworkbench.tenancy.fingerprints import SeenForm, digest
from csworkbench.tenancy.models import Member, Workspace

from .queries import Record
from .simple_tests import OPERATORS, fact_choices, is_simple, parse_test, shown

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
KEPT = "__kept"


class TickForm(forms.Form):
    """A goal is reached, with a remark if there is one."""

    note = forms.CharField(max_length=200, required=False)


class CheckForm(forms.Form):
    """How well the account takes up what it bought, as a member sees it."""

    verdict = forms.ChoiceField(choices=AdoptionCheck.Verdict.choices, widget=forms.RadioSelect, label="Adoption is")
    note = forms.CharField(
        max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 3}), label="What you saw"
    )
    checked_on = forms.DateField(widget=DAY, label="Seen on")
    request_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = workspace.today
        self.initial.update(checked_on=self.today, request_key=uuid4())

    def clean_checked_on(self) -> Any:
        day = self.cleaned_data["checked_on"]
        if day > self.today:
            raise ValidationError("This day is still to come.")
        return day


class TargetForm(forms.Form):
    """The day by which an onboarding should be through."""

    target_on = forms.DateField(widget=DAY, required=False, label="Target")


class EndForm(SeenForm):
    """Completing a record, or saying that it failed; knows what was left undone when it was drawn."""

    note = forms.CharField(max_length=4_000, required=False, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, record: Record, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left = [str(goal.pk) for goal in record.left]
        self.remember(digest([record.onboarding.state, *sorted(left)]))
        note = self.fields["note"]
        note.initial = record.onboarding.note
        failing = state == Onboarding.State.FAILED
        note.required = failing or bool(left)
        note.label = "Why it failed, and what was tried" if failing else "What was reached, what to know"
        if left and not failing:
            note.label = "What is left undone, and who looks after it"


class ListForm(forms.Form):
    """Filters of the list of onboardings; every part stands in the address."""

    owner = forms.ModelChoiceField(queryset=Member.objects.none(), required=False, empty_label="Any owner", label="CSM")
    state = forms.ChoiceField(
        choices=[("", "Running"), ("overdue", "Overdue"), *Onboarding.State.choices[1:], ("all", "All")],
        required=False,
    )
    adoption = forms.ChoiceField(
        choices=[("", "Any adoption"), *AdoptionCheck.Verdict.choices, ("none", "Never checked")], required=False
    )
    instance = forms.ModelChoiceField(queryset=Instance.objects.none(), required=False, empty_label="Any instance")

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = Member.objects.active().filter(workspace=workspace).with_role("csm").order_by("name")
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.fields["instance"].queryset = Instance.objects.filter(workspace=workspace)  # type: ignore[attr-defined]


class GoalForm(SeenForm):
    """A goal of onboarding: where it counts, and what reaches it by itself."""

    label = forms.CharField(max_length=120, label="Goal")
    instance = forms.ModelChoiceField(queryset=Instance.objects.none(), required=False, empty_label="Every instance")
    place = forms.IntegerField(
        min_value=0, max_value=999, initial=10, help_text="Smaller numbers come first.", label="Order"
    )
    fact = forms.ChoiceField(
        required=False, label="Reached by itself when", help_text="Nothing here: a member ticks it."
    )
    operator = forms.ChoiceField(required=False, choices=[("", "—"), *OPERATORS], label="How")
    value = forms.CharField(
        max_length=100, required=False, help_text="A number, days, a word, or yes and no; none for known and unknown."
    )

    def __init__(self, *args: Any, workspace: Workspace, template: GoalTemplate | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instance"].queryset = Instance.objects.filter(workspace=workspace)  # type: ignore[attr-defined]
        choices: list[Any] = [("", "A member ticks it"), *fact_choices(workspace)]
        self.kept = None
        if template is not None:
            self.guard(template, ("label", "instance_id", "place", "reached_when"))
            self.initial.update(label=template.label, instance=template.instance_id, place=template.place)
            tree = template.reached_when
            if tree is not None and is_simple(tree) and not validate(tree):
                self.initial.update(shown(tree))
            elif tree is not None:
                self.kept = tree
                words = "an unknown test" if validate(tree) else in_words(tree, context_for(workspace))
                choices.insert(1, (KEPT, f"As it is: {words}"[:120]))
                self.initial["fact"] = KEPT
        self.fields["fact"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        fact = data.get("fact", "")
        data["reached_when"] = self.kept if fact == KEPT else None
        if fact and fact != KEPT:
            try:
                data["reached_when"] = parse_test(fact, data.get("operator", ""), data.get("value", ""))
            except ValidationError as error:
                for box, problems in error.error_dict.items():
                    self.add_error(box, problems)
        return data

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in ("label", "instance", "place", "reached_when")}
