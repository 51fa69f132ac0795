"""What a template may offer of a contact: links to call or mail, or why there are none."""

from __future__ import annotations

from django import template

from accounts.models import Contact
from accounts.people import contacting

register = template.Library()


@register.filter
def mail_link(contact: Contact) -> str:
    """``mailto:`` and the address; empty when this person may not be mailed."""
    return contacting.mail_link(contact)


@register.filter
def phone_link(contact: Contact) -> str:
    """``tel:`` and the number; empty when this person may not be called."""
    return contacting.phone_link(contact)


@register.filter
def why_not_mailed(contact: Contact) -> str:
    """Why there is no link to mail this person."""
    return contacting.why_not_contact(contact, contacting.Way.MAIL)
