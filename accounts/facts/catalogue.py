"""The facts of the accounts floor."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf

from accounts.models import Account, Contact, Level, Module, ModuleUse, Subscription
from csworkbench.common import words

from .registry import Fact, FactContext, Kind, register, register_family


def column(path: str) -> Any:
    """A fact that is a column of the account or of a row beside it."""
    return lambda context: F(path)


def filled(path: str) -> Any:
    """A text column whose empty string means unknown."""
    return lambda context: NullIf(F(path), Value(""))


def ago(verb: str) -> Any:
    """Wording of a day or moment in the past: ``last use 3 d ago``."""

    def say(value: date | datetime, context: FactContext) -> str:
        days = context.days_since(value)
        return f"{verb} today" if days <= 0 else f"{verb} {days} d ago"

    return say


def for_days(state: str) -> Any:
    """Wording of a state by the day it began: ``past due for 3 d``."""

    def say(value: date | datetime, context: FactContext) -> str:
        return f"{state} for {max(context.days_since(value), 0)} d"

    return say


def _renews(value: date, context: FactContext) -> str:
    days = -context.days_since(value)
    if days < 0:
        return f"renewal {-days} d overdue"
    return "renews today" if days == 0 else f"renews in {days} d"


register(
    Fact(
        "tier",
        "tier",
        Kind.NUMBER,
        column("tier"),
        lambda v, c: f"tier {v}",
        unknown="no tier",
        telling=False,
    )
)
register(Fact("segment", "segment", Kind.TEXT, filled("segment"), lambda v, c: f"segment {v}"))
register(
    Fact(
        "instance",
        "instance",
        Kind.TEXT,
        column("instance__key"),
        lambda v, c: f"on {v}",
        unknown="no instance",
        telling=False,
    )
)
register(
    Fact(
        "growth_potential",
        "growth potential",
        Kind.CHOICE,
        filled("growth_potential"),
        lambda v, c: f"{v} growth potential",
        choices=tuple(Account.Potential.choices),
    )
)
register(
    Fact(
        "stage",
        "lifecycle stage",
        Kind.CHOICE,
        column("stage"),
        lambda v, c: f"in {Account.Stage(v).label.lower()}",
        choices=tuple(Account.Stage.choices),
        since="stage_since",
        telling=False,
    )
)
register(Fact("stage_since", "in its stage since", Kind.DAY, column("stage_since"), for_days("in this stage")))
register(
    Fact(
        "mrr",
        "MRR",
        Kind.MONEY,
        column("figures__mrr_minor"),
        lambda v, c: f"{words.money(v, c.currency)} MRR",
        telling=False,
    )
)
register(
    Fact(
        "renews_on",
        "renewal date",
        Kind.DAY,
        column("figures__renews_on"),
        _renews,
        unknown="no renewal date",
    )
)
register(
    Fact(
        "contracted_users",
        "contracted users",
        Kind.NUMBER,
        column("figures__contracted_users"),
        lambda v, c: f"{v} users contracted",
    )
)
register(
    Fact(
        "active_users",
        "active users",
        Kind.NUMBER,
        column("figures__active_users"),
        lambda v, c: f"{v} users active",
    )
)
register(
    Fact(
        "products",
        "products owned",
        Kind.NUMBER,
        column("figures__products"),
        lambda v, c: words.count(v, "product"),
    )
)
register(
    Fact(
        "last_used_at",
        "last use of anything",
        Kind.MOMENT,
        column("figures__last_used_at"),
        ago("last use"),
        unknown="never used",
    )
)
register(
    Fact(
        "last_interaction_at",
        "last interaction",
        Kind.MOMENT,
        column("figures__last_interaction_at"),
        ago("last interaction"),
        unknown="never contacted",
    )
)
register(
    Fact(
        "last_answered_at",
        "last answer",
        Kind.MOMENT,
        column("figures__last_answered_at"),
        ago("last answer"),
        unknown="never answered",
    )
)
register(
    Fact(
        "outcome_percent",
        "lowest outcome",
        Kind.NUMBER,
        column("figures__outcome_percent"),
        lambda v, c: f"outcome at {v} % of target",
        unit="% of target",
    )
)
register(Fact("past_due_since", "past due since", Kind.DAY, column("past_due_since"), for_days("past due")))
register(
    Fact(
        "customer_since",
        "customer since",
        Kind.DAY,
        column("customer_since"),
        for_days("customer"),
        telling=False,
    )
)
register(
    Fact(
        "level",
        "account level",
        Kind.NUMBER,
        column("priority__level"),
        lambda v, c: f"level {Level(v).label.lower()}",
        choices=tuple(Level.choices),
        decided=True,
    )
)


def _primary(context: FactContext) -> QuerySet[Contact]:
    return Contact.objects.filter(workspace=context.workspace_id, is_primary=True).order_by()


def _primary_contact(field: str) -> Any:
    def expression(context: FactContext) -> Combinable:
        return Subquery(_primary(context).filter(account=OuterRef("pk")).values(field)[:1])

    return expression


def _primary_contacts(field: str) -> Any:
    return lambda context: _primary(context).values_list("account_id", field)


register(
    Fact(
        "primary_contact_validity",
        "primary contact",
        Kind.CHOICE,
        _primary_contact("validity"),
        lambda v, c: f"primary contact {Contact.Validity(v).label.lower()}",
        choices=tuple(Contact.Validity.choices),
        unknown="no primary contact",
        rows=_primary_contacts("validity"),
    )
)
register(
    Fact(
        "primary_contact_dnc",
        "primary contact is DNC",
        Kind.YES_NO,
        _primary_contact("dnc"),
        lambda v, c: "primary contact is DNC" if v else "primary contact may be contacted",
        rows=_primary_contacts("dnc"),
    )
)


def _last_use(module_key: str, context: FactContext | None) -> Fact:
    label = context.use_label(module_key) if context else module_key

    def uses(inner: FactContext) -> QuerySet[ModuleUse]:
        # Looked up once: a join would look it up for each account again.
        module = Module.objects.filter(workspace=inner.workspace_id, key=module_key).order_by().values("pk")[:1]
        return ModuleUse.objects.filter(workspace=inner.workspace_id, module=Subquery(module)).order_by()

    def expression(inner: FactContext) -> Combinable:
        return Subquery(uses(inner).filter(account=OuterRef("pk")).values("last_used_at")[:1])

    def say(value: datetime, inner: FactContext) -> str:
        return f"no {inner.use_label(module_key)} for {max(inner.days_since(value), 0)} d"

    return Fact(
        f"last_use:{module_key}",
        f"last {label}",
        Kind.MOMENT,
        expression,
        say,
        unknown=f"no {label} ever",
        rows=lambda inner: uses(inner).values_list("account_id", "last_used_at"),
    )


register_family("last_use", _last_use)


def _owns_module(module_key: str, context: FactContext | None) -> Fact:
    def expression(inner: FactContext) -> Combinable:
        running = Subscription.objects.filter(
            workspace=inner.workspace_id,
            account=OuterRef("pk"),
            ended_on__isnull=True,
            product__workspace=inner.workspace_id,
            product__modules__key=module_key,
        )
        # A value per row rather than a bare EXISTS, which the planner turns into a join: over a book that was
        # imported a moment ago it knows no better than to compare every account with every subscription.
        return Case(When(Exists(running), then=Value(True)), default=Value(False))

    def say(value: bool, inner: FactContext) -> str:
        return f"{'owns' if value else 'does not own'} {module_key}"

    return Fact(f"owns:{module_key}", f"owns {module_key}", Kind.YES_NO, expression, say, telling=False)


register_family("owns", _owns_module)
