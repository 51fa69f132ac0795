"""What `make run` writes: lines under the name of the part that said them, the welcome with the logins."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import TextIO

COLOURS = {"web": 36, "worker": 33, "beat": 35, "setup": 34, "run": 32}
COLUMNS = ("workspace", "role", "email", "password")


class Output:
    """Lines of several threads, one at a time, coloured on a terminal unless NO_COLOR is set."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()
        self._coloured = self._stream.isatty() and not os.environ.get("NO_COLOR")

    def line(self, name: str, text: str) -> None:
        """Write `text`, said by `name`."""
        prefix = f"{name:<7}|"
        if self._coloured:
            prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
        self._write(f"{prefix} {text}\n")

    def block(self, text: str) -> None:
        """Write several lines without a name."""
        self._write(f"\n{text}\n\n")

    def _write(self, text: str) -> None:
        # The terminal may be gone; the parts must be stopped all the same.
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def welcome(url: str, logins: Path) -> str:
    """The address, and a table of the demo logins if `logins` (a JSON list of objects) is there."""
    heading = f"  CS Workbench is at {url}    (Ctrl-C ends it)"
    rows = _read_logins(logins)
    if not rows:
        return heading
    table = [COLUMNS, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    lines = [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
    ]
    rule = "  " + "  ".join("-" * width for width in widths)
    return "\n".join([heading, "", lines[0], rule, *lines[1:]])


def _read_logins(file: Path) -> list[tuple[str, ...]]:
    try:
        found = json.loads(file.read_text())
        return [tuple(str(login.get(column, "")) for column in COLUMNS) for login in found]
    except (OSError, ValueError, AttributeError, TypeError):
        return []
