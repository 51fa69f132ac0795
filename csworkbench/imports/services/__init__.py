"""The named writes of an import: store, read, choose, correct, approve, apply, rest, end, undo."""

from .applying import apply_import
from .asking import approvers_of, may_approve
from .deciding import (
    UNDO_DAYS,
    NotAllowed,
    approve,
    can_be_undone,
    cancel,
    choose_columns,
    choose_crm,
    choose_table,
    fix,
    pause,
    refuse_columns,
    resume,
    undo,
    unfix,
)
from .examining import examine
from .exporting import SORTS, SheetOut, prepare_sheet, sweep_sheets, write_sheets
from .storing import store_upload, sweep_files
from .undoing import undo_import, undo_outlook

__all__ = [
    "SORTS",
    "UNDO_DAYS",
    "NotAllowed",
    "SheetOut",
    "apply_import",
    "approve",
    "approvers_of",
    "can_be_undone",
    "cancel",
    "choose_columns",
    "choose_crm",
    "choose_table",
    "examine",
    "fix",
    "may_approve",
    "pause",
    "prepare_sheet",
    "refuse_columns",
    "resume",
    "store_upload",
    "sweep_files",
    "sweep_sheets",
    "undo",
    "undo_import",
    "undo_outlook",
    "unfix",
    "write_sheets",
]
