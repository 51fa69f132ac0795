"""What members said about health, and half a year of its history that leads to today's figures (HLT-3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

from accounts.health.scoring import Card, active_cards
from accounts.models import AccountHealth, HealthDay, HealthOverride

from .books import Setting
from .telling import Subject

HISTORY = 200  # days: a little more than the chart shows
BATCH = 2_000
# What a judgement of a story is put down to.
CODES: dict[str, tuple[str, ...]] = {
    "thriving": ("use_grows", "advocate", "outcome_reached"),
    "steady": ("strong_relationship", "outcome_reached"),
    "quiet": ("low_use", "training_needed"),
    "silent": ("no_answer", "low_use"),
    "half": ("key_module_unused", "training_needed"),
    "troubled": ("support_issues", "bug", "product_gap"),
    "unpaid": ("payment", "price"),
    "new": ("onboarding_well",),
    "stalled": ("onboarding_stalled", "no_answer"),
    "leaderless": ("champion_left", "decision_maker_changed"),
    "churned": ("wants_downgrade", "competitor"),
}
CHANGES = (
    "The practice was merged into a larger group",
    "Two offices were closed and their staff moved",
    "A new managing partner reviews all vendors",
    "The owners sold to a regional network",
)
# Story → what a member says over the scorecard, and why.
OVERRIDES: dict[str, tuple[tuple[str, str], ...]] = {
    "troubled": (
        ("red", "They told me on the phone that they look at another vendor"),
        ("red", "The director asked for the terms of leaving"),
    ),
    "quiet": (("red", "Their budget for next year is frozen; the renewal is in doubt"),),
    "unpaid": (("yellow", "Finance confirmed the transfer; only the booking is late"),),
    "steady": (
        ("yellow", "Our champion goes on leave for three months and nobody has taken over"),
        ("yellow", "They review all vendors this quarter"),
    ),
    "silent": (("yellow", "Closed for renovation until next month, as announced"),),
}
OVERRIDDEN = 0.05
ESCALATED = 0.3  # of the troubled
# Was it better before, worse before, or about the same?
BETTER = frozenset({"quiet", "silent", "half", "troubled", "unpaid", "stalled", "leaderless", "churned"})
WORSE = frozenset({"thriving", "new"})


def judge_with_codes(subject: Subject, rng: Random) -> None:
    """What stands beside the judgement on the account's own row: codes, an organisational change, an escalation."""
    account, story, days = subject.plan.account, subject.plan.seat.story, subject.setting.days
    if account.health != "undefined" and account.health_reason:
        codes = CODES[story.key] if account.health != "green" or story.key in ("thriving", "new") else CODES["steady"]
        account.health_codes = sorted(rng.sample(codes, min(rng.randint(1, 2), len(codes))))
    changed = rng.random()
    if story.is_current and changed < (0.6 if story.key == "leaderless" else 0.025):
        ago = min(rng.randint(5, 80), subject.plan.seat.age)
        account.org_change_on, account.org_change = days.ago(ago), rng.choice(CHANGES)
    if story.key == "troubled" and rng.random() < ESCALATED:
        account.escalated_since = days.workday(min(rng.randint(1, 12), max(subject.plan.seat.age - 3, 1)))


def overrides_of(subjects: Sequence[Subject]) -> list[HealthOverride]:
    """A few words over the scorecard, with their reason; most hold, some were taken back."""
    made = []
    for subject in subjects:
        rng = subject.setting.rng(subject.plan.seat.index, "override")
        said = OVERRIDES.get(subject.plan.seat.story.key)
        if said is None or rng.random() >= OVERRIDDEN or subject.plan.seat.age < HISTORY:
            continue
        health, reason = rng.choice(said)
        days = subject.setting.days
        day = days.workday(rng.randint(2, 24))
        ended = days.office_hour(rng, days.workday(1)) if rng.random() < 0.25 else None
        made.append(
            HealthOverride(
                workspace=subject.setting.workspace,
                account=subject.plan.account,
                health=health,
                reason=reason,
                author=subject.owner,
                created_at=days.office_hour(rng, day),
                expires_on=days.ago(-rng.randint(6, 60)),
                ended_at=ended,
                ended_by=subject.owner if ended else None,
            )
        )
    return made


