"""Families of accounts: a parent with its locations or advisors, and what they come to together (ACC-1, ACC-2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Min, Q, QuerySet, Sum

from accounts.facts import context_for
from accounts.facts.health import effective_health
from accounts.models import Account, Subscription
from csworkbench.tenancy.models import Workspace

SHOWN = 50
# A parent of a parent of a parent: deeper families are refused, so a look upwards ends.
DEPTH = 4
RENEWS_SOON = timedelta(days=90)


@dataclass(frozen=True)
class Total:
    """What members of a family pay in one currency."""

    currency: str
    mrr_minor: int


@dataclass(frozen=True)
class Family:
    """An account with those above and below it; sums count the account itself and everybody below it."""

    above: list[Account]
    members: list[Account]
    count: int
    totals: list[Total]
    health: dict[str, int]
    next_renewal: date | None
    renewing_soon: int

    @property
    def is_alone(self) -> bool:
        return not self.above and not self.count

    @property
    def more(self) -> int:
        """How many members are not listed."""
        return self.count - len(self.members)


def below(account: Account, workspace: Workspace) -> Q:
    """Everybody below an account, two levels down: locations, and the advisors of an enterprise's offices."""
    return Q(workspace=workspace) & (Q(parent=account) | Q(parent__parent=account, parent__workspace=workspace))


def family_of(account: Account, workspace: Workspace) -> Family:
    """The family of an account in a constant number of statements."""
    members = Account.objects.filter(below(account, workspace))
    listed = list(
        members.select_related("figures", "priority", "standing", "owner", "parent").order_by(
            "priority__level", "-priority__score", "pk"
        )[:SHOWN]
    )
    whole = Account.objects.filter(Q(pk=account.pk, workspace=workspace) | below(account, workspace))
    today = context_for(workspace).today
    sums = whole.aggregate(
        count=Count("pk"),
        next_renewal=Min("figures__renews_on", filter=Q(figures__renews_on__gte=today)),
        soon=Count("pk", filter=Q(figures__renews_on__range=(today, today + RENEWS_SOON))),
    )
    return Family(
        above=above(account, workspace),
        members=listed,
        count=sums["count"] - 1,
        totals=_totals(whole, workspace),
        health=_health(whole),
        next_renewal=sums["next_renewal"],
        renewing_soon=sums["soon"],
    )


def above(account: Account, workspace: Workspace) -> list[Account]:
    """The accounts above one, the topmost first; one statement a level."""
    found: list[Account] = []
    upper = account.parent_id
    while upper and len(found) < DEPTH:
        one = Account.objects.filter(workspace=workspace, pk=upper).select_related("standing", "figures").first()
        if one is None or one.pk in {each.pk for each in found}:
            break
        found.insert(0, one)
        upper = one.parent_id
    return found


def _totals(whole: QuerySet[Account], workspace: Workspace) -> list[Total]:
    running = Subscription.objects.filter(workspace=workspace, ended_on__isnull=True, account__in=whole.values("pk"))
    sums = running.order_by().values("currency").annotate(mrr=Sum("mrr_minor")).order_by("-mrr")
    return [Total(row["currency"], row["mrr"]) for row in sums]


def _health(whole: QuerySet[Account]) -> dict[str, int]:
    """How many have each colour, the worst first."""
    counts = Counter(
        dict(whole.annotate(held=effective_health()).order_by().values_list("held").annotate(many=Count("pk")))
    )
    return {colour: counts[colour] for colour in ("red", "yellow", "undefined", "green") if counts[colour]}


def would_circle(account: Account, parent: Account, workspace: Workspace) -> bool:
    """Whether ``parent`` stands below ``account``, is it, or the family would become too deep to look at."""
    chain: Iterable[Account] = [*above(parent, workspace), parent]
    return any(one.pk == account.pk for one in chain) or len(list(chain)) >= DEPTH
