"""Forms of the page of tokens."""

from __future__ import annotations

from typing import Any

from django import forms

from .scopes import all_scopes


class TokenForm(forms.Form):
    """A new token."""

    field_order = ("name", "scopes", "expires_on")
    name = forms.CharField(label="Name", max_length=80, help_text="Which system uses it, such as “LMS nightly job”.")
    expires_on = forms.DateField(
        label="Valid until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: until it is revoked.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = all_scopes()
        self.fields["scopes"] = forms.MultipleChoiceField(
            label="May",
            widget=forms.CheckboxSelectMultiple,
            choices=[(scope.key, scope.label) for scope in offered],
            initial=[scope.key for scope in offered] if len(offered) == 1 else [],
        )
        self.order_fields(self.field_order)
