"""The support tickets of the demo, as many and as bad as each account's story has it (ACC-9)."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from accounts.models import SupportTicket

from .telling import Subject

Kind, State, Severity = SupportTicket.Kind, SupportTicket.State, SupportTicket.Severity
# topic → (kind, subjects).
TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "SSO": (Kind.INTEGRATION, ("SSO sign-in fails for new employees", "Set up SSO with our identity provider")),
    "HRIS": (Kind.INTEGRATION, ("HRIS sync leaves former employees active", "HRIS fields are mapped wrongly")),
    "Reports": (Kind.SUPPORT, ("Completion report misses two locations", "Export of the report times out")),
    "Courses": (Kind.SUPPORT, ("Course does not mark as completed", "Certificate shows the former name")),
    "Sign-in": (Kind.SUPPORT, ("Reset link does not arrive", "Two employees share one login")),
    "Branding": (Kind.CUSTOMISATION, ("Logo is cut off in mails", "Own colours on the sign-in page")),
    "Billing": (Kind.SUPPORT, ("Invoice lists users who left", "Card is charged twice")),
}
# story → (support tickets in a year, open ones, topics that come up again).
STORIES: dict[str, tuple[tuple[int, int], tuple[int, int], tuple[str, ...]]] = {
    "thriving": ((0, 4), (0, 0), ()),
    "steady": ((0, 5), (0, 1), ()),
    "quiet": ((0, 4), (0, 1), ()),
    "silent": ((0, 3), (0, 1), ("Sign-in",)),
    "half": ((1, 5), (0, 1), ("Courses",)),
    "troubled": ((4, 11), (1, 3), ("SSO", "Reports")),
    "unpaid": ((1, 4), (0, 1), ("Billing",)),
    "new": ((0, 3), (0, 2), ("SSO", "Branding")),
    "stalled": ((2, 5), (1, 2), ("HRIS", "SSO")),
    "leaderless": ((0, 3), (0, 1), ()),
    "churned": ((0, 3), (0, 0), ()),
}


def tickets_of(subjects: list[Subject]) -> list[SupportTicket]:
    """Support tickets of all accounts, numbered in the order of the accounts."""
    return [row for subject in subjects for row in _of(subject, f"SUP-{1_000 + subject.plan.seat.index}")]


def _of(subject: Subject, number: str) -> list[SupportTicket]:
    rng = subject.setting.rng(subject.plan.seat.index, "support")
    yearly, waiting, recurring = STORIES[subject.plan.seat.story.key]
    age = min(subject.plan.seat.age, 420)
    still_open = rng.randint(*waiting) if age > 2 else 0
    past = rng.randint(*yearly) * age // 365 if age > 20 else 0
    days = [rng.randint(1, min(24, age)) for _ in range(still_open)] + [rng.randint(15, age) for _ in range(past)]
    return [
        _ticket(subject, rng, f"{number}-{place}", ago, recurring, is_open=place <= still_open)
        for place, ago in enumerate(days, start=1)
    ]


def _ticket(
    subject: Subject, rng: Random, key: str, ago: int, recurring: tuple[str, ...], *, is_open: bool
) -> SupportTicket:
    """One support ticket opened some days ago; what is not open any more was answered in hours, resolved in days."""
    days = subject.setting.days
    topic = rng.choice(recurring) if recurring and rng.random() < 0.6 else rng.choice(list(TOPICS))
    kind, subjects = TOPICS[topic]
    opened = days.office_hour(rng, days.workday(ago))
    is_bad = subject.plan.seat.story.key in ("troubled", "stalled")
    answered = min(opened + timedelta(minutes=rng.randint(20, 2_600 if is_bad else 600)), days.now)
    resolved = min(answered + timedelta(minutes=rng.randint(60, 14_000 if is_bad else 5_000)), days.now)
    has_answer = not is_open or rng.random() < 0.7
    return SupportTicket(
        workspace=subject.setting.workspace,
        account=subject.plan.account,
        key=key,
        subject=rng.choice(subjects),
        kind=kind,
        topic=topic,
        severity=rng.choices(
            (Severity.URGENT, Severity.NORMAL, Severity.MINOR), (45, 45, 10) if is_bad else (8, 70, 22)
        )[0],
        state=(State.WAITING if has_answer and rng.random() < 0.3 else State.OPEN) if is_open else State.RESOLVED,
        requester=rng.choice(list(subject.contacts)) if rng.random() < 0.85 else None,
        opened_at=opened,
        first_response_at=answered if has_answer else None,
        resolved_at=None if is_open else resolved,
        url=f"https://desk.example.org/tickets/{key.lower()}",
        created_at=opened,
    )