def tell_history(subjects: Sequence[Subject]) -> None:
    """Half a year of days that lead to what the pipeline has just computed, and since when that holds; in sets."""
    if not subjects:
        return
    workspace = subjects[0].setting.workspace
    cards = {card.id: card for card in active_cards(workspace.pk)}
    standings = AccountHealth.objects.filter(workspace=workspace).in_bulk()
    overrides = {each.account_id: each for each in HealthOverride.objects.filter(workspace=workspace)}
    rows: list[HealthDay] = []
    for subject in subjects:
        standing = standings[subject.plan.account.pk]
        if standing.scorecard_id in cards:
            told = list(_days(subject, standing, cards[standing.scorecard_id], overrides.get(standing.pk)))
            standing.since = _since(told)
            rows += told
    HealthDay.objects.filter(workspace=workspace, scorecard_id__isnull=False).delete()
    HealthDay.objects.bulk_create(rows, batch_size=BATCH)
    AccountHealth.objects.bulk_update(
        [each for each in standings.values() if each.scorecard_id in cards], ["since"], batch_size=BATCH // 4
    )


def _days(
    subject: Subject, standing: AccountHealth, card: Card, override: HealthOverride | None
) -> Iterator[HealthDay]:
    """The rows of one account, oldest first, the last of them what holds today."""
    setting, plan = subject.setting, subject.plan
    states = _states(subject, standing, card)
    points_on = {setting.days.ago(ago): points for ago, points in reversed(states)}
    spoken_on = _span(override, setting)
    for day in spoken_on:
        # Whoever speaks or takes it back does so over the points that stood.
        points_on.setdefault(day, points_on[max((each for each in points_on if each <= day), default=min(points_on))])
    last: tuple[str, int | None, list[int | None]] | None = None
    for day, points in sorted(points_on.items()):
        score, health = _verdict(points, card)
        spoken = override is not None and spoken_on[0] <= day and not any(end <= day for end in spoken_on[1:])
        shown = override.health if override is not None and spoken else health
        if (shown, score, points) != last:
            last = (shown, score, points)
            yield HealthDay(
                workspace=setting.workspace,
                account=plan.account,
                day=day,
                health=shown,
                score=score,
                points=points,
                scorecard_id=card.id,
                version=card.version,
                is_override=spoken,
            )


def _states(subject: Subject, standing: AccountHealth, card: Card) -> list[tuple[int, list[int | None]]]:
    """``(days ago, points from then on)``, the latest first: the colour has held since the judgement says so."""
    rng, plan = subject.setting.rng(subject.plan.seat.index, "health"), subject.plan
    oldest = min(HISTORY, plan.seat.age)
    begun = min((subject.setting.days.today - (plan.account.health_since or subject.setting.days.today)).days, oldest)
    ago = min(begun, rng.randint(2, 25))
    states = [(ago, list(standing.points))]
    colour = _verdict(standing.points, card)[1]
    moves = 3 if plan.seat.story.key in BETTER else 1
    while ago < oldest:
        step = ago + rng.randint(9, 32)
        ago = min(step, begun if ago < begun else oldest)
        before = _earlier(states[-1][1], card, rng, plan.seat.story.key, 1 if ago <= begun else moves)
        if before == states[-1][1] or (ago <= begun and _verdict(before, card)[1] != colour):
            continue
        moves = 1 if ago > begun else moves
        states.append((ago, before))
    return states


def _span(override: HealthOverride | None, setting: Setting) -> list[date]:
    """The day an override began to hold and, where it was taken back, the day it ceased to."""
    moments = [override.created_at, override.ended_at] if override is not None else []
    return [moment.astimezone(setting.days.zone).date() for moment in moments if moment is not None]


def _earlier(points: list[int | None], card: Card, rng: Random, story: str, moves: int) -> list[int | None]:
    """The points some weeks before: a few measures stood otherwise."""
    before = list(points)
    known = [index for index, each in enumerate(points) if each is not None]
    for index in rng.sample(known, min(moves, len(known))):
        measure, now = card.measures[index], points[index] or 0
        all_points = sorted({band.points for band in measure.bands} | {measure.otherwise})
        higher, lower = [each for each in all_points if each > now], [each for each in all_points if each < now]
        if story in BETTER or (story not in WORSE and rng.random() < 0.5):
            before[index] = higher[0] if higher else now
        else:
            before[index] = lower[-1] if lower else now
    return before


def _verdict(points: Sequence[int | None], card: Card) -> tuple[int | None, str]:
    """Score and colour of points, rounded as the pipeline rounds them."""
    pairs = [(measure.weight, each) for measure, each in zip(card.measures, points, strict=True) if each is not None]
    known = sum(weight for weight, _ in pairs)
    if not known or 100 * known // card.weight < card.least_known:
        return None, "undefined"
    score = (2 * sum(weight * each for weight, each in pairs) + known) // (2 * known)
    return score, "green" if score >= card.green_from else "yellow" if score >= card.yellow_from else "red"


def _since(rows: Sequence[HealthDay]) -> date:
    """The day from which the last row's health has held without a break."""
    since = rows[-1].day
    for row in reversed(rows):
        if row.health != rows[-1].health:
            break
        since = row.day
    return since
