"""Fields of the account's subscription to a product."""

from __future__ import annotations

from accounts.models import Subscription
from csworkbench.imports.cleaning import Whole
from csworkbench.imports.kinds import Field

from .makers import SUBSCRIPTION, choice, day, money, named, text, words

FIELDS: tuple[Field, ...] = (
    Field(
        "product",
        "Product",
        SUBSCRIPTION,
        {"product_id": "uuid"},
        named(
            "product",
        ),
        ("product name", "subscription", "plan"),
        "A product of this workspace, by name.",
        "Compliance",
    ),
    Field(
        "mrr",
        "MRR",
        SUBSCRIPTION,
        {"mrr_minor": "bigint"},
        money,
        (
            "monthly recurring revenue",
            "mrr usd",
            "monthly revenue",
            "current mrr",
            "mrr amount",
        ),
        "Per month.",
        "5511.67",
    ),
    Field(
        "otr",
        "OTR",
        SUBSCRIPTION,
        {"otr_minor": "bigint"},
        money,
        (
            "one time revenue",
            "one time fee",
            "otr amount",
        ),
        "Once.",
        "250.00",
    ),
    Field(
        "renews_on",
        "Renewal date",
        SUBSCRIPTION,
        {"renews_on": "date"},
        day,
        (
            "renewal",
            "renews on",
            "renews",
            "next renewal",
            "contract end",
            "contract end date",
            "renewal on",
        ),
        "A date.",
        "2027-03-22",
    ),
    Field(
        "starts_on",
        "Start date",
        SUBSCRIPTION,
        {"starts_on": "date"},
        day,
        ("subscription start", "contract start", "contract start date", "starts on"),
        "A date.",
        "2025-03-22",
    ),
    Field(
        "service_tier",
        "Service tier",
        SUBSCRIPTION,
        {"service_tier": "text"},
        choice("service tier", words(Subscription.ServiceTier.choices), {}),
        (
            "service level",
            "support tier",
        ),
        "Basic, standard or premium.",
        "Standard",
    ),
    Field(
        "contracted_users",
        "Contracted users",
        SUBSCRIPTION,
        {"contracted_users": "integer"},
        lambda context: Whole(),
        (
            "users",
            "seats",
            "licenses",
            "licences",
            "contracted seats",
            "paid users",
        ),
        "For a product that counts users.",
        "45",
    ),
    Field(
        "providers",
        "Contracted providers",
        SUBSCRIPTION,
        {"providers": "integer"},
        lambda context: Whole(),
        (
            "providers",
            "provider count",
            "number of providers",
            "paid providers",
        ),
        "For a product that counts providers.",
        "12",
    ),
    Field(
        "active_users",
        "Active users",
        SUBSCRIPTION,
        {"active_users": "integer"},
        lambda context: Whole(),
        ("active seats", "active providers", "users active"),
        "A whole number.",
        "38",
    ),
    Field(
        "billed_to",
        "Billed to",
        SUBSCRIPTION,
        {"billed_to": "text"},
        text(120),
        (
            "bill to",
            "invoice to",
            "payer name",
        ),
        "Who receives the invoice.",
        "Willow Holdings",
    ),
)
