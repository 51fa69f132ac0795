"""Kinds of rows of known accounts: contacts, subscriptions, renewal dates, usage totals, opportunities."""

from .contacts import Contacts
from .opportunities import Opportunities
from .subscriptions import Renewals, Subscriptions
from .usage import Usage

KINDS = (Contacts(), Subscriptions(), Renewals(), Usage(), Opportunities())

__all__ = ["KINDS", "Contacts", "Opportunities", "Renewals", "Subscriptions", "Usage"]
