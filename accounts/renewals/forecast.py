"""The forecast of renewals by month, owner and band, and how the renewals of the last twelve months ended (REN-1).

Money of different currencies is never added: everything is kept by currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce, Least

from accounts.models import RenewalOutcome
from csworkbench.tenancy.models import Workspace

from .board import place_in, renewing
from .months import Month, add_months, months_from
from .probability import BANDS, forecast_minor, weighted_now

NOBODY = "Nobody owns it"


@dataclass
class Amounts:
    """Sums of one cell in minor units; ``weighted`` is MRR × percent, ``bands`` the MRR by band."""

    subscriptions: int = 0
    mrr_minor: int = 0
    weighted: int = 0
    bands: dict[str, int] = field(default_factory=lambda: {band: 0 for band, _ in BANDS})

    @property
    def forecast_minor(self) -> int:
        return forecast_minor(self.weighted)

    @property
    def by_band(self) -> list[int]:
        """MRR by band, in the order of ``BANDS``."""
        return [self.bands[band] for band, _ in BANDS]

    def add(self, other: Amounts) -> None:
        self.subscriptions += other.subscriptions
        self.mrr_minor += other.mrr_minor
        self.weighted += other.weighted
        for band, amount in other.bands.items():
            self.bands[band] += amount


@dataclass(frozen=True)
class Cell:
    """What one owner (None: nobody) has up for renewal in one month and currency."""

    place: int
    owner: UUID | None
    name: str
    currency: str
    amounts: Amounts


@dataclass
class OwnerRow:
    """One owner: the amounts of each month in order, and their sum."""

    name: str
    months: list[Amounts]
    total: Amounts = field(default_factory=Amounts)


@dataclass
class Forecast:
    """One currency: amounts by month, rows by owner, the sum of all."""

    currency: str
    months: list[tuple[Month, Amounts]]
    owners: list[OwnerRow]
    total: Amounts


@dataclass(frozen=True)
class Kept:
    """How renewals due in the last twelve months ended, in one currency; minor units.

    ``results``: (result in words, number, MRR before, MRR after).
    """

    currency: str
    results: list[tuple[str, int, int, int]]
    before_minor: int
    after_minor: int
    kept_minor: int

    @property
    def gross(self) -> float | None:
        """Gross renewal rate in percent: what was kept of the MRR that was up, expansions left out."""
        return round(self.kept_minor * 100 / self.before_minor, 1) if self.before_minor else None

    @property
    def net(self) -> float | None:
        """Net renewal rate in percent: expansions counted."""
        return round(self.after_minor * 100 / self.before_minor, 1) if self.before_minor else None


def cells_of(workspace: Workspace, wanted: Mapping[str, Any]) -> list[Cell]:
    """Every month × owner × currency with anything up for renewal; one statement."""
    months = months_from(workspace.today)
    by_band = {f"band_{band}": Coalesce(Sum("mrr_minor", filter=Q(band_now=band)), 0) for band, _ in BANDS}
    rows = (
        renewing(workspace, months[-1].last, wanted)
        .annotate(place=place_in(months))
        .order_by()
        .values_list("place", "account__owner_id", "account__owner__name", "currency")
        .annotate(number=Count("pk"), mrr=Sum("mrr_minor"), weighted=Sum(weighted_now()), **by_band)
        .order_by("place", "account__owner__name", "account__owner_id", "currency")
    )
    return [
        Cell(
            place,
            owner,
            name or NOBODY,
            currency,
            Amounts(
                number, int(mrr), int(weighted), dict(zip((band for band, _ in BANDS), map(int, bands), strict=True))
            ),
        )
        for place, owner, name, currency, number, mrr, weighted, *bands in rows
    ]


def forecasts_of(workspace: Workspace, wanted: Mapping[str, Any]) -> tuple[list[Forecast], list[Cell]]:
    """A forecast for each currency, the workspace's own first, and the cells behind them; one statement."""
    cells = cells_of(workspace, wanted)
    months = months_from(workspace.today)
    currencies = sorted({cell.currency for cell in cells}, key=lambda one: (one != workspace.currency, one))
    return [summed(one, [cell for cell in cells if cell.currency == one], months) for one in currencies], cells


def summed(currency: str, cells: Sequence[Cell], months: Sequence[Month]) -> Forecast:
    """The cells of one currency by month and by owner."""
    by_month = [Amounts() for _ in months]
    owners: dict[UUID | None, OwnerRow] = {}
    total = Amounts()
    for cell in cells:
        row = owners.setdefault(cell.owner, OwnerRow(cell.name, [Amounts() for _ in months]))
        for place in (by_month[cell.place], row.months[cell.place], row.total, total):
            place.add(cell.amounts)
    ordered = sorted(owners.items(), key=lambda pair: (pair[0] is None, pair[1].name.casefold()))
    return Forecast(currency, list(zip(months, by_month, strict=True)), [row for _, row in ordered], total)


def kept_of(workspace: Workspace, wanted: Mapping[str, Any]) -> list[Kept]:
    """How the renewals due in the last twelve months ended, by currency; one statement."""
    today = workspace.today
    found = outcomes_between(workspace, add_months(today, -12), today, wanted)
    rows = (
        found.order_by()
        .values_list("currency", "result")
        .annotate(
            number=Count("pk"),
            before=Sum("mrr_before_minor"),
            after=Sum("mrr_after_minor"),
            kept=Sum(Least(F("mrr_before_minor"), F("mrr_after_minor"))),
        )
    )
    by_currency: dict[str, dict[str, list[int]]] = {}
    for currency, result, *amounts in rows:
        by_currency.setdefault(currency, {})[result] = list(map(int, amounts))
    return [
        _kept(one, by_currency[one]) for one in sorted(by_currency, key=lambda one: (one != workspace.currency, one))
    ]


def _kept(currency: str, results: Mapping[str, Sequence[int]]) -> Kept:
    words = [
        (str(label), results[result][0], results[result][1], results[result][2])
        for result, label in RenewalOutcome.Result.choices
        if result in results
    ]
    before, after, kept = (sum(amounts[at] for amounts in results.values()) for at in (1, 2, 3))
    return Kept(currency, words, before, after, kept)


def outcomes_between(workspace: Workspace, after: date, until: date, wanted: Mapping[str, Any]) -> Any:
    """Outcomes of renewals due after one day and until another, of an owner's or a team's accounts."""
    found = RenewalOutcome.objects.filter(workspace=workspace, due_on__gt=after, due_on__lte=until)
    paths = {"owner": "account__owner", "team": "account__owner__lead"}
    return found.filter(**{path: wanted[name] for name, path in paths.items() if wanted.get(name)})
