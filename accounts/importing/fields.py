"""The columns of a book: accounts with their primary contact and one subscription per row."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from accounts.models import Account, Subscription
from accounts.search import normalise_name
from csworkbench.imports.cleaning import (
    Cell,
    Choice,
    Cleaner,
    Date,
    DigitsId,
    Email,
    FullName,
    Lookup,
    Money,
    Phone,
    SalesforceId,
    Text,
    TextId,
    TimeZone,
    Website,
    Whole,
)
from csworkbench.imports.kinds import Context, Field

ACCOUNT, CONTACT, SUBSCRIPTION = "Account", "Primary contact", "Subscription"
MONTH_FIRST = {"US", "PR", "PH"}
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

Make = Callable[[Context], Cleaner]


class AccountName(Text):
    """``(name, name as it is searched)``."""

    def __init__(self) -> None:
        super().__init__(200)

    def one(self, value: Cell) -> tuple[str, str] | None:  # type: ignore[override]
        name = super().one(value)
        return (name, normalise_name(name)) if name else None


def text(limit: int, *, repeats: bool = False) -> Make:
    return lambda context: Text(limit, repeats=repeats)


def choice(label: str, shown: Mapping[str, str], answers: Mapping[str, str]) -> Make:
    return lambda context: Choice(label, answers, shown)


def day(context: Context) -> Cleaner:
    return Date(month_first=context.workspace.phone_region in MONTH_FIRST)


def money(context: Context) -> Cleaner:
    return Money(context.workspace.currency)


def member(context: Context) -> Cleaner:
    return Lookup(context.members)


def named(directory: str) -> Make:
    return lambda context: Lookup(context.directories[directory])


def words(choices: list[tuple[str, str]]) -> dict[str, str]:
    """Choices of a model without the blank one."""
    return {str(value): str(word) for value, word in choices if value}


FIELDS: tuple[Field, ...] = (
    Field(
        "sf_id", "Salesforce ID", ACCOUNT, {"sf_id": "text"}, lambda context: SalesforceId(),
        ("sf account id", "sf id", "salesforce account id", "salesforce account", "sfdc id", "account id 18"),
        "18 characters; upper and lower case count.", "001A6eEfujfoRnxICE", demanded=True,
    ),
    Field(
        "lms_id", "LMS ID", ACCOUNT, {"lms_id": "text"}, lambda context: DigitsId(),
        ("lms", "lms account id", "lms number", "learning id"), "Seven digits.", "0000323", demanded=True,
    ),
    Field(
        "billing_id", "Recurly ID", ACCOUNT, {"billing_id": "text"}, lambda context: TextId(),
        ("recurly", "recurly account", "billing id", "billing account", "billing account id", "account code"),
        "The id of the billing system.", "rec-468328", demanded=True,
    ),
    Field(
        "name", "Account", ACCOUNT, {"name": "text", "search_name": "text"}, lambda context: AccountName(),
        ("account name", "name", "company", "company name", "customer", "customer name", "client"),
        "Demanded for an account that is not in the book yet.", "Willow Urgent Care #24",
    ),
    Field(
        "owner", "CSM", ACCOUNT, {"owner_id": "uuid"}, member,
        ("csm name", "csm full name", "account owner", "owner", "customer success manager", "new csm"),
        "A member's name or e-mail address; “Last, First” works.", "Keiko Ueda",
    ),
    Field("rsm", "RSM", ACCOUNT, {"rsm_id": "uuid"}, member, ("regional sales manager", "sales rep", "rsm name"),
          "A member's name.", "Carla Xu"),
    Field("fmc_lead", "FMC lead", ACCOUNT, {"fmc_lead_id": "uuid"}, member, ("fmc", "fmc lead name"),
          "A member's name.", "Uma Vargas"),
    Field(
        "instance", "Instance", ACCOUNT, {"instance_id": "uuid"}, named("instance"),
        ("edition", "product instance", "environment"), "An instance of this workspace, by name.", "Core",
    ),
    Field("tier", "Tier", ACCOUNT, {"tier": "smallint"}, choice("tier", TIERS, TIER_WORDS), ("account tier",),
          "1 (most important) to 3.", "1"),
    Field("segment", "Segment", ACCOUNT, {"segment": "text"}, text(60, repeats=True), ("account segment", "market segment"),
          "Any word.", "Clinics"),
    Field("stage", "Lifecycle stage", ACCOUNT, {"stage": "text"},
          choice("lifecycle stage", words(Account.Stage.choices), STAGE_WORDS),
          ("stage", "lifecycle", "customer stage", "account stage"), "Onboarding, adoption, mature, renewal or churned.",
          "Adoption"),
    Field("health", "Health", ACCOUNT, {"health": "text"},
          choice("health", words(Account.Health.choices), HEALTH_WORDS),
          ("health color", "health colour", "health score color", "account health"), "Green, yellow, red or undefined.",
          "Green"),
    Field("growth_potential", "Growth potential", ACCOUNT, {"growth_potential": "text"},
          choice("growth potential", words(Account.Potential.choices), {"med": "medium"}),
          ("potential", "growth", "expansion potential"), "High, medium or low.", "High"),
    Field("declared_frequency", "Declared frequency", ACCOUNT, {"declared_frequency": "text"},
          choice("declared frequency", {"daily": "Daily", "weekly": "Weekly", "monthly": "Monthly", "rarely": "Rarely"},
                 FREQUENCY_WORDS),
          ("frequency", "login frequency", "declared use", "usage frequency"),
          "What the customer said at onboarding: daily, weekly, monthly or rarely.", "Weekly"),
    Field("website", "Website", ACCOUNT, {"website": "text"}, lambda context: Website(), ("web site", "url", "web", "domain"),
          "A web address.", "https://willow.example.org"),
    Field("industry", "Industry", ACCOUNT, {"industry": "text"}, text(80, repeats=True), ("sector", "vertical"),
          "Any word.", "Urgent care"),
    Field("employees", "Employees", ACCOUNT, {"employees": "integer"}, lambda context: Whole(),
          ("size", "employee count", "number of employees", "headcount", "company size"), "A whole number.", "120"),
    Field("time_zone", "Time zone", ACCOUNT, {"time_zone": "text"}, lambda context: TimeZone(), ("timezone", "tz"),
          "A name such as America/Chicago, or Central.", "America/Chicago"),
    Field("customer_since", "Customer since", ACCOUNT, {"customer_since": "date"}, day,
          ("signup date", "sign up date", "signed up", "customer start date", "client since"), "A date.", "2024-03-01"),
    Field("first_name", "First name", CONTACT, {"first_name": "text"}, text(80, repeats=True),
          ("poc first name", "contact first name", "primary contact first name", "given name"), "", "Dmitri"),
    Field("last_name", "Last name", CONTACT, {"last_name": "text"}, text(80, repeats=True),
          ("poc last name", "contact last name", "primary contact last name", "surname", "family name"), "", "Haddad"),
    Field("contact", "Primary contact", CONTACT, {"first_name": "text", "last_name": "text"}, lambda context: FullName(),
          ("poc", "poc name", "contact", "contact name", "primary contact name", "main contact", "main point of contact"),
          "First and last name in one column.", "Dmitri Haddad"),
    Field("contact_title", "Contact's title", CONTACT, {"contact_title": "text"}, text(120, repeats=True),
          ("title", "job title", "poc title", "contact title"), "", "Office manager"),
    Field("email", "Email", CONTACT, {"email": "text"}, lambda context: Email(),
          ("e mail", "email address", "poc email", "poc email address", "contact email", "primary contact email"),
          "", "dmitri.haddad@example.org"),
    Field("phone", "Phone", CONTACT, {"phone": "text", "phone_extension": "text"},
          lambda context: Phone(context.workspace.phone_region),
          ("phone number", "poc phone", "poc phone number", "contact phone", "telephone", "primary contact phone"),
          "Any usual way to write it, with an extension or without.", "+1 952 088 0003 ext 12"),
    Field("product", "Product", SUBSCRIPTION, {"product_id": "uuid"}, named("product"),
          ("product name", "subscription", "plan"), "A product of this workspace, by name.", "Compliance"),
    Field("mrr", "MRR", SUBSCRIPTION, {"mrr_minor": "bigint"}, money,
          ("monthly recurring revenue", "mrr usd", "monthly revenue", "current mrr", "mrr amount"),
          "Per month.", "5511.67"),
    Field("otr", "OTR", SUBSCRIPTION, {"otr_minor": "bigint"}, money, ("one time revenue", "one time fee", "otr amount"),
          "Once.", "250.00"),
    Field("renews_on", "Renewal date", SUBSCRIPTION, {"renews_on": "date"}, day,
          ("renewal", "renews on", "renews", "next renewal", "contract end", "contract end date", "renewal on"),
          "A date.", "2027-03-22"),
    Field("starts_on", "Start date", SUBSCRIPTION, {"starts_on": "date"}, day,
          ("subscription start", "contract start", "contract start date", "starts on"), "A date.", "2025-03-22"),
    Field("service_tier", "Service tier", SUBSCRIPTION, {"service_tier": "text"},
          choice("service tier", words(Subscription.ServiceTier.choices), {}), ("service level", "support tier"),
          "Basic, standard or premium.", "Standard"),
    Field("contracted_users", "Contracted users", SUBSCRIPTION, {"contracted_users": "integer"}, lambda context: Whole(),
          ("users", "seats", "licenses", "licences", "contracted seats", "paid users"),
          "For a product that counts users.", "45"),
    Field("providers", "Contracted providers", SUBSCRIPTION, {"providers": "integer"}, lambda context: Whole(),
          ("providers", "provider count", "number of providers", "paid providers"),
          "For a product that counts providers.", "12"),
    Field("active_users", "Active users", SUBSCRIPTION, {"active_users": "integer"}, lambda context: Whole(),
          ("active seats", "active providers", "users active"), "A whole number.", "38"),
    Field("billed_to", "Billed to", SUBSCRIPTION, {"billed_to": "text"}, text(120), ("bill to", "invoice to", "payer name"),
          "Who receives the invoice.", "Willow Holdings"),
)  # fmt: skip

CONTACT_COLUMNS = ("first_name", "last_name", "contact_title", "email", "phone")
