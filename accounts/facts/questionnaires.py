"""Facts of the questionnaires of an account: how complete its current copy is, and when somebody last answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.expressions import Combinable

from accounts.models import Answers

from .registry import Fact, FactContext, Kind, register_family


def _current(key: str, column: str, **only: Any) -> Callable[[FactContext], Combinable]:
    """A column of the current copy; NULL where there is none. One look-up in ``answers_current_once`` per account."""

    def expression(context: FactContext) -> Combinable:
        copies = Answers.objects.filter(
            workspace=context.workspace_id, account=OuterRef("pk"), key=key, is_current=True, **only
        )
        return Subquery(copies.values(column)[:1])

    return expression


def _named(key: str) -> str:
    """A key as it is said: ``kyc`` → ``KYC``, ``account_analysis`` → ``account analysis``."""
    return key.upper() if len(key) <= 3 else key.replace("_", " ").replace("-", " ")


def _completeness(key: str, context: FactContext | None) -> Fact:
    return Fact(
        f"completeness:{key}",
        f"completeness of {_named(key)}",
        Kind.NUMBER,
        _current(key, "completeness"),
        lambda value, inner: f"{_named(key)} {value} % complete",
        unit="%",
        unknown=f"no {_named(key)} yet",
    )


def _confirmed(key: str, context: FactContext | None) -> Fact:
    return Fact(
        f"confirmed:{key}",
        f"confirmed answers of {_named(key)}",
        Kind.NUMBER,
        _current(key, "confirmed"),
        lambda value, inner: f"{value} % of {_named(key)} confirmed",
        unit="%",
        unknown=f"no {_named(key)} yet",
    )


def _answered_on(key: str, context: FactContext | None) -> Fact:
    def say(value: datetime, inner: FactContext) -> str:
        days = inner.days_since(value)
        return f"{_named(key)} answered {'today' if days <= 0 else f'{days} d ago'}"

    # A copy that was only prefilled was never answered.
    return Fact(
        f"answered_on:{key}",
        f"last answer to {_named(key)}",
        Kind.MOMENT,
        _current(key, "changed_at", confirmed__gt=0),
        say,
        unknown=f"{_named(key)} never answered",
    )


register_family("completeness", _completeness)
register_family("confirmed", _confirmed)
register_family("answered_on", _answered_on)
