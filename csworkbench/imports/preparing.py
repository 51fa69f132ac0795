"""From blocks of cells to a spool of clean rows, ready for COPY: the part of an import that needs no database."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from .cleaning import BadCell, Cell, Cleaner
from .cleaning.base import LONGEST_TOLD, Clean, told
from .kinds import Context, Field, Kind
from .mapping import Plan
from .reading import Block, RefusedFile

NULL = "\\N"
WRITE_SIZE = 256 * 1024
# The largest file that may be sent takes a third of it; only words about bad cells take more.
MOST_BYTES = 2 * 1024 * 1024 * 1024


@dataclass
class Spool:
    """Clean rows in a nameless file, in COPY's text format: row number, problems, cells, then the staged columns."""

    file: IO[bytes]
    columns: dict[str, str]
    rows: int = 0
    # Field → how its cells were understood, where that was a decision ("day first").
    notes: dict[str, str] = field(default_factory=dict)

    def chunks(self) -> Iterator[bytes]:
        """The whole file, piece by piece."""
        self.file.seek(0)
        while piece := self.file.read(WRITE_SIZE):
            yield piece

    def only(self, numbers: Iterable[int], size: int) -> Iterator[list[bytes]]:
        """The lines of some rows, given in the order of the sheet, in groups of at most ``size``."""
        self.file.seek(0)
        wanted = iter(numbers)
        waiting = next(wanted, None)
        group: list[bytes] = []
        for line in self.file:
            number = int(line[: line.index(b"\t")])
            while waiting is not None and waiting < number:
                waiting = next(wanted, None)
            if waiting is None:
                break
            if waiting == number:
                group.append(line)
                if len(group) == size:
                    yield group
                    group = []
        if group:
            yield group

    def close(self) -> None:
        self.file.close()


def prepare(blocks: Iterable[Block], titles: Sequence[str], plan: Plan, kind: Kind, context: Context) -> Spool:
    """Clean every chosen column of every block; a bad cell is noted with its row, column, value and reason.

    Raises RefusedFile when so many cells are bad that the words about them would fill the disk.
    """
    tailor = Tailor(titles, plan, kind, context)
    spool = Spool(tempfile.TemporaryFile(), tailor.columns)  # noqa: SIM115 - the caller closes it
    size = 0
    try:
        for block in blocks:
            size += spool.file.write(tailor.cut(block).encode())
            if size > MOST_BYTES:
                raise RefusedFile("too_bad", "Too many cells mean nothing as what their columns are said to be.")
            spool.rows += len(block.numbers)
    except BaseException:
        spool.close()
        raise
    spool.notes = tailor.notes()
    return spool


@dataclass
class Part:
    """One field of the rows: its column (none for a constant), and how its cells are cleaned and corrected."""

    one: Field
    position: int | None
    cleaner: Cleaner
    constant: str = ""
    # What a cell says → what is meant, for every row with it, and by row number for one.
    everywhere: dict[str, str] = field(default_factory=dict)
    in_row: dict[int, str] = field(default_factory=dict)

    def values(self, block: Block) -> Sequence[Cell]:
        """The cells of this field, corrected."""
        if self.position is None:
            return [self.constant] * len(block.numbers)
        values: Sequence[Cell] = block.columns[self.position]
        if self.everywhere:
            known = self.everywhere
            values = [known.get(told(value), value) for value in values]
        if self.in_row:
            corrected = self.in_row
            values = [corrected.get(number, value) for number, value in zip(block.numbers, values, strict=True)]
        return values


class Tailor:
    """The cleaners of one import, in the order of its staged columns."""

    def __init__(self, titles: Sequence[str], plan: Plan, kind: Kind, context: Context) -> None:
        self.titles = titles
        given = [one for one in context.fields if one.key in plan.columns]
        given.sort(key=lambda one: plan.columns[one.key])
        self.parts = [Part(one, plan.columns[one.key], one.cleaner(context)) for one in given]
        self.parts += [
            Part(one, None, one.cleaner(context), constant=plan.constants[one.key])
            for one in context.fields
            if one.key in plan.constants and one.key not in plan.columns
        ]
        for fix in plan.fixes:
            for part in self.parts:
                if part.one.key == fix["field"] and fix.get("row"):
                    part.in_row[int(fix["row"])] = str(fix["use"])
                elif part.one.key == fix["field"]:
                    part.everywhere[str(fix["value"])] = str(fix["use"])
        self.columns = {name: sql for part in self.parts for name, sql in part.one.columns.items()}
        self.demanded = kind.demanded(plan.chosen)

    def notes(self) -> dict[str, str]:
        """How the cells of a field were understood, where that was a decision."""
        return {part.one.key: note for part in self.parts if (note := part.cleaner.note)}

    def cut(self, block: Block) -> str:
        """A block as COPY text."""
        problems: dict[int, list[dict[str, Any]]] = {}
        staged: list[list[str]] = []
        for part in self.parts:
            if part.position is not None and part.position in block.signs:
                part.cleaner.heed(block.signs[part.position])
            values = part.values(block)
            clean, bad = part.cleaner.column(values)
            for index, problem in bad:
                problems.setdefault(index, []).append(self._problem(part, values[index], problem))
            if part.one.key in self.demanded:
                self._note_missing(part, values, clean, problems)
            staged += copy_columns(clean, len(part.one.columns))
        noted = [NULL] * len(block.numbers)
        for index, found in problems.items():
            noted[index] = escape(json.dumps(found, ensure_ascii=False))
        numbers = list(map(str, block.numbers))
        cells = escaped(block.cells)
        return "\n".join(map("\t".join, zip(numbers, noted, cells, *staged, strict=True))) + "\n"

    def _problem(self, part: Part, value: Cell, problem: BadCell) -> dict[str, Any]:
        return {
            "field": part.one.key,
            "column": part.one.label if part.position is None else self.titles[part.position],
            "value": told(value) if isinstance(value, str) and len(value) > LONGEST_TOLD else value,
            "code": problem.code,
            "message": problem.message,
            "suggestions": problem.suggestions,
        }

    def _note_missing(
        self,
        part: Part,
        values: Sequence[Cell],
        clean: Sequence[Clean],
        problems: dict[int, list[dict[str, Any]]],
    ) -> None:
        if None not in clean:
            return
        one = part.one
        for index, value in enumerate(clean):
            if value is None and not any(noted["field"] == one.key for noted in problems.get(index, ())):
                missing = BadCell("no_id" if one.demanded else "missing", f"The {one.label} is missing.")
                problems.setdefault(index, []).append(self._problem(part, values[index], missing))


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
