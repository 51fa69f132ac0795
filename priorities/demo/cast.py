"""Who works in the demo workspaces: invented people with one known password."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.search import normalise_name
from csworkbench.tenancy.models import Role

# Printed on the console of `make run` and in the README: it protects nothing.
PASSWORD = "harbour-lantern-42-quartz"  # noqa: S105  # nosec B105
DOMAIN = "example.org"


@dataclass(frozen=True)
class Person:
    """One member to be; ``team`` numbers a lead and the CSMs who report to that lead."""

    name: str
    role: str
    title: str
    team: int = 0
    time_zone: str = ""
    # How much of the book this CSM carries: strategic accounts are fewer.
    load: float = 1.0


@dataclass(frozen=True)
class Vendor:
    """One demo workspace to be; without a ``pack`` it stays empty and shows the first-run pages."""

    slug: str
    name: str
    pack: str
    time_zone: str
    people: tuple[Person, ...]
    currency: str = "USD"
    phone_region: str = "US"
    # Shuffles the same demo differently; chosen so that the first CSM meets every kind of work.
    seed: int = 1
    # Which team looks after which kind of account; see layout.Kind.
    teams: dict[str, int] = field(default_factory=dict)

    def address(self, person: Person) -> str:
        """The login of a person: ``maya.lindqvist@harborline.example.org``; the admin of all three has no vendor."""
        local = local_part(person.name)
        return f"{local}@{DOMAIN}" if person == ADMIN else f"{local}@{self.slug}.{DOMAIN}"


def local_part(name: str) -> str:
    """A name as the part of an address before the @: ``Bridget O'Shea`` → ``bridget.oshea``."""
    return normalise_name(name.replace("'", "")).replace(" ", ".")


def _csm(name: str, team: int, title: str = "Customer Success Manager", load: float = 1.0, zone: str = "") -> Person:
    return Person(name, Role.CSM, title, team, zone, load)


def _lead(name: str, team: int, title: str) -> Person:
    return Person(name, Role.LEAD, title, team)


NEW_YORK, DENVER, LOS_ANGELES = "America/New_York", "America/Denver", "America/Los_Angeles"

# One person belongs to all three, so that switching workspaces can be seen.
ADMIN = Person("Robin Castellane", Role.ADMIN, "Administrator")

HARBORLINE = Vendor(
    slug="harborline",
    name="Harborline",
    pack="advisor",
    time_zone="America/Chicago",
    seed=3,
    teams={"group": 1, "single": 2, "brightdesk": 3, "oakline": 3},
    people=(
        ADMIN,
        Person("Farrah Lindgren", Role.OPS, "CS Operations"),
        Person("Gideon Astor", Role.FINANCE, "Finance partner"),
        Person("Lucinda Varga", Role.RSM, "Regional Sales Manager, East", time_zone=NEW_YORK),
        Person("Theo Adeyemi", Role.RSM, "Regional Sales Manager, West", time_zone=DENVER),
        _lead("Odessa Brandt", 1, "Team lead, Enterprise"),
        _lead("Tomasz Wierzba", 2, "Team lead, Core"),
        _lead("Priya Raghunathan", 3, "Team lead, Partners"),
        _csm("Maya Lindqvist", 2, "Senior Customer Success Manager", 1.0),
        _csm("Renee Kowalczyk", 1, load=1.0),
        _csm("Jonah Achterberg", 1, load=0.8),
        _csm("Sunniva Okafor", 1, load=1.1, zone=NEW_YORK),
        _csm("Elias Marchetti", 1, load=0.9),
        _csm("Dario Fonseca", 2, load=1.2),
        _csm("Hana Yoshimura", 2, load=0.7, zone=LOS_ANGELES),
        _csm("Callum Whitford", 2, load=1.1),
        _csm("Imani Duval", 2, load=0.9),
        _csm("Petra Novotna", 3, load=1.0),
        _csm("Mateo Iriarte", 3, load=1.1, zone=DENVER),
        _csm("Bridget O'Shea", 3, load=0.8),
    ),
)

MERIDIAN = Vendor(
    slug="meridian",
    name="Meridian Compliance",
    pack="compliance",
    time_zone="America/New_York",
    seed=7,
    teams={"group": 3, "single": 1, "digital": 2},
    people=(
        ADMIN,
        Person("Yvette Laurent", Role.OPS, "CS Operations"),
        Person("Marcus Feld", Role.FINANCE, "Finance partner"),
        Person("Colette Ambrose", Role.RSM, "Regional Sales Manager, East"),
        Person("Ivo Stanek", Role.RSM, "Regional Sales Manager, West", time_zone=LOS_ANGELES),
        _lead("Silvia Brankov", 1, "Team lead, Core"),
        _lead("Desmond Ekwueme", 2, "Team lead, Digital"),
        _lead("Agnes Thorvald", 3, "Team lead, Franchise and managed credentialing"),
        _csm("Quinn Abbott", 1, "Senior Customer Success Manager", 1.0),
        _csm("Farid Fontaine", 1, load=0.9),
        _csm("Ines Young", 1, load=1.1),
        _csm("Liam Lindqvist", 1, load=0.8),
        _csm("Tala Weiss", 1, load=1.0, zone=LOS_ANGELES),
        _csm("Carla Xu", 2, "Digital Customer Success Manager", 1.2),
        _csm("Keiko Ueda", 2, "Digital Customer Success Manager", 1.0),
        _csm("Uma Vargas", 2, "Digital Customer Success Manager", 0.9),
        _csm("Nadia Petrossian", 2, "Digital Customer Success Manager", 1.1),
        _csm("Oscar Tillman", 3, load=1.0),
        _csm("Rhea Sandoval", 3, load=0.9, zone=DENVER),
        _csm("Bertram Nyquist", 3, load=1.1),
    ),
)

FJORD = Vendor(
    slug="fjord",
    name="Fjord",
    pack="",
    time_zone="Europe/Oslo",
    currency="EUR",
    phone_region="NO",
    people=(
        ADMIN,
        Person("Sigrid Halvorsen", Role.OPS, "CS Operations"),
        _csm("Eirik Tveit", 0),
    ),
)

VENDORS = (HARBORLINE, MERIDIAN, FJORD)
