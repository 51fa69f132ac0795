"""Version 1 of a usage drop: its columns, its heading, and what is refused (docs/usage-drops.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

VERSION = 1
# Names in the file → columns of the staging table.
COLUMNS: dict[str, str] = {
    "record": "record",
    "account": "anyid",
    "account_sf_id": "sf",
    "account_lms_id": "lms",
    "account_billing_id": "bill",
    "module": "module",
    "product": "product",
    "day": "day",
    "uses": "uses",
    "active_users": "active_users",
    "active": "active",
    "inactive": "inactive",
    "terminated": "terminated",
    "contracted": "contracted",
}
STAGED: tuple[str, ...] = (*COLUMNS.values(), "fault")
IDS = ("account", "account_sf_id", "account_lms_id", "account_billing_id")
MOST_COLUMNS = 64
# Uses or users of one row; ninety such days still fit the columns of their sums.
MOST = 10_000_000
# A moment before this year is a slip.
FIRST_YEAR = 2000
# A source whose clock runs ahead of ours by more than this has told the wrong moment.
AHEAD_SECONDS = 24 * 3600


class RefusedDrop(Exception):
    """A file that cannot be taken as a whole; ``code`` names why, ``message`` says it to a person."""

    def __init__(self, code: str, message: str) -> None:
        # It may quote the file, and JSON can say what PostgreSQL cannot keep.
        plain = message.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
        super().__init__(plain)
        self.code, self.message = code, plain


@dataclass(frozen=True)
class Heading:
    """What the beginning of a file says: how it is written, when it was made, and its columns (csv only)."""

    format: str
    schema: int = VERSION
    stated_at: datetime | None = None
    delimiter: str = ","
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    # Lines before the first row.
    lines: int = 0


def check_version(said: object) -> int:
    """The version a file or a request names; an unknown one is refused by its name."""
    text = str(said).strip()
    if text != str(VERSION):
        shown = text[:40] or "none"
        raise RefusedDrop("schema", f"Schema {shown} is not known here: this installation reads schema {VERSION}.")
    return VERSION


def read_moment(said: object) -> datetime:
    """An ISO 8601 moment with its offset; one without an offset is UTC."""
    text = str(said).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"“{text[:40]}” is no moment: write generated_at as 2026-11-22T02:10:00Z."
        raise RefusedDrop("generated_at", message) from None
    if not FIRST_YEAR <= moment.year < 9999:
        raise RefusedDrop("generated_at", f"“{text[:40]}” is out of range.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_preamble(text: str) -> dict[str, Any]:
    """The JSON object that may stand before the rows: ``{"schema": 1, "generated_at": …}``."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        message = 'The first line begins with “#” but is no JSON object such as {"schema": 1}.'
        raise RefusedDrop("preamble", message)
    return said


def read_header(line: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of a csv in its order, and those that mean nothing here; raises RefusedDrop where one is missing."""
    names = tuple(name.strip().lower() for name in line)
    if len(names) > MOST_COLUMNS:
        raise RefusedDrop("columns", f"The header has {len(names):,} columns; {MOST_COLUMNS} are the most.")
    twice = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
    if twice:
        raise RefusedDrop("columns", f"The column {twice[0]} stands twice in the header.")
    known = [name for name in names if name in COLUMNS]
    if not any(name in known for name in IDS):
        raise RefusedDrop("columns", f"No column names the account: there is none of {', '.join(IDS)}.")
    if "day" not in known:
        raise RefusedDrop("columns", "There is no column “day”.")
    if not {"module", "uses"} <= set(known) and not {"record", "product"} <= set(known):
        raise RefusedDrop("columns", "There are neither “module” and “uses” nor “record” and “product”.")
    return names, tuple(name[:40] for name in names if name not in COLUMNS and name)


def check_stated(moment: datetime | None, now: datetime) -> datetime:
    """When the source made the drop; when it does not say, now. A moment far ahead would shut out every later drop."""
    if moment is None:
        return now
    if moment.year < FIRST_YEAR:
        raise RefusedDrop("generated_at", f"generated_at is in the year {moment.year}.")
    if (moment - now).total_seconds() > AHEAD_SECONDS:
        raise RefusedDrop("generated_at", f"generated_at is {moment:%Y-%m-%d %H:%M}, which is still to come.")
    return min(moment, now)
