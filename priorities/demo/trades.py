"""What the accounts of each vendor look like: who they are, what they buy, what it costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """How one product is bought: odds in percent by tier (1, 2, 3), its weight in the account's MRR."""

    key: str
    odds: tuple[int, int, int]
    weight: int
    # Dollars a month for one contracted user or provider, from and to.
    price: tuple[int, int]
    # Share of the users of the main product that get this one too; by its price where there is none.
    reach: tuple[float, float] | None = None


@dataclass(frozen=True)
class Trade:
    """The make-up of one vendor's book.

    ``groups`` are parents with many locations or advisors: their share of the accounts, the instance they use, the
    number of members of each. ``instances`` are weights for everyone else. ``main`` is the module whose silence the
    story "half" is about.
    """

    offers: tuple[Offer, ...]
    group_share: float
    group_instance: str
    group_size: tuple[int, int]
    group_name: tuple[str, ...]
    member_name: tuple[str, ...]
    single_name: tuple[str, ...]
    instances: dict[str, int]
    segments: tuple[str, str, str]
    group_segment: str
    industries: tuple[str, ...]
    main: str
    outcomes: tuple[tuple[str, tuple[int, int]], ...]
    outcome_odds: tuple[int, int, int]
    # Titles of contacts by area.
    titles: dict[str, tuple[str, ...]]
    has_lms: bool = False


ADVISOR = Trade(
    offers=(
        Offer("platform", (100, 100, 100), 10, (38, 62)),
        Offer("illustrations", (70, 42, 18), 3, (14, 24), (0.25, 0.8)),
        Offer("portal", (62, 35, 12), 3, (10, 18), (0.25, 0.8)),
        Offer("commissions", (55, 28, 10), 2, (9, 15), (0.25, 0.8)),
    ),
    group_share=0.34,
    group_instance="enterprise",
    group_size=(9, 17),
    group_name=("Financial Network", "Advisors Group", "Partners", "Wealth & Benefits"),
    member_name=(
        "{last} Advisory ({group})",
        "{group} {town}",
        "{last} & {last2} ({group})",
        "{first} {last}, {group}",
    ),
    single_name=(
        "{word} Benefits",
        "{word} Insurance Services",
        "{last} & {last2} Advisors",
        "{word} Risk Partners",
        "{last} Agency",
        "{word} Life & Health",
        "{last} Brokerage",
        "{word} Planning Group",
        "{last}, {last2} & Daughters",
        "{word} Employee Benefits LLC",
        "{last} Insurance Brokers, Inc.",
        "{town} Benefit Advisors",
    ),
    instances={"core": 68, "brightdesk": 19, "oakline": 13},
    segments=("Strategic", "Mid-market", "Independent"),
    group_segment="Enterprise",
    industries=(
        "Employee benefits",
        "Life insurance",
        "Property & casualty",
        "Wealth advisory",
        "Senior health plans",
        "Specialty lines",
    ),
    main="cases",
    outcomes=(("Leads", (20, 160)), ("Cases placed", (12, 90))),
    outcome_odds=(100, 55, 12),
    titles={
        "": (
            "Principal",
            "Managing Partner",
            "Agency Principal",
            "Operations Manager",
            "Director of Benefits",
            "Senior Advisor",
            "Owner",
        ),
        "finance": ("Bookkeeper", "Commission Accountant", "Controller", "Finance Manager"),
        "training": ("Office Manager", "Training Coordinator", "Advisor Assistant", "Team Assistant"),
        "compliance": ("Compliance Officer", "Licensing Coordinator", "Quality Manager"),
        "credentialing": ("Carrier Relations Manager", "Contracting Specialist"),
    },
)

COMPLIANCE = Trade(
    offers=(
        Offer("learning", (92, 88, 84), 6, (7, 12)),
        Offer("compliance", (88, 76, 62), 5, (5, 9), (0.85, 1.0)),
        Offer("cred-soft", (34, 22, 6), 4, (38, 70)),
        Offer("cred-serv", (30, 14, 4), 7, (75, 120)),
    ),
    group_share=0.18,
    group_instance="franchise",
    group_size=(9, 18),
    group_name=("Urgent Care", "Dental", "Physical Therapy", "Dermatology", "Home Health", "Pediatrics", "Eye Care"),
    member_name=("{group} – {town}", "{group} – {town}", "{group} {town}"),
    single_name=(
        "{word} Family Medicine",
        "{word} Pediatrics",
        "{word} Dental",
        "{word} Behavioral Health",
        "{last} & {last2} Orthopedics",
        "{word} Urgent Care",
        "{word} Home Health, Inc.",
        "{town} Surgery Center",
        "{word} Wellness",
        "{last} Dermatology",
        "{word} Hospice",
        "{town} Community Clinic",
        "{word} Physical Therapy LLC",
        "{last} Eye Associates",
        "{word} Women's Health",
        "{word} Health Network",
    ),
    instances={"suite": 100},
    segments=("Strategic", "Core", "Digital"),
    group_segment="Franchise",
    industries=(
        "Primary care",
        "Dental",
        "Behavioral health",
        "Urgent care",
        "Home health",
        "Ambulatory surgery",
        "Physical therapy",
        "Hospice",
    ),
    main="policies",
    outcomes=(("Staff trained", (20, 400)), ("Provider files complete", (5, 60))),
    outcome_odds=(100, 60, 18),
    titles={
        "": (
            "Practice Manager",
            "Administrator",
            "Director of Operations",
            "Executive Director",
            "Owner",
            "Medical Director",
            "Chief Operating Officer",
        ),
        "finance": ("Billing Manager", "Controller", "Accounts Payable", "Finance Director"),
        "training": ("Training Coordinator", "Nurse Educator", "Human Resources Manager", "Front Office Lead"),
        "compliance": ("Compliance Officer", "Privacy Officer", "Quality & Safety Manager", "Infection Control Nurse"),
        "credentialing": ("Credentialing Specialist", "Medical Staff Coordinator", "Provider Relations Manager"),
    },
    has_lms=True,
)

TRADES = {"advisor": ADVISOR, "compliance": COMPLIANCE}
