"""A drop as a stream of rows for COPY: bounded lines, bounded memory, nothing in a file ends the worker."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from csworkbench.imports.cleaning import SalesforceId

from .schema import (
    COLUMNS,
    STAGED,
    VERSION,
    Heading,
    RefusedDrop,
    check_version,
    read_header,
    read_moment,
    read_preamble,
)

CHUNK_ROWS = 200_000
# Bytes of one line; a longer one is no row of ours.
MAX_LINE = 64 * 1024
# Characters of one row: quotation marks can make one of any number of lines.
MAX_ROW = 2 * MAX_LINE
# What unpacks to more than so many times its size beyond the first megabytes is a bomb.
MOST_RATIO, FREE_BYTES = 200, 64 * 1024 * 1024
MAX_CELL = 200
PIECE = 64 * 1024
BROKEN = "\ufffd\n"
ID_PLACES = (STAGED.index("anyid"), STAGED.index("sf"))
FAULT_ROW = ("",) * (len(STAGED) - 1)
GZIP, ZIP, PARTIAL = b"\x1f\x8b", b"PK\x03\x04", (b"\xff\xfe", b"\xfe\xff")
Cells = tuple[str, ...]


@dataclass(frozen=True)
class Chunk:
    """Lines for COPY into the staging table, and the numbers of the first and the last line of the file in them."""

    first: int
    last: int
    rows: int
    pieces: list[bytes]


def read_heading(path: Path, name: str) -> Heading:
    """What a file is; raises RefusedDrop when it is not a drop of a version known here."""
    with opened(path) as file:
        lines = bounded_lines(file, path)
        first = next_strict(lines)
        if first.startswith("{"):
            return jsonl_heading(first)
        said: dict[str, Any] = {}
        before = 1
        if first.startswith("#"):
            said, first, before = read_preamble(first[1:]), next_strict(lines), 2
            if first.startswith("{"):
                heading = jsonl_heading(first, said)
                return replace(heading, lines=1 + heading.lines)
        return csv_heading(first, said, before)


def next_strict(lines: Iterator[bytes | None]) -> str:
    """A line of the heading as text; what is not text is refused here, before anything is staged."""
    line = next(lines, b"")
    if line is None:
        raise RefusedDrop("columns", f"The first line is longer than {MAX_LINE // 1024} KB: this is no usage drop.")
    if not line:
        raise RefusedDrop("empty", "The file is empty.")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise RefusedDrop("binary", "The file is not UTF-8 text. Send csv or jsonl, plain or packed with gzip.")
    return text.strip("\r\n")


def jsonl_heading(first: str, said: dict[str, Any] | None = None) -> Heading:
    try:
        row = json.loads(first)
    except (ValueError, RecursionError):
        raise RefusedDrop("json", "The first line begins with “{” but is no JSON object.") from None
    if not isinstance(row, dict):
        raise RefusedDrop("json", "The first line is no JSON object.")
    if "schema" in row or "generated_at" in row:
        return stated(Heading("jsonl", lines=1), row)
    return stated(Heading("jsonl"), said or {})


def csv_heading(first: str, said: dict[str, Any], before: int) -> Heading:
    delimiter = max(",;\t", key=first.count)
    try:
        cells = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error:
        raise RefusedDrop("columns", "The header cannot be read as csv.") from None
    columns, ignored = read_header(cells)
    return stated(Heading("csv", delimiter=delimiter, columns=columns, ignored=ignored, lines=before), said)


def stated(heading: Heading, said: dict[str, Any]) -> Heading:
    version = check_version(said["schema"]) if "schema" in said else VERSION
    moment = read_moment(said["generated_at"]) if said.get("generated_at") else None
    return replace(heading, schema=version, stated_at=moment)


def opened(path: Path) -> IO[bytes]:
    """The file, unpacked as it is read when it is packed."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == ZIP:
        raise RefusedDrop(
            "archive", "This is a workbook or a zip archive. Send csv or jsonl, plain or packed with gzip."
        )
    if magic.startswith(PARTIAL):
        raise RefusedDrop("encoding", "The file is written in UTF-16. Save it as UTF-8.")
    return gzip.open(path, "rb") if magic.startswith(GZIP) else path.open("rb")  # type: ignore[return-value]


def bounded_lines(file: IO[bytes], path: Path) -> Iterator[bytes | None]:
    """Lines as bytes, None for one that is too long; raises RefusedDrop for a bomb and a broken archive."""
    size = path.stat().st_size
    most = min(settings.USAGE_MAX_UNPACKED_BYTES, max(FREE_BYTES, size * MOST_RATIO))
    total = 0
    try:
        while line := file.readline(MAX_LINE):
            total += len(line)
            if total > most:
                raise RefusedDrop("bomb", f"The file unpacks to more than {most // 1024**2:,} MB. Send it in parts.")
            if len(line) < MAX_LINE or line.endswith(b"\n"):
                yield line
                continue
            while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                total += len(rest)
                if total > most:
                    raise RefusedDrop("bomb", f"The file unpacks to more than {most // 1024**2:,} MB.")
            yield None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise RefusedDrop("gzip", "The packed file is broken or cut off.") from error


