"""Why a file is refused, in words for the person who sent it, and the limits of the child process."""

from __future__ import annotations

import resource

MEGABYTE = 1024 * 1024
# Packed workbooks are small; text is as large as its rows.
MAX_WORKBOOK_BYTES = 20 * MEGABYTE
MAX_TEXT_BYTES = 256 * MEGABYTE
MAX_ENTRIES = 200
MAX_UNPACKED = 200 * MEGABYTE
MAX_RATIO = 100
# A workbook is in memory as a whole: more cells than this would not fit, and would take long to find out.
MAX_CELLS = 3_000_000
MAX_COLUMNS = 256
MAX_ROWS = 1_050_000
# Excel holds 32,767 characters in a cell.
MAX_CELL = 100_000
MAX_ROW = 2_000_000
# Address space, so that no file can make this process larger than 512 MiB.
MEMORY = 480 * MEGABYTE
CPU_SECONDS = 60

SAVE_AS = "Save it as .xlsx or .csv and upload that."


class Refusal(Exception):
    """The file cannot be imported; ``code`` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def too_wide(sheet: str = "") -> Refusal:
    """A table of too many columns."""
    named = f"The sheet “{sheet}” reaches past column IV" if sheet else f"The sheet has more than {MAX_COLUMNS} columns"
    return Refusal("too_wide", f"{named}; at most {MAX_COLUMNS} columns are read. Delete those that are not needed.")


def too_long() -> Refusal:
    """A table of too many rows."""
    return Refusal("too_long", f"The sheet has more than {MAX_ROWS:,} rows. Split it and upload the parts.")


def confine() -> None:
    """Bound this process: memory, processor time, no files written, no core dump of a customer's data."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # The first limit ends the process in a way of its own, so that its parent can tell time from memory.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
