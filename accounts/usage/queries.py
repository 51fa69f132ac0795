"""What the pages of usage show: drops of a workspace, and the use of one account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace

from ..facts.figures import EXPECTED_DAYS
from ..models import Account, ModuleUse, Subscription, UsageDay, UsageDrop

# A nightly source that has been silent for longer than this has missed a night.
OVERDUE = timedelta(hours=36)
SHOWN_DAYS = 91
WORKED = (UsageDrop.State.APPLIED, UsageDrop.State.REPEATED)


@dataclass(frozen=True)
class Arrival:
    """When usage last arrived, and whether the next drop is late."""

    last: UsageDrop | None
    is_late: bool


def drops_of(workspace: Workspace, state: str = "") -> QuerySet[UsageDrop]:
    """Drops, the latest first."""
    found = UsageDrop.objects.filter(workspace=workspace).select_related("sender").order_by("-received_at")
    return found.filter(state=state) if state else found


def arrival_of(workspace: Workspace) -> Arrival:
    """The last drop that worked. A workspace that never got one misses none."""
    last = drops_of(workspace).filter(state__in=WORKED).first()
    return Arrival(last, last is not None and clock.now() - last.received_at > OVERDUE)


@dataclass(frozen=True)
class ModuleLine:
    """One module of an account: its counts, and the weeks of the chart as ``(first day, uses)``."""

    use: ModuleUse
    weeks: Sequence[tuple[date, int]]
    trend: int | None
    is_counted: bool


def module_lines(account: Account, today: date) -> list[ModuleLine]:
    """The modules an account has used, the most used first; two statements."""
    uses = list(
        ModuleUse.objects.filter(workspace=account.workspace_id, account=account)
        .select_related("module")
        .order_by("-uses_30_days", "-last_used_at")
    )
    first = today - timedelta(days=SHOWN_DAYS - 1)
    days = UsageDay.objects.filter(
        workspace=account.workspace_id,
        account=account,
        module__in=[use.module_id for use in uses],
        day__range=(first, today),
    ).values_list("module_id", "day", "uses")
    by_week: dict[object, dict[int, int]] = {}
    for module, day, count in days:
        weeks = by_week.setdefault(module, {})
        week = (day - first).days // 7
        weeks[week] = weeks.get(week, 0) + count
    return [
        ModuleLine(
            use,
            [(first + timedelta(days=7 * week), by_week.get(use.module_id, {}).get(week, 0)) for week in range(13)],
            change_of(use.uses_30_days, use.uses_prior_30_days) if use.counted_on else None,
            use.counted_on is not None,
        )
        for use in uses
    ]


def change_of(now: int, before: int) -> int | None:
    """Percent by which 30 days differ from the 30 before; None where there was nothing to compare with."""
    return round(100 * (now - before) / before) if before else None


@dataclass(frozen=True)
class SeatLine:
    """Users or providers of one running subscription against what is contracted."""

    subscription: Subscription
    noun: str
    # Active users beyond the contract, or contracted ones that nobody uses; 0 when the two agree or one is unknown.
    beyond: int
    unused: int


def seat_lines(account: Account) -> list[SeatLine]:
    """The running subscriptions of an account with how many people use them (ACC-4); one statement."""
    rows = (
        Subscription.objects.filter(workspace=account.workspace_id, account=account, ended_on=None)
        .filter(~Q(active_users=None) | ~Q(contracted_users=None))
        .select_related("product")
        .order_by("product__name")
    )
    return [
        SeatLine(
            one,
            "providers" if one.product.is_credentialing else "users",
            max(-(one.unused_users or 0), 0),
            max(one.unused_users or 0, 0),
        )
        for one in rows
    ]


@dataclass(frozen=True)
class Frequency:
    """What was declared against what happens: days with any use within 28."""

    declared: str
    expected: int
    active: int

    @property
    def gap(self) -> int:
        return max(self.expected - self.active, 0)


def frequency_of(account: Account) -> Frequency | None:
    """None where nothing was declared, nothing is expected of it, or nothing is counted."""
    expected = EXPECTED_DAYS.get(account.declared_frequency)
    if expected is None or account.figures.counted_on is None:
        return None
    return Frequency(account.get_declared_frequency_display(), expected, account.figures.active_days_28)
