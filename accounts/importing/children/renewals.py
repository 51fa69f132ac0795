"""The kind ``renewals``: when running subscriptions renew, and all that is known about it (REN-1).

It takes the list of enterprise renewal dates that a board of tasks exports: account, date, days of notice, who
decides and where, probability and stage.
"""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import ClassVar

from accounts.importing.makers import choice, text, words
from accounts.models import Subscription
from csworkbench.imports.cleaning import BadCell, Cell, Whole, YesNo
from csworkbench.imports.kinds import Context, Field
from csworkbench.imports.staging import Stage

from .engine import Check, ChildKind
from .matching import Way, drop_rejected
from .problems import note, reject
from .references import Reference
from .subscriptions import PRODUCT, RENEWS_ON, RUNNING
from .whose import AccountName, account_fields

GROUP = "Renewal"
STAGE_WORDS = {
    "not yet": "not_started",
    "new": "not_started",
    "to do": "not_started",
    "open": "not_started",
    "in contact": "contacted",
    "reached out": "contacted",
    "outreach": "contacted",
    "in progress": "negotiating",
    "negotiation": "negotiating",
    "quote sent": "negotiating",
    "commit": "committed",
    "verbal": "committed",
    "verbal commitment": "committed",
    "risk": "at_risk",
}


class Percent(Whole):
    """A whole percentage: ``70``, ``70 %``, or ``0.7`` as a sheet keeps a cell shown as 70 %."""

    repeats = True

    def one(self, value: Cell) -> str | None:
        if isinstance(value, float) and 0 < value < 1:
            value = round(value * 100)
        elif isinstance(value, str):
            value = value.strip().removesuffix("%").strip()
        found = super().one(value) if value != "" else None
        if found is not None and int(found) > 100:
            raise BadCell("bad_percent", f"“{found}” is no percentage: it is 0 to 100.")
        return found


FIELDS: tuple[Field, ...] = (
    PRODUCT,
    RENEWS_ON,
    Field(
        "notice_days",
        "Days of notice",
        GROUP,
        {"notice_days": "integer"},
        lambda context: Whole(),
        ("notice days", "notice", "notice period", "notice period days", "cancellation notice", "days notice"),
        "By so many days before the renewal it has to be cancelled.",
        "30",
    ),
    Field(
        "decider",
        "Decider",
        GROUP,
        {"decider": "text"},
        text(160),
        ("decision maker", "who decides", "decided by", "renewal contact", "decider email", "decision maker email"),
        "A contact of the account, or of the one where it is decided: e-mail address, or first and last name.",
        "rosa.vargas@example.org",
    ),
    Field(
        "decided_at",
        "Decided at",
        GROUP,
        {"decided_name": "text", "decided_search": "text"},
        lambda context: AccountName(),
        ("decided at account", "corporate account", "decision account", "enterprise", "enterprise account",
         "corporate", "headquarters"),
        "The account where it is decided, where that is another one: one of its ids, or its name.",
        "Willow Holdings",
    ),
    Field(
        "probability",
        "Probability",
        GROUP,
        {"renewal_probability": "integer"},
        lambda context: Percent(),
        ("renewal probability", "likelihood", "probability percent", "forecast probability", "confidence"),
        "Percent, 0 to 100. What is blank follows from the health.",
        "80",
    ),
    Field(
        "renewal_stage",
        "Renewal stage",
        GROUP,
        {"renewal_stage": "text"},
        choice("stage", words(Subscription.RenewalStage.choices), STAGE_WORDS),
        ("stage", "status", "renewal status", "section", "section column", "renewal state"),
        "Not started, contacted, negotiating, committed or at risk.",
        "Negotiating",
    ),
    Field(
        "auto_renews",
        "Renews by itself",
        GROUP,
        {"auto_renews": "boolean"},
        lambda context: YesNo(),
        ("auto renew", "auto renews", "auto renewal", "automatic renewal", "evergreen"),
        "Yes or no.",
        "No",
    ),
)  # fmt: skip
PLAIN = ("renews_on", "notice_days", "renewal_probability", "renewal_stage", "auto_renews")


