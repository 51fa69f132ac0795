"""What is said of an account's health on its page (HLT-3): measures, what moved since, override, history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, DateField, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.facts import FactContext, context_for, get_fact
from accounts.models import Account, AccountHealth, HealthDay, HealthOverride, Relationship, Scorecard
from accounts.queries import fact_values
from csworkbench.tenancy.models import Workspace

from .definitions import REASON_CODES, Measure, typed_measures
from .preview import Change, Counts, OwnerLine, Preview, preview

__all__ = [
    "Change",
    "Counts",
    "Health",
    "MeasureLine",
    "Moved",
    "OverrideLine",
    "OwnerLine",
    "Preview",
    "TrendPoint",
    "health_of",
    "overrides_of",
    "preview",
    "scorecards_of",
]
TREND_DAYS = 180


@dataclass(frozen=True)
class MeasureLine:
    """One measure of the scorecard for one account; ``points`` is None when unknown and left out."""

    key: str
    label: str
    # The value in words: "use down 40 % in 30 d".
    value: str
    points: int | None
    weight: int
    # Percent of the weight of all measures.
    share: int
    # Points gained or lost since the points last moved; None where that cannot be compared.
    delta: int | None

    @property
    def known(self) -> bool:
        return self.points is not None


@dataclass(frozen=True)
class OverrideLine:
    """A member's word over the computed health."""

    health: str
    label: str
    reason: str
    author: str
    created_at: datetime
    expires_on: date
    ended_at: datetime | None
    # Whether it holds now.
    holds: bool


@dataclass(frozen=True)
class Moved:
    """A measure whose points moved when points last moved; None is unknown."""

    label: str
    before: int | None
    after: int | None
    value: str

    @property
    def text(self) -> str:
        """``Usage trend 80 → 20: use down 40 % in 30 d``."""
        before, after = ("unknown" if each is None else str(each) for each in (self.before, self.after))
        return f"{self.label} {before} → {after}{f': {self.value}' if self.value else ''}"


@dataclass(frozen=True)
class TrendPoint:
    """What held at the end of a day; score is None where it was undefined, judged or not yet known."""

    day: date
    health: str
    score: int | None


@dataclass(frozen=True)
class Health:
    """The health of one account with its reasons. Score 0-100, higher is healthier."""

    health: str
    label: str
    since: date | None
    score: int | None
    # Percent of the weight that is known, and the least that is needed for a score.
    known: int | None
    least_known: int | None
    green_from: int | None
    yellow_from: int | None
    # What the scorecard says whatever a member set over it; empty without a scorecard.
    computed: str
    computed_label: str
    relationship: str
    relationship_label: str
    scorecard: Scorecard | None
    # Whether the scorecard was saved after the account was last computed: measures follow with the next pass.
    is_behind: bool
    measures: tuple[MeasureLine, ...]
    # The override that holds now.
    override: OverrideLine | None
    # The member's judgement; where no scorecard speaks, it is the health.
    judged: str
    judged_label: str
    judged_since: date | None
    judged_reason: str
    judged_codes: tuple[str, ...]
    # The day points last moved, what the score was until then, and each measure that moved, most weighty first.
    moved_on: date | None
    score_before: int | None
    moved: tuple[Moved, ...]
    trend: tuple[TrendPoint, ...]

    @property
    def delta(self) -> int | None:
        """Points of score gained or lost since they last moved."""
        if self.score is None or self.score_before is None:
            return None
        return self.score - self.score_before


def health_of(account: Account, workspace: Workspace, context: FactContext | None = None) -> Health:
    """Everything the health panel shows; five statements beside ``account.standing`` where that was not selected."""
    context = context or context_for(workspace)
    standing = account.standing
    scorecard = (
        Scorecard.objects.filter(workspace=workspace, pk=standing.scorecard_id).first()
        if standing.scorecard_id
        else None
    )
    is_behind = scorecard is not None and scorecard.version != standing.version
    days = _days(account, workspace, context)
    measures = typed_measures(scorecard.measures) if scorecard is not None and not is_behind else ()
    previous, moved_on = _before(standing, days)
    lines = _lines(account, measures, standing, previous, context)
    overrides = overrides_of(account, workspace, context, running=True)
    return Health(
        health=account.effective_health,
        label=account.get_effective_health_display(),
        since=account.effective_health_since,
        score=standing.score,
        known=standing.known,
        least_known=scorecard.least_known if scorecard else None,
        green_from=scorecard.green_from if scorecard else None,
        yellow_from=scorecard.yellow_from if scorecard else None,
        computed=standing.computed,
        computed_label=str(Account.Health(standing.computed).label) if standing.computed else "",
        relationship=standing.relationship,
        relationship_label=str(Relationship(standing.relationship).label),
        scorecard=scorecard,
        is_behind=is_behind,
        measures=lines,
        override=overrides[0] if overrides else None,
        judged=account.health,
        judged_label=account.get_health_display(),
        judged_since=account.health_since,
        judged_reason=account.health_reason,
        judged_codes=tuple(REASON_CODES[code] for code in account.health_codes if code in REASON_CODES),
        moved_on=moved_on if lines else None,
        score_before=previous.score if previous and lines else None,
        moved=_moved(lines, previous),
        trend=tuple(_carried(days, context.today)),
    )


