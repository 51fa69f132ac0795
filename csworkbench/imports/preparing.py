"""From blocks of cells to a spool of clean rows, ready for COPY: the part of an import that needs no database."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from .cleaning import BadCell, Cell, Cleaner
from .cleaning.base import Clean
from .kinds import Context, Field, Kind
from .reading import Block

NULL = "\\N"
WRITE_SIZE = 256 * 1024


@dataclass
class Spool:
    """Clean rows in a nameless file, in COPY's text format: row number, problems, cells, then the staged columns."""

    file: IO[bytes]
    columns: dict[str, str]
    rows: int = 0

    def chunks(self) -> Iterator[bytes]:
        """The whole file, piece by piece."""
        self.file.seek(0)
        while piece := self.file.read(WRITE_SIZE):
            yield piece

    def only(self, numbers: frozenset[int] | set[int], size: int) -> Iterator[list[bytes]]:
        """The lines of some rows, in groups of at most ``size``."""
        self.file.seek(0)
        group: list[bytes] = []
        for line in self.file:
            if int(line[: line.index(b"\t")]) in numbers:
                group.append(line)
                if len(group) == size:
                    yield group
                    group = []
        if group:
            yield group

    def close(self) -> None:
        self.file.close()


def prepare(
    blocks: Iterable[Block], titles: Sequence[str], mapping: Mapping[str, int], kind: Kind, context: Context
) -> Spool:
    """Clean every mapped column of every block; a bad cell is noted with its row, column, value and reason."""
    tailor = Tailor(titles, mapping, kind, context)
    spool = Spool(tempfile.TemporaryFile(), tailor.columns)  # noqa: SIM115 - the caller closes it
    try:
        for block in blocks:
            spool.file.write(tailor.cut(block).encode())
            spool.rows += len(block.numbers)
    except BaseException:
        spool.close()
        raise
    return spool


class Tailor:
    """The cleaners of one import, in the order of its staged columns."""

    def __init__(self, titles: Sequence[str], mapping: Mapping[str, int], kind: Kind, context: Context) -> None:
        self.titles = titles
        given = sorted((one for one in kind.fields if one.key in mapping), key=lambda one: mapping[one.key])
        self.parts: list[tuple[Field, int, Cleaner]] = [(one, mapping[one.key], one.cleaner(context)) for one in given]
        self.columns = {name: sql for one, _, _ in self.parts for name, sql in one.columns.items()}
        self.demanded = kind.demanded(mapping)

    def cut(self, block: Block) -> str:
        """A block as COPY text."""
        problems: dict[int, list[dict[str, Any]]] = {}
        staged: list[list[str]] = []
        for one, position, cleaner in self.parts:
            values = block.columns[position]
            clean, bad = cleaner.column(values)
            for index, problem in bad:
                problems.setdefault(index, []).append(self._problem(one, position, values[index], problem))
            if one.key in self.demanded:
                self._note_missing(one, position, values, clean, problems)
            staged += copy_columns(clean, len(one.columns))
        noted = [NULL] * len(block.numbers)
        for index, found in problems.items():
            noted[index] = escape(json.dumps(found, ensure_ascii=False))
        numbers = list(map(str, block.numbers))
        cells = escaped(block.cells)
        return "\n".join(map("\t".join, zip(numbers, noted, cells, *staged, strict=True))) + "\n"

    def _problem(self, one: Field, position: int, value: Cell, problem: BadCell) -> dict[str, Any]:
        return {
            "field": one.key,
            "column": self.titles[position],
            "value": value,
            "code": problem.code,
            "message": problem.message,
            "suggestions": problem.suggestions,
        }

    def _note_missing(
        self,
        one: Field,
        position: int,
        values: Sequence[Cell],
        clean: Sequence[Clean],
        problems: dict[int, list[dict[str, Any]]],
    ) -> None:
        if None not in clean:
            return
        for index, value in enumerate(clean):
            if value is None and not any(noted["field"] == one.key for noted in problems.get(index, ())):
                missing = BadCell("no_id" if one.demanded else "missing", f"The {one.label} is missing.")
                problems.setdefault(index, []).append(self._problem(one, position, values[index], missing))


def copy_columns(clean: Sequence[Clean], width: int) -> list[list[str]]:
    """Clean values as columns of COPY text."""
    if width == 1:
        return [copy_values(clean)]  # type: ignore[arg-type]
    blank: tuple[None, ...] = (None,) * width
    return [copy_values(column) for column in zip(*[value or blank for value in clean], strict=True)]


def copy_values(values: Sequence[str | None]) -> list[str]:
    """One column of clean text as COPY takes it."""
    if None in values:
        return [NULL if value is None else escape(value) for value in values]
    return escaped(values)  # type: ignore[arg-type]


def escaped(values: Sequence[str]) -> list[str]:
    """Text as COPY takes it, a column at a time; hardly any has a backslash."""
    return list(map(escape, values)) if "\\" in "".join(values) else list(values)


def escape(text: str) -> str:
    """Text as COPY takes it; clean values and JSON hold no tab and no line break."""
    return text.replace("\\", "\\\\") if "\\" in text else text
