"""The kind ``people``: people as the LMS, the CRM or billing knows them, compared and never merged (ACC-3).

A row becomes differences for a member to decide, and the validity that the LMS knows; no other column of a contact is
written. A person who is no contact becomes a difference of the account.
"""

# ruff: noqa: S608 - text from outside never reaches a statement: names come from this package, values are parameters

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, Literal

from accounts.importing.makers import choice, day, text
from accounts.models import Contact, Difference
from accounts.people import differences
from accounts.people.differences import LABELS, PERSON
from csworkbench.imports.cleaning import Choice, Cleaner, Email, FullName, Phone
from csworkbench.imports.kinds import Change, Context, Field
from csworkbench.imports.staging import Stage

from .engine import Check, ChildKind, missing_ways
from .matching import Way
from .whose import account_fields

GROUP = "Person"
SOURCES = {str(value): Contact.Source(value).label for value in differences.SOURCES}
SOURCE_WORDS = {
    "salesforce": "crm", "hubspot": "crm", "recurly": "billing", "billing system": "billing",
    "learning management system": "lms", "learning": "lms",
}  # fmt: skip
LOGIN_WORDS = {
    "yes": "active", "y": "active", "true": "active", "1": "active", "enabled": "active", "current": "active",
    "no": "terminated", "n": "terminated", "false": "terminated", "0": "terminated", "inactive": "terminated",
    "disabled": "terminated", "deactivated": "terminated", "archived": "terminated", "left": "terminated",
    "deleted": "terminated", "suspended": "terminated",
}  # fmt: skip


def login(context: Context) -> Cleaner:
    """Whether somebody has an active login."""
    return Choice("state of a login", LOGIN_WORDS, {"active": "Active", "terminated": "Not active"})


FIELDS: tuple[Field, ...] = (
    Field(
        "source",
        "Known by",
        GROUP,
        {"source": "text"},
        choice("source of people", SOURCES, SOURCE_WORDS),
        ("source", "source system", "system", "data source", "origin"),
        "LMS, CRM or billing: a column, or the same for every row.",
        "LMS",
        demanded=True,
    ),
    Field(
        "lms_user_id",
        "LMS user ID",
        GROUP,
        {"lms_user_id": "text"},
        text(40),
        ("user id", "userid", "learner id", "login id", "lms user", "lms login"),
        "The person's own id in the LMS: by it they are known again when their name and address have changed.",
        "88121",
    ),
    Field(
        "email",
        "Email",
        GROUP,
        {"email": "text"},
        lambda context: Email(),
        ("e mail", "email address", "user email", "work email", "contact email", "login email"),
        "Who it is: a contact of the account with this address is that contact.",
        "dmitri.haddad@example.org",
        telling=True,
    ),
    Field(
        "first_name",
        "First name",
        GROUP,
        {"first_name": "text"},
        text(80, repeats=True),
        ("firstname", "given name", "forename", "user first name"),
        "With the last name: who it is, where there is no e-mail address.",
        "Dmitri",
    ),
    Field(
        "last_name",
        "Last name",
        GROUP,
        {"last_name": "text"},
        text(80, repeats=True),
        ("lastname", "surname", "family name", "user last name"),
        "",
        "Haddad",
    ),
    Field(
        "person",
        "Name",
        GROUP,
        {"first_name": "text", "last_name": "text"},
        lambda context: FullName(),
        ("full name", "user name", "user", "contact name", "contact", "display name", "person"),
        "First and last name in one column; “Last, First” works.",
        "Dmitri Haddad",
        alternative=True,
    ),
    Field(
        "phone",
        "Phone",
        GROUP,
        {"phone": "text", "phone_extension": "text"},
        lambda context: Phone(context.workspace.phone_region),
        ("phone number", "business phone", "work phone", "telephone", "mobile"),
        "Any usual way to write it; an extension is left aside.",
        "+1 952 088 0003",
    ),
    Field(
        "title",
        "Title",
        GROUP,
        {"title": "text"},
        text(120, repeats=True),
        ("job title", "position", "jobtitle", "user title"),
        "What the person does there.",
        "Office manager",
    ),
    Field(
        "login",
        "Active",
        GROUP,
        {"login": "text"},
        login,
        ("is active", "user status", "status", "lms status", "account status", "login status", "active user",
         "enabled"),
        "Whether they have an active login. From the LMS it becomes the validity, unless a member judged later.",
        "Yes",
    ),
    Field(
        "last_active_on",
        "Last active",
        GROUP,
        {"last_active_on": "date"},
        day,
        ("last active on", "last login", "last login date", "last seen", "last activity", "last access"),
        "The day of their last login: newer than a member's judgement, it outweighs that.",
        "2026-11-20",
    ),
)  # fmt: skip
SAID = ("email", "first_name", "last_name", "phone", "title")
# Whether the LMS may say so: what a member judged stands unless the person was active after that day, a bounced mail
# is not undone by a login, and somebody on leave keeps theirs.
VALIDITY = """s.source = 'lms' AND s.login IS NOT NULL AND (c.validity <> s.login OR c.validity_source = '')
    AND NOT (s.login = 'active' AND c.validity IN ('bounced', 'on_leave'))
    AND (c.validity_source <> 'member' OR c.validity_on IS NULL OR {active_on} > c.validity_on)"""


