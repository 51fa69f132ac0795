"""Where an onboarding stands: days, goals and who saw them done; pure arithmetic over rows that were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Onboarding, OnboardingGoal

# A record that ended so many days ago is told in one line.
LONG_AGO = 60


@dataclass(frozen=True)
class Standing:
    """Days are calendar days; ``left`` is negative when it is overdue and None without a target."""

    days: int
    left: int | None
    done: int
    goals: int
    ended_days: int | None

    @property
    def is_overdue(self) -> bool:
        return self.ended_days is None and self.left is not None and self.left < 0

    @property
    def late(self) -> int:
        """Days past the target; 0 before it."""
        return max(-(self.left or 0), 0)

    @property
    def is_long_ago(self) -> bool:
        return self.ended_days is not None and self.ended_days > LONG_AGO


def standing_of(record: Onboarding, goals: Sequence[OnboardingGoal], today: date) -> Standing:
    """A running record counts to today, an ended one to its end."""
    until = record.ended_on if record.state != Onboarding.State.OPEN and record.ended_on else today
    return Standing(
        days=max((until - record.started_on).days, 0),
        left=(record.target_on - until).days if record.target_on else None,
        done=sum(goal.done_on is not None for goal in goals),
        goals=len(goals),
        ended_days=None if record.state == Onboarding.State.OPEN else (today - until).days,
    )
