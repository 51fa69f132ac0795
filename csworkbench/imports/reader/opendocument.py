"""Rows of an ods, streamed: one cell repeated a million times is counted, not copied."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from xml.parsers import expat

from .archive import DAMAGED, broken
from .layout import Found, Table, Wanted, find_table
from .refusal import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Refusal, too_long, too_wide
from .titles import Row, Span, score
from .workbook import no_sheet

PIECE = 64 * 1024
LOOKED_AT = 60
DEEP = 200
TABLE, ROW, CELL, COVERED = "table:table", "table:table-row", "table:table-cell", "table:covered-table-cell"
PARAGRAPH = "text:p"
# What hangs at a cell and is not in it.
BESIDE = {"office:annotation", "draw:frame", "draw:custom-shape", "draw:g"}
SPACES = {"text:s": " ", "text:tab": "\t", "text:line-break": "\n"}
DURATION = re.compile(r"PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S")
RAGGED = "Delete what stands right of the table."


def read_opendocument(path: Path, wanted: Wanted) -> Found:
    """The table of the sheet that looks most like one, or of the one that was chosen."""
    sheets = looked_at(path)
    names = [sheet.name for sheet in sheets if sheet.visible] or [sheet.name for sheet in sheets]
    if wanted.sheet and wanted.sheet not in [sheet.name for sheet in sheets]:
        raise no_sheet(wanted.sheet, names)
    chosen = [sheet for sheet in sheets if sheet.name == wanted.sheet or (not wanted.sheet and sheet.name in names)]
    narrow = [sheet for sheet in chosen if not sheet.wide]
    if chosen and not narrow:
        raise too_wide(chosen[0].name)
    # As for other workbooks: the best score, the first of equals.
    for sheet in sorted(narrow, key=lambda each: -each.score(wanted)):
        if table := table_of(path, sheet, wanted):
            return table, {"format": "ods", "sheet": sheet.name, "sheets": names}
    raise wanted.nothing_found(f"The sheet “{wanted.sheet}”" if wanted.sheet else "The workbook")


@dataclass
class SeenSheet:
    """A sheet at a first look: its first rows, the cells that span others there, whether it is too wide."""

    position: int
    name: str
    visible: bool = True
    wide: bool = False
    head: list[tuple[int, Row]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def score(self, wanted: Wanted) -> int:
        return max((score(row, wanted.hints) for _, row in self.head), default=0)


def table_of(path: Path, sheet: SeenSheet, wanted: Wanted) -> Table | None:
    """The table of one sheet."""
    return find_table(lambda: rows_of(path, sheet.position), wanted, sheet.spans, ragged=RAGGED)


def looked_at(path: Path) -> list[SeenSheet]:
    """The beginning of every sheet."""
    content = Content(path, None, LOOKED_AT)
    for _ in content.rows():
        pass
    return content.sheets


def rows_of(path: Path, position: int) -> Iterator[tuple[int, Row]]:
    """The numbered rows of one sheet, each as wide as the first thousand need."""
    source = Content(path, position, None).rows()
    head = list(islice(source, 1000))
    width = max((len(row) for _, row in head), default=0)
    for part in (head, source):
        for number, row in part:
            yield number, row + [""] * (width - len(row))


class Content:
    """The parser of ``content.xml``; ``only`` is the position of the sheet whose rows are wanted, None for the
    first ``most`` rows of every sheet, kept in ``sheets``.
    """

    def __init__(self, path: Path, only: int | None, most: int | None) -> None:
        self.path, self.only, self.most = path, only, most
        self.sheets: list[SeenSheet] = []
        self.hidden: set[str] = set()
        self.style = ""
        self.ready: list[tuple[int, Row, int]] = []
        self.done = False
        self.depth = self.beside = 0
        self.number, self.repeat = 0, 1
        self.row: Row = []
        self.blanks = 0
        self.cell: dict[str, str] | None = None
        self.covered = False
        self.text: list[str] = []
        self.size = 0
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.StartDoctypeDeclHandler = self.declared
        parser.EntityDeclHandler = self.declared

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Rows as they are parsed; blank ones once, however often they are repeated."""
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open("content.xml") as part:
                while not self.done:
                    piece = part.read(PIECE)
                    self.parser.Parse(piece, not piece)
                    for number, row, repeat in self.ready:
                        yield from ((number + at, row) for at in range(repeat))
                    self.ready.clear()
                    if not piece:
                        break
        except (expat.ExpatError, *DAMAGED) as error:
            raise broken() from error

    def declared(self, *_: object) -> None:
        raise Refusal("entities", "The workbook declares XML entities and was not opened. No sheet program does.")

    @property
    def wanted(self) -> bool:
        """Whether the rows of the sheet at hand are looked at."""
        if not self.sheets:
            return False
        if self.only is not None:
            return self.sheets[-1].position == self.only
        return self.most is None or self.number < self.most

    def start(self, name: str, given: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEP:
            raise broken()
        if name in (CELL, COVERED):
            if self.wanted:
                self.open_cell(name, given)
        elif name == ROW:
            self.repeat = whole(given.get("table:number-rows-repeated"))
            self.row, self.blanks = [], 0
        elif name in SPACES and self.cell is not None:
            self.add(SPACES[name] * min(whole(given.get("text:c")), MAX_CELL))
        elif name == PARAGRAPH and self.text and self.cell is not None:
            self.add("\n")
        elif name in BESIDE:
            self.beside += 1
        else:
            self.start_outside(name, given)

    def start_outside(self, name: str, given: dict[str, str]) -> None:
        if name == TABLE:
            self.number = 0
            shown = given.get("table:style-name", "") not in self.hidden
            self.sheets.append(SeenSheet(len(self.sheets), given.get("table:name", ""), shown))
        elif name == "style:style":
            self.style = given.get("style:name", "")
        elif name == "style:table-properties" and given.get("table:display") == "false":
            self.hidden.add(self.style)

    def open_cell(self, name: str, given: dict[str, str]) -> None:
        # A cell that another one covers shows nothing, whatever it holds.
        self.cell, self.covered = given, name == COVERED
        self.text, self.size = [], 0
        self.parser.CharacterDataHandler = self.add
        right = whole(given.get("table:number-columns-spanned")) - 1
        down = whole(given.get("table:number-rows-spanned")) - 1
        if (right or down) and self.number < LOOKED_AT:
            left = len(self.row) + self.blanks
            self.sheets[-1].spans.append(((self.number, left), (self.number + down, left + right)))

    def add(self, text: str) -> None:
        if self.beside:
            return
        self.size += len(text)
        if self.size > MAX_CELL:
            raise Refusal("broken", f"A cell has more than {MAX_CELL:,} characters.")
        self.text.append(text)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name in (CELL, COVERED):
            if self.cell is not None:
                self.close_cell(self.cell)
        elif name == ROW:
            self.close_row()
        elif name in BESIDE:
            self.beside -= 1
        elif name == TABLE and self.only is not None and self.sheets[-1].position == self.only:
            self.done = True

    def close_cell(self, given: dict[str, str]) -> None:
        value = "" if self.covered else value_of(given, "".join(self.text))
        repeat = whole(given.get("table:number-columns-repeated"))
        self.cell, self.parser.CharacterDataHandler = None, None
        if value == "":
            self.blanks += repeat
            return
        if len(self.row) + self.blanks + repeat > MAX_COLUMNS:
            if self.only is not None:
                raise too_wide(self.sheets[-1].name)
            self.sheets[-1].wide = True
            return
        self.row += [""] * self.blanks + [value] * repeat
        self.blanks = 0

    def close_row(self) -> None:
        number, row = self.number, self.row
        self.number += self.repeat
        if not self.sheets or (self.most is not None and number >= self.most):
            return
        if self.only is not None and self.sheets[-1].position != self.only:
            return
        if row and self.number > MAX_ROWS and self.only is not None:
            raise too_long()
        if self.only is None:
            self.sheets[-1].head.append((number + 1, row))
        else:
            self.ready.append((number + 1, row, self.repeat if row else 1))


def value_of(given: dict[str, str], text: str) -> Any:
    """What a cell says: number, yes or no, a date as ISO text, else the text that it shows."""
    kind = given.get("office:value-type", "")
    try:
        if kind in ("float", "percentage", "currency"):
            return float(given["office:value"])
        if kind == "boolean":
            return given["office:boolean-value"] == "true"
        if kind == "date":
            return given["office:date-value"].replace("T00:00:00", "").replace("T", " ")
        if kind == "time" and (found := DURATION.fullmatch(given["office:time-value"])):
            return f"{int(found[1])}:{int(found[2]):02}:{int(found[3]):02}"
    except (KeyError, ValueError):
        return text
    return text or given.get("office:string-value", "")


def whole(text: str | None) -> int:
    """A count as XML gives it, at least 1."""
    return max(1, min(int(text), 10**9)) if text and text.isdecimal() and len(text) < 12 else 1
