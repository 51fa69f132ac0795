"""Read one file and write its table to standard output: an object, the rows as arrays, an object.

The first line is ``{"layout": …}``, each data row ``[row number, cell, …]``, the last line ``{"end": …}``; a file
that is not imported gives ``{"refused": code, "message": …}`` instead. Cells are text, numbers or booleans; dates are
ISO text. Options come as JSON on standard input: ``{"hints": [...], "max_bytes": n}``.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from .checks import kind_of
from .delimited import read_delimited
from .layout import Row, Table
from .refusal import MAX_BYTES, Refusal, confine
from .workbook import read_workbook

BATCH = 500
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"


def main(path: str) -> None:
    """Confine this process, read the file, print the table or the refusal."""
    confine()
    options = json.loads(sys.stdin.buffer.read() or b"{}")
    try:
        send_table(Path(path), options)
    except Refusal as refusal:
        say({"refused": refusal.code, "message": refusal.message})
    except MemoryError:
        say(
            {"refused": "memory", "message": "The sheet needs too much memory. Delete what lies far outside the table."}
        )
    except BrokenPipeError:
        sys.exit(1)  # the parent has seen enough
    except BaseException as error:  # a panic of the reader is no Exception
        say({"refused": "broken", "message": f"The file cannot be read. Save it again. ({type(error).__name__})"})


def send_table(path: Path, options: dict[str, Any]) -> None:
    """Print layout, rows and end."""
    hints = frozenset(options.get("hints", ()))
    kind = kind_of(path, max_bytes=int(options.get("max_bytes", MAX_BYTES)))
    table, about = read_workbook(path, hints) if kind == "xlsx" else read_delimited(path, hints)
    say({"layout": about | {"header_row": table.header_row, "columns": table.labels}})
    count = send_rows(table)
    if not count:
        raise Refusal("no_rows", "There are column titles but no rows below them.")
    say({"end": count, "skipped": table.skipped, "skipped_count": table.skipped_count})


def send_rows(table: Table) -> int:
    """Print the data rows; returns their number."""
    encode = json.JSONEncoder(ensure_ascii=False, default=iso, allow_nan=False, separators=(",", ":")).encode
    count = 0
    lines: list[str] = []
    for number, cells in table.data():
        try:
            line = encode([number, *cells])
        except ValueError:
            line = encode([number, *printable(cells)])
        if "\\u0000" in line or "\"'" in line:
            line = encode([number, *printable(cells)])
        lines.append(line)
        if len(lines) == BATCH:
            count += flush(lines)
    return count + flush(lines)


def flush(lines: list[str]) -> int:
    count = len(lines)
    if count:
        lines.append("")
        sys.stdout.buffer.write("\n".join(lines).encode("utf-8", "replace"))
        lines.clear()
    return count


def iso(cell: Any) -> str:
    """Dates and times as text that says what it is."""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    raise TypeError(type(cell).__name__)


def printable(cells: Row) -> Row:
    """A row without NULs and infinities, which no database column takes, and without marks of text."""
    row: Row = []
    for cell in cells:
        if isinstance(cell, str):
            row.append(unmarked(cell.replace("\0", "")))
        elif isinstance(cell, float) and (cell != cell or cell in (float("inf"), float("-inf"))):
            row.append(str(cell))
        else:
            row.append(cell)
    return row


def unmarked(cell: str) -> str:
    """Text without the apostrophe that keeps it from being taken for a formula, as our own sheets mark it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS and len(cell) > 1 else cell


def say(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
