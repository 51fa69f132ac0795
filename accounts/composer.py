"""The composer: the forms that log an interaction or write a note, on the account page and in the queue's drawer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django import forms

from .models import Account, Contact, Interaction


class LogForm(forms.Form):
    """A call, email, meeting or chat that happened (ACC-6)."""

    kind = forms.ChoiceField(choices=Interaction.Kind.choices, initial=Interaction.Kind.CALL, widget=forms.HiddenInput)
    direction = forms.ChoiceField(choices=Interaction.Direction.choices, initial=Interaction.Direction.OUTBOUND)
    answered = forms.TypedChoiceField(
        choices=[("", "Not known yet"), ("yes", "Answered"), ("no", "No answer")],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        label="Answered?",
    )
    contact = forms.ModelChoiceField(
        queryset=Contact.objects.none(), required=False, empty_label="Nobody in particular"
    )
    subject = forms.CharField(required=False, max_length=200)
    body = forms.CharField(
        required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}), label="What was said"
    )
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        contacts = Contact.objects.filter(workspace=account.workspace_id, account=account)
        self.fields["contact"].queryset = contacts.order_by("-is_primary", "last_name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        empty = not data.get("subject", "").strip() and not data.get("body", "").strip()
        if not self.errors and empty and data.get("kind") != Interaction.Kind.CALL:
            raise forms.ValidationError("Write a subject or what was said.")
        return data


class NoteForm(forms.Form):
    """A note; the app writes the date and the initials (ACC-7)."""

    text = forms.CharField(max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}), label="Note")
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)


def chosen_kind(sent: Mapping[str, str]) -> str:
    """Which tab of the composer was sent, a call when it names none that exists: it names the form and its ids."""
    kind = sent.get("kind", "")
    return kind if kind in Interaction.Kind.values else Interaction.Kind.CALL.value


def composer_forms(account: Account, contact: Contact | None = None) -> dict[str, forms.Form]:
    """Empty forms for each kind and the note, each with a key that makes a double submit harmless."""
    made: dict[str, forms.Form] = {"note_form": NoteForm(initial={"request_key": uuid4()}, auto_id="note_%s")}
    for kind in Interaction.Kind.values:
        initial = {"request_key": uuid4(), "kind": kind, "contact": contact}
        made[f"{kind}_form"] = LogForm(account=account, initial=initial, auto_id=f"{kind}_%s")
    return made
