"""What the renewal panel of an account shows: running subscriptions, past outcomes, the history of its MRR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Account, RenewalOutcome, RevenueDay
from csworkbench.common import charts, words
from csworkbench.tenancy.models import Workspace

from .board import Card, renewing, shown
from .months import add_months

PAST = 12
FAR = date.max
POINTS = 13


@dataclass(frozen=True)
class Ended:
    """One outcome, and whether it can still be taken back."""

    outcome: RenewalOutcome
    is_today: bool


@dataclass(frozen=True)
class Renewals:
    """The panel: a card per subscription, those without a date, outcomes, the chart (None: nothing to draw)."""

    cards: Sequence[Card]
    undated: int
    ended: Sequence[Ended]
    chart: charts.Chart | None
    currencies: Sequence[str]


def renewals_of(account: Account, workspace: Workspace) -> Renewals:
    """Everything of the panel; four statements."""
    rows = list(shown(renewing(workspace, FAR).filter(account=account)))
    running = account.subscriptions.filter(workspace=workspace, ended_on__isnull=True)
    currencies = list(running.values_list("currency", "renews_on"))
    outcomes = (
        RenewalOutcome.objects.filter(workspace=workspace, account=account)
        .select_related("subscription__product", "author")
        .order_by("-due_on", "-decided_at")[:PAST]
    )
    known = sorted({currency for currency, _ in currencies})
    return Renewals(
        cards=[Card([row], workspace.today) for row in sorted(rows, key=lambda row: (row.renews_on or FAR, row.pk))],
        undated=sum(day is None for _, day in currencies),
        ended=[Ended(one, _day(one, workspace) == workspace.today) for one in outcomes],
        chart=None if len(known) > 1 else revenue_chart(account, workspace, (known or [workspace.currency])[0]),
        currencies=known,
    )


def _day(outcome: RenewalOutcome, workspace: Workspace) -> date:
    return outcome.decided_at.astimezone(ZoneInfo(workspace.time_zone)).date()


def revenue_chart(account: Account, workspace: Workspace, currency: str) -> charts.Chart | None:
    """MRR at the end of each of the last twelve months and today; None before anything is known; one statement."""
    days = list(
        RevenueDay.objects.filter(workspace=workspace, account=account).order_by("day").values_list("day", "mrr_minor")
    )
    if not days:
        return None
    today = workspace.today
    first = today.replace(day=1)
    ends = [add_months(first, -back) - timedelta(days=1) for back in range(POINTS - 2, -1, -1)] + [today]
    known = [(f"{day:%b %y}" if day != today else "Today", mrr_on(days, day)) for day in ends]
    points = [(label, None if minor is None else minor / 100) for label, minor in known]
    return charts.line_chart(
        title="MRR",
        series=[charts.Series("MRR", points)],
        span="12 months",
        say=lambda amount: words.money(round(amount * 100), currency),
        key="mrr-history",
        x_head="Month",
    )


def mrr_on(days: Sequence[tuple[date, int]], day: date) -> int | None:
    """The MRR that held on a day: the last noted by then, None before the first."""
    return next((mrr for noted, mrr in reversed(days) if noted <= day), None)
