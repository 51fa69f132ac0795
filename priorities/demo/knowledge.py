"""How the people of the demo are known, and what the LMS, the CRM and billing say else of some of them."""

from __future__ import annotations

from random import Random
from typing import Any

from accounts.models import Contact, Difference

from .books import Plan, Setting, names
from .cast import DOMAIN, local_part
from .telling import Subject

Source, Validity = Contact.Source, Contact.Validity
# By whom each validity is known, with the odds of it.
KNOWN_BY = {
    Validity.ACTIVE: ((Source.LMS, Source.MEMBER, Source.IMPORT), (60, 30, 10)),
    Validity.ON_LEAVE: ((Source.MEMBER,), (1,)),
    Validity.BOUNCED: ((Source.BOUNCE,), (1,)),
    Validity.TERMINATED: ((Source.LMS, Source.MEMBER), (70, 30)),
}
DNC_REASONS = (
    "Asked by mail not to be called or mailed; goes through the office manager",
    "Asked on the phone to be left alone until the audit is over",
    "Their lawyer asked that all contact goes through legal",
)
# Of so many accounts a comparison has found something.
DIFFERING = 0.16
FIELDS = ("title", "email", "phone", "last_name", "validity", "person")
FIELD_ODDS = (30, 22, 16, 10, 10, 12)


def say_how_known(setting: Setting, plan: Plan, contacts: list[Contact]) -> None:
    """Who knows the validity of each contact since when, and why some must not be contacted."""
    rng = setting.rng(plan.seat.index, "knowledge")
    for contact in contacts:
        if known_by := KNOWN_BY.get(Validity(contact.validity)):
            sources, odds = known_by
            contact.validity_source = rng.choices(sources, odds)[0]
            contact.validity_on = setting.days.ago(rng.randint(3, max(4, min(plan.seat.age, 240))))
        if contact.validity_source == Source.LMS:
            contact.lms_user_id = str(rng.randint(20_000, 99_999))
        if contact.dnc:
            contact.dnc_since = setting.days.ago(rng.randint(1, 6))
            contact.dnc_reason = rng.choice(DNC_REASONS)


def differences_of(subjects: list[Subject]) -> list[Difference]:
    """What other systems say of the people of some accounts, to be decided."""
    return [row for subject in subjects for row in _of(subject)]


def _of(subject: Subject) -> list[Difference]:
    plan, setting = subject.plan, subject.setting
    rng = setting.rng(plan.seat.index, "differences")
    if rng.random() > DIFFERING or not plan.seat.story.is_current:
        return []
    seen = setting.days.office_hour(rng, setting.days.ago(rng.randint(1, 9)))
    found: dict[tuple[Any, ...], Difference] = {}
    for field in rng.choices(FIELDS, FIELD_ODDS, k=rng.randint(1, 3)):
        source = rng.choices((Source.LMS, Source.CRM, Source.BILLING), (65, 25, 10))[0]
        said = _person(subject, rng) if field == "person" else _said(subject, rng, field)
        if said is None:
            continue
        contact, value, details = said
        row = Difference(
            workspace=setting.workspace, account=plan.account, contact=contact, source=source, field=field,
            value=value, details=details, seen_at=seen,
        )  # fmt: skip
        found.setdefault((contact.pk if contact else value, source, field), row)
    return list(found.values())


def _said(subject: Subject, rng: Random, field: str) -> tuple[Contact, str, dict[str, str]] | None:
    """What a source says of one field of a contact; None where it would be the same."""
    contact = rng.choice(list(subject.contacts))
    value = {
        "title": rng.choice(subject.setting.trade.titles[contact.areas[0] if len(contact.areas) == 1 else ""]),
        "email": contact.email.replace(f"{local_part(contact.first_name)}.", f"{local_part(contact.first_name)[:1]}."),
        "phone": f"{contact.phone[:-2]}{rng.randint(10, 99)}" if contact.phone else "",
        "last_name": f"{contact.last_name}-{rng.choice(names()['last'])}",
        "validity": Validity.ACTIVE if contact.validity == Validity.TERMINATED else Validity.TERMINATED,
    }[field]
    return (contact, str(value), {}) if value and value != getattr(contact, field) else None


def _person(subject: Subject, rng: Random) -> tuple[None, str, dict[str, str]]:
    """Somebody whom a system knows and nobody here does."""
    first, last = rng.choice(names()["first"]), rng.choice(names()["last"])
    site = subject.plan.account.website.removeprefix("https://www.") or DOMAIN
    details = {"first_name": first, "last_name": last, "title": rng.choice(subject.setting.trade.titles[""])}
    return None, f"{local_part(first)}.{local_part(last)}@{site}", details | {"validity": str(Validity.ACTIVE)}
