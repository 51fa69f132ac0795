"""Onboarding records and plans of the demo: what runs, what was reached, what was agreed and said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from accounts.models import (
    AdoptionCheck,
    GoalTemplate,
    Onboarding,
    OnboardingGoal,
    Plan,
    PlanAction,
    PlanEntry,
    PlanGoal,
)

from .telling import Subject

TARGET_DAYS = 30  # as the pipeline sets it for a record that it opens
ADOPTER_AGE = 330  # days: how long ago an account whose onboarding is still told began
RETENTION_ODDS, SUCCESS_ODDS = 0.45, 0.35
CHECKS = {
    "on_track": (
        "Most people log in, and the main contact answers within the day.",
        "Live with the whole team; asked for the advanced training already.",
    ),
    "behind": (
        "Two of the team log in, the rest waits for the training.",
        "The data is in, but nobody has time before the end of the month.",
    ),
    "blocked": (
        "Their IT has not released single sign-on; nothing moves until then.",
        "The contact who drove it is on leave, nobody stands in.",
    ),
}
COMPLETED = (
    "Everything runs; the main contact knows whom to ask.",
    "Training held for all shifts, branding approved by their marketing.",
    "One late starter still to be trained, which their own lead does.",
)
CHECK_INS = (
    "Went through the numbers together: better than last month, still short of the target.",
    "They want the reports by Monday; the training date is fixed.",
    "Short call. The new lead takes over the weekly look at the numbers.",
)
VALUES = (
    "We used to spend a day a week on this. Now it is an hour.",
    "At the last audit we had every record at hand within minutes.",
    "New people are productive in their first week.",
)
ACTIONS = (
    "Hold the re-training for the whole team",
    "Agree on what the decision maker expects",
    "Send the usage report with our comments",
    "Name somebody who looks after it on their side",
    "Review the numbers together",
)
# Measure, unit, baseline and target: the way a plan goes; the second falls.
MEASURES: dict[str, tuple[tuple[str, str, int, int], ...]] = {
    "advisor": (
        ("Logins per week", "logins", 3, 15),
        ("Open support tickets", "", 6, 1),
        ("Cases created per month", "cases", 4, 20),
    ),
    "compliance": (
        ("Logins per week", "logins", 2, 12),
        ("Overdue courses", "courses", 34, 5),
        ("Staff with training up to date", "%", 61, 95),
    ),
}


@dataclass
class Told:
    """The rows of all accounts, by table."""

    onboardings: list[Onboarding] = field(default_factory=list)
    goals: list[OnboardingGoal] = field(default_factory=list)
    checks: list[AdoptionCheck] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    plan_goals: list[PlanGoal] = field(default_factory=list)
    actions: list[PlanAction] = field(default_factory=list)
    entries: list[PlanEntry] = field(default_factory=list)

    def tables(self) -> Iterator[tuple[Any, list[Any]]]:
        """Each table with its rows, parents first; children take the keys that their parents got in between."""
        yield Onboarding, self.onboardings
        of_records: list[Any] = [*self.goals, *self.checks]
        for row in of_records:
            row.onboarding = row.onboarding
        yield OnboardingGoal, self.goals
        yield AdoptionCheck, self.checks
        yield Plan, self.plans
        of_plans: list[Any] = [*self.plan_goals, *self.actions, *self.entries]
        for part in of_plans:
            part.plan = part.plan
        yield PlanGoal, self.plan_goals
        yield PlanAction, self.actions
        yield PlanEntry, self.entries


def tell_plans(subjects: Sequence[Subject]) -> Told:
    """Records of accounts in onboarding and of young ones, plans of red and of important ones; nothing is saved."""
    told = Told()
    if not subjects:
        return told
    workspace = subjects[0].setting.workspace
    templates = list(GoalTemplate.objects.filter(workspace=workspace, is_active=True).order_by("place"))
    for subject in subjects:
        account, seat = subject.plan.account, subject.plan.seat
        rng = subject.setting.rng(seat.index, "plans")
        if account.stage == "onboarding" or (account.stage == "adoption" and seat.age <= ADOPTER_AGE):
            _onboard(subject, rng, templates, told)
        if account.health == "red" and seat.story.is_current and rng.random() < RETENTION_ODDS:
            _plan(subject, rng, Plan.Kind.RETENTION, told)
        elif seat.tier == 1 and account.stage in ("adoption", "mature") and rng.random() < SUCCESS_ODDS:
            _plan(subject, rng, Plan.Kind.SUCCESS, told)
    return told


def _onboard(subject: Subject, rng: Random, templates: Sequence[GoalTemplate], told: Told) -> None:
    """A record with its goals: a running one partly done, an ended one done but for a straggler now and then."""
    account, days, workspace = subject.plan.account, subject.setting.days, subject.setting.workspace
    runs = account.stage == "onboarding"
    began = (account.stage_since if runs else account.customer_since) or days.today
    took = (days.today - began).days if runs else min(rng.randint(18, 58), subject.plan.seat.age - 20)
    record = Onboarding(
        workspace=workspace, account=account, started_on=began, target_on=began + timedelta(days=TARGET_DAYS)
    )
    if not runs:
        record.state, record.ended_on = Onboarding.State.COMPLETED, began + timedelta(days=took)
        record.ended_by, record.note = subject.csm(subject.plan.seat.age - took), rng.choice(COMPLETED)
    told.onboardings.append(record)
    mine = [one for one in templates if one.instance_id in (None, account.instance_id)]
    share = 0.92 if not runs else {"stalled": 0.15}.get(subject.plan.seat.story.key, min(took / 60, 0.9))
    for template in mine:
        goal = OnboardingGoal(
            workspace=workspace, account=account, onboarding=record, template=template, label=template.label,
            place=template.place,
        )  # fmt: skip
        # The pipeline itself ticks what it sees on the demo's running records.
        if rng.random() < share and (not runs or template.reached_when is None):
            goal.done_on = began + timedelta(days=rng.randint(1, max(took, 1)))
            goal.done_on = min(goal.done_on, days.today)
            goal.done_by = None if template.reached_when else subject.owner
        told.goals.append(goal)
    _check(subject, rng, record, took, told)


def _check(subject: Subject, rng: Random, record: Onboarding, took: int, told: Told) -> None:
    """The day-30 check of a record that has run so long."""
    if took < TARGET_DAYS or rng.random() < 0.25:
        return
    stuck = subject.plan.account.health == "red"
    verdict = rng.choice(("behind", "blocked")) if stuck else rng.choices(("on_track", "behind"), (75, 25))[0]
    told.checks.append(
        AdoptionCheck(
            workspace=record.workspace,
            account=record.account,
            onboarding=record,
            author=subject.owner,
            checked_on=record.started_on + timedelta(days=rng.randint(TARGET_DAYS - 2, took)),
            verdict=verdict,
            note=rng.choice(CHECKS[verdict]),
        )
    )


def _plan(subject: Subject, rng: Random, kind: str, told: Told) -> None:
    """A plan that has run for some weeks: goals on their way, some actions done, check-ins held."""
    account, days, workspace = subject.plan.account, subject.setting.days, subject.setting.workspace
    retains = kind == Plan.Kind.RETENTION
    since = min(rng.randint(10, 45 if retains else 120), max(subject.plan.seat.age - 5, 1))
    rhythm = 7 if retains else 30
    plan = Plan(
        workspace=workspace,
        account=account,
        kind=kind,
        title=f"Win back {subject.plan.short}" if retains else f"{subject.plan.short} {days.today.year}",
        starts_on=days.workday(since),
        target_on=days.coming_workday(rng.randint(15, 120)),
        check_in_days=rhythm,
        next_check_in_on=days.coming_workday(rng.randint(-3, rhythm)),
        author=subject.owner,
    )
    told.plans.append(plan)
    _goals(subject, rng, plan, since, told)
    for title in rng.sample(ACTIONS, rng.randint(2, 4)):
        due = rng.randint(-since, 21)
        action = PlanAction(workspace=workspace, account=account, plan=plan, title=title)
        action.due_on = days.coming_workday(due) if due >= 0 else days.workday(-due)
        if "their" in title:
            action.contact = subject.contacts[0]
        if due < -4 and rng.random() < 0.85:
            action.done_on, action.done_by = action.due_on, subject.owner
        told.actions.append(action)
    for place, ago in enumerate(range(rhythm, since, rhythm)):
        if place > 2:
            break
        told.entries.append(_entry(subject, plan, "check_in", ago, rng.choice(CHECK_INS)))
    if not retains and rng.random() < 0.6:
        told.entries.append(_entry(subject, plan, "value", rng.randint(1, since), rng.choice(VALUES)))


def _entry(subject: Subject, plan: Plan, kind: str, ago: int, text: str) -> PlanEntry:
    return PlanEntry(
        workspace=plan.workspace, account=plan.account, plan=plan, kind=kind, on=subject.setting.days.workday(ago),
        text=text, author=subject.owner, said_by=subject.contacts[0] if kind == "value" else None,
    )  # fmt: skip


def _goals(subject: Subject, rng: Random, plan: Plan, since: int, told: Told) -> None:
    """Two measures of the trade on their way, and the account's own outcome if it has one."""
    days = subject.setting.days
    ways = [
        (measure, unit, Decimal(baseline), Decimal(target))
        for measure, unit, baseline, target in rng.sample(MEASURES[subject.setting.vendor.pack], 2)
    ]
    for outcome in subject.contract.outcomes[:1]:
        if outcome.actual < outcome.target:
            ways.insert(0, (outcome.measure, "", Decimal(outcome.actual * 3 // 4), Decimal(outcome.target)))
    for place, (measure, unit, baseline, target) in enumerate(ways):
        current = (baseline + (target - baseline) * rng.randint(0, 11) / 10).to_integral_value()
        reached = current >= target if target > baseline else current <= target
        measured = days.ago(rng.randint(0, min(since, 9)))
        told.plan_goals.append(
            PlanGoal(
                workspace=plan.workspace, account=plan.account, plan=plan, measure=measure, unit=unit,
                baseline=baseline, target=target, current=current, measured_on=measured, place=place,
                due_on=days.coming_workday(rng.randint(-6, 75)), reached_on=measured if reached else None,
            )
        )  # fmt: skip
