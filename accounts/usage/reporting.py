"""What a drop's report says: counts of its chunks added up, reasons in words, rejects on disk."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from csworkbench.common.sheets import safe_text

COUNTED = (
    "rows",
    "use_rows",
    "users_rows",
    "new",
    "changed",
    "unchanged",
    "superseded",
    "late",
    "repeated",
    "rejected",
)
# Different values kept per reason while a drop is applied, and shown in the end.
KEPT, SHOWN = 200, 20
REJECTS_PER_CHUNK = 20_000
TITLES = (
    "line", "reason", "record", "account", "module", "product", "day", "uses", "active", "inactive", "terminated",
    "contracted",
)  # fmt: skip
REASONS: dict[str, str] = {
    "account_unknown": "No account has this id",
    "account_ambiguous": "The ids name different accounts",
    "account_missing": "The row names no account",
    "module_unknown": "No module has this key",
    "module_missing": "The row names no module",
    "product_unknown": "No product has this key",
    "product_missing": "The row names no product",
    "day_bad": "The day is no date such as 2026-11-22",
    "day_future": "The day is still to come",
    "day_old": "The day is older than the days kept",
    "number_missing": "The number is missing",
    "number_bad": "The number is no whole number",
    "number_large": "The number is larger than 10,000,000",
    "negative": "The number is negative",
    "record": "The record is neither “use” nor “users”",
    "cells": "The row has more or fewer cells than the header",
    "quote": "The row cannot be read as csv: a quotation mark is not closed, or a cell is too long",
    "json": "The line is no JSON object",
}


def started() -> dict[str, Any]:
    """A report before the first row."""
    return dict.fromkeys(COUNTED, 0) | {"through": 0, "days": [], "problems": {}, "contracted": []}


def add(report: Mapping[str, Any], counts: Mapping[str, int], days: Iterable[str], through: int) -> dict[str, Any]:
    """The report with the counts of one more chunk."""
    added = dict(report)
    for name in COUNTED:
        added[name] = int(report.get(name, 0)) + counts.get(name, 0)
    every = sorted([*report.get("days", []), *days])
    added["days"] = [every[0], every[-1]] if every else []
    added["through"] = through
    return added


def add_problems(report: dict[str, Any], counts: Mapping[str, int], values: Iterable[Sequence[Any]]) -> None:
    """Add reasons: ``{code: {"rows": n, "values": {value: [rows, first line]}}}``, the most frequent values kept."""
    problems: dict[str, Any] = {code: dict(one) for code, one in report.get("problems", {}).items()}
    for code, rows in counts.items():
        one = problems.setdefault(code, {"rows": 0, "values": {}})
        one["rows"] += rows
    for code, value, rows, first in values:
        known = dict(problems[code]["values"])
        before = known.get(value or "", [0, first])
        known[value or ""] = [before[0] + rows, min(before[1], first)]
        best = sorted(known.items(), key=lambda each: (-each[1][0], each[1][1]))[:KEPT]
        problems[code]["values"] = dict(best)
    report["problems"] = problems


def told(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The reasons for a page, the most frequent first: ``code, reason, rows, values`` of ``value, rows, row``."""
    problems = sorted(report.get("problems", {}).items(), key=lambda each: -each[1].get("rows", 0))
    return [
        {
            "code": code,
            "reason": REASONS.get(code, code),
            "rows": one.get("rows", 0),
            "values": [
                {"value": value, "rows": rows, "row": first}
                for value, (rows, first) in sorted(one.get("values", {}).items(), key=lambda each: -each[1][0])[:SHOWN]
            ],
        }
        for code, one in problems
    ]


def public(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report as a sender gets it."""
    shown = {name: report[name] for name in (*COUNTED, "days", "error", "error_code", "same_as") if name in report}
    return shown | {"problems": told(report), "contracted": report.get("contracted", [])[:SHOWN]}


def rejects_path(path: Path, first: int) -> Path:
    """The file of one chunk's rejects: a chunk that is applied again writes the same file again."""
    return path.with_name(f"{path.name}.rejects.{first:012d}.csv")


def write_rejects(path: Path, first: int, rows: Sequence[Sequence[Any]]) -> None:
    """Keep the rejected rows of a chunk beside the drop's file."""
    target = rejects_path(path, first)
    part = target.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for number, code, *cells in rows:
            words = REASONS.get(code, code)
            writer.writerow([number, words, *(safe_text(cell or "") for cell in cells)])
    part.replace(target)


def read_rejects(path: Path) -> bytes:
    """All rejects of a drop as one csv with a header."""
    parts = sorted(path.parent.glob(f"{path.name}.rejects.*.csv")) if path.name else []
    header = (",".join(TITLES) + "\r\n").encode()
    return header + b"".join(part.read_bytes() for part in parts)


def remove_files(path: Path) -> None:
    """Remove a drop's file and its rejects."""
    for part in path.parent.glob(f"{path.name}.rejects.*"):
        part.unlink(missing_ok=True)
    path.unlink(missing_ok=True)
