"""Tables of the accounts floor."""

from .account import Account, AccountFigures, AccountPriority, DirtyAccount, Level, Outcome
from .catalogue import Instance, Module, Product
from .people import Contact
from .timeline import Interaction, Note
from .use import ModuleUse, Subscription

__all__ = [
    "Account",
    "AccountFigures",
    "AccountPriority",
    "Contact",
    "DirtyAccount",
    "Instance",
    "Interaction",
    "Level",
    "Module",
    "ModuleUse",
    "Note",
    "Outcome",
    "Product",
    "Subscription",
]
