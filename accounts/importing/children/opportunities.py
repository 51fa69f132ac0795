"""The kind ``opportunities``: what may be sold to accounts, as the CRM has it (GRO-2)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import ClassVar

from accounts.importing.makers import choice, day, member, money, text, words
from accounts.models import FieldOwner, Opportunity
from csworkbench.imports.cleaning import SalesforceId
from csworkbench.imports.kinds import Context, Field
from csworkbench.imports.staging import Stage

from .engine import Check, ChildKind, missing_ways
from .matching import Way
from .whose import AsWritten, account_fields

GROUP = "Opportunity"
STATE_WORDS = {
    "closed won": "won",
    "closedwon": "won",
    "closed lost": "lost",
    "closedlost": "lost",
    "in progress": "open",
    "pending": "open",
    "abandoned": "lost",
}
KIND_WORDS = {
    "expansion": "expansion",
    "existing business": "expansion",
    "existing customer upgrade": "expansion",
    "upsell": "expansion",
    "customer upsell": "expansion",
    "cross sell": "expansion",
    "add on": "expansion",
    "existingbusiness": "expansion",
    "renewals": "renewal",
    "new": "new",
    "new customer": "new",
    "newbusiness": "new",
    "new logo": "new",
}
FIELDS: tuple[Field, ...] = (
    Field(
        "opportunity_id",
        "Opportunity ID",
        GROUP,
        {"sf_id": "text", "sf_id_written": "text"},
        lambda context: AsWritten(SalesforceId()),
        ("salesforce id", "salesforce opportunity id", "sf opportunity id", "sfdc opportunity id",
         "opportunity id 18", "opp id", "opportunity salesforce id"),
        "The opportunity's own Salesforce ID; without one it is known by its name.",
        "006A6eEfujfoRnxICE",
    ),
    Field(
        "name",
        "Opportunity",
        GROUP,
        {"name": "text"},
        text(120),
        ("opportunity name", "name", "deal", "deal name", "opp name"),
        "Demanded for one that is not known yet.",
        "Willow Compliance 2027",
    ),
    Field(
        "stage",
        "Stage",
        GROUP,
        {"stage": "text"},
        text(60, repeats=True),
        ("opportunity stage", "deal stage", "sales stage", "stage name"),
        "The CRM's own word. “Closed won” and “Closed lost” also set the state.",
        "Prospect",
    ),
    Field(
        "state",
        "State",
        GROUP,
        {"state": "text"},
        choice("state", words(Opportunity.State.choices), STATE_WORDS),
        ("status", "opportunity status", "deal status", "opportunity state", "forecast status"),
        "Open, won or lost.",
        "Open",
    ),
    Field(
        "kind",
        "Kind",
        GROUP,
        {"kind": "text"},
        choice("kind", words(Opportunity.Kind.choices), KIND_WORDS),
        ("type", "opportunity type", "deal type", "opportunity record type"),
        "Expansion revenue, renewal or new business.",
        "Expansion revenue",
    ),
    Field(
        "category",
        "Category",
        GROUP,
        {"category": "text"},
        choice("category", words(Opportunity.Category.choices), {"potential": "potential"}),
        ("temperature", "rating", "opportunity category"),
        "Hot, warm or potential need.",
        "Warm",
    ),
    Field(
        "mrr",
        "MRR",
        GROUP,
        {"mrr_minor": "bigint"},
        money,
        ("monthly recurring revenue", "mrr amount", "opportunity mrr", "expected mrr"),
        "Per month.",
        "450.00",
    ),
    Field(
        "otr",
        "OTR",
        GROUP,
        {"otr_minor": "bigint"},
        money,
        ("one time revenue", "one time fee", "otr amount", "opportunity otr"),
        "Once.",
        "1200.00",
    ),
    Field(
        "closes_on",
        "Closes on",
        GROUP,
        {"closes_on": "date"},
        day,
        ("close date", "closing date", "expected close date", "closed date", "expected close"),
        "The day it is expected to close, or closed.",
        "2026-12-31",
    ),
    Field(
        "owner",
        "Owner",
        GROUP,
        {"owner_id": "uuid"},
        member,
        ("opportunity owner", "deal owner", "owner name", "rsm", "sales rep", "opportunity owner name"),
        "A member's name or e-mail address.",
        "Carla Xu",
    ),
    Field(
        "originator",
        "Originator",
        GROUP,
        {"originator_id": "uuid"},
        member,
        ("originated by", "origination csm", "lead origination", "sourced by", "csm", "created by"),
        "The member who found it: a name or an e-mail address.",
        "Keiko Ueda",
    ),
    Field(
        "lead_source",
        "Lead source",
        GROUP,
        {"lead_source": "text"},
        text(60, repeats=True),
        ("source", "opportunity source", "deal source", "original source"),
        "Any word.",
        "Customer Upsell",
    ),
    Field(
        "next_step",
        "Next step",
        GROUP,
        {"next_step": "text"},
        text(200),
        ("next steps", "next action"),
        "One line.",
        "Send the quote",
    ),
)  # fmt: skip
PLAIN = (
    "name", "sf_id", "stage", "kind", "category", "mrr_minor", "otr_minor", "closes_on", "owner_id", "originator_id",
    "lead_source", "next_step",
)  # fmt: skip
CLOSED = (
    "CASE WHEN lower(s.stage) IN ('closed won', 'closed-won', 'closedwon', 'won') THEN 'won'"
    " WHEN lower(s.stage) IN ('closed lost', 'closed-lost', 'closedlost', 'lost') THEN 'lost' END"
)


class Opportunities(ChildKind):
    """One row per opportunity."""

    key: ClassVar[str] = "opportunities"
    label: ClassVar[str] = "Opportunities"
    about: ClassVar[str] = "What may be sold to accounts, known again by its Salesforce ID, else by its name."
    noun: ClassVar[tuple[str, str]] = ("opportunity", "opportunities")
    fields: ClassVar[tuple[Field, ...]] = (*account_fields("Account's "), *FIELDS)
    model = Opportunity
    entity = FieldOwner.Entity.OPPORTUNITY
    known_to_crm = "(c.sf_id <> '')"
    identity = ("opportunity_id", "name")
    several = "format('“%%s” has several opportunities of this name: give the Opportunity ID.', a.name)"

    def identity_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        ways = [({"opportunity_id"}, "the column with the Opportunity ID"), ({"name"}, "the one with its name")]
        return missing_ways(ways, chosen)

    def fixed(self) -> dict[str, str]:
        return {"currency": "%(currency)s"}

    def values(self, stage: Stage) -> dict[str, str]:
        values = {name: f"s.{name}" for name in PLAIN if stage.has(name)}
        if stage.has("state"):
            values["state"] = (
                f"CASE WHEN s.state IS NULL THEN {CLOSED} ELSE s.state END" if stage.has("stage") else "s.state"
            )
        elif stage.has("stage"):
            values["state"] = CLOSED
        return values

    def ways(self, stage: Stage) -> list[Way]:
        ways = []
        named = {"lower(s.name)": "lower(c.name)"}
        if stage.has("sf_id"):
            ways.append(Way({"s.sf_id": "c.sf_id"}, among="c.sf_id <> ''", anywhere=True, ties="true"))
            if stage.has("name"):
                nameless = "s.sf_id IS NULL"
                ways.append(Way(named, when=nameless))
                # One that was made here gets its id from the CRM.
                ways.append(Way(named, when="s.sf_id IS NOT NULL", among="c.sf_id = ''", adopts=True))
                ways.append(Way(named, among="false", ties=nameless, leads="s.sf_id IS NULL"))
        elif stage.has("name"):
            ways.append(Way(named, ties="true"))
        return ways

    def checks(self, stage: Stage) -> list[Check]:
        field = self._identity_field(stage)
        nameless = "coalesce(s.name, '') = ''" if stage.has("name") else "true"
        idless = "s.sf_id IS NULL" if stage.has("sf_id") else "true"
        neither = "'Neither an Opportunity ID nor a name says which one this is.'"
        unnamed = "'This opportunity is not known yet, and a new one needs a name.'"
        found = [
            Check(field, "missing_opportunity", f"s.problems IS NULL AND {nameless} AND {idless}", neither),
            Check("name", "missing_name", f"m.found IS NULL AND NOT m.several AND {nameless}", unnamed, matched=True),
        ]
        if stage.has("sf_id"):
            holder = (
                "(SELECT o.name FROM accounts_account o WHERE o.workspace_id = %(workspace)s AND o.id = c.account_id)"
            )
            elsewhere = f"format('This opportunity belongs to “%%s”, but the row names “%%s”.', {holder}, a.name)"
            where = "c.account_id <> m.account_id"
            value = "to_jsonb(s.sf_id_written)"
            found.append(Check("opportunity_id", "id_conflict", where, elsewhere, value, matched=True))
        return found
