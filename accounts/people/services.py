"""Named writes over the people at an account."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Account, Contact
from csworkbench.tenancy.models import Member


def hold_account(account: Account) -> None:
    """Within the transaction, be the only one who edits the people of an account; those who come next wait.

    Whoever locks a contact to edit it comes here first, or two editors could wait for each other.
    """
    Account.objects.select_for_update(no_key=True, of=("self",)).get(workspace=account.workspace_id, pk=account.pk)


def save_contact(*, actor: Member, contact: Contact, fields: Collection[str]) -> None:
    """Save a new contact, or the corrected ``fields`` of one; a new primary contact takes the place of the one before.

    What somebody else changed meanwhile in other fields stays (ACC-3). A validity that was changed is known from the
    member, since the day they named or today. Raises ValidationError for a DNC without a reason.
    """
    with transaction.atomic():
        # Two who name a primary contact at once follow each other; without a lock the second would be an error.
        hold_account(contact.account)
        before = None if contact._state.adding else Contact.objects.get(workspace=contact.workspace_id, pk=contact.pk)
        written = set(fields) | stamp(contact, before, set(fields), actor.workspace.today)
        if contact.is_primary and (before is None or "is_primary" in written):
            others = Contact.objects.filter(
                workspace=contact.workspace_id, account=contact.account_id, is_primary=True
            ).exclude(pk=contact.pk)
            others.update(is_primary=False)
        contact.save(update_fields=None if before is None else written)


def stamp(contact: Contact, before: Contact | None, fields: set[str], today: date) -> set[str]:
    """Set what follows from a member's change of ``fields``: who knows the validity, since when nobody may contact.

    ``before`` is the row as it stands, None for a new one. Returns the names of the columns it has set.
    """
    found = _stamp_validity(contact, before, fields, today)
    if before is None or fields & {"dnc", "dnc_reason"}:
        found |= _stamp_dnc(contact, before, today)
    return found


def _stamp_validity(contact: Contact, before: Contact | None, fields: set[str], today: date) -> set[str]:
    changed = contact.validity != Contact.Validity.UNKNOWN if before is None else "validity" in fields
    dated = "validity_on" in fields and contact.validity_on is not None
    if changed or dated:
        contact.validity_on = contact.validity_on if dated else today
        contact.validity_source = Contact.Source.MEMBER
    elif before is not None and before.validity == Contact.Validity.BOUNCED and "email" in fields:
        # Nothing came back from the new address yet.
        contact.validity, contact.validity_source, contact.validity_on = Contact.Validity.UNKNOWN, "", None
    else:
        return set()
    if contact.validity == Contact.Validity.UNKNOWN:
        contact.validity_source, contact.validity_on = "", None
    return {"validity", "validity_source", "validity_on"}


def _stamp_dnc(contact: Contact, before: Contact | None, today: date) -> set[str]:
    was = before is not None and before.dnc
    if contact.dnc and not was:
        if not contact.dnc_reason.strip():
            raise ValidationError({"dnc_reason": "Say why this person must not be contacted."})
        contact.dnc_since = today
    elif not contact.dnc and (was or contact.dnc_reason or contact.dnc_since):
        # The ledger keeps since when and why it was so.
        contact.dnc_since, contact.dnc_reason = None, ""
    else:
        return set()
    return {"dnc", "dnc_since", "dnc_reason"}
