"""How the accounts of the demo are doing: a handful of stories, each with its numbers, dealt out in exact shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from accounts.models import Account

GREEN, YELLOW, RED, UNDEFINED = (str(value) for value in Account.Health.values)
Range = tuple[int, int]


@dataclass(frozen=True)
class Story:
    """What holds for every account of one story.

    Days are counted back from today: ``used`` since the last use, ``answered`` since the last answer of the contact,
    ``age`` since the account became a customer (``None`` follows from the renewal), ``since`` since health changed.
    ``active`` is the share of contracted users that are active, ``outcome`` the percentage of the target reached,
    ``ending`` the occasion of the episodes that tell the latest news.
    """

    key: str
    share: float
    health: Mapping[str, int]
    used: Range
    answered: Range
    since: Range
    active: Range
    outcome: Range
    ending: str = ""
    age: Range | None = None
    high_growth: int = 20
    remarks: str = "good"

    @property
    def is_current(self) -> bool:
        return self.key != "churned"


STORIES = (
    Story("thriving", 0.17, {GREEN: 1}, (0, 3), (1, 12), (40, 400), (86, 104), (95, 135), high_growth=55),
    Story("steady", 0.395, {GREEN: 93, UNDEFINED: 7}, (0, 14), (3, 30), (60, 500), (70, 95), (72, 112)),
    Story("quiet", 0.09, {YELLOW: 85, UNDEFINED: 15}, (13, 26), (14, 44), (6, 40), (42, 66), (46, 82), remarks="quiet"),
    Story(
        "silent",
        0.09,
        {RED: 50, YELLOW: 50},
        (33, 92),
        (45, 115),
        (0, 0),
        (8, 40),
        (18, 62),
        "unanswered",
        remarks="silent",
    ),
    Story("half", 0.04, {YELLOW: 60, GREEN: 40}, (0, 9), (6, 34), (5, 45), (55, 80), (50, 90), remarks="quiet"),
    Story(
        "troubled",
        0.05,
        {RED: 65, YELLOW: 35},
        (0, 9),
        (1, 8),
        (4, 38),
        (55, 85),
        (30, 75),
        "trouble",
        remarks="trouble",
    ),
    Story(
        "unpaid", 0.04, {YELLOW: 62, RED: 38}, (1, 24), (2, 16), (0, 0), (45, 85), (45, 95), "unpaid", remarks="unpaid"
    ),
    Story("new", 0.07, {UNDEFINED: 70, GREEN: 30}, (0, 8), (1, 9), (0, 0), (40, 80), (20, 60), "", (5, 84), 40, "new"),
    Story("stalled", 0.02, {RED: 1}, (34, 70), (34, 60), (4, 20), (0, 6), (5, 20), "stalled", (64, 96), 60, "stalled"),
    Story(
        "leaderless",
        0.015,
        {YELLOW: 70, UNDEFINED: 30},
        (2, 22),
        (12, 48),
        (3, 30),
        (45, 80),
        (45, 90),
        "left",
        remarks="left",
    ),
    Story(
        "churned", 0.02, {UNDEFINED: 1}, (45, 160), (40, 130), (15, 110), (0, 5), (20, 60), "churned", remarks="churned"
    ),
)
STEADY = STORIES[1]


def deal(rng: Random, count: int) -> list[Story]:
    """``count`` stories in their shares, shuffled; at least one of each when there is room for all."""
    counts = {story.key: int(story.share * count) for story in STORIES}
    if count >= len(STORIES):
        counts = {key: max(number, 1) for key, number in counts.items()}
    counts["steady"] += count - sum(counts.values())
    dealt = [story for story in STORIES for _ in range(counts[story.key])]
    rng.shuffle(dealt)
    return dealt
