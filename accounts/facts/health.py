"""Facts about health: what holds, what the scorecard says, what a member judged (HLT)."""

from __future__ import annotations

from datetime import date

from django.db.models import Case, CharField, DateField, F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

from accounts.models import Account, Relationship

from .catalogue import column, for_days
from .registry import Fact, FactContext, Kind, register


def effective_health(context: FactContext | None = None) -> Combinable:
    """The health that holds: an override or the scorecard, else what was judged or imported."""
    return Coalesce(NullIf(F("standing__health"), Value("")), F("health"), output_field=CharField())


def effective_since(context: FactContext | None = None) -> Combinable:
    """The day since which that health has held."""
    return Case(
        When(standing__health="", then=F("health_since")), default=F("standing__since"), output_field=DateField()
    )


def _changed(value: date, context: FactContext) -> str:
    days = context.days_since(value)
    return "reorganised today" if days <= 0 else f"reorganised {days} d ago"


register(
    Fact(
        "health",
        "health",
        Kind.CHOICE,
        effective_health,
        lambda v, c: f"health {Account.Health(v).label.lower()}",
        choices=tuple(Account.Health.choices),
        since="health_since",
        decided=True,
    )
)
register(
    Fact(
        "health_since",
        "health unchanged since",
        Kind.DAY,
        effective_since,
        for_days("same health"),
        decided=True,
    )
)
register(
    Fact(
        "health_score",
        "health score",
        Kind.NUMBER,
        column("standing__score"),
        lambda v, c: f"health score {v} of 100",
        unknown="no health score",
        decided=True,
    )
)
register(
    Fact(
        "relationship",
        "relationship",
        Kind.CHOICE,
        column("standing__relationship"),
        lambda v, c: f"relationship {Relationship(v).label.lower()}",
        choices=tuple(Relationship.choices),
        decided=True,
    )
)
register(
    Fact(
        "judged_health",
        "judged health",
        Kind.CHOICE,
        lambda context: NullIf(F("health"), Value(Account.Health.UNDEFINED.value)),
        lambda v, c: f"judged {Account.Health(v).label.lower()}",
        choices=tuple(each for each in Account.Health.choices if each[0] != Account.Health.UNDEFINED),
        unknown="not judged",
    )
)
register(
    Fact(
        "escalated_since",
        "escalated since",
        Kind.DAY,
        column("escalated_since"),
        for_days("escalated"),
        unknown="not escalated",
    )
)
register(
    Fact(
        "org_change_on",
        "organisational change",
        Kind.DAY,
        column("org_change_on"),
        _changed,
        unknown="no organisational change known",
    )
)
