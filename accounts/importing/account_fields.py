"""Fields of the account itself."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Account
from accounts.search import normalise_name
from csworkbench.imports.cleaning import (
    BadCell,
    Cell,
    Clean,
    Cleaner,
    DigitsId,
    SalesforceId,
    Text,
    TextId,
    TimeZone,
    Website,
    Whole,
)
from csworkbench.imports.kinds import Field

from .makers import ACCOUNT, choice, day, member, named, text, words

TIERS = {"1": "1", "2": "2", "3": "3"}
TIER_WORDS = {f"{word}{number}": number for word in ("tier ", "tier", "t", "t ") for number in TIERS}
HEALTH_WORDS = {
    "good": "green",
    "healthy": "green",
    "amber": "yellow",
    "at risk": "red",
    "bad": "red",
    "unknown": "undefined",
}
STAGE_WORDS = {
    "onboard": "onboarding",
    "adopting": "adoption",
    "renewing": "renewal",
    "churn": "churned",
    "cancelled": "churned",
}
FREQUENCY_WORDS = {"every day": "daily", "every week": "weekly", "every month": "monthly", "seldom": "rarely"}


class AccountName(Cleaner):
    """``(name, name as it is searched)``."""

    def __init__(self) -> None:
        super().__init__()
        self.text = Text(200)

    def column(self, values: Sequence[Cell]) -> tuple[list[Clean], list[tuple[int, BadCell]]]:
        names, bad = self.text.column(values)
        return [(str(name), normalise_name(str(name))) if name else None for name in names], bad


FIELDS: tuple[Field, ...] = (
    Field(
        "sf_id",
        "Salesforce ID",
        ACCOUNT,
        {"sf_id": "text"},
        lambda context: SalesforceId(),
        (
            "sf account id",
            "sf id",
            "salesforce account id",
            "salesforce account",
            "sfdc id",
            "account id 18",
        ),
        "18 characters; upper and lower case count.",
        "001A6eEfujfoRnxICE",
        demanded=True,
        telling=True,
    ),
    Field(
        "lms_id",
        "LMS ID",
        ACCOUNT,
        {"lms_id": "text"},
        lambda context: DigitsId(),
        ("lms", "lms account id", "lms number", "learning id"),
        "Seven digits.",
        "0000323",
        demanded=True,
    ),
    Field(
        "billing_id",
        "Recurly ID",
        ACCOUNT,
        {"billing_id": "text"},
        lambda context: TextId(),
        (
            "recurly",
            "recurly account",
            "billing id",
            "billing account",
            "billing account id",
            "account code",
        ),
        "The id of the billing system.",
        "rec-468328",
        demanded=True,
    ),
    Field(
        "name",
        "Account",
        ACCOUNT,
        {"name": "text", "search_name": "text"},
        lambda context: AccountName(),
        (
            "account name",
            "name",
            "company",
            "company name",
            "customer",
            "customer name",
            "client",
        ),
        "Demanded for an account that is not in the book yet.",
        "Willow Urgent Care #24",
    ),
    Field(
        "owner",
        "CSM",
        ACCOUNT,
        {"owner_id": "uuid"},
        member,
        (
            "csm name",
            "csm full name",
            "account owner",
            "owner",
            "customer success manager",
            "new csm",
        ),
        "A member's name or e-mail address; “Last, First” works.",
        "Keiko Ueda",
    ),
    Field(
        "rsm",
        "RSM",
        ACCOUNT,
        {"rsm_id": "uuid"},
        member,
        (
            "regional sales manager",
            "sales rep",
            "rsm name",
        ),
        "A member's name.",
        "Carla Xu",
    ),
    Field(
        "fmc_lead",
        "FMC lead",
        ACCOUNT,
        {"fmc_lead_id": "uuid"},
        member,
        (
            "fmc",
            "fmc lead name",
        ),
        "A member's name.",
        "Uma Vargas",
    ),
    Field(
        "instance",
        "Instance",
        ACCOUNT,
        {"instance_id": "uuid"},
        named(
            "instance",
        ),
        ("edition", "product instance", "environment"),
        "An instance of this workspace, by name.",
        "Core",
    ),
    Field(
        "tier",
        "Tier",
        ACCOUNT,
        {"tier": "smallint"},
        choice("tier", TIERS, TIER_WORDS),
        ("account tier",),
        "1 (most important) to 3.",
        "1",
    ),
    Field(
        "segment",
        "Segment",
        ACCOUNT,
        {"segment": "text"},
        text(60, repeats=True),
        (
            "account segment",
            "market segment",
        ),
        "Any word.",
        "Clinics",
    ),
    Field(
        "stage",
        "Lifecycle stage",
        ACCOUNT,
        {"stage": "text"},
        choice("lifecycle stage", words(Account.Stage.choices), STAGE_WORDS),
        ("stage", "lifecycle", "customer stage", "account stage"),
        "Onboarding, adoption, mature, renewal or churned.",
        "Adoption",
    ),
    Field(
        "health",
        "Health",
        ACCOUNT,
        {"health": "text"},
        choice("health", words(Account.Health.choices), HEALTH_WORDS),
        ("health color", "health colour", "health score color", "account health"),
        "Green, yellow, red or undefined.",
        "Green",
    ),
    Field(
        "growth_potential",
        "Growth potential",
        ACCOUNT,
        {"growth_potential": "text"},
        choice("growth potential", words(Account.Potential.choices), {"med": "medium"}),
        ("potential", "growth", "expansion potential"),
        "High, medium or low.",
        "High",
    ),
    Field(
        "declared_frequency",
        "Declared frequency",
        ACCOUNT,
        {"declared_frequency": "text"},
        choice(
            "declared frequency",
            {"daily": "Daily", "weekly": "Weekly", "monthly": "Monthly", "rarely": "Rarely"},
            FREQUENCY_WORDS,
        ),
        (
            "frequency",
            "login frequency",
            "declared use",
            "usage frequency",
        ),
        "What the customer said at onboarding: daily, weekly, monthly or rarely.",
        "Weekly",
    ),
    Field(
        "website",
        "Website",
        ACCOUNT,
        {"website": "text"},
        lambda context: Website(),
        (
            "web site",
            "url",
            "web",
            "domain",
        ),
        "A web address.",
        "https://willow.example.org",
    ),
    Field(
        "industry",
        "Industry",
        ACCOUNT,
        {"industry": "text"},
        text(80, repeats=True),
        (
            "sector",
            "vertical",
        ),
        "Any word.",
        "Urgent care",
    ),
    Field(
        "employees",
        "Employees",
        ACCOUNT,
        {"employees": "integer"},
        lambda context: Whole(),
        ("size", "employee count", "number of employees", "headcount", "company size"),
        "A whole number.",
        "120",
    ),
    Field(
        "time_zone",
        "Time zone",
        ACCOUNT,
        {"time_zone": "text"},
        lambda context: TimeZone(),
        (
            "timezone",
            "tz",
        ),
        "A name such as America/Chicago, or Central.",
        "America/Chicago",
    ),
    Field(
        "customer_since",
        "Customer since",
        ACCOUNT,
        {"customer_since": "date"},
        day,
        ("signup date", "sign up date", "signed up", "customer start date", "client since"),
        "A date.",
        "2024-03-01",
    ),
)
