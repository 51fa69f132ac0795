"""The named writes of an import: store, read, choose columns, approve, apply, cancel."""

from .applying import apply_import
from .deciding import NotAllowed, approve, cancel, choose_columns, refuse_columns
from .examining import examine
from .storing import store_upload

__all__ = [
    "NotAllowed",
    "apply_import",
    "approve",
    "cancel",
    "choose_columns",
    "examine",
    "refuse_columns",
    "store_upload",
]
