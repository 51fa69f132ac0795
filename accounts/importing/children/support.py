"""The kind ``support_tickets``: support tickets of accounts, as the support desk has them (ACC-9)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import ClassVar

from accounts.importing.makers import choice, text, words
from accounts.importing.moments import moment
from accounts.models import SupportTicket
from csworkbench.imports.cleaning import Email, TextId, Website
from csworkbench.imports.kinds import Context, Field
from csworkbench.imports.staging import Stage

from .engine import Check, ChildKind
from .matching import Way
from .whose import account_fields

GROUP = "Support ticket"
KIND_WORDS = {
    "question": "support", "problem": "support", "incident": "support", "bug": "support", "task": "support",
    "service request": "support", "sso": "integration", "hris": "integration", "api": "integration",
    "integration request": "integration", "customization": "customisation", "custom": "customisation",
    "feature request": "customisation", "enhancement": "customisation",
}  # fmt: skip
SEVERITY_WORDS = {
    "critical": "urgent", "highest": "urgent", "high": "urgent", "p1": "urgent", "p2": "urgent", "blocker": "urgent",
    "major": "urgent", "medium": "normal", "p3": "normal", "low": "minor", "lowest": "minor", "trivial": "minor",
    "p4": "minor",
}  # fmt: skip
STATE_WORDS = {
    "new": "open", "in progress": "open", "reopened": "open", "to do": "open", "escalated": "open",
    "pending": "waiting", "on hold": "waiting", "waiting for customer": "waiting", "waiting on customer": "waiting",
    "pending customer": "waiting", "hold": "waiting", "closed": "resolved", "solved": "resolved", "done": "resolved",
    "completed": "resolved", "cancelled": "resolved", "canceled": "resolved",
}  # fmt: skip
FIELDS: tuple[Field, ...] = (
    Field(
        "key",
        "Support ticket",
        GROUP,
        {"key": "text"},
        lambda context: TextId(),
        ("ticket", "ticket id", "ticket number", "ticket key", "issue key", "key", "case number", "request id",
         "number", "support ticket number"),
        "The support desk's own number: by it a support ticket is known again.",
        "SUP-1042",
    ),
    Field(
        "subject",
        "Subject",
        GROUP,
        {"subject": "text"},
        text(200),
        ("summary", "title", "ticket subject", "ticket name", "issue", "description"),
        "Demanded for one that is not known yet.",
        "SSO sign-in fails for new employees",
    ),
    Field(
        "kind",
        "Kind",
        GROUP,
        {"kind": "text"},
        choice("kind", words(SupportTicket.Kind.choices), KIND_WORDS),
        ("type", "ticket type", "issue type", "request type"),
        "Support, integration or customisation.",
        "Integration",
    ),
    Field(
        "severity",
        "Severity",
        GROUP,
        {"severity": "text"},
        choice("severity", words(SupportTicket.Severity.choices), SEVERITY_WORDS),
        ("priority", "ticket priority", "urgency", "impact"),
        "Urgent, normal or minor.",
        "Urgent",
    ),
    Field(
        "state",
        "State",
        GROUP,
        {"state": "text"},
        choice("state", words(SupportTicket.State.choices), STATE_WORDS),
        ("status", "ticket status", "ticket state", "stage"),
        "Open, waiting for the account, or resolved. With a day of resolution it is resolved.",
        "Open",
    ),
    Field(
        "topic",
        "Topic",
        GROUP,
        {"topic": "text"},
        text(80, repeats=True),
        ("category", "component", "ticket category", "tags", "label", "area", "product area"),
        "What it is about: recurring topics are counted.",
        "SSO",
    ),
    Field(
        "requester",
        "Requester",
        GROUP,
        {"requester_email": "text"},
        lambda context: Email(),
        ("requester email", "reporter", "reporter email", "requested by", "contact email", "email"),
        "The e-mail address of a contact of the account; somebody else is left aside.",
        "dmitri.haddad@example.org",
    ),
    Field(
        "opened_at",
        "Opened",
        GROUP,
        {"opened_at": "timestamptz"},
        moment,
        ("opened at", "created", "created at", "create date", "date opened", "opened on", "created date",
         "requested at"),
        "Day, or day and time. Demanded for one that is not known yet.",
        "2026-11-02 09:30",
    ),
    Field(
        "first_response_at",
        "First response",
        GROUP,
        {"first_response_at": "timestamptz"},
        moment,
        ("first response at", "first replied at", "first reply", "first responded", "first reply date"),
        "When somebody first answered.",
        "2026-11-02 11:05",
    ),
    Field(
        "resolved_at",
        "Resolved",
        GROUP,
        {"resolved_at": "timestamptz"},
        moment,
        ("resolved at", "closed", "closed at", "solved at", "close date", "date closed", "completed at",
         "resolution date"),
        "When it was resolved; blank while it is open.",
        "2026-11-04 16:00",
    ),
    Field(
        "url",
        "Link",
        GROUP,
        {"url": "text"},
        lambda context: Website(),
        ("url", "ticket url", "web address", "permalink", "ticket link"),
        "Where the support desk shows it.",
        "https://desk.example.org/tickets/1042",
    ),
)  # fmt: skip
PLAIN = ("key", "subject", "kind", "severity", "topic", "opened_at", "first_response_at", "resolved_at", "url")
MOMENTS = {"opened_at": "Opened", "first_response_at": "First response", "resolved_at": "Resolved"}


class SupportTickets(ChildKind):
    """One row per support ticket."""

    key: ClassVar[str] = "support_tickets"
    label: ClassVar[str] = "Support tickets"
    about: ClassVar[str] = "Open and past support tickets, known again by their number. New ones are created."
    noun: ClassVar[tuple[str, str]] = ("support ticket", "support tickets")
    fields: ClassVar[tuple[Field, ...]] = (*account_fields(), *FIELDS)
    model = SupportTicket
    identity = ("key",)
    row_demands = frozenset({"key"})
    labels: ClassVar[dict[str, str]] = {**MOMENTS, "requester_id": "Requester"}
    several = "''"

    def identity_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        return [] if "key" in chosen else ["Choose the column with the support desk's own number."]

    def fixed(self) -> dict[str, str]:
        return {"source": "'sheet'"}

    def values(self, stage: Stage) -> dict[str, str]:
        values = {name: f"s.{name}" for name in PLAIN if stage.has(name)}
        if stage.has("resolved_at"):
            said = "WHEN s.state IS NOT NULL THEN s.state " if stage.has("state") else ""
            values["state"] = f"CASE {said}WHEN s.resolved_at IS NOT NULL THEN 'resolved' END"
        elif stage.has("state"):
            values["state"] = "s.state"
        if stage.has("requester_email"):
            values["requester_id"] = "s.requester_id"
        return values

    def ways(self, stage: Stage) -> list[Way]:
        return [Way({"s.key": "c.key"}, among="c.source = 'sheet'", anywhere=True, ties="true")]

    def checks(self, stage: Stage) -> list[Check]:
        found = [self._elsewhere()]
        for name, message in (
            ("subject", "'This support ticket is not known yet, and a new one needs a subject.'"),
            ("opened_at", "'This support ticket is not known yet, and a new one needs the day it was opened.'"),
        ):
            missing = f"coalesce(s.{name}::text, '') = ''" if stage.has(name) else "true"
            found.append(Check(name, f"missing_{name}", f"m.found IS NULL AND {missing}", message, matched=True))
        for name in MOMENTS:
            if stage.has(name):
                value = f"to_jsonb(s.{name})"
                late = "'This is still to come.'"
                found.append(Check(name, "not_yet", f"s.{name}::date > %(today)s::date + 1", late, value))
                if name != "opened_at" and stage.has("opened_at"):
                    early = "'This is before the support ticket was opened.'"
                    found.append(Check(name, "too_early", f"s.{name} < s.opened_at", early, value))
        return found

    def check_together(self, stage: Stage) -> None:
        """Who asked: the contact of the account with this address, where there is just one."""
        if not stage.has("requester_email"):
            return
        stage.run("ALTER TABLE import_stage ADD COLUMN requester_id uuid")
        stage.run(
            """
            UPDATE import_stage s SET requester_id = x.id
            FROM import_match m JOIN (
                SELECT account_id, email, min(id::text)::uuid AS id FROM accounts_contact
                WHERE workspace_id = %(workspace)s AND account_id IN (SELECT account_id FROM import_match)
                GROUP BY account_id, email HAVING count(*) = 1) x ON x.account_id = m.account_id
            WHERE m.row = s.row AND x.email = s.requester_email
            """
        )

    @staticmethod
    def _elsewhere() -> Check:
        """The number is that of another account's support ticket."""
        holder = "(SELECT o.name FROM accounts_account o WHERE o.workspace_id = %(workspace)s AND o.id = c.account_id)"
        message = f"format('This support ticket belongs to “%%s”, but the row names “%%s”.', {holder}, a.name)"
        return Check("key", "id_conflict", "c.account_id <> m.account_id", message, "to_jsonb(s.key)", matched=True)
