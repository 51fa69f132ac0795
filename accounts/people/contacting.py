"""Whether a contact may be contacted: the one gate for links, logs and mail (ACC-3, PLB-4).

Whatever calls, mails or offers to do so asks here; ``mailto:`` and ``tel:`` are written nowhere else.
"""

from __future__ import annotations

from enum import Enum
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Contact, Interaction


class Way(Enum):
    """How somebody would be contacted; a bounced address can still be called."""

    ANY = "contact"
    MAIL = "mail"
    CALL = "call"


class DoNotContact(ValidationError):
    """A refusal: this person must not be contacted; the message says why."""


def why_not_contact(contact: Contact, way: Way = Way.ANY) -> str:
    """Why a contact may not be contacted this way, as a sentence; empty when they may."""
    if contact.dnc:
        said = f": {contact.dnc_reason.rstrip('.')}" if contact.dnc_reason else ""
        return f"{contact.name} is DNC, do not contact{said}."
    if contact.validity == Contact.Validity.TERMINATED:
        return f"{contact.name} is not there any more."
    if way is Way.MAIL and contact.validity == Contact.Validity.BOUNCED:
        return f"Mail to {contact.email} came back."
    if way is Way.MAIL and not contact.email:
        return f"{contact.name} has no e-mail address."
    if way is Way.CALL and not contact.phone:
        return f"{contact.name} has no phone number."
    return ""


def may_contact(contact: Contact, way: Way = Way.ANY) -> bool:
    """Whether a contact may be contacted this way."""
    return not why_not_contact(contact, way)


def may_be_mailed(contacts: QuerySet[Contact]) -> QuerySet[Contact]:
    """Those of some contacts who may be mailed: what ``may_contact`` says of each, in SQL."""
    gone = (Contact.Validity.TERMINATED, Contact.Validity.BOUNCED)
    return contacts.filter(dnc=False).exclude(email="").exclude(validity__in=gone)


def mail_link(contact: Contact) -> str:
    """The ``mailto:`` address of a contact; empty when they may not be mailed."""
    return f"mailto:{quote(contact.email, safe='@+')}" if may_contact(contact, Way.MAIL) else ""


def phone_link(contact: Contact) -> str:
    """The ``tel:`` address of a contact with its extension; empty when they may not be called."""
    if not may_contact(contact, Way.CALL):
        return ""
    extension = f";ext={quote(contact.phone_extension)}" if contact.phone_extension else ""
    return f"tel:{quote(contact.phone, safe='+')}{extension}"


def refuse_logging(contact: Contact | None, direction: str) -> None:
    """Refuse to log that somebody contacted a person who must not be; raises DoNotContact.

    What came from them is logged like anything else, and so is a last call to somebody who has left since.
    """
    if contact is not None and contact.dnc and direction == Interaction.Direction.OUTBOUND:
        raise DoNotContact(f"{why_not_contact(contact)} Nothing outbound can be logged with them.", code="dnc")
