"""The support tickets of an account in figures: age, answer and resolution times, recurring topics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Avg, Count, DurationField, F, Max, Q

from accounts.models import Account, SupportTicket
from csworkbench.common import clock
from csworkbench.tenancy.models import Workspace

# Averages look back so far: what was slow years ago says nothing of today.
PERIOD = timedelta(days=365)
# From so many on, a topic recurs.
RECURS = 2
OPEN_SHOWN, PAST_SHOWN, TOPICS_SHOWN = 20, 20, 6
HOUR, DAY = 3_600, 86_400


class Median(Aggregate):
    """The value in the middle; between two of them, halfway."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    name = "Median"
    output_field = DurationField()


@dataclass(frozen=True)
class Speed:
    """How long something takes: average and median, over ``count`` support tickets."""

    average: timedelta | None
    median: timedelta | None
    count: int

    @property
    def average_in_words(self) -> str:
        return lasting(self.average)

    @property
    def median_in_words(self) -> str:
        return lasting(self.median)


@dataclass(frozen=True)
class Topic:
    """A topic with how often it came up, how many of it are open, and when last."""

    name: str
    count: int
    open: int
    last: datetime


@dataclass(frozen=True)
class Support:
    """The support picture of one account (ACC-9)."""

    open: list[SupportTicket]
    past: list[SupportTicket]
    open_count: int
    past_count: int
    in_period: int
    urgent: int
    oldest: datetime | None
    response: Speed
    resolution: Speed
    topics: list[Topic]

    @property
    def any(self) -> bool:
        return bool(self.open_count or self.past_count)


def support_of(account: Account, workspace: Workspace) -> Support:
    """What support is doing for an account; four statements. Times are averaged over twelve months."""
    tickets = SupportTicket.objects.filter(workspace=workspace, account=account)
    is_open = ~Q(state=SupportTicket.State.RESOLVED)
    figures = _figures(tickets, is_open)
    shown = tickets.select_related("requester")
    severity = {value: place for place, value in enumerate(SupportTicket.Severity.values)}
    waiting = sorted(shown.filter(is_open).order_by("opened_at")[:OPEN_SHOWN], key=lambda one: severity[one.severity])
    past = shown.exclude(is_open).order_by(F("resolved_at").desc(nulls_last=True), "-opened_at")[:PAST_SHOWN]
    return Support(
        open=waiting,
        past=list(past),
        open_count=figures["open"],
        past_count=figures["all"] - figures["open"],
        in_period=figures["recent"],
        urgent=figures["urgent"],
        oldest=min((one.opened_at for one in waiting), default=None),
        response=Speed(figures["response"], figures["response_median"], figures["responded"]),
        resolution=Speed(figures["resolution"], figures["resolution_median"], figures["resolved"]),
        topics=_topics(tickets, is_open),
    )


def _figures(tickets: Any, is_open: Q) -> dict[str, Any]:
    since = clock.now() - PERIOD
    recent = Q(opened_at__gte=since)
    answered, resolved = recent & Q(first_response_at__isnull=False), recent & Q(resolved_at__isnull=False)
    response, resolution = F("first_response_at") - F("opened_at"), F("resolved_at") - F("opened_at")
    found: dict[str, Any] = tickets.aggregate(
        all=Count("pk"),
        open=Count("pk", filter=is_open),
        urgent=Count("pk", filter=is_open & Q(severity=SupportTicket.Severity.URGENT)),
        recent=Count("pk", filter=recent),
        responded=Count("pk", filter=answered),
        response=Avg(response, filter=answered, output_field=DurationField()),
        response_median=Median(response, filter=answered),
        resolved=Count("pk", filter=resolved),
        resolution=Avg(resolution, filter=resolved, output_field=DurationField()),
        resolution_median=Median(resolution, filter=resolved),
    )
    return found


def _topics(tickets: Any, is_open: Q) -> list[Topic]:
    """Topics that came up more than once in twelve months, the most frequent first."""
    rows = (
        tickets.filter(opened_at__gte=clock.now() - PERIOD)
        .exclude(topic="")
        .values("topic")
        .annotate(times=Count("pk"), waiting=Count("pk", filter=is_open), last=Max("opened_at"))
        .filter(times__gte=RECURS)
        .order_by("-times", "topic")[:TOPICS_SHOWN]
    )
    return [Topic(row["topic"], row["times"], row["waiting"], row["last"]) for row in rows]


def lasting(length: timedelta | None) -> str:
    """``35 min``, ``4.5 h``, ``3.2 d``; an em dash when unknown."""
    if length is None:
        return "—"
    seconds = length.total_seconds()
    if seconds < HOUR:
        return f"{max(round(seconds / 60), 0)} min"
    return f"{seconds / HOUR:.1f} h" if seconds < 2 * DAY else f"{seconds / DAY:.1f} d"
