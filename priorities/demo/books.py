"""The accounts themselves: names that belong together, ids, health with its reason, and all that stands on the row."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from accounts.models import Account
from accounts.search import normalise_name
from csworkbench.tenancy.models import Member, Workspace

from ..packs import Catalogue
from .cast import DOMAIN, Vendor
from .days import Days
from .layout import Seat
from .trades import Trade
from .wording import FOLDER

ALPHABET = string.ascii_letters + string.digits
EAST = ("America/New_York", "America/Chicago")
EMPLOYEES = {1: (60, 900), 2: (14, 160), 3: (2, 45)}
FREQUENCIES = ("daily", "weekly", "monthly", "rarely", "")
FREQUENCY_ODDS = {1: (55, 30, 5, 0, 10), 2: (34, 40, 10, 2, 14), 3: (14, 40, 22, 6, 18)}
POTENTIALS = (Account.Potential.MEDIUM, Account.Potential.LOW, "")
RENEWAL_STAGE = 60  # days before the renewal
ADOPTION = 330  # days after which an account counts as mature


@dataclass
class Setting:
    """What all builders of one workspace share."""

    vendor: Vendor
    workspace: Workspace
    trade: Trade
    catalogue: Catalogue
    members: dict[str, Member]
    days: Days

    def rng(self, *parts: object) -> Random:
        """A generator of its own for each account and purpose, so that a change in one moves no other."""
        return Random("/".join(str(part) for part in (self.vendor.slug, self.vendor.seed, *parts)))  # noqa: S311  # nosec B311

    def member_of(self, role: str, place: int = 0) -> Member:
        """The member with a role, in the order of the cast."""
        return [member for member in self.members.values() if role in member.roles][place]


@dataclass
class Plan:
    """One account with what its own row does not say: ``short`` is how people call it."""

    seat: Seat
    account: Account
    short: str


@cache
def names() -> dict[str, Any]:
    """The pools of ``texts/names.toml``."""
    return tomllib.loads((FOLDER / "names.toml").read_text(encoding="utf-8"))


def plan_accounts(setting: Setting, seats: list[Seat]) -> list[Plan]:
    """An unsaved account for each seat, in order; ``parent`` is still open."""
    naming = Naming(setting.rng("names"), setting.trade)
    plans: list[Plan] = []
    for seat in seats:
        head = plans[seat.head] if seat.head is not None else None
        name, short = naming.name(seat, head)
        rng = setting.rng(seat.index, "account")
        plans.append(Plan(seat, _account(setting, rng, seat, name, head), short))
    return plans


class Naming:
    """Names of accounts, each given once."""

    def __init__(self, rng: Random, trade: Trade) -> None:
        self.rng = rng
        self.trade = trade
        self.taken: set[str] = set()
        self.groups: Iterator[str] = iter(rng.sample(names()["group"], len(names()["group"])))

    def name(self, seat: Seat, head: Plan | None) -> tuple[str, str]:
        """A new name and its short form; ``seat.town`` is set on the way."""
        if seat.is_head:
            group = next(self.groups)
            return self._keep(f"{group} {self.rng.choice(self.trade.group_name)}"), group
        patterns = self.trade.single_name if head is None else self.trade.member_name
        while True:
            seat.town = self.rng.choice(names()["town"])
            words = {
                "word": self.rng.choice(names()["word"]),
                "first": self.rng.choice(names()["first"]),
                "last": self.rng.choice(names()["last"]),
                "last2": self.rng.choice(names()["last"]),
                "town": seat.town,
                "group": head.short if head else "",
            }
            pattern = self.rng.choice(patterns)
            name = pattern.format(**words)
            if name not in self.taken and words["last"] != words["last2"]:
                return self._keep(name), _short(pattern, words)

    def _keep(self, name: str) -> str:
        self.taken.add(name)
        return name


def _short(pattern: str, words: dict[str, str]) -> str:
    """What people call it: the word it begins with, or the town of a group's location."""
    if "{group}" in pattern:
        return words["town"] if "{town}" in pattern else words["last"]
    return words["word"] if "{word}" in pattern else words["town"] if "{town}" in pattern else words["last"]


def _account(setting: Setting, rng: Random, seat: Seat, name: str, head: Plan | None) -> Account:
    days, trade, story = setting.days, setting.trade, seat.story
    zone = head.account.time_zone if head and rng.random() < 0.5 else rng.choice(list(names()["areas"]))
    health = rng.choices(list(story.health), list(story.health.values()))[0]
    site = normalise_name(name).replace(" ", "-")[:40].strip("-")
    low, high = EMPLOYEES[seat.tier]
    stage, stage_since = _stage(rng, seat)
    return Account(
        workspace=setting.workspace,
        name=name,
        search_name=normalise_name(name),
        instance=setting.catalogue.instances[seat.instance],
        tier=seat.tier,
        segment=trade.group_segment if seat.is_head or head else trade.segments[seat.tier - 1],
        growth_potential="high"
        if rng.randint(1, 100) <= story.high_growth
        else rng.choices(POTENTIALS, (55, 35, 10))[0],
        stage=stage,
        stage_since=days.ago(stage_since),
        website=f"https://www.{site}.{DOMAIN}" if rng.random() < 0.93 else "",
        industry=head.account.industry if head else rng.choice(trade.industries),
        employees=int(low * (high / low) ** rng.random()),
        time_zone=zone,
        sf_id="001" + "".join(rng.choices(ALPHABET, k=15)) if rng.random() < 0.97 else "",
        lms_id=f"{(seat.index * 97 + 10_007) % 1_000_000:07d}" if trade.has_lms else "",
        billing_id=f"rec-{500_000 + (seat.index * 7_919) % 400_000}" if rng.random() < 0.98 else "",
        owner=seat.csm,
        rsm=setting.member_of("rsm", 0 if zone in EAST else 1),
        health=health,
        past_due_since=days.ago(rng.randint(1, 41)) if story.key == "unpaid" else None,
        declared_frequency=rng.choices(FREQUENCIES, FREQUENCY_ODDS[seat.tier])[0],
        customer_since=days.ago(seat.age),
        created_at=days.at(days.ago(seat.age), rng.randint(480, 1_000)),
    )


def _stage(rng: Random, seat: Seat) -> tuple[str, int]:
    """The lifecycle stage and how many days ago it began."""
    stages = Account.Stage
    if not seat.story.is_current:
        return stages.CHURNED, rng.randint(*seat.story.since)
    if seat.story.age is not None:
        return stages.ONBOARDING, seat.age
    if seat.renews_in <= RENEWAL_STAGE and rng.random() < 0.8:
        return stages.RENEWAL, min(90 - seat.renews_in, seat.age - 60)
    if seat.age <= ADOPTION:
        return stages.ADOPTION, seat.age - rng.randint(60, 100)
    return stages.MATURE, seat.age - rng.randint(150, ADOPTION)


def judge(setting: Setting, plan: Plan, rng: Random, used: int) -> None:
    """Since when health is what it is; ``used`` is the number of days since the last use."""
    account, story = plan.account, plan.seat.story
    low, high = story.since
    since = rng.randint(low, high) if high else 0
    if story.key == "silent":
        since = max(used - 30, 1)
    elif story.key == "unpaid" and account.past_due_since:
        since = max((setting.days.today - account.past_due_since).days - rng.randint(0, 3), 0)
    elif story.key == "new":
        since = plan.seat.age
    account.health_since = setting.days.ago(min(since, plan.seat.age))
