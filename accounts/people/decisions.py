"""What a member decides about differences: take what a source says, or keep what stands here (ACC-3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Contact, Difference, Interaction
from csworkbench.common import clock
from csworkbench.tenancy.models import HistoryEntry, Member

from .differences import LABELS, PERSON, as_said
from .services import stamp

OPEN, ACCEPTED, KEPT, GONE = Difference.Decision.values
STAMPED = ("validity", "validity_source", "validity_on", "lms_user_id")
# As long as the columns of a contact.
LENGTHS = {"first_name": 80, "last_name": 80, "title": 120, "email": 254, "phone": 16, "lms_user_id": 40}


class Conflict(Exception):
    """Somebody else was first: the message says what stands there now."""


@dataclass(frozen=True)
class Done:
    """How many differences were decided, and how many were left because two sources say different things."""

    decided: int
    left: int = 0


def keep_differences(*, actor: Member, chosen: QuerySet[Difference]) -> Done:
    """Keep what stands here; the source is not heard again until it says something new."""
    with transaction.atomic():
        rows = _hold(chosen)
        for row in rows:
            _decide(row, actor, KEPT)
        Difference.objects.bulk_update(rows, ["decision", "decided_by", "decided_at"])
    return Done(len(rows))


def accept_differences(*, actor: Member, chosen: QuerySet[Difference]) -> Done:
    """Write what the sources say into the contacts, as this member's change; unknown people become contacts.

    Where the chosen ones say two things of one field, both are left open. What other sources say is gone where they
    said the same.
    """
    with transaction.atomic():
        rows = _hold(chosen)
        said: Counter[tuple[UUID | None, str]] = Counter((row.contact_id, row.field) for row in rows if row.contact_id)
        taken = [row for row in rows if said[row.contact_id, row.field] < 2 or row.contact_id is None]
        _write(actor, [row for row in taken if row.contact_id])
        for row in taken:
            if row.contact_id is None:
                _add_person(actor, row)
            elif row.decision == OPEN:
                _decide(row, actor, ACCEPTED)
        Difference.objects.bulk_update(taken, ["decision", "decided_by", "decided_at", "details"])
    return Done(len(taken), len(rows) - len(taken))


def undo_decision(*, actor: Member, difference: Difference) -> None:
    """Take a decision back: the field is what it was, an added contact goes. Raises Conflict when somebody went on."""
    with transaction.atomic():
        people = Contact.objects.filter(workspace=actor.workspace_id, differences=difference)
        list(people.select_for_update(of=("self",)).values_list("pk"))
        row = Difference.objects.select_for_update(of=("self",)).get(workspace=actor.workspace_id, pk=difference.pk)
        if row.decision not in (ACCEPTED, KEPT) or row.decided_at != difference.decided_at:
            raise Conflict("This was decided anew meanwhile.")
        if row.decision == ACCEPTED and row.field == PERSON:
            _take_away(row)
        elif row.decision == ACCEPTED:
            _give_back(row)
        row.details = {key: value for key, value in row.details.items() if key not in ("was", "contact")}
        row.decision, row.decided_by, row.decided_at = OPEN, None, None
        row.save(update_fields=["decision", "decided_by", "decided_at", "details"])


def _hold(chosen: QuerySet[Difference]) -> list[Difference]:
    """The open ones among the chosen, locked in an order that everybody keeps: contacts first."""
    people = Contact.objects.filter(pk__in=chosen.order_by().values("contact"))
    list(people.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    return list(chosen.filter(decision=OPEN).select_for_update(of=("self",)).order_by("pk"))


def _decide(row: Difference, actor: Member, decision: str) -> None:
    row.decision, row.decided_by, row.decided_at = decision, actor, clock.now()


def _write(actor: Member, rows: Sequence[Difference]) -> None:
    """Write accepted values into their contacts, and remember beside each what was there."""
    contacts: dict[UUID | None, Contact] = {
        one.pk: one
        for one in Contact.objects.select_for_update(of=("self",))
        .filter(workspace=actor.workspace_id, pk__in={row.contact_id for row in rows})
        .order_by("pk")
    }
    written: set[str] = set()
    for row in rows:
        contact = contacts[row.contact_id]
        before = Contact(**{name: getattr(contact, name) for name in (*LABELS, *STAMPED, "dnc")})
        row.details = row.details | {"was": {name: _plain(getattr(contact, name)) for name in (row.field, *STAMPED)}}
        setattr(contact, row.field, row.value[: LENGTHS.get(row.field, 254)])
        written |= {row.field} | stamp(contact, before, {row.field}, actor.workspace.today)
        if not contact.lms_user_id and row.details.get("lms_user_id"):
            contact.lms_user_id = str(row.details["lms_user_id"])[: LENGTHS["lms_user_id"]]
            written.add("lms_user_id")
    if written:
        Contact.objects.bulk_update(contacts.values(), sorted(written))
    _drop_agreeing(actor, rows)


def _drop_agreeing(actor: Member, rows: Sequence[Difference]) -> None:
    """What another source said, and stands here now, is no difference any more."""
    taken = {(row.contact_id, row.field): row.value.lower() for row in rows}
    others = Difference.objects.filter(
        workspace=actor.workspace_id, contact__in={row.contact_id for row in rows}, decision=OPEN
    ).exclude(pk__in={row.pk for row in rows})
    same = [one.pk for one in others if taken.get((one.contact_id, one.field)) == one.value.lower()]
    if same:
        Difference.objects.filter(workspace=actor.workspace_id, pk__in=same).update(decision=GONE)


def _add_person(actor: Member, row: Difference) -> None:
    """A person whom a source knows becomes a contact, unless one with this address is there by now."""
    said = as_said(row)
    known = Contact.objects.filter(workspace=actor.workspace_id, account=row.account_id, email=said["email"])
    if said["email"] and known.exists():
        row.decision = GONE
        return
    names = {name: str(said.get(name, ""))[:length] for name, length in LENGTHS.items()}
    if not (names["email"] or names["first_name"] or names["last_name"]):
        names["last_name"] = row.value[:80]
    validity = str(said.get("validity", "")) or Contact.Validity.UNKNOWN
    is_known = validity in Contact.Validity.values and validity != Contact.Validity.UNKNOWN
    made = Contact.objects.create(
        workspace_id=actor.workspace_id,
        account_id=row.account_id,
        **names,
        validity=validity if is_known else Contact.Validity.UNKNOWN,
        validity_source=row.source if is_known else "",
        validity_on=actor.workspace.today if is_known else None,
        dnc_reason="",
    )
    row.details = row.details | {"contact": str(made.pk)}
    _decide(row, actor, ACCEPTED)


def _take_away(row: Difference) -> None:
    """Delete the contact that a person became, as long as nobody went on with them."""
    pk = UUID(str(row.details.get("contact")))
    changed = HistoryEntry.objects.filter(workspace=row.workspace_id, table_name=Contact._meta.db_table, row_id=pk)
    talked = Interaction.objects.filter(workspace=row.workspace_id, contact=pk)
    if changed.exclude(operation="insert").exists() or talked.exists():
        raise Conflict("Somebody went on with this contact: edit them by hand.")
    Contact.objects.filter(workspace=row.workspace_id, pk=pk).delete()


def _give_back(row: Difference) -> None:
    """The field is what it was before it was accepted, where it is still what was accepted."""
    contact = Contact.objects.select_for_update(of=("self",)).get(workspace=row.workspace_id, differences=row)
    was = row.details.get("was")
    if not isinstance(was, dict) or str(getattr(contact, row.field)) != row.value[: LENGTHS.get(row.field, 254)]:
        raise Conflict(f"{LABELS[row.field]} of {contact.name} is {getattr(contact, row.field) or 'blank'} by now.")
    names = [row.field, "lms_user_id"] if row.field not in ("validity", "email") else [row.field, *STAMPED]
    for name in names:
        value = was[name]
        setattr(contact, name, date.fromisoformat(value) if name == "validity_on" and value else value)
    contact.save(update_fields=names)


def _plain(value: object) -> object:
    """As JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value
