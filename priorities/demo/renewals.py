"""How renewals stand in the demo: stages, who decides, days of notice, how the last ones ended, and a year of MRR."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from uuid import UUID

from accounts.models import Account, Contact, RenewalOutcome, RevenueDay, Subscription

from .layout import TERM
from .telling import Subject

STAGE = Subscription.RenewalStage
RESULT = RenewalOutcome.Result
# Days before the renewal from which talks may have begun, and the stages they may have reached, by odds.
TALKS = ((30, (8, 22, 30, 34)), (60, (22, 38, 28, 12)), (120, (60, 30, 8, 2)))
REACHED = (STAGE.NOT_STARTED, STAGE.CONTACTED, STAGE.NEGOTIATING, STAGE.COMMITTED)
SAID: dict[str, tuple[int, ...]] = {
    STAGE.COMMITTED: (95, 98, 100),
    STAGE.AT_RISK: (15, 25, 35),
    STAGE.NEGOTIATING: (75, 80, 85),
}
NOTES: dict[str, tuple[str, ...]] = {
    STAGE.COMMITTED: ("Verbal yes, paper follows", "Signature expected this week"),
    STAGE.NEGOTIATING: ("Asks for a two-year price", "Quote is with them", "Wants fewer seats"),
    STAGE.AT_RISK: ("Looks at another vendor", "Budget was cut", "Sponsor has left"),
}
YEAR = 365


def steer_renewals(subjects: Sequence[Subject]) -> None:
    """Terms, stages and deciders of unsaved subscriptions, once accounts and contacts are saved."""
    heads: dict[UUID | None, Subject] = {subject.plan.account.pk: subject for subject in subjects}
    for subject in subjects:
        rng = subject.setting.rng(subject.plan.seat.index, "renewals")
        head = heads.get(subject.plan.account.parent_id)
        decider = _decider(subject.contacts)
        stage = _stage(subject, rng)
        probability = rng.choice(SAID[stage]) if stage in SAID and rng.random() < 0.8 else None
        note = rng.choice(NOTES[stage]) if stage in NOTES else ""
        notice, auto, known = rng.choice((30, 30, 60, 90)), rng.random() < 0.7, rng.random() < 0.8
        for row in subject.contract.subscriptions:
            row.term_months, row.notice_days, row.auto_renews = 12, notice, auto
            row.renewal_stage, row.renewal_probability, row.renewal_note = stage, probability, note
            row.decider = decider if known else None
            if head is not None and head.plan.seat.index % 2 == 0:
                # The group pays for its members, and its head office decides.
                row.decided_at_account = head.plan.account
                row.decider = _decider(head.contacts)


def _decider(contacts: Sequence[Contact]) -> Contact | None:
    fitting = [one for one in contacts if one.is_decision_maker] or [one for one in contacts if one.is_primary]
    return fitting[0] if fitting else None


def _stage(subject: Subject, rng: Random) -> str:
    """Where the talks stand, by the days that are left and the story."""
    seat = subject.plan.seat
    if not seat.story.is_current or seat.renews_in > TALKS[-1][0]:
        return STAGE.NOT_STARTED
    if subject.plan.account.health == Account.Health.RED and rng.random() < 0.7:
        return STAGE.AT_RISK
    odds = next(odds for days, odds in TALKS if seat.renews_in <= days)
    return rng.choices(REACHED, odds)[0]


def end_renewals(subjects: Sequence[Subject]) -> tuple[list[RenewalOutcome], list[RevenueDay]]:
    """Unsaved outcomes of the past year and the MRR since a year ago; the last day's is today's."""
    outcomes: list[RenewalOutcome] = []
    days: list[RevenueDay] = []
    for subject in subjects:
        rng = subject.setting.rng(subject.plan.seat.index, "outcomes")
        own = [each for row in subject.contract.subscriptions if (each := _outcome(subject, row, rng))]
        outcomes += own
        days += _revenue(subject, own)
    return outcomes, days


def _outcome(subject: Subject, row: Subscription, rng: Random) -> RenewalOutcome | None:
    """How the last renewal of a subscription ended, if it was due in the past year."""
    days = subject.setting.days
    due_on = row.ended_on or (row.renews_on or days.today) - timedelta(days=TERM)
    began = subject.plan.account.customer_since or days.today
    if not days.ago(YEAR - 5) < due_on < days.today or due_on <= began + timedelta(days=30):
        return None
    factor = rng.choices((1.0, 0.9, 0.8, 1.15), (62, 22, 6, 10))[0]
    before = row.mrr_minor if row.ended_on else max(round(row.mrr_minor * factor / 50) * 50, 50)
    return RenewalOutcome(
        workspace=subject.setting.workspace,
        account=subject.plan.account,
        subscription=row,
        due_on=due_on,
        result=_result(row, before),
        mrr_before_minor=before,
        mrr_after_minor=0 if row.ended_on else row.mrr_minor,
        currency=row.currency,
        renewed_to=None if row.ended_on else row.renews_on,
        reason=rng.choice(("Price", "Closed its doors", "Went to a rival", "Too little use")) if row.ended_on else "",
        author=subject.plan.seat.csm,
        decided_at=days.office_hour(rng, due_on - timedelta(days=rng.randint(1, 12))),
    )


def _result(row: Subscription, before: int) -> str:
    if row.ended_on:
        return RESULT.LOST
    if before == row.mrr_minor:
        return RESULT.RENEWED
    return RESULT.EXPANDED if before < row.mrr_minor else RESULT.REDUCED


def _revenue(subject: Subject, outcomes: Sequence[RenewalOutcome]) -> Iterator[RevenueDay]:
    """MRR from a year ago, or from the first day, with a step at each outcome; one row per change."""
    days, account = subject.setting.days, subject.plan.account
    now = sum(row.mrr_minor for row in subject.contract.subscriptions if row.ended_on is None)
    start = max(account.customer_since or days.today, days.ago(YEAR))
    steps: dict[date, int] = {}
    for outcome in outcomes:
        steps[outcome.due_on] = steps.get(outcome.due_on, 0) + outcome.mrr_after_minor - outcome.mrr_before_minor
    amount = now - sum(steps.values())
    noted: dict[date, int] = {start: amount}
    for day in sorted(steps):
        amount += steps[day]
        noted[max(day, start)] = amount
    last: int | None = None
    for day, mrr in noted.items():
        if mrr != (last or 0):
            yield RevenueDay(workspace=subject.setting.workspace, account=account, day=day, mrr_minor=mrr)
            last = mrr
