"""Tables of the accounts floor."""

from .account import Account, AccountFigures, AccountPriority, DirtyAccount, Level, Outcome
from .catalogue import Instance, Module, Product
from .custom import CustomField, FieldOwner
from .people import Contact
from .sales import Opportunity
from .timeline import Interaction, Note
from .use import ModuleUse, Subscription

__all__ = [
    "Account",
    "AccountFigures",
    "AccountPriority",
    "Contact",
    "CustomField",
    "DirtyAccount",
    "FieldOwner",
    "Instance",
    "Interaction",
    "Level",
    "Module",
    "ModuleUse",
    "Note",
    "Opportunity",
    "Outcome",
    "Product",
    "Subscription",
]
