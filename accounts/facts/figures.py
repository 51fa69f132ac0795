"""Facts about use, answers, support and terms that stand as figures beside the account (USE, ACC-9, REN-1)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, ExpressionWrapper, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, NullIf

from csworkbench.common import words

from .catalogue import ago, column, for_days
from .registry import Fact, FactContext, Kind, register

# As figures keep it → as conditions test it.
SENTIMENTS = {1: "positive", 0: "neutral", -1: "negative"}
# Days of 28 on which an account of a declared frequency is expected to be active; "rarely" promises nothing (USE-2).
EXPECTED_DAYS = {"daily": 20, "weekly": 4, "monthly": 1}
COUNTED = Q(figures__counted_on__isnull=False)


def counted(expression: Any) -> Any:
    """A figure of use as a number: unknown until use was counted."""
    return lambda context: Case(When(COUNTED, then=expression), output_field=BigIntegerField())


def _percent(part: Any, whole: Any) -> Any:
    """Whole percent, cut towards zero as integers divide; NULL of 0."""
    return ExpressionWrapper(
        Cast(part, BigIntegerField()) * Value(100) / NullIf(whole, Value(0)), output_field=BigIntegerField()
    )


def _usage_trend() -> Any:
    now, before = F("figures__uses_30_days"), F("figures__uses_prior_30_days")
    return _percent(Cast(now, BigIntegerField()) - before, before)


def _frequency_met(context: FactContext) -> Combinable:
    days = F("figures__active_days_28")
    whens = [
        When(COUNTED & Q(declared_frequency=each), then=_percent(days, Value(expected)))
        for each, expected in EXPECTED_DAYS.items()
    ]
    return Case(*whens, output_field=BigIntegerField())


def _sentiment(context: FactContext) -> Combinable:
    whens = [When(figures__sentiment=number, then=Value(said)) for number, said in SENTIMENTS.items()]
    return Case(*whens, output_field=CharField())


def _trend(value: int, context: FactContext) -> str:
    return "use unchanged" if value == 0 else f"use {'up' if value > 0 else 'down'} {abs(value)} % in 30 d"


def _growth(value: int, context: FactContext) -> str:
    return "as many users as 30 d ago" if value == 0 else f"{value:+d} users in 30 d"


def _notice(value: date, context: FactContext) -> str:
    days = -context.days_since(value)
    if days < 0:
        return f"notice date {-days} d past"
    return "notice possible until today" if days == 0 else f"notice possible for {days} d"


def _in_days(days: int) -> Any:
    return lambda v, c: f"used {words.count(v, 'time')} in {days} d"


def _number(key: str, label: str, expression: Any, say: Any, *, unit: str = "", unknown: str = "") -> None:
    register(Fact(key, label, Kind.NUMBER, expression, say, unit=unit, unknown=unknown))


def _counting(path: str) -> Any:
    return column(f"figures__{path}")


# -- Use
for _days in (7, 30, 90):
    _number(
        f"uses_{_days}_days",
        f"uses in {_days} days",
        counted(F(f"figures__uses_{_days}_days")),
        _in_days(_days),
        unknown="use not counted",
    )
_number(
    "usage_trend", "usage trend", counted(_usage_trend()), _trend, unit="% in 30 days", unknown="no usage trend known"
)
_number(
    "active_days_28",
    "active days in 28",
    counted(F("figures__active_days_28")),
    lambda v, c: f"active on {words.count(v, 'day')} of 28",
    unknown="use not counted",
)
_number(
    "frequency_met",
    "declared frequency met",
    _frequency_met,
    lambda v, c: f"{v} % of the declared frequency",
    unit="% of what was declared",
    unknown="no declared frequency to compare",
)
_number(
    "modules_30_days",
    "modules used in 30 days",
    counted(F("figures__modules_30_days")),
    lambda v, c: f"{words.count(v, 'module')} used in 30 d",
    unknown="use not counted",
)
_number(
    "users_growth_30",
    "users gained in 30 days",
    counted(F("figures__active_users") - F("figures__users_30_days_ago")),
    _growth,
    unknown="growth of users not known",
)
_number("inactive_users", "inactive users", _counting("inactive_users"), lambda v, c: f"{v} users inactive")
_number("terminated_users", "terminated users", _counting("terminated_users"), lambda v, c: f"{v} users terminated")

# -- Engagement
_number(
    "unanswered",
    "attempts without an answer",
    _counting("unanswered"),
    lambda v, c: f"{words.count(v, 'attempt')} without an answer" if v else "no attempt left unanswered",
)
register(
    Fact(
        "unanswered_since",
        "unanswered since",
        Kind.MOMENT,
        _counting("unanswered_since"),
        for_days("unanswered"),
        unknown="nothing left unanswered",
    )
)
register(
    Fact(
        "sentiment",
        "sentiment",
        Kind.CHOICE,
        _sentiment,
        lambda v, c: f"{v} sentiment",
        choices=tuple((each, each.capitalize()) for each in SENTIMENTS.values()),
        since="sentiment_at",
        unknown="no sentiment noted",
    )
)
register(
    Fact(
        "sentiment_at",
        "sentiment noted",
        Kind.MOMENT,
        _counting("sentiment_at"),
        ago("sentiment noted"),
        unknown="no sentiment noted",
    )
)
_number(
    "recaps_owed", "recaps owed", _counting("recaps_owed"), lambda v, c: f"{words.count(v, 'recap')} owed" if v else ""
)

# -- Support, terms, locations
_number(
    "support_tickets_open",
    "open support tickets",
    _counting("support_tickets_open"),
    lambda v, c: f"{words.count(v, 'support ticket')} open" if v else "no support ticket open",
)
register(
    Fact(
        "support_waits_since",
        "oldest open support ticket",
        Kind.MOMENT,
        _counting("support_waits_since"),
        for_days("support ticket open"),
        unknown="no support ticket open",
    )
)
register(
    Fact("notice_on", "notice date", Kind.DAY, _counting("notice_on"), _notice, unknown="no notice date"),
)
_number(
    "locations",
    "locations",
    _counting("locations"),
    lambda v, c: words.count(v, "location") if v else "",
)
