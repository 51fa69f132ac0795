"""Forms over the health of an account, and the editor of a scorecard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from accounts.models import Account
from csworkbench.tenancy.models import Workspace

from .definitions import MAX_REASON_CODES, REASON_CODES

USUAL = timedelta(days=30)
REASON = 200


class JudgeForm(forms.Form):
    """A member's judgement; the reason is what makes it worth reading later (HLT-3)."""

    health = forms.ChoiceField(choices=Account.Health.choices, label="You judge it")
    codes = forms.MultipleChoiceField(
        choices=list(REASON_CODES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=f"Because (up to {MAX_REASON_CODES})",
    )
    reason = forms.CharField(max_length=REASON, label="In your words")

    def __init__(self, data: Any = None, *, account: Account) -> None:
        initial = {"health": account.health, "codes": account.health_codes}
        super().__init__(data, initial=initial, auto_id="judge_%s")


class OverrideForm(forms.Form):
    """A member's word over the computed health until a day (HLT-3)."""

    health = forms.ChoiceField(choices=Account.Health.choices, label="Until then it counts as")
    reason = forms.CharField(max_length=REASON, label="Why the scorecard is wrong here")
    expires_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="The last day it holds")

    def __init__(self, data: Any = None, *, account: Account, workspace: Workspace) -> None:
        initial = {"health": account.effective_health, "expires_on": workspace.today + USUAL}
        super().__init__(data, initial=initial, auto_id="override_%s")
