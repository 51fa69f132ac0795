"""Days that people type: what lies outside of two centuries is a slip, and breaks what counts with it."""

from __future__ import annotations

from datetime import date

from django.forms import BaseForm

# As imports have it. From here a notice of any length still leads to a day that Python knows.
FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)


def check_years(form: BaseForm, *names: str) -> None:
    """Refuse days of a form's fields that nobody means; call it in ``clean``."""
    for name in names:
        day = form.cleaned_data.get(name)
        if day is not None and not FIRST <= day <= LAST:
            form.add_error(name, "Check the year.")
