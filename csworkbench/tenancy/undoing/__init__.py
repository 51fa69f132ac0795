"""Taking back what one undertaking wrote, from the ledger: all that its cause names, unless somebody went on since.

It knows no higher app's models: tables and columns come from the ledger and the registry of models. Higher apps say
which of their rows merely follow from others (``follows``) and what to wait for first (``beforehand``).
"""

from .foreseeing import Outlook, outlook
from .hanging import beforehand, follows
from .plan import UNDO_OF
from .reasons import Reason
from .taking import BY_ACCOUNT, BY_ROW, take_back

__all__ = ["BY_ACCOUNT", "BY_ROW", "UNDO_OF", "Outlook", "Reason", "beforehand", "follows", "outlook", "take_back"]
