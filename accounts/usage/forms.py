"""The form that sends a drop by hand."""

from __future__ import annotations

from django import forms


class DropForm(forms.Form):
    """A file of usage, and when it was made if it does not say so."""

    file = forms.FileField(label="File", help_text="csv or jsonl in UTF-8, plain or packed with gzip.")
    stated_at = forms.DateTimeField(
        label="Made at",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text="In UTC. Only where the file does not say it; empty means now. What a later drop says holds.",
    )
