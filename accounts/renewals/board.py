"""The renewal board: subscriptions that renew, as cards by month (REN-1). A constant number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.facts import context_for
from accounts.models import Account, Contact, RenewalOutcome, Subscription
from csworkbench.tenancy.fingerprints import digest
from csworkbench.tenancy.models import Workspace

from .months import Month, months_from
from .probability import AT_RISK, band_now, forecast_minor, health_now, probability_now, weighted_now

# Cards of a month on the board, and how many more a click brings.
FIRST, MORE = 12, 60
# The least advanced comes first: it stands for a card whose subscriptions differ.
STAGE_ORDER = ("at_risk", "not_started", "contacted", "negotiating", "committed")
HERE, ELSEWHERE, UNKNOWN = "here", "elsewhere", "unknown"
DECISIONS = ((HERE, "A contact decides"), (ELSEWHERE, "Decided elsewhere"), (UNKNOWN, "Not known who decides"))
# What a card shows of its subscriptions, and what tells that somebody else was faster.
SEEN = (
    "pk", "renewal_stage", "renewal_probability", "decider_id", "decided_at_account_id", "renewal_note", "renews_on",
    "mrr_minor", "service_tier", "ended_on",
)  # fmt: skip


@dataclass(frozen=True)
class Card:
    """The subscriptions of one account that renew on one date in one currency."""

    subscriptions: Sequence[Subscription]
    today: date

    @property
    def first(self) -> Subscription:
        return self.subscriptions[0]

    @property
    def pk(self) -> UUID:
        """The subscription by which the card is addressed."""
        return self.first.pk

    @property
    def account(self) -> Account:
        account: Account = self.first.account
        return account

    @property
    def renews_on(self) -> date:
        day = self.first.renews_on
        if day is None:
            raise ValueError("a card has a renewal date")
        return day

    @property
    def currency(self) -> str:
        return self.first.currency

    @property
    def mrr_minor(self) -> int:
        return sum(each.mrr_minor for each in self.subscriptions)

    @cached_property
    def probability(self) -> int:
        """Percent, weighted by MRR; the mean where nothing is paid."""
        known: list[tuple[int, int]] = [
            (each.probability_now, each.mrr_minor)  # type: ignore[attr-defined]
            for each in self.subscriptions
        ]
        total = sum(mrr for _, mrr in known)
        if total <= 0:
            return round(sum(percent for percent, _ in known) / len(known))
        return (sum(percent * mrr for percent, mrr in known) * 2 + total) // (2 * total)

    @property
    def is_by_health(self) -> bool:
        """Whether nobody has said a probability."""
        return all(each.renewal_probability is None for each in self.subscriptions)

    @property
    def is_at_risk(self) -> bool:
        return any(each.band_now == AT_RISK for each in self.subscriptions)  # type: ignore[attr-defined]

    @property
    def foremost(self) -> Subscription:
        """The subscription whose stage stands for the card: the least advanced."""
        return min(self.subscriptions, key=lambda each: STAGE_ORDER.index(each.renewal_stage))

    @property
    def stages_differ(self) -> bool:
        return len({each.renewal_stage for each in self.subscriptions}) > 1

    @property
    def notice_on(self) -> date | None:
        """The earliest day by which a subscription of the card has to be cancelled."""
        days = [each.notice_days for each in self.subscriptions if each.notice_days is not None]
        return self.renews_on - timedelta(days=max(days)) if days else None

    @property
    def notice_left(self) -> int | None:
        """Days until the notice date; negative when it has passed."""
        return (self.notice_on - self.today).days if self.notice_on else None

    @property
    def decider(self) -> Contact | None:
        return next((each.decider for each in self.subscriptions if each.decider), None)

    @property
    def decided_at(self) -> Account | None:
        return next((each.decided_at_account for each in self.subscriptions if each.decided_at_account), None)

    @property
    def note(self) -> str:
        return next((each.renewal_note for each in self.subscriptions if each.renewal_note), "")

    @property
    def payers(self) -> list[Account]:
        """Who pays where it is another account, each once."""
        others = {each.payer_id: each.payer for each in self.subscriptions if each.payer_id != each.account_id}
        return [payer for payer in others.values() if payer is not None]

    @property
    def products(self) -> str:
        return ", ".join(sorted(each.product.name for each in self.subscriptions))

    @property
    def seen(self) -> str:
        """A fingerprint of what is shown."""
        return digest(getattr(each, name) for each in self.subscriptions for name in SEEN)


@dataclass(frozen=True)
class Total:
    """One currency of a month: minor units, and the MRR × percent of it."""

    currency: str
    mrr_minor: int
    weighted: int
    at_risk_minor: int

    @property
    def forecast_minor(self) -> int:
        return forecast_minor(self.weighted)


@dataclass
class Column:
    """A month of the board with its totals by currency and its first cards."""

    month: Month
    accounts: int = 0
    totals: list[Total] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    start: int = 0
    has_more: bool = False

    @property
    def next_start(self) -> int:
        return self.start + len(self.cards)


def renewing(workspace: Workspace, until: date, wanted: Mapping[str, Any] | None = None) -> QuerySet[Subscription]:
    """Running subscriptions that renew by ``until``, with ``health_now``, ``probability_now`` and ``band_now``.

    ``wanted`` holds cleaned filters of the board; what is empty filters nothing.
    """
    data = {key: value for key, value in (wanted or {}).items() if value not in (None, "")}
    rows = Subscription.objects.filter(workspace=workspace, ended_on__isnull=True, renews_on__lte=until)
    rows = (
        rows.annotate(health_now=health_now()).annotate(probability_now=probability_now()).annotate(band_now=band_now())
    )
    paths = {
        "owner": "account__owner", "team": "account__owner__lead", "instance": "account__instance",
        "tier": "account__tier", "stage": "renewal_stage", "health": "health_now",
    }  # fmt: skip
    rows = rows.filter(**{path: data[name] for name, path in paths.items() if name in data})
    elsewhere = Q(decided_at_account__isnull=False) & ~Q(decided_at_account=F("account"))
    kinds = {
        HERE: Q(decider__isnull=False) & ~elsewhere,
        ELSEWHERE: elsewhere,
        UNKNOWN: Q(decider__isnull=True) & ~elsewhere,
    }
    return rows.filter(kinds[data["decision"]]) if "decision" in data else rows


def place_in(months: Sequence[Month]) -> Case:
    """The number of the month that a renewal date falls into."""
    whens = [When(renews_on__lte=month.last, then=Value(at)) for at, month in enumerate(months)]
    return Case(*whens, default=Value(len(months)), output_field=IntegerField())


def columns_of(
    workspace: Workspace, wanted: Mapping[str, Any], *, only: Month | None = None, start: int = 0
) -> list[Column]:
    """Every month with its totals and first cards, or one month from its card number ``start``; four statements."""
    months = months_from(workspace.today)
    rows = renewing(workspace, months[-1].last, wanted)
    columns = with_totals(rows, months)
    if only is None:
        _fill(workspace, rows, columns, FIRST)
        return columns
    chosen = [column for column in columns if column.month.key == only.key]
    for column in chosen:
        column.start = start
    _fill(workspace, rows, chosen, MORE)
    return chosen


def with_totals(rows: QuerySet[Subscription], months: Sequence[Month]) -> list[Column]:
    """A column for each month with its totals by currency and its number of accounts; two statements."""
    columns = [Column(month) for month in months]
    placed = rows.annotate(place=place_in(months)).order_by()
    sums = placed.values_list("place", "currency").annotate(
        mrr=Sum("mrr_minor"),
        weighted=Sum(weighted_now()),
        at_risk=Coalesce(Sum("mrr_minor", filter=Q(band_now=AT_RISK)), 0),
    )
    for place, currency, *amounts in sums.order_by("place", "currency"):
        columns[place].totals.append(Total(currency, *map(int, amounts)))
    for place, accounts in placed.values_list("place").annotate(accounts=Count("account", distinct=True)):
        columns[place].accounts = accounts
    return columns


def _fill(workspace: Workspace, rows: QuerySet[Subscription], columns: Sequence[Column], size: int) -> None:
    """Read the cards of the columns: one statement says which, one reads them."""
    if not columns:
        return
    parts = [_keys(rows, column.month, column.start, size + 1) for column in columns]
    keys = list(parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0])
    subscriptions = {row.pk: row for row in shown(rows.filter(pk__in=[pk for _, _, _, _, ids in keys for pk in ids]))}
    for column in columns:
        own = sorted(
            (key for key in keys if column.month.holds(key[1])), key=lambda key: (key[1], -key[3], str(key[0]), key[2])
        )
        column.has_more = len(own) > size
        column.cards = [
            Card([subscriptions[pk] for pk in ids if pk in subscriptions], workspace.today)
            for *_, ids in own[:size]
            if any(pk in subscriptions for pk in ids)
        ]


def _keys(rows: QuerySet[Subscription], month: Month, start: int, size: int) -> Any:
    """``(account, date, currency, MRR, subscriptions)`` of some cards of a month, the first date first."""
    inside = rows.filter(renews_on__lte=month.last)
    if month.first is not None:
        inside = inside.filter(renews_on__gte=month.first)
    return (
        inside.order_by()
        .values_list("account_id", "renews_on", "currency")
        .annotate(mrr=Sum("mrr_minor"), ids=ArrayAgg("pk", order_by="pk"))
        .order_by("renews_on", "-mrr", "account_id", "currency")[start : start + size]
    )


def shown(rows: QuerySet[Subscription]) -> Iterable[Subscription]:
    """The rows with everything a card shows, in one statement."""
    return rows.select_related(
        "account__standing", "account__owner", "account__instance", "product", "payer", "decider", "decided_at_account"
    ).order_by("pk")


def card_of(workspace: Workspace, subscription: Subscription) -> Card | None:
    """The card a running subscription stands on; None without a renewal date; one statement."""
    if subscription.renews_on is None:
        return None
    rows = renewing(workspace, subscription.renews_on).filter(
        account=subscription.account_id, renews_on=subscription.renews_on, currency=subscription.currency
    )
    found = list(shown(rows))
    return Card(found, workspace.today) if found else None


def closed_lately(workspace: Workspace, limit: int = 20) -> list[RenewalOutcome]:
    """Renewals closed today, the last first: they can still be undone; one statement."""
    midnight = context_for(workspace).start_of(workspace.today)
    found = RenewalOutcome.objects.filter(workspace=workspace, decided_at__gte=midnight)
    return list(
        found.select_related("account", "subscription__product", "author").order_by("-decided_at", "pk")[:limit]
    )
