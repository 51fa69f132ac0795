"""One form per request of the queue."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Account
from csworkbench.tenancy.models import Member, Workspace
from playbooks.models import Task


class CompleteForm(forms.Form):
    outcome = forms.ChoiceField(choices=Task.Outcome.choices, initial=Task.Outcome.SUCCESS)
    note = forms.CharField(required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}), label="Note")


class SnoozeForm(forms.Form):
    until = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Until")
    reason = forms.CharField(max_length=200)


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(queryset=Member.objects.none(), label="To", empty_label=None)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Member.objects.active().filter(workspace=workspace).with_role("csm", "lead", "ops", "admin")
        self.fields["to"].queryset = members.order_by("name")  # type: ignore[attr-defined]


class AddTaskForm(forms.Form):
    """A task by hand: inbound work as it arrives, or self-started."""

    account = forms.ModelChoiceField(queryset=Account.objects.none(), widget=forms.HiddenInput)
    title = forms.CharField(max_length=200)
    details = forms.CharField(required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 3}))
    kind = forms.ChoiceField(choices=Task.Kind.choices, initial=Task.Kind.FOLLOW_UP)
    source = forms.ChoiceField(
        choices=[(Task.Source.INBOUND, "The customer asked"), (Task.Source.SELF_STARTED, "My own idea")],
        initial=Task.Source.SELF_STARTED,
        label="Started by",
    )
    severity = forms.TypedChoiceField(choices=Task.Severity.choices, coerce=int, initial=Task.Severity.NORMAL)
    due_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), label="Due")
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = Account.objects.filter(workspace=workspace)  # type: ignore[attr-defined]
