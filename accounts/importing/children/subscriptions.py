"""The kinds ``subscriptions`` and ``renewals``: what accounts pay for, and until when (ACC-4, REN-1)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import ClassVar

from accounts.importing.makers import choice, day, money, named, text, words
from accounts.importing.statements import contracted, product
from accounts.models import Subscription
from csworkbench.imports.cleaning import Whole
from csworkbench.imports.kinds import Context, Field
from csworkbench.imports.staging import Stage

from .engine import Check, ChildKind
from .matching import Way
from .references import Reference
from .whose import AccountName, account_fields

GROUP = "Subscription"
TIER_WORDS = {"silver": "basic", "gold": "standard", "platinum": "premium"}
PRODUCT = Field(
    "product",
    "Product",
    GROUP,
    {"product_id": "uuid"},
    named("product"),
    ("product name", "subscription", "subscription name", "plan", "plan name", "plan tier", "plan code", "item"),
    "A product of this workspace, by name. Not needed where there is only one.",
    "Compliance",
)
RENEWS_ON = Field(
    "renews_on",
    "Renewal date",
    GROUP,
    {"renews_on": "date"},
    day,
    ("renewal", "renews on", "renews", "next renewal", "next renewal date", "contract end", "contract end date",
     "renewal on", "renewal due", "renewal due date", "subscription renewal date", "current period ends", "due date"),
    "The day of the next renewal.",
    "2027-03-22",
)  # fmt: skip


def whole(key: str, label: str, synonyms: tuple[str, ...], about: str, example: str) -> Field:
    return Field(key, label, GROUP, {key: "integer"}, lambda context: Whole(), synonyms, about, example)


FIELDS: tuple[Field, ...] = (
    PRODUCT,
    Field(
        "mrr",
        "MRR",
        GROUP,
        {"mrr_minor": "bigint"},
        money,
        ("monthly recurring revenue", "mrr usd", "monthly revenue", "current mrr", "mrr amount", "monthly amount"),
        "Per month.",
        "5511.67",
    ),
    Field(
        "otr",
        "OTR",
        GROUP,
        {"otr_minor": "bigint"},
        money,
        ("one time revenue", "one time fee", "otr amount", "setup fee", "one time amount"),
        "Once.",
        "250.00",
    ),
    whole(
        "contracted_users",
        "Contracted users",
        ("users", "seats", "licenses", "licences", "contracted seats", "paid users", "quantity", "purchased seats"),
        "For a product that counts users.",
        "45",
    ),
    Field(
        "providers",
        "Contracted providers",
        GROUP,
        {"providers": "integer"},
        lambda context: Whole(),
        ("provider count", "number of providers", "paid providers"),
        "For a product that counts providers.",
        "12",
    ),
    whole(
        "active_users",
        "Active users",
        ("active seats", "active providers", "users active", "used seats"),
        "Users or providers who are active now.",
        "38",
    ),
    whole(
        "inactive_users",
        "Inactive users",
        ("inactive seats", "inactive providers", "users inactive"),
        "Users or providers who could be active and are not.",
        "5",
    ),
    whole(
        "terminated_users",
        "Terminated users",
        ("terminated seats", "terminated providers", "users terminated"),
        "Users or providers who have left.",
        "2",
    ),
    Field(
        "service_tier",
        "Service tier",
        GROUP,
        {"service_tier": "text"},
        choice("service tier", words(Subscription.ServiceTier.choices), TIER_WORDS),
        ("service level", "support tier", "support level"),
        "Basic, standard or premium.",
        "Standard",
    ),
    Field(
        "starts_on",
        "Start date",
        GROUP,
        {"starts_on": "date"},
        day,
        ("starts on", "start", "subscription start", "subscription start date", "contract start",
         "contract start date", "activated", "activated at"),
        "The day it began.",
        "2025-03-22",
    ),
    RENEWS_ON,
    Field(
        "ended_on",
        "Ended on",
        GROUP,
        {"ended_on": "date"},
        day,
        ("ended", "end date", "subscription end date", "cancelled on", "canceled on", "canceled at", "cancelled at",
         "expired at", "termination date", "churn date"),
        "The day it ended; blank while it runs.",
        "2026-06-30",
    ),
    Field(
        "payer",
        "Payer",
        GROUP,
        {"payer_name": "text", "payer_search": "text"},
        lambda context: AccountName(),
        ("payer account", "paid by", "paying account", "parent billing account", "payer id"),
        "The account that pays where it is another one: one of its ids, or its name.",
        "Willow Holdings",
    ),
    Field(
        "billed_to",
        "Billed to",
        GROUP,
        {"billed_to": "text"},
        text(120),
        ("bill to", "invoice to", "bill to name", "payer name"),
        "Who receives the invoice.",
        "Willow Holdings, Accounts Payable",
    ),
)  # fmt: skip
PLAIN = (
    "mrr_minor", "otr_minor", "active_users", "inactive_users", "terminated_users", "service_tier", "starts_on",
    "renews_on", "ended_on", "billed_to",
)  # fmt: skip
RUNNING = "c.ended_on IS NULL"


def no_product(context: Context, chosen: AbstractSet[str], about: str) -> list[str]:
    """Why rows do not say which product they are about."""
    if "product" in chosen or context.directories["product"].only is not None:
        return []
    if not len(context.directories["product"]):
        return ["This workspace has no product yet: add its products first."]
    return [f"Choose the column that names the product: {about}."]


class Subscriptions(ChildKind):
    """One row per account and product."""

    key: ClassVar[str] = "subscriptions"
    label: ClassVar[str] = "Subscriptions"
    about: ClassVar[str] = "What accounts pay for: product, money, users and dates. New ones are created."
    noun: ClassVar[tuple[str, str]] = ("subscription", "subscriptions")
    fields: ClassVar[tuple[Field, ...]] = (*account_fields(), *FIELDS)
    model = Subscription
    references = (Reference("payer", {"name": "payer"}, demanded=False, into="payer_id"),)
    identity = ("product",)
    row_demands = frozenset({"product"})
    labels: ClassVar[dict[str, str]] = {"payer_id": "Payer"}
    several = "format('“%%s” has had several subscriptions like this one: give the start date too.', a.name)"

    def identity_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        return no_product(context, chosen, "an account has one running subscription to each")

    def fixed(self) -> dict[str, str]:
        return {"currency": "%(currency)s"}

    def values(self, stage: Stage) -> dict[str, str]:
        values = {"product_id": product(stage)} | {name: f"s.{name}" for name in PLAIN if stage.has(name)}
        if stage.has("contracted_users") or stage.has("providers"):
            values["contracted_users"] = contracted(stage)
        if stage.has("payer_name"):
            values["payer_id"] = "s.payer_id"
        return values

    def ways(self, stage: Stage) -> list[Way]:
        same = {product(stage): "c.product_id"}
        if not stage.has("ended_on"):
            return [Way(same, among=RUNNING, ties="true")]
        over = {**same, "s.ended_on": "c.ended_on"}
        ended = "s.ended_on IS NOT NULL"
        if not stage.has("starts_on"):
            return [
                Way(over, ties="true"),
                Way(same, when="s.ended_on IS NULL", among=RUNNING, ties="true"),
                # What ran so far has ended, unless another row of the file goes on with it.
                Way(same, when=ended, among=RUNNING, adopts=True),
            ]
        begun = {**same, "s.starts_on": "c.starts_on"}
        return [
            Way({**over, "s.starts_on": "c.starts_on"}, ties="true"),
            Way(over, when="s.starts_on IS NULL", ties="true"),
            Way(same, when="s.ended_on IS NULL", among=RUNNING, ties="true"),
            Way(begun, when=ended, among=RUNNING, adopts=True),
            Way(same, when=ended, among=f"{RUNNING} AND c.starts_on IS NULL", adopts=True),
            Way(same, when=f"{ended} AND s.starts_on IS NULL", among=RUNNING, adopts=True),
        ]

    def checks(self, stage: Stage) -> list[Check]:
        found = []
        if stage.has("ended_on"):
            message = "'This day is still to come: a subscription that runs has no end yet. Is it the renewal date?'"
            value = "to_jsonb(s.ended_on)"
            found.append(Check("ended_on", "not_yet", "s.ended_on > %(today)s::date", message, value))
            if stage.has("starts_on"):
                message = "'It ends before it starts.'"
                found.append(Check("ended_on", "ends_first", "s.ended_on < s.starts_on", message, value))
        return found
