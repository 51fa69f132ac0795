"""Read one file and write its table to standard output: an object, the rows as arrays, an object.

The first line is ``{"layout": …}``, each data row ``[row number, cell, …]``, the last line ``{"end": …}``; a file
that is not imported gives ``{"refused": code, "message": …}`` instead. Before the first row in which a column writes
dates as 03/04/2027 comes a line ``{"orders": {position: {"day": cell, "month": cell}}}``: what the whole column shows
of their order. Cells are text, numbers or booleans; dates are ISO text. Options come as JSON on standard input:
``{"hints": [...], "max_bytes": n, "max_workbook_bytes": n, "table": {"sheet": name, "header_row": n}}``.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from .checks import kind_of
from .delimited import read_delimited
from .layout import Found, Table, Wanted
from .orders import IN_JSON, orders_in, slashed_columns
from .refusal import MAX_CELL, MAX_ROW, MAX_TEXT_BYTES, MAX_WORKBOOK_BYTES, Refusal, confine
from .titles import Row

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
    except BaseException:  # a panic of the reader, which is no Exception: a date in the year 300000, say
        again = "Open it in a sheet program and save it again as .xlsx."
        say({"refused": "broken", "message": f"The file holds something that cannot be read. {again}"})


def send_table(path: Path, options: dict[str, Any]) -> None:
    """Print layout, rows and end."""
    kind = kind_of(
        path,
        max_bytes=int(options.get("max_bytes", MAX_TEXT_BYTES)),
        max_workbook_bytes=int(options.get("max_workbook_bytes", MAX_WORKBOOK_BYTES)),
    )
    chosen = options.get("table") or {}
    wanted = Wanted(
        frozenset(options.get("hints", ())), str(chosen.get("sheet") or ""), int(chosen.get("header_row") or 0)
    )
    table, about = read(path, wanted, kind)
    say({"layout": about | {"header_row": table.header_row, "columns": table.labels}})
    count = Sender(table).send()
    if not count:
        raise Refusal("no_rows", "There are column titles but no rows below them.")
    say({"end": count, "skipped": table.skipped, "skipped_count": table.skipped_count})


def read(path: Path, wanted: Wanted, kind: str) -> Found:
    """The table of a file of a kind; a reader is loaded when it is needed."""
    if kind == "csv":
        return read_delimited(path, wanted)
    if kind == "ods":
        from .opendocument import read_opendocument  # noqa: PLC0415

        return read_opendocument(path, wanted)
    from .workbook import read_workbook  # noqa: PLC0415

    return read_workbook(path, wanted, kind)


class Sender:
    """Prints the data rows of a table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.encode = json.JSONEncoder(ensure_ascii=False, default=iso, allow_nan=False, separators=(",", ":")).encode
        # Columns whose order of dates is known.
        self.ordered: set[int] = set()

    def send(self) -> int:
        """Print everything; returns the number of rows."""
        encode, count = self.encode, 0
        lines: list[str] = []
        for number, cells in self.table.data():
            try:
                line = encode([number, *cells])
            except ValueError:
                line = encode([number, *printable(cells)])
            if "\\u0000" in line or "\"'" in line:
                line = encode([number, *printable(cells)])
            if len(line) > MAX_CELL:
                check_size(number, cells)
            lines.append(line)
            if len(lines) == BATCH:
                count += self.flush(lines)
        return count + self.flush(lines)

    def flush(self, lines: list[str]) -> int:
        count = len(lines)
        if count:
            lines.append("")
            text = "\n".join(lines)
            if IN_JSON.search(text):
                self.tell_orders(lines[:-1])
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
            lines.clear()
        return count

    def tell_orders(self, lines: list[str]) -> None:
        """Say what whole columns show of the order of their dates, the first time that they have such dates.

        The second look at the table is a look at all of its columns, so that there is no third.
        """
        new = slashed_columns(json.loads(line)[1:] for line in lines) - self.ordered
        if not new:
            return
        if self.ordered:
            new = set(range(len(self.table.positions))) - self.ordered
        self.ordered |= new
        say({"orders": orders_in(self.table.cells_again(), sorted(new))})


def check_size(number: int, cells: Row) -> None:
    """Refuse cells and rows that no sheet program writes: the receiver keeps many rows at a time."""
    sizes = [len(cell) for cell in cells if isinstance(cell, str)]
    if max(sizes, default=0) > MAX_CELL:
        raise Refusal("broken", f"A cell of row {number} has more than {MAX_CELL:,} characters.")
    if sum(sizes) > MAX_ROW:
        raise Refusal("broken", f"Row {number} has more than {MAX_ROW:,} characters.")


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
