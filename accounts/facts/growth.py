"""Facts about what an account owns, what kind it is and where it could grow (ACC-2, GRO-1)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, NullIf

from accounts.models import Candidate, Subscription
from csworkbench.common import words

from .registry import Fact, FactContext, Kind, register, register_family

KEYS = ArrayField(CharField(max_length=40))


def _seats_used(context: FactContext) -> Combinable:
    used = Cast(F("figures__active_users"), BigIntegerField()) * Value(100)
    return ExpressionWrapper(used / NullIf(F("figures__contracted_users"), Value(0)), output_field=BigIntegerField())


register(
    Fact(
        "seats_used",
        "users active of those contracted",
        Kind.NUMBER,
        _seats_used,
        lambda value, context: f"{value} % of contracted users active",
        unit="%",
        unknown="no users contracted",
    )
)


def _open_candidates(context: FactContext) -> Combinable:
    found = Candidate.objects.filter(workspace=context.workspace_id, account=OuterRef("pk"), state=Candidate.State.OPEN)
    counted = found.order_by().values("account").annotate(many=Count("pk")).values("many")
    return Coalesce(Subquery(counted), Value(0))


register(
    Fact(
        "upsell_candidates",
        "open upsell candidates",
        Kind.NUMBER,
        _open_candidates,
        lambda value, context: words.count(value, "upsell candidate"),
    )
)


def _is_subtype(key: str, context: FactContext | None) -> Fact:
    def expression(inner: FactContext) -> Any:
        held = Coalesce(F("subtypes_chosen"), F("figures__subtypes"), output_field=KEYS)
        held_by = Func(held, function="ANY", output_field=CharField())
        return Func(Value(key), held_by, template="(%(expressions)s)", arg_joiner=" = ", output_field=BooleanField())

    def say(value: bool, inner: FactContext) -> str:
        return f"{'is' if value else 'is not'} {key.replace('-', ' ')}"

    return Fact(f"subtype:{key}", f"subtype {key}", Kind.YES_NO, expression, say, telling=False)


register_family("subtype", _is_subtype)


def _has_product(key: str, context: FactContext | None) -> Fact:
    def expression(inner: FactContext) -> Combinable:
        running = Subscription.objects.filter(
            workspace=inner.workspace_id,
            account=OuterRef("pk"),
            ended_on__isnull=True,
            product__workspace=inner.workspace_id,
            product__key=key,
        )
        # A value per row, for the reason that the module facts give.
        return Case(When(Exists(running), then=Value(True)), default=Value(False))

    def say(value: bool, inner: FactContext) -> str:
        return f"{'has' if value else 'does not have'} {key}"

    return Fact(f"has_product:{key}", f"has {key}", Kind.YES_NO, expression, say, telling=False)


register_family("has_product", _has_product)


def _is_candidate(key: str, context: FactContext | None) -> Fact:
    def expression(inner: FactContext) -> Combinable:
        found = Candidate.objects.filter(
            workspace=inner.workspace_id,
            account=OuterRef("pk"),
            state=Candidate.State.OPEN,
            offer__workspace=inner.workspace_id,
            offer__key=key,
        )
        return Case(When(Exists(found), then=Value(True)), default=Value(False))

    def say(value: bool, inner: FactContext) -> str:
        return f"{'could take' if value else 'not a candidate for'} {key.replace('-', ' ')}"

    return Fact(f"candidate:{key}", f"candidate for {key}", Kind.YES_NO, expression, say)


register_family("candidate", _is_candidate)
