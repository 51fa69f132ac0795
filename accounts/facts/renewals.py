"""Facts about the next renewal of an account: where it stands, how likely it is, who decides and who pays (REN-1)."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf

from accounts.models import Subscription
from accounts.renewals.probability import health_now, probability_now

from .registry import Fact, FactContext, Kind, register

ELSEWHERE = Q(decided_at_account__isnull=False) & ~Q(decided_at_account=F("account"))


def running(context: FactContext) -> Any:
    """Running subscriptions of the account outside that renew some day, the next first."""
    return Subscription.objects.filter(
        workspace=context.workspace_id, account=OuterRef("pk"), ended_on__isnull=True, renews_on__isnull=False
    ).order_by("renews_on", "-mrr_minor", "pk")


def next_value(column: str) -> Any:
    """A column of the next renewal; where several fall on one day, of the one that pays most."""
    return lambda context: Subquery(running(context).values(column)[:1])


def next_probability(context: FactContext) -> Combinable:
    rows = running(context).annotate(health_now=health_now()).annotate(probability_now=probability_now())
    return Subquery(rows.values("probability_now")[:1])


def any_of_next(condition: Q) -> Any:
    """Whether a subscription of the next date fits; unknown where nothing renews."""

    def expression(context: FactContext) -> Combinable:
        rows = running(context).filter(renews_on=OuterRef("figures__renews_on"))
        return Case(
            When(figures__renews_on__isnull=True, then=Value(None)),
            # A value per row rather than a bare EXISTS, which the planner would turn into a join.
            When(Exists(rows.filter(condition)), then=Value(True)),
            default=Value(False),
        )

    return expression


def next_share(context: FactContext) -> Combinable:
    """Percent of the account's MRR that the next renewal date is about."""
    rows = running(context).filter(renews_on=OuterRef("figures__renews_on")).order_by()
    total = rows.values("account").annotate(total=Sum("mrr_minor")).values("total")
    return Subquery(total[:1]) * Value(100) / NullIf(F("figures__mrr_minor"), Value(0))


register(
    Fact(
        "renewal_stage",
        "stage of the next renewal",
        Kind.CHOICE,
        next_value("renewal_stage"),
        lambda v, c: f"renewal {Subscription.RenewalStage(v).label.lower()}",
        choices=tuple(Subscription.RenewalStage.choices),
        unknown="nothing renews",
    )
)
register(
    Fact(
        "renewal_probability",
        "probability of the next renewal",
        Kind.NUMBER,
        next_probability,
        lambda v, c: f"renewal {v} % likely",
        unit="%",
        unknown="nothing renews",
    )
)
register(
    Fact(
        "renewal_decided_elsewhere",
        "next renewal is decided at another account",
        Kind.YES_NO,
        any_of_next(ELSEWHERE),
        lambda v, c: "renewal decided elsewhere" if v else "renewal decided here",
        telling=False,
    )
)
register(
    Fact(
        "renewal_decider_known",
        "who decides the next renewal is known",
        Kind.YES_NO,
        any_of_next(Q(decider__isnull=False) | ELSEWHERE),
        lambda v, c: "known who decides the renewal" if v else "not known who decides the renewal",
    )
)
register(
    Fact(
        "renewal_payer_differs",
        "another account pays for what renews next",
        Kind.YES_NO,
        any_of_next(Q(payer__isnull=False) & ~Q(payer=F("account"))),
        lambda v, c: "paid by another account" if v else "pays for itself",
        telling=False,
    )
)
register(
    Fact(
        "renewal_mrr_share",
        "share of MRR in the next renewal",
        Kind.NUMBER,
        next_share,
        lambda v, c: f"{int(v)} % of MRR up for renewal",
        unit="% of MRR",
        telling=False,
    )
)
