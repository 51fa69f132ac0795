"""Template filters every page may use; the look of money, dates and levels in one place."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string

from csworkbench.common import words

register = template.Library()


@register.filter
def money(minor: int | None, currency: str = "USD") -> str:
    """Minor units as a short amount: ``551167`` → ``$5,512``."""
    return words.money(minor, currency)


@register.filter
def relative_day(day: date | None, today: date) -> str:
    """A date as people say it: ``today``, ``in 42 d``, ``12 d ago``."""
    return words.relative_day(day, today)


ICONS = {"call": "phone", "email": "mail", "change": "edit"}


@register.filter
def kind_icon(kind: str) -> str:
    """The icon of an interaction's kind or of a timeline entry."""
    return ICONS.get(kind, kind)


@register.filter
def relative_time(moment: datetime | None) -> str:
    """A moment as its distance from now: ``4 s ago``, ``3 h ago``, ``12 d ago``."""
    return words.relative_time(moment)


@register.simple_tag
def component(component_name: str, **values: Any) -> str:
    """A component that a page repeats: ``{% component "chip" text=chip.text tone=chip.tone %}``.

    Like an include with ``only``, but drawn once per set of values and then kept: fifty rows of a queue show some
    three hundred of them, which was most of the time of the page.
    """
    draw = _drawn.__wrapped__ if settings.DEBUG else _drawn
    return draw(component_name, tuple(sorted(values.items())))


@lru_cache(maxsize=8_192, typed=True)
def _drawn(name: str, values: tuple[tuple[str, Any], ...]) -> str:
    return render_to_string(f"components/_{name}.html", dict(values))