class People(ChildKind):
    """One row per person of an account, as one system knows them."""

    key: ClassVar[str] = "people"
    label: ClassVar[str] = "People in other systems"
    about: ClassVar[str] = (
        "People as the LMS, the CRM or billing knows them. What differs from your contacts is listed for a decision;"
        " only the validity that the LMS knows is written."
    )
    noun: ClassVar[tuple[str, str]] = ("person", "people")
    undo_by: ClassVar[Literal["account", "row"]] = "account"
    fields: ClassVar[tuple[Field, ...]] = (*account_fields(), *FIELDS)
    model = Difference
    identity = ("email", "lms_user_id", "last_name", "first_name", "person")
    row_demands = frozenset({"source"})
    apart = "s.source"
    labels: ClassVar[dict[str, str]] = {**LABELS, "value": "What a source says", "decision": "Decision"}
    several = "format('Several contacts of “%%s” could be meant: give the e-mail address and both names.', a.name)"

    @property
    def _table(self) -> str:
        return Contact._meta.db_table

    def checks(self, stage: Stage) -> list[Check]:
        given = [f"coalesce(s.{name}, '') <> ''" for name in ("email", "first_name", "last_name") if stage.has(name)]
        message = "'An e-mail address or a name says who this is: both are missing.'"
        where = f"s.problems IS NULL AND NOT ({' OR '.join(given) or 'false'})"
        found = [Check(self._identity_field(stage), "missing_person", where, message)]
        if stage.has("last_active_on"):
            late = "'This day is still to come.'"
            value = "to_jsonb(s.last_active_on)"
            found.append(Check("last_active_on", "not_yet", "s.last_active_on > %(today)s::date", late, value))
        return found

    def identity_problems(self, chosen: AbstractSet[str], context: Context) -> list[str]:
        ways: list[tuple[AbstractSet[str], str]] = [
            ({"email"}, "the column with the e-mail address"),
            ({"person"}, "the one with the name"),
            ({"first_name", "last_name"}, "those with first and last name"),
        ]
        found = missing_ways(ways, chosen)
        if "source" not in chosen:
            found.append("Say which system knows these people: a column, or the same for every row.")
        if "person" in chosen and {"first_name", "last_name"} & chosen:
            found.append("The name is in one column or in two: choose one way.")
        return found

    def ways(self, stage: Stage) -> list[Way]:
        ways = []
        named = {f"lower(s.{name})": f"lower(c.{name})" for name in ("first_name", "last_name") if stage.has(name)}
        if stage.has("lms_user_id"):
            ways.append(Way({"s.lms_user_id": "c.lms_user_id"}, when="s.source = 'lms'", among="c.lms_user_id <> ''"))
        if stage.has("email"):
            ways += [Way({"s.email": "c.email", **named})] if named else []
            ways.append(Way({"s.email": "c.email"}, ties="true"))
        if len(named) > 1:
            blank = "coalesce(s.first_name, '') = '' AND coalesce(s.last_name, '') = ''"
            same = {f"lower(coalesce(s.{name}, ''))": f"lower(c.{name})" for name in ("first_name", "last_name")}
            ways.append(Way(same, when=f"NOT ({blank})", ties="true"))
        return ways

    def decide(self, stage: Stage, *, lock: bool) -> None:
        if lock:
            self._hold_rows(stage)
        self._gather(stage)
        differences.look(stage)
        # The same difference from a second row of the file: the first one counts.
        stage.run(
            "DELETE FROM people_news n USING people_news f WHERE f.field = n.field AND f.source = n.source"
            " AND f.account_id = n.account_id AND f.contact_id IS NOT DISTINCT FROM n.contact_id"
            " AND (n.contact_id IS NOT NULL OR f.value = n.value) AND f.row < n.row"
        )
        stage.run(
            """
            INSERT INTO import_verdict (row, verdict, target_id, changes)
            SELECT x.row, 'changed', min(x.account_id::text)::uuid, jsonb_object_agg(x.name, x.pair)
            FROM (
                SELECT n.row, n.account_id,
                    concat_ws('.', n.field, n.source, CASE n.decision WHEN 'gone' THEN 'gone' END) AS name,
                    jsonb_build_array(CASE WHEN n.field = 'person' OR n.decision = 'gone' THEN n.old_value
                        ELSE n.ours END, CASE n.decision WHEN 'gone' THEN coalesce(n.ours, n.value)
                        ELSE n.value END) AS pair
                FROM people_news n
                UNION ALL
                SELECT v.row, v.account_id, 'written', jsonb_build_array(v.old, v.new) FROM people_validity v) x
            GROUP BY x.row
            """
        )
        stage.run("ANALYZE import_verdict (row)")

    def apply(self, stage: Stage) -> None:
        approved = "n.row IN (SELECT v.row FROM import_verdict v WHERE v.verdict IN ('new', 'changed'))"
        stage.write(
            """
            UPDATE accounts_contact c SET validity = y.new, validity_source = 'lms', validity_on = y.since
            FROM people_validity y JOIN import_verdict v ON v.row = y.row AND v.verdict IN ('new', 'changed')
            WHERE c.workspace_id = %(workspace)s AND c.id = y.contact_id
            """
        )
        stage.run(
            """
            UPDATE accounts_difference d SET decision = 'gone', decided_by_id = NULL, decided_at = NULL
            FROM people_validity y JOIN import_verdict v ON v.row = y.row AND v.verdict IN ('new', 'changed')
            WHERE d.workspace_id = %(workspace)s AND d.contact_id = y.contact_id AND d.source = 'lms'
                AND d.field = 'validity' AND d.decision IN ('open', 'kept')
            """
        )
        differences.write(stage, approved)

    def describe(self, changes: Iterable[Mapping[str, list[Any]]], context: Context) -> list[list[Change]]:
        return [[_change(name, pair) for name, pair in row.items()] for row in changes]

    def _gather(self, stage: Stage) -> None:
        """``people_validity``: what the LMS makes of contacts; ``people_said``: one line per thing that a row says."""
        login, active_on = (f"s.{name}" if stage.has(name) else "NULL" for name in ("login", "last_active_on"))
        rule = VALIDITY.format(active_on=f"{active_on}::date").replace("s.login", f"{login}::text")
        matched = self._matched()
        stage.run("DROP TABLE IF EXISTS people_validity, people_said")
        stage.run(
            f"""
            CREATE TEMP TABLE people_validity ON COMMIT DROP AS
            SELECT m.row, m.account_id, c.id AS contact_id, c.validity AS old, {login}::text AS new,
                CASE WHEN {login}::text = 'active' THEN coalesce({active_on}::date, %(today)s::date)
                    ELSE %(today)s::date END AS since
            {matched} WHERE c.id IS NOT NULL AND {rule}
            """
        )
        stage.run("ANALYZE people_validity")
        values = {name: f"s.{name}" for name in SAID if stage.has(name)}
        # What the LMS writes itself is no difference.
        values["validity"] = f"CASE WHEN y.row IS NULL THEN {login}::text ELSE '' END"
        lines = ", ".join(f"('{name}', left({value}, 254))" for name, value in values.items())
        names = [f"nullif(s.{name}, '')" for name in ("first_name", "last_name") if stage.has(name)]
        email = "nullif(s.email, '')" if stage.has("email") else "NULL"
        person = f"left(coalesce({email}, nullif(concat_ws(' ', {', '.join(names) or 'NULL'}), '')), 254)"
        lms_user = "s.lms_user_id" if stage.has("lms_user_id") else "NULL"
        known = ", ".join(f"'{name}', nullif({value}, '')" for name, value in values.items() if name != "email")
        stage.run(
            f"""
            CREATE TEMP TABLE people_said ON COMMIT DROP AS
            SELECT m.row, m.account_id, c.id AS contact_id, s.source, l.field, l.value,
                jsonb_strip_nulls(CASE WHEN l.field = '{PERSON}' THEN jsonb_build_object({known},
                    'last_active_on', {active_on}::text, 'lms_user_id', {lms_user}::text)
                ELSE jsonb_build_object('lms_user_id', {lms_user}::text) END) AS details
            {matched} LEFT JOIN people_validity y ON y.row = m.row
            CROSS JOIN LATERAL (VALUES {lines}, ('{PERSON}', {person})) l(field, value)
            WHERE coalesce(l.value, '') <> '' AND (c.id IS NOT NULL OR l.field = '{PERSON}')
                -- Somebody who has left and whom nobody knows here is no news.
                AND (c.id IS NOT NULL OR coalesce({login}::text, 'active') = 'active')
            """
        )

    @staticmethod
    def _matched() -> str:
        return (
            "FROM import_match m JOIN import_stage s ON s.row = m.row"
            " LEFT JOIN accounts_contact c ON c.workspace_id = %(workspace)s AND c.id = m.found"
        )

    def _hold_rows(self, stage: Stage) -> None:
        """Lock the contacts and what is known to differ, so that nobody decides in between."""
        for table, column in ((Contact._meta.db_table, "id"), (Difference._meta.db_table, "contact_id")):
            stage.run(
                f"SELECT 1 FROM {table} c WHERE c.workspace_id = %(workspace)s"
                f" AND c.{column} IN (SELECT found FROM import_match) ORDER BY c.id FOR UPDATE"
            )


def _change(name: str, pair: list[Any]) -> Change:
    """One thing that a row says, with who says it."""
    field, _, rest = name.partition(".")
    source, _, gone = rest.partition(".")
    old, new = (str(one or "") for one in pair)
    if field == "written":
        return Change("Validity", _word(old), _word(new)) if old != new else Change("Validity known from", "", "LMS")
    system = SOURCES.get(source, source)
    if field == PERSON:
        return Change(f"Known by now ({system})" if gone else f"Unknown person ({system})", old, new)
    if field == "validity":
        old, new = _word(old), _word(new)
    return Change(f"{LABELS[field]} agrees again ({system})" if gone else f"{LABELS[field]} ({system})", old, new)


def _word(validity: str) -> str:
    return str(dict(Contact.Validity.choices).get(validity, validity))
