"""Rows of a csv: encoding and separator are found, not asked for."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from .layout import Row, Table, find_table
from .refusal import Refusal

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
MAX_CELL = 100_000
LOOKED_AT = 50


def read_delimited(path: Path, hints: frozenset[str]) -> tuple[Table, dict[str, Any]]:
    """The table of a text file, with the encoding and separator that were found."""
    encoding = encoding_of(path.read_bytes())
    separator = separator_of(path, encoding)
    table = find_table(rows(path, encoding, separator), hints)
    if table is None:
        raise Refusal("no_header", "The file has no row of column titles. The first row should name the columns.")
    return table, {"format": "csv", "encoding": encoding, "separator": SEPARATORS[separator]}


def encoding_of(data: bytes) -> str:
    """UTF-8 or UTF-16 by mark or by trial, else Windows-1252; NUL and control bytes mean that it is no text."""
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            return _tried(data, encoding)
    if b"\0" in data or sum(data[:4096].count(byte) for byte in range(1, 9)) > 0:
        raise Refusal(
            "wrong_type", "The file is neither a workbook nor text. Save it as .xlsx or .csv and upload that."
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _tried(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refusal("encoding", "The text of the file is damaged. Save it again as CSV UTF-8.") from error
    if "\0" in text:
        raise Refusal(
            "wrong_type", "The file is neither a workbook nor text. Save it as .xlsx or .csv and upload that."
        )
    return encoding


def separator_of(path: Path, encoding: str) -> str:
    """The separator that cuts the first lines into the most equal pieces."""

    def steadiness(separator: str) -> tuple[int, int]:
        widths = [len(row) for _, row in islice(rows(path, encoding, separator), LOOKED_AT) if len(row) > 1]
        common = max(set(widths), key=widths.count, default=0)
        return widths.count(common), common

    return max(SEPARATORS, key=steadiness)


def rows(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, Row]]:
    """Numbered rows as a sheet program would show them."""
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding, errors="replace" if encoding == "cp1252" else "strict", newline="") as file:
        try:
            yield from enumerate(csv.reader(file, delimiter=separator), start=1)
        except csv.Error as error:
            raise Refusal("broken", f"The file cannot be read as a table: {error}.") from error
