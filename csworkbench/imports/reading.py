"""The parent's side of the reader: starts the child, hands out its rows in blocks, turns its end into words."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import IO, Any

from django.conf import settings

from .cleaning.base import Cell, Signs

HERE = Path(__file__).resolve().parent
# Isolated, and not through the project package: a child that opens a stranger's file loads neither Django nor
# settings, and its environment holds no secret.
START = "import sys; sys.path.append(sys.argv[1]); from reader.__main__ import main; main(sys.argv[2])"
# How long the child may keep its reader waiting, all in all; what the reader does with the rows meanwhile is free.
WALL_SECONDS = 60.0
BLOCK_ROWS = 2000
BLOCK_BYTES = 8 * 1024 * 1024


class RefusedFile(Exception):
    """The file cannot be imported: ``code`` for programs, ``message`` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Layout:
    """What was found in the file."""

    columns: tuple[str, ...]
    header_row: int
    about: dict[str, Any]


@dataclass(frozen=True)
class Block:
    """Some rows, turned so that each column can be cleaned in one go."""

    numbers: tuple[int, ...]
    columns: tuple[tuple[Cell, ...], ...]
    # Each row as the JSON array it arrived as, for keeping what the sheet said.
    cells: list[str]
    # What whole columns show, by position.
    signs: Mapping[int, Signs] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        yield from zip(*self.columns, strict=True)


class Child:
    """The process that reads a file, and how much longer it may keep others waiting."""

    def __init__(self, path: Path) -> None:
        self.left = WALL_SECONDS
        self.late = False
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", START, str(HERE), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "MALLOC_ARENA_MAX": "2"},
            cwd="/",
        )

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout is not None  # noqa: S101 - a pipe was asked for
        return self.process.stdout

    def lines(self) -> list[bytes]:
        """The next lines, as many as make a block; the child is ended when it takes too long."""
        timer = threading.Timer(self.left, self._end)
        start = monotonic()
        timer.start()
        try:
            lines: list[bytes] = []
            size = 0
            for line in self.output:
                lines.append(line)
                size += len(line)
                if len(lines) == BLOCK_ROWS or size > BLOCK_BYTES or line.startswith(b'{"layout"'):
                    break
            return lines
        finally:
            timer.cancel()
            self.left = max(0.0, self.left - (monotonic() - start))

    def _end(self) -> None:
        self.late = True
        self.process.kill()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


@dataclass
class Reading:
    """An open file: the layout at once, the rows while they arrive; ``skipped`` is known at the end."""

    layout: Layout
    child: Child
    rows: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    skipped_count: int = 0
    signs: dict[int, Signs] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        """Blocks of at most ``BLOCK_ROWS`` rows; raises RefusedFile when the child gives up on the way."""
        last: dict[str, Any] = {}
        while not ("end" in last or "refused" in last) and (lines := self.child.lines()):
            if any(line.startswith(b"{") for line in lines):
                last = self._told([line for line in lines if line.startswith(b"{")])
                lines = [line for line in lines if not line.startswith(b"{")]
            if lines:
                self.rows += len(lines)
                yield block_of(lines, self.signs)
        raise_refusal(last, self.child)
        self.skipped = last.get("skipped", [])
        self.skipped_count = int(last.get("skipped_count", 0))

    def _told(self, lines: list[bytes]) -> dict[str, Any]:
        """Take in what the child says between rows, and return the last of it."""
        said: dict[str, Any] = {}
        for said in map(json.loads, lines):
            for position, orders in said.get("orders", {}).items():
                since_1904 = bool(self.layout.about.get("since_1904"))
                self.signs[int(position)] = Signs(
                    True, orders.get("day", ""), orders.get("month", ""), since_1904=since_1904
                )
        return said


def block_of(lines: list[bytes], signs: Mapping[int, Signs] | None = None) -> Block:
    """Decode ``[number, cell, …]`` lines."""
    numbers, *columns = zip(*json.loads(b"[" + b",".join(lines) + b"]"), strict=True)
    texts = b"".join(lines).decode().split("\n")
    cells = ["[" + text.split(",", 1)[1] for text in texts[: len(lines)]]
    return Block(numbers, tuple(columns), cells, signs or {})


@contextmanager
def open_sheet(path: Path, hints: frozenset[str], table: Mapping[str, Any] | None = None) -> Iterator[Reading]:
    """Read a file in the child process. Raises RefusedFile, with words for the person who sent it.

    ``table`` is where a person says the table is: ``{"sheet": name, "header_row": n}``, either or none of them.
    """
    child = Child(path)
    try:
        options = {
            "hints": sorted(hints),
            "max_bytes": settings.MAX_UPLOAD_BYTES,
            "max_workbook_bytes": min(settings.MAX_UPLOAD_BYTES, settings.MAX_WORKBOOK_BYTES),
            "table": {key: value for key, value in (table or {}).items() if key in ("sheet", "header_row")},
        }
        _send(child, options)
        opening = json.loads((child.lines() or [b"{}"])[-1])
        if "layout" not in opening:
            raise_refusal(opening, child)
        about = dict(opening["layout"])
        layout = Layout(tuple(about.pop("columns")), int(about.pop("header_row")), about)
        signs = {at: Signs(since_1904=True) for at in range(len(layout.columns))} if about.get("since_1904") else {}
        yield Reading(layout, child, signs=signs)
    finally:
        child.close()


def _send(child: Child, options: dict[str, Any]) -> None:
    assert child.process.stdin is not None  # noqa: S101 - a pipe was asked for
    try:
        child.process.stdin.write(json.dumps(options).encode())
        child.process.stdin.close()
    except BrokenPipeError:
        pass  # the child is gone already; its end says why


def raise_refusal(last: Mapping[str, Any], child: Child) -> None:
    """Return when the child ended well; otherwise say why it did not."""
    if "end" in last:
        return
    if "refused" in last:
        raise RefusedFile(str(last["refused"]), str(last["message"]))
    child.process.wait(timeout=5)
    if child.late or child.process.returncode == -signal.SIGXCPU:
        raise RefusedFile("too_slow", "Reading the file took too long. Split it, or save it as .csv.")
    # The reader aborts when a cell far outside the table asks for memory that it does not get.
    raise RefusedFile(
        "memory",
        "The file needs more memory than it may have. A cell far below or right of the table usually causes this: "
        "delete the empty rows and columns around it, or save the file as .csv.",
    )
