"""The people at the accounts: one to five contacts, with the gaps and stale entries a real book has."""

from __future__ import annotations

from random import Random

from accounts.models import Contact
from accounts.search import normalise_name

from .books import Plan, Setting, names
from .cast import DOMAIN, local_part
from .trades import Trade

Area, Validity = Contact.Area, Contact.Validity
COUNTS = {1: ((3, 4, 5), (40, 40, 20)), 2: ((2, 3, 4), (45, 40, 15)), 3: ((1, 2), (55, 45))}
# Validity of everyone but the primary contact.
VALIDITIES = (Validity.ACTIVE, Validity.UNKNOWN, Validity.ON_LEAVE, Validity.BOUNCED, Validity.TERMINATED)
VALIDITY_ODDS = (74, 13, 4, 4, 5)
# What is wrong with the primary contact of an account that went silent.
SILENT_ODDS = (66, 14, 8, 12, 0)
DECIDERS = ("Principal", "Managing Partner", "Agency Principal", "Owner", "Executive Director", "Administrator")


def draft_contacts(setting: Setting, plan: Plan) -> list[Contact]:
    """The contacts of one account, not yet saved nor tied to it; the first is the main one, or was."""
    rng = setting.rng(plan.seat.index, "people")
    sizes, odds = COUNTS[plan.seat.tier]
    count = rng.choices(sizes, odds)[0]
    areas = ["", *rng.sample(_areas(setting.trade, plan), k=min(count - 1, 4))]
    taken: set[str] = set()
    contacts = [_contact(setting, plan, rng, area, taken) for area in areas]
    _mark_primary(plan, rng, contacts)
    decider = next((one for one in contacts if one.title.startswith(DECIDERS)), contacts[0])
    decider.is_decision_maker = rng.random() < 0.9
    return contacts


def _areas(trade: Trade, plan: Plan) -> list[str]:
    areas = [Area.FINANCE, Area.TRAINING, Area.COMPLIANCE]
    if plan.seat.tier < 3 or trade.has_lms:
        areas.append(Area.CREDENTIALING)
    return [str(area) for area in areas]


def _contact(setting: Setting, plan: Plan, rng: Random, area: str, taken: set[str]) -> Contact:
    first, last = rng.choice(names()["first"]), rng.choice(names()["last"])
    while last in taken:
        last = rng.choice(names()["last"])
    taken.add(last)
    site = plan.account.website.removeprefix("https://www.") or f"{_domain(plan.account.name)}.{DOMAIN}"
    main_areas = [Area.TRAINING] if rng.random() < 0.5 else [Area.TRAINING, Area.COMPLIANCE]
    return Contact(
        workspace=setting.workspace,
        first_name=first,
        last_name=last,
        title=rng.choice(setting.trade.titles[area]) if rng.random() < 0.95 else "",
        email=f"{local_part(first)}.{local_part(last)}@{site}" if rng.random() < 0.97 else "",
        phone=_phone(rng, plan.account.time_zone) if rng.random() < 0.92 else "",
        phone_extension=str(rng.randint(101, 489)) if rng.random() < 0.14 else "",
        areas=[area] if area else (main_areas if rng.random() < 0.7 else []),
        validity=rng.choices(VALIDITIES, VALIDITY_ODDS)[0],
        dnc=rng.random() < 0.012,
        created_at=setting.days.at(setting.days.ago(rng.randint(0, plan.seat.age)), rng.randint(480, 1_000)),
    )


def _mark_primary(plan: Plan, rng: Random, contacts: list[Contact]) -> None:
    """The first contact is the primary one; at an account without one it has left."""
    main = contacts[0]
    if plan.seat.story.key == "leaderless":
        main.validity, main.dnc = Validity.TERMINATED, False
        return
    main.is_primary = True
    if plan.seat.story.key == "silent":
        main.validity = rng.choices(VALIDITIES, SILENT_ODDS)[0]
        return
    main.validity = Validity.ACTIVE if rng.random() < 0.95 else Validity.UNKNOWN
    main.dnc = False
    if not main.email and not main.phone:
        main.phone = _phone(rng, plan.account.time_zone)


def _phone(rng: Random, time_zone: str) -> str:
    """A number of the block that is kept free for fiction: 555-0100 to 555-0199."""
    return f"+1{rng.choice(names()['areas'][time_zone])}55501{rng.randint(0, 99):02d}"


def _domain(name: str) -> str:
    return normalise_name(name).replace(" ", "-")[:40].strip("-")
