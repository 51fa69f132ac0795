"""The kind ``contacts``: the people at accounts (ACC-3)."""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import ClassVar

from accounts.importing.makers import choice, text, words
from accounts.models import Contact, FieldOwner
from csworkbench.imports.cleaning import Choices, Email, FullName, Phone, YesNo
from csworkbench.imports.kinds import Context, Field
from csworkbench.imports.staging import Stage

from .engine import Check, ChildKind, missing_ways
from .matching import Way, drop_rejected
from .problems import note, reject
from .whose import account_fields

GROUP = "Contact"
AREA_WORDS = {
    "billing": "finance",
    "accounting": "finance",
    "accounts payable": "finance",
    "learning": "training",
    "education": "training",
    "cred": "credentialing",
    "credentials": "credentialing",
}
VALIDITY_WORDS = {
    "valid": "active",
    "yes": "active",
    "leave": "on_leave",
    "on-leave": "on_leave",
    "hard bounce": "bounced",
    "bounce": "bounced",
    "invalid": "bounced",
    "left": "terminated",
    "no longer there": "terminated",
    "inactive": "terminated",
    "former": "terminated",
}
FIELDS: tuple[Field, ...] = (
    Field(
        "first_name",
        "First name",
        GROUP,
        {"first_name": "text"},
        text(80, repeats=True),
        ("firstname", "contact first name", "poc first name", "given name", "forename"),
        "With the last name: who it is, where there is no e-mail address.",
        "Dmitri",
    ),
    Field(
        "last_name",
        "Last name",
        GROUP,
        {"last_name": "text"},
        text(80, repeats=True),
        ("lastname", "contact last name", "poc last name", "surname", "family name"),
        "",
        "Haddad",
    ),
    Field(
        "contact",
        "Name",
        GROUP,
        {"first_name": "text", "last_name": "text"},
        lambda context: FullName(),
        ("contact", "contact name", "contact full name", "full name", "person", "poc", "poc name", "contact person"),
        "First and last name in one column; “Last, First” works.",
        "Dmitri Haddad",
        alternative=True,
    ),
    Field(
        "email",
        "Email",
        GROUP,
        {"email": "text"},
        lambda context: Email(),
        ("e mail", "email address", "contact email", "contact email address", "work email", "primary email",
         "business email", "poc email"),
        "Who it is: a contact of the account with this address is that contact.",
        "dmitri.haddad@example.org",
        telling=True,
    ),
    Field(
        "phone",
        "Phone",
        GROUP,
        {"phone": "text", "phone_extension": "text"},
        lambda context: Phone(context.workspace.phone_region),
        ("phone number", "business phone", "contact phone", "work phone", "direct phone", "telephone", "poc phone"),
        "Any usual way to write it, with an extension or without.",
        "+1 952 088 0003 ext 12",
    ),
    Field(
        "title",
        "Title",
        GROUP,
        {"title": "text"},
        text(120, repeats=True),
        ("job title", "contact title", "position", "jobtitle", "poc title"),
        "What the person does there.",
        "Office manager",
    ),
    Field(
        "areas",
        "Areas",
        GROUP,
        {"areas": "varchar[]"},
        lambda context: Choices("area", AREA_WORDS, words(Contact.Area.choices)),
        ("area", "contact area", "contact areas", "responsible for", "responsibilities", "department", "contact roles",
         "buying role"),
        "Finance, training, compliance, credentialing; several with a semicolon between them. The list as a whole.",
        "Finance; Compliance",
    ),
    Field(
        "primary",
        "Primary contact",
        GROUP,
        {"is_primary": "boolean"},
        lambda context: YesNo(),
        ("primary", "is primary", "primary poc", "main contact", "is primary contact", "main point of contact"),
        "Yes for the main point of contact. A new one takes the place of the former; at most one per account.",
        "Yes",
    ),
    Field(
        "decision_maker",
        "Decision maker",
        GROUP,
        {"is_decision_maker": "boolean"},
        lambda context: YesNo(),
        ("is decision maker", "decisionmaker", "decides"),
        "Yes or no.",
        "No",
    ),
    Field(
        "validity",
        "Validity",
        GROUP,
        {"validity": "text"},
        choice("validity", words(Contact.Validity.choices), VALIDITY_WORDS),
        ("contact status", "contact validity", "email status", "employment status", "lms status", "lms user status"),
        "Active, on leave, bounced, terminated or unknown.",
        "Active",
    ),
    Field(
        "dnc",
        "DNC",
        GROUP,
        {"dnc": "boolean"},
        lambda context: YesNo(),
        ("do not contact", "do not call", "do not email", "email opt out", "opted out", "unsubscribed",
         "unsubscribed from all email", "has opted out of email"),
        "Yes for a person who must not be contacted.",
        "No",
    ),
)  # fmt: skip
PLAIN = (
    "first_name", "last_name", "title", "email", "phone", "is_primary", "is_decision_maker", "validity", "dnc",
)  # fmt: skip


