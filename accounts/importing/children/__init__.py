"""Kinds of rows of known accounts: contacts, what systems say of them, subscriptions, renewals, use, sales, support."""

from .contacts import Contacts
from .opportunities import Opportunities
from .people import People
from .renewals import Renewals
from .subscriptions import Subscriptions
from .support import SupportTickets
from .usage import Usage

KINDS = (Contacts(), People(), Subscriptions(), Renewals(), Usage(), Opportunities(), SupportTickets())

__all__ = [
    "KINDS",
    "Contacts",
    "Opportunities",
    "People",
    "Renewals",
    "Subscriptions",
    "SupportTickets",
    "Usage",
]