class Renewals(ChildKind):
    """One row per running subscription: when it renews, and how. Nothing is created."""

    key: ClassVar[str] = "renewals"
    label: ClassVar[str] = "Renewal dates"
    about: ClassVar[str] = (
        "When running subscriptions renew, and who decides. Nothing is created: the subscription must be there."
    )
    noun: ClassVar[tuple[str, str]] = ("renewal date", "renewal dates")
    fields: ClassVar[tuple[Field, ...]] = (*account_fields(), *FIELDS)
    model = Subscription
    references = (Reference("decided", {"name": "decided_at"}, demanded=False, into="decided_at_account_id"),)
    identity = ("product", "renews_on")
    row_demands = frozenset({"renews_on"})
    creates = False
    labels: ClassVar[dict[str, str]] = {"decided_at_account_id": "Decided at", "decider_id": "Decider"}
    several = "format('“%%s” has several running subscriptions: name the product.', a.name)"

    def identity_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        return [] if "renews_on" in chosen else ["Choose the column with the renewal date."]

    def values(self, stage: Stage) -> dict[str, str]:
        values = {name: f"s.{name}" for name in PLAIN if stage.has(name)}
        if stage.has("decided_name"):
            values["decided_at_account_id"] = "s.decided_at_account_id"
        if stage.has("decider"):
            values["decider_id"] = "s.decider_id"
        return values

    def ways(self, stage: Stage) -> list[Way]:
        if not stage.has("product_id"):
            return [Way({}, among=RUNNING)]
        return [
            Way({"s.product_id": "c.product_id"}, among=RUNNING),
            Way({}, when="s.product_id IS NULL", among=RUNNING),
        ]

    def checks(self, stage: Stage) -> list[Check]:
        field = self._identity_field(stage)
        missing = "m.found IS NULL AND NOT m.several"
        message = "format('“%%s” has no running subscription to which this could belong.', a.name)"
        return [Check(field, "unknown_subscription", missing, message, matched=True)]

    def check_together(self, stage: Stage) -> None:
        """Who is meant by the decider: somebody of the row's account, or of the account where it is decided."""
        if not stage.has("decider"):
            return
        elsewhere = "coalesce(s.decided_at_account_id, u.decided_at_account_id)"
        if not stage.has("decided_name"):
            elsewhere = "u.decided_at_account_id"
        stage.run("ALTER TABLE import_stage ADD COLUMN decider_id uuid, ADD COLUMN deciders integer")
        stage.run(
            f"""
            UPDATE import_stage s SET decider_id = CASE WHEN d.n = 1 THEN d.id END, deciders = d.n
            FROM (SELECT m.row, min(p.id::text)::uuid AS id, count(DISTINCT p.id)::int AS n
                FROM import_match m JOIN import_stage s ON s.row = m.row
                JOIN accounts_subscription u ON u.workspace_id = %(workspace)s AND u.id = m.found
                JOIN accounts_contact p ON p.workspace_id = %(workspace)s
                    AND p.account_id IN (m.account_id, {elsewhere})
                    AND (p.email = lower(s.decider) OR lower(p.first_name || ' ' || p.last_name) = lower(s.decider))
                WHERE s.decider IS NOT NULL GROUP BY m.row) d
            WHERE d.row = s.row
            """
        )
        rows = (
            "FROM import_match m JOIN import_stage s ON s.row = m.row"
            " JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = m.account_id"
            " WHERE s.decider IS NOT NULL AND s.decider_id IS NULL"
        )
        message = (
            "format(CASE WHEN s.deciders > 1 THEN 'Several contacts of “%%s” are “%%s”: give the address.'"
            " ELSE 'No contact of “%%s” has this name or e-mail address: “%%s”.' END, a.name, s.decider)"
        )
        if note(stage, "decider", "unknown_contact", message, rows, value="to_jsonb(s.decider)"):
            reject(stage)
            drop_rejected(stage)
