"""The parent's side of the reader: starts the child, hands out its rows in blocks, turns its end into words."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.conf import settings

HERE = Path(__file__).resolve().parent
# Isolated, and not through the project package: a child that opens a stranger's file loads neither Django nor
# settings, and its environment holds no secret.
START = "import sys; sys.path.append(sys.argv[1]); from reader.__main__ import main; main(sys.argv[2])"
WALL_SECONDS = 60
BLOCK_ROWS = 2000

Cell = str | float | int | bool | None


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

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        yield from zip(*self.columns, strict=True)


@dataclass
class Reading:
    """An open file: the layout at once, the rows while they arrive; ``skipped`` is known at the end."""

    layout: Layout
    _lines: Iterator[bytes]
    _check_end: Any
    rows: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)

    def blocks(self) -> Iterator[Block]:
        """Blocks of at most ``BLOCK_ROWS`` rows; raises RefusedFile when the child gives up on the way."""
        last: dict[str, Any] | None = None
        while lines := list(islice(self._lines, BLOCK_ROWS)):
            if lines[-1].startswith(b"{"):
                last = json.loads(lines.pop())
            if lines:
                self.rows += len(lines)
                yield block_of(lines)
            if last is not None:
                break
        self._check_end(last)
        self.skipped = (last or {}).get("skipped", [])


def block_of(lines: list[bytes]) -> Block:
    """Decode ``[number, cell, …]`` lines."""
    numbers, *columns = zip(*json.loads(b"[" + b",".join(lines) + b"]"), strict=True)
    texts = b"".join(lines).decode().split("\n")
    return Block(numbers, tuple(columns), ["[" + text.split(",", 1)[1] for text in texts[: len(lines)]])


@contextmanager
def open_sheet(path: Path, hints: frozenset[str], table: Mapping[str, Any] | None = None) -> Iterator[Reading]:
    """Read a file in the child process. Raises RefusedFile, with words for the person who sent it.

    ``table`` is where a person says the table is: ``{"sheet": name, "header_row": n}``, either or none of them.
    """
    child = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", START, str(HERE), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "MALLOC_ARENA_MAX": "2"},
        cwd="/",
    )
    late = threading.Event()

    def end_it() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(WALL_SECONDS, end_it)
    timer.start()
    try:
        assert child.stdin and child.stdout  # noqa: S101 - pipes were asked for
        _send(child.stdin, {"hints": sorted(hints), "max_bytes": settings.MAX_UPLOAD_BYTES, "table": dict(table or {})})

        def check(last: dict[str, Any] | None) -> None:
            raise_refusal(last, child, late.is_set())

        first = next(iter(child.stdout), None)
        opening = json.loads(first) if first else None
        if opening is None or "layout" not in opening:
            check(opening)
        about = dict((opening or {})["layout"])
        layout = Layout(tuple(about.pop("columns")), int(about.pop("header_row")), about)
        yield Reading(layout, iter(child.stdout), check)
    finally:
        timer.cancel()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()


def _send(pipe: IO[bytes], options: dict[str, Any]) -> None:
    try:
        pipe.write(json.dumps(options).encode())
        pipe.close()
    except BrokenPipeError:
        pass  # the child is gone already; its end says why


def raise_refusal(last: dict[str, Any] | None, child: subprocess.Popen[bytes], late: bool) -> None:
    """Return when the child ended well; otherwise say why it did not."""
    if last is not None and "end" in last:
        return
    if last is not None and "refused" in last:
        raise RefusedFile(str(last["refused"]), str(last["message"]))
    child.wait(timeout=5)
    if late or child.returncode == -24:  # SIGXCPU
        raise RefusedFile("too_slow", "Reading the file took too long. Split it, or save it as .csv.")
    # The reader aborts when a cell far outside the table asks for memory that it does not get.
    raise RefusedFile(
        "memory",
        "The file needs more memory than it may have. A cell far below or right of the table usually causes this: "
        "delete the empty rows and columns around it, or save the file as .csv.",
    )
