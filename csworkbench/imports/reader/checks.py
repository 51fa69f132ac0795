"""What a file is, by its bytes, and whether it is safe to unpack — before anything unpacks it (T14)."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from .refusal import MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED, MEGABYTE, Refusal

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Only these parts are read as XML; pictures and fonts count by their declared size.
PARTS = (".xml", ".rels", ".vml")
KNOWN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"{\\rtf": "a text document",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "a database",
}
MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<svg")
SAVE_AS = "Save it as .xlsx or .csv and upload that."


def kind_of(path: Path, *, max_bytes: int) -> str:
    """``xlsx`` or ``csv``; raises Refusal for anything else, an empty file or one that is too big."""
    size = path.stat().st_size
    if size == 0:
        raise Refusal("empty", "The file is empty.")
    if size > max_bytes:
        limit = max_bytes // MEGABYTE
        raise Refusal("too_big", f"The file has {size / MEGABYTE:.1f} MB; at most {limit} MB can be imported.")
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(ZIP):
        check_archive(path)
        return "xlsx"
    if head.startswith(OLE):
        raise Refusal(
            "encrypted",
            "The workbook has a password or comes from an old Excel (.xls). Remove the password. " + SAVE_AS,
        )
    _refuse_known(head)
    return "csv"


def _refuse_known(head: bytes) -> None:
    for magic, name in KNOWN.items():
        if head.startswith(magic):
            raise Refusal("wrong_type", f"The file is {name}, not a sheet. {SAVE_AS}")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP):
        raise Refusal("wrong_type", f"The file is a web page or XML, not a sheet. {SAVE_AS}")


def check_archive(path: Path) -> None:
    """Entries, unpacked size, ratio and declarations of an xlsx, counted while streaming: a directory may lie."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_directory(entries, path.stat().st_size)
            _check_names({entry.filename for entry in entries})
            unpacked = 0
            for entry in entries:
                if entry.filename.lower().endswith(PARTS):
                    unpacked += _scan(archive, entry, MAX_UNPACKED - unpacked)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise Refusal("broken", "The workbook is damaged or incomplete. Open it in Excel and save it again.") from error


def _check_directory(entries: list[zipfile.ZipInfo], packed: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Refusal("too_many_parts", f"The workbook has {len(entries)} parts; at most {MAX_ENTRIES} are opened.")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refusal("encrypted", "The workbook has a password. Remove it and upload the file again.")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise Refusal(
            "too_big_unpacked", f"The workbook unpacks to {unpacked // MEGABYTE} MB; at most 200 MB are opened."
        )
    if unpacked > MEGABYTE and unpacked > packed * MAX_RATIO:
        raise Refusal("suspicious", "The workbook unpacks to more than 100 times its size and was not opened.")


def _check_names(names: set[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise Refusal("other_format", f"This is a binary workbook (.xlsb). {SAVE_AS}")
    if "mimetype" in names and "content.xml" in names:
        raise Refusal("other_format", f"This is an OpenDocument sheet (.ods). {SAVE_AS}")
    if "word/document.xml" in names:
        raise Refusal("wrong_type", f"This is a Word document. {SAVE_AS}")
    raise Refusal("wrong_type", f"This is an archive, not a workbook. {SAVE_AS}")


def _scan(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowed: int) -> int:
    """Stream one part: its true size, and no document type declaration (entities expand without end)."""
    size, tail = 0, b""
    with archive.open(entry) as part:
        while piece := part.read(MEGABYTE):
            size += len(piece)
            if size > allowed:
                raise Refusal("too_big_unpacked", "The workbook unpacks to more than 200 MB and was not opened.")
            window = tail + piece
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise Refusal("entities", "The workbook declares XML entities and was not opened. Excel never does.")
            tail = piece[-9:]
    return size
