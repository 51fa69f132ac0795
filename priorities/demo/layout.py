"""The shape of a book before anybody has a name: which account is of which kind, tier, story, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from csworkbench.tenancy.models import Member, Role

from .cast import Vendor
from .stories import STEADY, Story, deal
from .trades import Trade

TIER_SHARES = (0.10, 0.30)  # the rest is tier 3
TERM = 365
# Renewals are spread from two weeks ago over the next fourteen months.
EARLIEST_RENEWAL, LATEST_RENEWAL = -14, 424
# Share of the accounts that changed hands in the last two years.
HANDED_OVER = 0.12


@dataclass
class Seat:
    """One account to be; ``head`` is the index of its parent, ``renews_in`` and ``age`` are days."""

    index: int
    is_head: bool = False
    head: int | None = None
    instance: str = ""
    tier: int = 3
    story: Story = STEADY
    owner: Member | None = None
    renews_in: int = 0
    age: int = 0
    town: str = ""

    @property
    def csm(self) -> Member:
        """The owner, once seats are assigned."""
        if self.owner is None:
            raise ValueError(f"seat {self.index} has no owner yet")
        return self.owner


def lay_out(rng: Random, vendor: Vendor, trade: Trade, count: int, members: dict[str, Member]) -> list[Seat]:
    """The seats of a book of ``count`` accounts, parents before their members."""
    seats = _groups(rng, trade, count)
    while len(seats) < count:
        seats.append(Seat(len(seats), instance=_weighted(rng, trade.instances)))
    _rank(rng, seats)
    _tell(rng, seats)
    _spread_renewals(rng, seats)
    _assign(rng, vendor, seats, members)
    return seats


def _groups(rng: Random, trade: Trade, count: int) -> list[Seat]:
    seats: list[Seat] = []
    room = round(trade.group_share * count)
    while room - len(seats) > 2:
        head = Seat(len(seats), is_head=True, instance=trade.group_instance)
        seats.append(head)
        members = min(rng.randint(*trade.group_size), room - len(seats))
        seats += [
            Seat(head.index + 1 + offset, head=head.index, instance=trade.group_instance) for offset in range(members)
        ]
    return seats


def _rank(rng: Random, seats: list[Seat]) -> None:
    """Tiers in exact shares: parents first, their members rarely in tier 1."""
    first, second = (round(share * len(seats)) for share in TIER_SHARES)
    order = sorted(seats, key=lambda seat: (not seat.is_head, rng.random() + (0.3 if seat.head is not None else 0)))
    for place, seat in enumerate(order):
        seat.tier = 1 if place < first else 2 if place < first + second else 3


def _tell(rng: Random, seats: list[Seat]) -> None:
    """Deal the stories; a parent does not churn and is not new while its members are old."""
    dealt = deal(rng, len(seats))
    for place, seat in enumerate(seats):
        if seat.is_head and (not dealt[place].is_current or dealt[place].age):
            other = next(i for i, story in enumerate(dealt) if i > place and story.key == "steady")
            dealt[place], dealt[other] = dealt[other], dealt[place]
    for seat, story in zip(seats, dealt, strict=True):
        seat.story = story


def _spread_renewals(rng: Random, seats: list[Seat]) -> None:
    """Renewal dates in even steps, in random order; the age follows from whole terms, or the other way round."""
    settled = [seat for seat in seats if seat.story.age is None]
    rng.shuffle(settled)
    width = (LATEST_RENEWAL - EARLIEST_RENEWAL) / max(len(settled), 1)
    for place, seat in enumerate(settled):
        seat.renews_in = EARLIEST_RENEWAL + int((place + rng.random()) * width)
        terms = rng.choices((1, 2, 3, 4, 5, 6), (22, 26, 20, 15, 10, 7))[0]
        while terms * TERM - seat.renews_in < 120:
            terms += 1
        seat.age = terms * TERM - seat.renews_in
    for seat in seats:
        if seat.story.age is not None:
            seat.age = rng.randint(*seat.story.age)
            seat.renews_in = TERM - seat.age


def _assign(rng: Random, vendor: Vendor, seats: list[Seat], members: dict[str, Member]) -> None:
    """Give every seat an owner of the right team, fairly by load; a group stays together."""
    loads = {
        person.name: (person.team, person.load) for person in vendor.people if person.role == Role.CSM and person.load
    }
    carried = dict.fromkeys(loads, 0.0)
    for seat in seats:
        if seat.head is not None:
            seat.owner = seats[seat.head].csm
            carried[seat.owner.name] += 1
            continue
        team = vendor.teams["group"] if seat.is_head else _desk(vendor, seat)
        names = [name for name, (number, _) in loads.items() if number == team]
        name = min(names, key=lambda name: (carried[name] / loads[name][1] + rng.random() * 4, name))
        carried[name] += 1
        seat.owner = members[name]


def _desk(vendor: Vendor, seat: Seat) -> int:
    """The team for an account without a group."""
    if seat.tier == 3 and "digital" in vendor.teams:
        return vendor.teams["digital"]
    return vendor.teams.get(seat.instance, vendor.teams["single"])


def _weighted(rng: Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]