def overrides_of(
    account: Account, workspace: Workspace, context: FactContext, *, running: bool = False, limit: int = 20
) -> list[OverrideLine]:
    """The overrides of an account, the newest first; ``running`` gives the one that holds now, if any."""
    found = HealthOverride.objects.filter(workspace=workspace, account=account.pk).select_related("author")
    if running:
        found = found.filter(ended_at__isnull=True, expires_on__gte=context.today)
    return [
        OverrideLine(
            health=each.health,
            label=each.get_health_display(),
            reason=each.reason,
            author=each.author.name if each.author else "A former member",
            created_at=each.created_at,
            expires_on=each.expires_on,
            ended_at=each.ended_at,
            holds=each.ended_at is None and each.expires_on >= context.today,
        )
        for each in found.order_by("-created_at", "-pk")[:limit]
    ]


def scorecards_of(workspace: Workspace) -> list[tuple[Scorecard, int]]:
    """Every scorecard in order with the number of accounts it judges now; two statements."""
    judged = AccountHealth.objects.filter(workspace=workspace, scorecard_id__isnull=False).order_by()
    counts = dict(judged.values("scorecard_id").annotate(accounts=Count("pk")).values_list("scorecard_id", "accounts"))
    cards = Scorecard.objects.filter(workspace=workspace).select_related("changed_by")
    return [(card, counts.get(card.pk, 0)) for card in cards]


def _days(account: Account, workspace: Workspace, context: FactContext) -> list[HealthDay]:
    """The rows of the last ``TREND_DAYS`` days and the one that held before them, oldest first."""
    first = context.today - timedelta(days=TREND_DAYS)
    known = HealthDay.objects.filter(workspace=workspace, account=account.pk, day__lte=context.today)
    before = known.filter(day__lt=first).order_by("-day").values("day")[:1]
    wanted = known.filter(day__gte=Coalesce(Subquery(before), Value(first), output_field=DateField()))
    return list(wanted.order_by("day"))


def _before(standing: AccountHealth, days: Sequence[HealthDay]) -> tuple[HealthDay | None, date | None]:
    """The last day by the same version of the scorecard with other points, and the day they moved."""
    moved_on = None
    for each in reversed(days):
        if (each.scorecard_id, each.version) != (standing.scorecard_id, standing.version):
            break
        if each.points != standing.points:
            return (each, moved_on) if moved_on else (None, None)
        moved_on = each.day
    return None, None


def _lines(
    account: Account,
    measures: Sequence[Measure],
    standing: AccountHealth,
    previous: HealthDay | None,
    context: FactContext,
) -> tuple[MeasureLine, ...]:
    if not measures:
        return ()
    values = fact_values([account.pk], [measure.fact for measure in measures], context)[account.pk]
    total = sum(measure.weight for measure in measures)
    lines = []
    for index, measure in enumerate(measures):
        points = standing.points[index]
        before = previous.points[index] if previous else None
        words = get_fact(measure.fact, context).words(values.get(measure.fact), context)
        lines.append(
            MeasureLine(
                key=measure.key,
                label=measure.label,
                value=words or "unknown" if values.get(measure.fact) is None else words,
                points=points,
                weight=measure.weight,
                share=round(100 * measure.weight / total),
                delta=points - before if points is not None and before is not None else None,
            )
        )
    return tuple(lines)


def _moved(lines: Sequence[MeasureLine], previous: HealthDay | None) -> tuple[Moved, ...]:
    if previous is None:
        return ()
    changed = [(line, before) for line, before in zip(lines, previous.points, strict=False) if line.points != before]
    changed.sort(key=lambda each: -each[0].weight * abs((each[0].points or 0) - (each[1] or 0)))
    return tuple(Moved(line.label, before, line.points, line.value) for line, before in changed)


def _carried(days: Sequence[HealthDay], today: date) -> Iterator[TrendPoint]:
    """A point a day from the first that is known, each carried forward until the next."""
    if not days:
        return
    rows = {each.day: each for each in days}
    day = max(days[0].day, today - timedelta(days=TREND_DAYS))
    held = days[0]
    while day <= today:
        held = rows.get(day, held)
        yield TrendPoint(day, held.health, held.score)
        day += timedelta(days=1)
