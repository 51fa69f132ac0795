"""What other systems say of people against what stands here: noted in sets, twice is once (ACC-3).

``people_said`` holds one line per thing that a source says of a person: ``row`` of the file, the account, the contact
(NULL for a person who is none), source, field, value, details. ``people_news`` holds those of them that change what
is kept as a ``Difference``. Both vanish with the transaction. Fields of contacts are never written here.
"""

# ruff: noqa: S608 - text from outside never reaches a statement: the parts are constants, values are parameters

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Contact, Difference
from csworkbench.common import clock
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import Workspace

# What a source can say of a contact, by its column here.
LABELS = {
    "email": "Email",
    "first_name": "First name",
    "last_name": "Last name",
    "phone": "Phone",
    "title": "Title",
    "validity": "Validity",
}
# A person whom a source knows and who is no contact here.
PERSON = "person"
SOURCES = (Contact.Source.LMS, Contact.Source.CRM, Contact.Source.BILLING)
# The same in other letters is the same. Somebody on leave has an active login.
SAME = """(lower(CASE x.field WHEN 'email' THEN c.email WHEN 'first_name' THEN c.first_name
    WHEN 'last_name' THEN c.last_name WHEN 'phone' THEN c.phone WHEN 'title' THEN c.title
    WHEN 'validity' THEN CASE c.validity WHEN 'on_leave' THEN 'active' ELSE c.validity END END) = lower(x.value))"""
OURS = """CASE x.field WHEN 'email' THEN c.email WHEN 'first_name' THEN c.first_name WHEN 'last_name' THEN c.last_name
    WHEN 'phone' THEN c.phone WHEN 'title' THEN c.title WHEN 'validity' THEN c.validity END"""
LOOK = (
    "DROP TABLE IF EXISTS people_news",
    f"""
    CREATE TEMP TABLE people_news ON COMMIT DROP AS
    SELECT y.*, CASE WHEN y.same THEN 'gone' WHEN y.old_value = y.value AND y.old_decision IN ('open', 'kept')
        THEN y.old_decision ELSE 'open' END AS decision
    FROM (
        SELECT x.*, coalesce(d.id, p.id) AS known, coalesce(d.value, p.value) AS old_value,
            coalesce(d.decision, p.decision) AS old_decision, coalesce(d.details, p.details) AS old_details,
            {OURS} AS ours,
            CASE WHEN x.field = 'person' THEN x.contact_id IS NOT NULL ELSE coalesce({SAME}, false) END AS same
        FROM people_said x
        LEFT JOIN accounts_contact c ON c.workspace_id = %(workspace)s AND c.id = x.contact_id
        LEFT JOIN accounts_difference d ON d.workspace_id = %(workspace)s AND d.contact_id = x.contact_id
            AND d.source = x.source AND d.field = x.field
        LEFT JOIN accounts_difference p ON p.workspace_id = %(workspace)s AND p.contact_id IS NULL
            AND x.field = 'person' AND p.account_id = x.account_id AND p.source = x.source AND p.value = x.value) y
    WHERE CASE WHEN y.same THEN y.old_decision IN ('open', 'kept')
            OR (y.old_decision = 'accepted' AND y.old_value <> y.value)
        ELSE y.known IS NULL OR y.old_value <> y.value OR y.old_decision IN ('gone', 'accepted')
            OR (y.field = 'person' AND y.old_details - 'contact' <> y.details) END
    """,
    "ANALYZE people_news",
)  # fmt: skip
# The newest word of a source counts; who decided about an older one decided about something else.
UPDATE = """
    UPDATE accounts_difference d SET value = n.value, decision = n.decision, seen_at = %(now)s,
        details = CASE WHEN n.decision = 'gone' THEN d.details ELSE n.details END,
        decided_by_id = CASE WHEN n.decision = 'kept' THEN d.decided_by_id END,
        decided_at = CASE WHEN n.decision = 'kept' THEN d.decided_at END
    FROM people_news n WHERE d.workspace_id = %(workspace)s AND d.id = n.known{only}
"""
INSERT = """
    INSERT INTO accounts_difference
        (workspace_id, account_id, contact_id, source, field, value, details, seen_at, decision)
    SELECT %(workspace)s, n.account_id, n.contact_id, n.source, n.field, n.value, n.details, %(now)s, 'open'
    FROM people_news n WHERE n.known IS NULL{only} ORDER BY n.account_id, n.row, n.field ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Said:
    """What a source says of one person: ``values`` by field (see ``LABELS``), blank ones say nothing.

    Without a contact, ``values`` must have an e-mail address or a name, and ``account`` says whose person it is.
    """

    account: UUID
    contact: UUID | None = None
    values: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)


def note_differences(*, workspace: Workspace, source: str, rows: Iterable[Said]) -> int:
    """Note where a source says something else of people than what stands here; returns how many lines changed.

    What says the same now is gone; what was kept stays kept until the source says something new; a person nobody
    knows here is a difference without a contact. Contacts of other accounts or workspaces are passed over.
    Raises ValueError for a source that is none.
    """
    if source not in SOURCES:
        raise ValueError(f"{source!r} is no source of people")
    lines = [line for at, row in enumerate(rows, start=1) for line in _lines(at, row, source)]
    with transaction.atomic():
        stage = Stage(workspace.pk, {})
        stage.run("DROP TABLE IF EXISTS people_said")
        stage.run(
            """
            CREATE TEMP TABLE people_said ON COMMIT DROP AS
            SELECT s.* FROM jsonb_to_recordset(%(lines)s::jsonb) AS s(row integer, account_id uuid, contact_id uuid,
                source text, field text, value text, details jsonb)
            JOIN accounts_account a ON a.workspace_id = %(workspace)s AND a.id = s.account_id
            WHERE s.contact_id IS NULL OR EXISTS (SELECT 1 FROM accounts_contact c
                WHERE c.workspace_id = %(workspace)s AND c.id = s.contact_id AND c.account_id = s.account_id)
            """,
            lines=json.dumps(lines),
        )
        look(stage)
        return write(stage)


def look(stage: Stage) -> None:
    """``people_news`` from ``people_said``: what changes, each with its decision."""
    stage.run("ANALYZE people_said")
    for statement in LOOK:
        stage.run(statement)


def write(stage: Stage, only: str = "") -> int:
    """Keep the news; ``only`` is SQL over ``n`` that narrows them. Returns how many differences were written."""
    extra, now = f" AND {only}" if only else "", clock.now()
    changed = stage.write(UPDATE.format(only=extra), now=now)
    return changed + stage.write(INSERT.format(only=extra), now=now)


def _lines(at: int, row: Said, source: str) -> Iterable[dict[str, Any]]:
    """One line per field that a row says something about, and one for the person."""
    values = {name: value.strip() for name, value in row.values.items() if name in LABELS and value.strip()}
    if "email" in values:
        values["email"] = values["email"].lower()
    shared = {"row": at, "account_id": str(row.account), "contact_id": str(row.contact) if row.contact else None}
    shared |= {"source": source}
    named = values.get("email") or " ".join(values.get(name, "") for name in ("first_name", "last_name")).strip()
    if named:
        # Of somebody who became a contact since, the difference without one is gone.
        details = {name: value for name, value in (values | row.details).items() if name != "email"}
        yield shared | {"field": PERSON, "value": named[:254], "details": details}
    if row.contact is not None:
        yield from (
            shared | {"field": name, "value": value[:254], "details": dict(row.details)}
            for name, value in values.items()
        )


def as_said(row: Difference) -> dict[str, Any]:
    """What is known of a person who is no contact."""
    return {"email": row.value if "@" in row.value else "", **row.details}
