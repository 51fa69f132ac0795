"""Noticing that a row changed between drawing a form and sending it back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django import forms
from django.db.models import Model


def fingerprint(row: Model, fields: tuple[str, ...]) -> str:
    """A short digest of some fields of a row; equal digests mean nobody changed them."""
    return digest(getattr(row, field) for field in fields)


def digest(values: Iterable[object]) -> str:
    """A short digest of some values in order."""
    return hashlib.sha256("\x1f".join(map(repr, values)).encode()).hexdigest()[:16]


class SeenForm(forms.Form):
    """A form that knows which state of a row it was drawn from, to notice that somebody else was faster."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def guard(self, row: Model, fields: tuple[str, ...]) -> None:
        """Remember the state of the row now; what is sent back names the state that was shown."""
        self.remember(fingerprint(row, fields))

    def remember(self, state: str) -> None:
        """The same for a state that is no single row."""
        self.now = state
        self.initial["seen"] = state

    @property
    def is_stale(self) -> bool:
        """Whether the row has changed since the form was drawn."""
        sent = self.data.get("seen", "")
        return bool(sent) and sent != self.now