class Contacts(ChildKind):
    """One row per person at an account."""

    key: ClassVar[str] = "contacts"
    label: ClassVar[str] = "Contacts"
    about: ClassVar[str] = "The people at accounts, known again by e-mail address, else by name. New ones are created."
    noun: ClassVar[tuple[str, str]] = ("contact", "contacts")
    fields: ClassVar[tuple[Field, ...]] = (*account_fields(), *FIELDS)
    model = Contact
    entity = FieldOwner.Entity.CONTACT
    known_to_crm = "(a.sf_id <> '')"
    identity = ("email", "last_name", "first_name", "contact")
    labels: ClassVar[dict[str, str]] = {"phone_extension": "Extension"}
    several = "format('Several contacts of “%%s” could be meant: give the e-mail address and both names.', a.name)"

    def checks(self, stage: Stage) -> list[Check]:
        given = [f"coalesce(s.{name}, '') <> ''" for name in ("email", "first_name", "last_name") if stage.has(name)]
        message = "'An e-mail address or a name says who this is: both are missing.'"
        where = f"s.problems IS NULL AND NOT ({' OR '.join(given)})"
        return [Check(self._identity_field(stage), "missing_contact", where, message)]

    def identity_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        found = missing_ways(
            [
                ({"email"}, "the column with the e-mail address"),
                ({"contact"}, "the one with the name"),
                ({"first_name", "last_name"}, "those with first and last name"),
            ],
            chosen,
        )
        if "contact" in chosen and {"first_name", "last_name"} & chosen:
            found.append("The contact's name is in one column or in two: choose one way.")
        return found

    def values(self, stage: Stage) -> dict[str, str]:
        values = {name: f"s.{name}" for name in PLAIN if stage.has(name)}
        if stage.has("phone_extension"):
            # The same number without an extension does not say that there is none.
            values["phone_extension"] = (
                "CASE WHEN s.phone_extension = '' AND s.phone = c.phone THEN NULL ELSE s.phone_extension END"
            )
        if stage.has("areas"):
            # In whatever order they stand, the same areas are the same.
            values["areas"] = "CASE WHEN s.areas @> c.areas AND s.areas <@ c.areas THEN NULL ELSE s.areas END"
        return values

    def ways(self, stage: Stage) -> list[Way]:
        ways = []
        named = {f"lower(s.{name})": f"lower(c.{name})" for name in ("first_name", "last_name") if stage.has(name)}
        if stage.has("email"):
            # A mailbox that several share: the name says whose row it is.
            ways += [Way({"s.email": "c.email", **named})] if named else []
            ways.append(Way({"s.email": "c.email"}, ties="true"))
        if len(named) > 1:
            blank = "coalesce(s.first_name, '') = '' AND coalesce(s.last_name, '') = ''"
            same = {f"lower(coalesce(s.{name}, ''))": f"lower(c.{name})" for name in ("first_name", "last_name")}
            ways.append(Way(same, when=f"NOT ({blank})", ties="true"))
        return ways

    def check_together(self, stage: Stage) -> None:
        """An account has one primary contact: rows that name several are all rejected, none is guessed."""
        if not stage.has("is_primary"):
            return
        rows = (
            "FROM import_match m JOIN import_stage s ON s.row = m.row"
            " JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = m.account_id"
            " JOIN (SELECT m.account_id, string_agg(m.row::text, ', ' ORDER BY m.row) AS rows, count(*) AS n"
            " FROM import_match m JOIN import_stage s ON s.row = m.row WHERE s.is_primary GROUP BY m.account_id) o"
            " ON o.account_id = m.account_id WHERE s.is_primary AND o.n > 1"
        )
        message = (
            "format('“%%s” has one primary contact, and rows %%s each name one: leave one of them.', a.name, o.rows)"
        )
        if note(stage, "primary", "two_primaries", message, rows, value="to_jsonb('Yes'::text)"):
            reject(stage)
            drop_rejected(stage)

    def make_room(self, stage: Stage) -> None:
        """A new primary contact takes the place of the former, who stays a contact."""
        if not stage.has("is_primary"):
            return
        held = f" AND NOT ({self.known_to_crm} AND m.found IS NOT NULL)" if "is_primary" in stage.crm_owned else ""
        stage.write(
            f"""
            UPDATE accounts_contact c SET is_primary = false
            FROM import_match m JOIN import_verdict v ON v.row = m.row JOIN import_stage s ON s.row = m.row
            JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = m.account_id
            WHERE c.workspace_id = %(workspace)s AND c.account_id = m.account_id AND c.is_primary
                AND c.id <> v.target_id AND s.is_primary AND v.verdict IN ('new', 'changed'){held}
            """
        )
