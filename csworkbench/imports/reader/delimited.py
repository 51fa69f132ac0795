"""Rows of a csv: encoding and separator are found, not asked for; the file is never in memory as a whole."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from .layout import Found, Wanted, find_table
from .refusal import MAX_CELL, MAX_ROWS, MEGABYTE, SAVE_AS, Refusal, too_long
from .titles import Row

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# UTF-32 begins like UTF-16 and is looked for first.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
LOOKED_AT = 50
NOT_TEXT = bytes(range(1, 9))
ALL_BUT_QUOTES_AND_LINES = bytes(set(range(256)) - set(b'"\n\r'))
# More characters than this in UTF-8 before the first that is not: no accident of another encoding.
SURELY_UTF8 = 3


def read_delimited(path: Path, wanted: Wanted) -> Found:
    """The table of a text file, with the encoding and separator that were found."""
    encoding = encoding_of(path)
    separator, declared = separator_of(path, encoding)

    def rows() -> Iterator[tuple[int, Row]]:
        return islice(rows_of(path, encoding, separator), 1 if declared else 0, None)

    table = find_table(rows, wanted)
    if table is None:
        raise wanted.nothing_found("The file")
    return table, {"format": "csv", "encoding": encoding, "separator": SEPARATORS.get(separator, separator)}


def encoding_of(path: Path) -> str:
    """UTF by mark or by trial, else Windows-1252; raises Refusal for what is no text, or too many lines of it."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            _try(path, encoding)
            return encoding
    encoding = _unmarked_utf16(head)
    if encoding:
        _try(path, encoding)
        return encoding
    if b"\0" in head or head.translate(None, NOT_TEXT) != head:
        raise no_text()
    return _eight_bits(path)


def _unmarked_utf16(head: bytes) -> str:
    """UTF-16 without a mark: nearly every other byte of western text is NUL."""
    even, odd, half = head[::2].count(0), head[1::2].count(0), len(head) // 2
    if half < 2:
        return ""
    if odd > half * 0.7 and not even:
        return "utf-16-le"
    if even > half * 0.7 and not odd:
        return "utf-16-be"
    return ""


def no_text() -> Refusal:
    """A file of bytes."""
    return Refusal("wrong_type", f"The file is neither a workbook nor text. {SAVE_AS}")


def damaged(detail: str = "") -> Refusal:
    """Text that is not what it begins as."""
    return Refusal("encoding", f"The text of the file is damaged{detail}. Save it again as CSV UTF-8.")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(MEGABYTE):
            yield piece


def _try(path: Path, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = Lines()
    try:
        for piece in _pieces(path):
            text = decoder.decode(piece)
            if "\0" in text:
                raise no_text()
            lines.count(text.encode("ascii", "replace"))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise damaged() from error


def _eight_bits(path: Path) -> str:
    """``utf-8`` or ``cp1252``; a file that is UTF-8 for a while and then is not has been damaged or glued together."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = Lines()
    encoding, wide, done = "utf-8", 0, 0
    for piece in _pieces(path):
        if b"\0" in piece:
            raise no_text()
        lines.count(piece)
        if encoding == "utf-8":
            try:
                wide += len(piece) - len(decoder.decode(piece))
            except UnicodeDecodeError as error:
                wide += error.start - len(error.object[: error.start].decode())
                if wide > SURELY_UTF8:
                    raise damaged(
                        f" near byte {done + error.start:,}: it begins as UTF-8 and goes on otherwise"
                    ) from error
                encoding = "cp1252"
        done += len(piece)
    if encoding == "utf-8":
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            if wide > SURELY_UTF8:
                raise damaged(" at its end") from error
            encoding = "cp1252"
    return encoding


class Lines:
    """Counts the rows of a text without reading it: a file of far too many is refused before it is read."""

    def __init__(self) -> None:
        self.new = self.old = 0
        self.quoted = False

    def count(self, piece: bytes) -> None:
        """Add the line ends outside quotes; two quotes in a row cancel each other wherever they stand."""
        marks = piece.translate(None, ALL_BUT_QUOTES_AND_LINES)
        for at, part in enumerate(marks.replace(b'""', b"").split(b'"')):
            if at:
                self.quoted = not self.quoted
            if not self.quoted:
                self.new += part.count(b"\n")
                self.old += part.count(b"\r")
        # Lines end in \n, in \r\n, or in \r alone as on old Macintosh computers.
        if max(self.new, self.old) > MAX_ROWS:
            raise too_long()


def separator_of(path: Path, encoding: str) -> tuple[str, bool]:
    """The separator, and whether a first line ``sep=;`` declares it; else the one that cuts lines most equally."""
    with path.open(encoding=encoding, errors="replace") as file:
        first = file.readline(20).strip().strip('"')
    if len(first) == 5 and first.lower().startswith("sep="):
        return first[4], True

    def steadiness(separator: str) -> tuple[int, int]:
        widths = [len(row) for _, row in islice(rows_of(path, encoding, separator), LOOKED_AT) if len(row) > 1]
        common = max(set(widths), key=widths.count, default=0)
        return widths.count(common), common

    return max(SEPARATORS, key=steadiness), False


def rows_of(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, Row]]:
    """Numbered rows as a sheet program would show them."""
    csv.field_size_limit(MAX_CELL)
    with path.open(encoding=encoding, errors="replace" if encoding == "cp1252" else "strict", newline="") as file:
        try:
            yield from enumerate(csv.reader(file, delimiter=separator), start=1)
        except csv.Error as error:
            raise Refusal("broken", f"The file cannot be read as a table: {in_words(error)}.") from error


def in_words(error: csv.Error) -> str:
    """What is wrong, for a person."""
    if "field larger" in str(error):
        return f"a cell has more than {MAX_CELL:,} characters; perhaps a quotation mark is never closed"
    return str(error)
