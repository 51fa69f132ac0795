"""What pages show of the people at an account: their attempts, how their validity is known, what sources say else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Func, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery

from accounts.models import Account, Contact, Difference, Interaction
from csworkbench.common import words
from csworkbench.tenancy.calendar import business_days_between, holidays_of
from csworkbench.tenancy.models import Workspace

NO_AREA = "none"
HOW_KNOWN = {
    Contact.Source.MEMBER: "a member says so",
    Contact.Source.LMS: "from the LMS",
    Contact.Source.CRM: "from the CRM",
    Contact.Source.BILLING: "from billing",
    Contact.Source.IMPORT: "from an import",
    Contact.Source.BOUNCE: "a mail came back",
}
OUT = Q(direction=Interaction.Direction.OUTBOUND)
ANSWER = Q(answered=True) | Q(direction=Interaction.Direction.INBOUND)


@dataclass(frozen=True)
class Ago:
    """How long ago something was: calendar days, and the business days of the workspace among them."""

    day: date
    days: int
    business_days: int

    def __str__(self) -> str:
        if self.days == 0:
            return "today"
        return f"{self.days} d ({words.count(self.business_days, 'business day')}) ago"


@dataclass(frozen=True)
class Attempts:
    """How often somebody was contacted, whether they answered, and how long ago (USE-4).

    ``waiting`` are attempts of which nobody noted yet whether they were answered.
    """

    made: int = 0
    answered: int = 0
    unanswered: int = 0
    first: Ago | None = None
    last: Ago | None = None
    last_answered: Ago | None = None

    @property
    def waiting(self) -> int:
        return self.made - self.answered - self.unanswered

    def __str__(self) -> str:
        made = words.count(self.made, "attempt") if self.made else "No attempt yet"
        if self.last_answered:
            return f"{made}, last answered {self.last_answered}"
        if not self.made:
            return made
        return f"{made}, never answered, the first {self.first}"

    @property
    def parts(self) -> str:
        """``4 answered, 6 not, 2 not known yet``."""
        said = [f"{self.answered} answered", f"{self.unanswered} not"]
        return ", ".join([*said, f"{self.waiting} not known yet"] if self.waiting else said)


@dataclass(frozen=True)
class Person:
    """A contact as a page shows it."""

    contact: Contact
    attempts: Attempts
    differences: int

    @property
    def how_known(self) -> str:
        """``from the LMS since Nov 12, 2026``; empty when nobody said."""
        source = HOW_KNOWN.get(Contact.Source(self.contact.validity_source)) if self.contact.validity_source else ""
        day = self.contact.validity_on
        since = f"since {day:%b} {day.day}, {day.year}" if day else ""
        return " ".join(part for part in (source, since) if part)


@dataclass(frozen=True)
class Group:
    """The people of one area, or the primary contact."""

    title: str
    people: list[Person]


@dataclass(frozen=True)
class People:
    """The people of an account as its page and its card show them."""

    groups: list[Group]
    attempts: Attempts
    differences: int

    @property
    def shown(self) -> int:
        return sum(len(group.people) for group in self.groups)


def contacts_of(account: Account, workspace: Workspace) -> QuerySet[Contact]:
    """The contacts of an account, the primary one first, each with its open differences and those of the account."""
    open_ones = Difference.objects.filter(workspace=workspace, decision=Difference.Decision.OPEN)
    return (
        Contact.objects.filter(workspace=workspace, account=account)
        .annotate(
            open_differences=_count(open_ones, "contact", "pk"),
            account_differences=_count(open_ones, "account", "account"),
        )
        .order_by("-is_primary", "last_name", "first_name", "pk")
    )


def _count(rows: QuerySet[Any], column: str, of: str) -> Subquery:
    """How many of ``rows`` have the outer row in ``column``."""
    matching = rows.filter(**{column: OuterRef(of)}).order_by()
    counted = matching.annotate(n=Func("pk", function="count", output_field=IntegerField())).values("n")
    return Subquery(counted, output_field=IntegerField())


def filtered(contacts: QuerySet[Contact], chosen: dict[str, Any]) -> QuerySet[Contact]:
    """The contacts that a filter form asks for; ``chosen`` is its cleaned data."""
    if area := chosen.get("area"):
        contacts = contacts.filter(areas=[]) if area == NO_AREA else contacts.filter(areas__contains=[area])
    if validity := chosen.get("validity"):
        contacts = contacts.filter(validity=validity)
    if dnc := chosen.get("dnc"):
        contacts = contacts.filter(dnc=dnc == "yes")
    return contacts


def people_of(account: Account, workspace: Workspace, contacts: Sequence[Contact], *, area: str = "") -> People:
    """The people behind ``contacts`` (of ``contacts_of``) in groups, with their attempts; two statements.

    ``area`` narrows the groups to one area.
    """
    made = attempts_of(account, workspace)
    people = [
        Person(contact, made.get(contact.pk, Attempts()), getattr(contact, "open_differences", 0))
        for contact in contacts
    ]
    total = getattr(contacts[0], "account_differences", 0) if contacts else 0
    return People(in_groups(people, area), made[None], total)


def in_groups(people: Iterable[Person], area: str = "") -> list[Group]:
    """The primary contact, then the people of each area; everybody stands once, in the first of their areas."""
    titles = {"primary": "Primary contact", **dict(Contact.Area.choices), NO_AREA: "Without an area"}
    groups: dict[str, list[Person]] = {key: [] for key in titles}
    for person in people:
        areas = [one for one in Contact.Area.values if one in person.contact.areas]
        first = area if area in areas else (areas[0] if areas else NO_AREA)
        groups["primary" if person.contact.is_primary else first].append(person)
    return [Group(titles[key], members) for key, members in groups.items() if members]


def attempts_of(account: Account, workspace: Workspace) -> dict[UUID | None, Attempts]:
    """Contact → attempts with them; under None those of the account as a whole. Two statements."""
    rows: list[Any] = list(
        Interaction.objects.filter(workspace=workspace, account=account)
        .values("contact")
        .annotate(
            made=Count("pk", filter=OUT),
            answered_ones=Count("pk", filter=OUT & Q(answered=True)),
            unanswered=Count("pk", filter=OUT & Q(answered=False)),
            first=Min("happened_at", filter=OUT),
            last=Max("happened_at", filter=OUT),
            last_answered=Max("happened_at", filter=ANSWER),
        )
        .order_by()
    )
    moments = [row[name] for row in rows for name in ("first", "last", "last_answered") if row[name]]
    zone = ZoneInfo(workspace.time_zone)
    measure = Measure(workspace, min(moments).astimezone(zone).date()) if moments else None
    found: dict[UUID | None, Attempts] = {
        row["contact"]: _attempts([row], measure) for row in rows if row["contact"] is not None
    }
    return {**found, None: _attempts(rows, measure)}


class Measure:
    """Measures how long ago moments were, in days of a workspace; one statement, for its holidays."""

    def __init__(self, workspace: Workspace, first: date) -> None:
        self.zone, self.today = ZoneInfo(workspace.time_zone), workspace.today
        self.holidays = holidays_of(workspace.pk, first)

    def ago(self, moment: datetime | None) -> Ago | None:
        if moment is None:
            return None
        day = moment.astimezone(self.zone).date()
        return Ago(day, max((self.today - day).days, 0), business_days_between(day, self.today, self.holidays))


def _attempts(rows: Sequence[dict[str, Any]], measure: Measure | None) -> Attempts:
    """The sum of some rows of counts."""
    if measure is None:
        return Attempts()
    firsts, lasts, answers = ([row[name] for row in rows if row[name]] for name in ("first", "last", "last_answered"))
    return Attempts(
        made=sum(row["made"] for row in rows),
        answered=sum(row["answered_ones"] for row in rows),
        unanswered=sum(row["unanswered"] for row in rows),
        first=measure.ago(min(firsts, default=None)),
        last=measure.ago(max(lasts, default=None)),
        last_answered=measure.ago(max(answers, default=None)),
    )
