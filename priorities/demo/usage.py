"""Ninety days of use behind what the accounts are said to use, and the nightly drops that brought them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from accounts.models import ModuleUse, SeatDay, UsageDrop
from accounts.usage import counting
from csworkbench.imports.staging import Stage

from .books import Setting
from .telling import Subject

WINDOW, MONTH = 90, 30
NIGHTS = 6
# Of ten workdays, on how many the busiest module of an account is used that declared so; others about once a week.
RHYTHM = {"daily": 9, "weekly": 4, "monthly": 2, "rarely": 1, "": 5}
# The 30 days before, in percent of the last 30: what fails now went better then.
BEFORE = {"red": (115, 190), "yellow": (95, 140), "green": (75, 105)}
COLUMNS = {"account": "uuid", "module": "uuid", "day": "date", "uses": "integer", "people": "integer"}
INSERT = """
INSERT INTO accounts_usageday (workspace_id, account_id, module_id, day, uses, active_users, stated_at)
SELECT %(workspace)s, account, module, day, uses, people, day::timestamptz + interval '26 hours' FROM import_stage
"""


def fill_usage(setting: Setting, subjects: Sequence[Subject]) -> int:
    """Days of use whose last day and 30-day sums are those of the accounts, counted as drops are; returns rows."""
    stage = Stage(setting.workspace.pk, COLUMNS)
    stage.fill(line for subject in subjects for line in _lines(setting, subject))
    stage.run("ANALYZE import_stage")
    rows = stage.run(INSERT)
    SeatDay.objects.bulk_create((row for subject in subjects for row in _seats(setting, subject)), batch_size=2_000)
    counting.count_workspace(setting.workspace, setting.days.today)
    UsageDrop.objects.bulk_create(_drops(setting, rows))
    return rows


def _lines(setting: Setting, subject: Subject) -> Iterator[bytes]:
    """The days of one account for COPY."""
    rng = setting.rng(subject.plan.seat.index, "usage")
    account = subject.plan.account
    uses = subject.contract.uses
    busiest = max(uses, key=lambda use: use.uses_30_days, default=None)
    people = max(subject.contract.active, 1)
    for use in uses:
        rhythm = RHYTHM[account.declared_frequency] if use is busiest else 2
        for ago, count in _days(rng, setting, subject, use, rhythm):
            number = f"{min(people, max(count // 3, 1))}"
            cells = (
                "0",
                r"\N",
                r"\N",
                f"{account.pk}",
                f"{use.module_id}",
                f"{setting.days.ago(ago)}",
                f"{count}",
                number,
            )
            yield ("\t".join(cells) + "\n").encode()


def _days(rng: Random, setting: Setting, subject: Subject, use: ModuleUse, rhythm: int) -> Iterator[tuple[int, int]]:
    """Days ago with uses: the last one, then workdays by the rhythm, the sums shared out over them."""
    last = (setting.days.today - use.last_used_at.astimezone(setting.days.zone).date()).days
    oldest = min(WINDOW, max(subject.plan.seat.age, last + 1))
    if last >= oldest:
        return
    days = [last, *(ago for ago in range(last + 1, oldest) if _is_used(rng, setting, ago, rhythm))]
    recent = [ago for ago in days if ago < MONTH]
    earlier = [ago for ago in days if ago >= MONTH]
    total = use.uses_30_days if recent else 0
    yield from _shared(rng, recent[: max(total, 1)], total)
    low, high = BEFORE.get(subject.plan.account.health, (85, 120))
    per_month = max(use.uses_30_days or rng.randint(8, 40), 1)
    share = per_month * rng.randint(low, high) / 100 * len(earlier) / max(len(recent), rhythm * 2, 1)
    yield from _shared(rng, earlier, max(round(share), len(earlier)))


def _is_used(rng: Random, setting: Setting, ago: int, rhythm: int) -> bool:
    return setting.days.ago(ago).weekday() < 5 and rng.randrange(10) < rhythm


def _shared(rng: Random, days: Sequence[int], total: int) -> Iterator[tuple[int, int]]:
    """A total over days, unevenly, at least one each."""
    left = total
    for at, ago in enumerate(days):
        rest = len(days) - at - 1
        mean = left // (rest + 1)
        count = left if rest == 0 else min(max(round(mean * rng.uniform(0.5, 1.5)), 1), left - rest)
        left -= count
        if count > 0:
            yield ago, count


def _seats(setting: Setting, subject: Subject) -> Iterator[SeatDay]:
    """How many people each running subscription had, now and then over the last months."""
    rng = setting.rng(subject.plan.seat.index, "seats")
    growth = {"green": 1.06, "red": 0.93}.get(subject.plan.account.health, 1.0)
    for subscription in subject.contract.subscriptions:
        if subscription.ended_on is not None or subscription.active_users is None:
            continue
        for ago in (95, 64, 32, 1):
            if ago != 1 and ago >= subject.plan.seat.age:
                continue
            day = setting.days.ago(ago)
            scale = growth ** ((1 - ago) / MONTH) * (1 if ago == 1 else rng.uniform(0.98, 1.02))
            yield SeatDay(
                workspace=setting.workspace,
                account=subject.plan.account,
                product=subscription.product,
                day=day,
                active_users=round(subscription.active_users * scale),
                inactive_users=subscription.inactive_users,
                terminated_users=round((subscription.terminated_users or 0) * max(1 - ago / 300, 0)),
                stated_at=_night(setting, day + timedelta(days=1)),
            )


def _drops(setting: Setting, rows: int) -> Iterator[UsageDrop]:
    """The drops of the last nights; their files have been cleared away."""
    rng = setting.rng("drops")
    for night in range(NIGHTS):
        day = setting.days.ago(night + 1)
        made = min(_night(setting, day + timedelta(days=1)), setting.days.now)
        brought = round(rows / WINDOW * rng.uniform(0.85, 1.1))
        rejected = rng.choice((0, 0, 2, 5))
        yield UsageDrop(
            workspace=setting.workspace,
            source=UsageDrop.Source.FOLDER,
            name=f"lms-usage-{day}.csv.gz",
            digest=f"{rng.getrandbits(256):064x}",
            size=brought * 11,
            state=UsageDrop.State.APPLIED,
            stated_at=made,
            received_at=made,
            started_at=made,
            applied_at=min(made + timedelta(seconds=9), setting.days.now),
            report=_report(brought, rejected, day),
        )


def _report(rows: int, rejected: int, day: date) -> dict[str, Any]:
    values = {f"009{number:04d}": [1, 40 + number * 7] for number in range(rejected)}
    problems = {"account_unknown": {"rows": rejected, "values": values}} if rejected else {}
    return {
        "rows": rows, "use_rows": rows - rejected, "users_rows": 0, "new": rows - rejected, "changed": 0,
        "unchanged": 0, "superseded": 0, "late": 0, "repeated": 0, "rejected": rejected, "problems": problems,
        "days": [f"{day}", f"{day}"], "contracted": [], "through": rows + 1,
    }  # fmt: skip


def _night(setting: Setting, day: date) -> datetime:
    return datetime.combine(day, time(2, 14), setting.days.zone)