def read_chunks(path: Path, heading: Heading, *, after: int = 0, size: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """Chunks of rows beyond line ``after``; the same file gives the same rows each time."""
    with opened(path) as file:
        lines = bounded_lines(file, path)
        rows = csv_rows(lines, heading) if heading.format == "csv" else json_rows(lines, heading)
        pieces, buffer, count, first, number = [], bytearray(), 0, 0, after
        for number, cells in rows:
            if number <= after:
                continue
            first = first or number
            buffer += as_copied(number, cells)
            count += 1
            if len(buffer) >= PIECE:
                pieces.append(bytes(buffer))
                buffer.clear()
            if count == size:
                pieces.append(bytes(buffer))
                yield Chunk(first, number, count, pieces)
                pieces, buffer, count, first = [], bytearray(), 0, 0
        if count:
            pieces.append(bytes(buffer))
            yield Chunk(first, number, count, pieces)


def csv_rows(lines: Iterator[bytes | None], heading: Heading) -> Iterator[tuple[int, Cells]]:
    """Numbers of lines with the cells in the order of the staging table."""
    for _ in range(heading.lines):
        next(lines)
    width = len(heading.columns)
    place = {COLUMNS[name]: index for index, name in enumerate(heading.columns) if name in COLUMNS}
    pick: Callable[[list[str]], Cells] = itemgetter(*(place.get(name, width) for name in STAGED))
    texts = RowTexts(lines)
    reader = csv.reader(texts, delimiter=heading.delimiter)
    while True:
        texts.taken = 0
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield heading.lines + reader.line_num, (*FAULT_ROW, "quote")
            continue
        if not row:
            continue
        number = heading.lines + reader.line_num
        if len(row) != width:
            yield number, (*FAULT_ROW, "cells")
            continue
        row.append("")
        yield number, pick(row)


class RowTexts:
    """Lines as text for a csv reader; where a row has taken too many already, the reader begins anew."""

    def __init__(self, lines: Iterator[bytes | None]) -> None:
        self.lines, self.taken = lines, 0

    def __iter__(self) -> RowTexts:
        return self

    def __next__(self) -> str:
        if self.taken > MAX_ROW:
            raise csv.Error("row too long")
        text = as_text(next(self.lines))
        self.taken += len(text)
        return text


def json_rows(lines: Iterator[bytes | None], heading: Heading) -> Iterator[tuple[int, Cells]]:
    """The same of one object a line."""
    for _ in range(heading.lines):
        next(lines)
    names = tuple(COLUMNS)
    for number, line in enumerate(lines, start=heading.lines + 1):
        text = as_text(line)
        if not text.strip():
            continue
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            yield number, (*FAULT_ROW, "json")
            continue
        values = (said.get(name) for name in names)
        yield number, (*("" if value is None else str(value)[: MAX_CELL + 1] for value in values), "")


def as_text(line: bytes | None) -> str:
    """A line as text; bytes that are none become marks that no id has, so that their row is rejected by itself."""
    if line is None:
        return BROKEN
    text = line.decode("utf-8", "replace")
    return text.replace("\0", "\ufffd") if "\0" in text else text


def as_copied(number: int, cells: Cells) -> bytes:
    """One line in the text format of COPY: number, no problems, no cells, then the columns."""
    if any(len(cells[place]) == 15 for place in ID_PLACES):
        cells = with_full_id(cells)
    joined = "\t".join(cells)
    if "\0" in joined:
        cells = tuple(cell.replace("\0", "\ufffd") for cell in cells)
        joined = "\t".join(cells)
    # Rare: blanks round a cell, or what COPY would read as something else.
    if (
        " " in joined
        or "\\" in joined
        or "\n" in joined
        or "\r" in joined
        or len(joined) > MAX_CELL
        or joined.count("\t") != len(STAGED) - 1
    ):
        joined = "\t".join(escaped(cell) for cell in cells)
    return f"{number}\t\\N\t\\N\t{joined}\n".encode("utf-8", "replace")


def escaped(cell: str) -> str:
    text = cell.strip()[:MAX_CELL]
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def with_full_id(cells: Cells) -> Cells:
    """A Salesforce id of 15 characters is completed, whether or not its column says that it is one."""
    any_place, sf_place = ID_PLACES
    short = cells[sf_place] or cells[any_place]
    if len(short) != 15 or not (short.isascii() and short.isalnum()):
        return cells
    # Beside what was said, not in its place: an LMS id may have 15 characters as well.
    return (*cells[:sf_place], full_id(short), *cells[sf_place + 1 :])


@lru_cache(maxsize=65_536)
def full_id(short: str) -> str:
    return SalesforceId().one(short) or short
