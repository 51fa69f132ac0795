"""How likely a renewal is: what a member said, else what the account's health suggests; and the bands of a forecast.

All of it is SQL over subscriptions, so that a board, a forecast and a fact never differ.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Case, CharField, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, NullIf

from accounts.models import Account, Subscription

# Percent, where nobody has said another number; shown to readers as what it is.
BY_HEALTH = {"green": 90, "yellow": 70, "red": 40, "undefined": 70}
# From here up a renewal that a member gave a number counts as committed; below the other it is at risk.
COMMITTED_FROM, AT_RISK_BELOW = 95, 50
COMMITTED, LIKELY, AT_RISK = "committed", "likely", "at_risk"
BANDS = ((COMMITTED, "Committed"), (LIKELY, "Likely"), (AT_RISK, "At risk"))
BY_HEALTH_WORDS = ", ".join(
    f"{Account.Health(health).label.lower()} {percent} %" for health, percent in BY_HEALTH.items()
)
BANDS_WORDS = (
    f"At risk: stage at risk, or below {AT_RISK_BELOW} %. Committed: stage committed, or {COMMITTED_FROM} % and more."
    " Likely: everything else."
)


def health_now() -> Any:
    """The effective health of a subscription's account (HLT-1)."""
    return Coalesce(NullIf("account__standing__health", Value("")), "account__health", output_field=CharField())


def probability_now() -> Any:
    """Percent: a member's word, else by health. Over a queryset with ``health_now``."""
    whens = [When(health_now=health, then=Value(percent)) for health, percent in BY_HEALTH.items()]
    by_health = Case(*whens, default=Value(BY_HEALTH["undefined"]), output_field=IntegerField())
    return Coalesce("renewal_probability", by_health, output_field=IntegerField())


def band_now() -> Any:
    """``committed``, ``likely`` or ``at_risk``. Over a queryset with ``probability_now``."""
    stage = Subscription.RenewalStage
    return Case(
        When(Q(renewal_stage=stage.AT_RISK), then=Value(AT_RISK)),
        When(Q(renewal_stage=stage.COMMITTED), then=Value(COMMITTED)),
        When(Q(probability_now__lt=AT_RISK_BELOW), then=Value(AT_RISK)),
        When(Q(probability_now__gte=COMMITTED_FROM), then=Value(COMMITTED)),
        default=Value(LIKELY),
        output_field=CharField(),
    )


def weighted_now() -> Any:
    """MRR × percent, so that sums stay whole numbers: a hundred times the forecast in minor units."""
    return F("mrr_minor") * Coalesce(F("probability_now"), Value(0), output_field=BigIntegerField())


def forecast_minor(weighted: int) -> int:
    """The forecast in minor units of a sum of ``weighted_now``, rounded half up once."""
    return (weighted + 50) // 100
