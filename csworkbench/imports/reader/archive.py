"""Whether a zipped workbook is safe to unpack — before anything unpacks it (T14)."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from .refusal import MAX_CELLS, MAX_ENTRIES, MAX_RATIO, MAX_UNPACKED, MEGABYTE, SAVE_AS, Refusal

MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".bin", ".ttf", ".odttf")
END, END_SIZE, COMMENT = b"PK\x05\x06", 22, 65_536
LOCATOR, END_64 = b"PK\x06\x07", b"PK\x06\x06"
# The directory takes 46 bytes a part and its name; a workbook of 200 parts stays far below.
MAX_DIRECTORY = MAX_ENTRIES * 1024
TAIL, SHEET_END, CELL_END = 4096, b"worksheet>", b"</c>"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
DAMAGED = (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error, KeyError)


def check_archive(path: Path) -> str:
    """``xlsx`` or ``ods``; entries, size, ratio and declarations are counted while streaming: a directory may lie."""
    try:
        _check_end(path)
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_directory(entries, path.stat().st_size)
            kind = _kind(archive, {entry.filename.replace("\\", "/") for entry in entries})
            unpacked, cells = 0, 0
            for entry in entries:
                size, found = _scan(archive, entry, MAX_UNPACKED - unpacked, MAX_CELLS - cells)
                unpacked, cells = unpacked + size, cells + found
            if kind == "ods":
                _check_manifest(archive)
    except DAMAGED as error:
        raise broken() from error
    return kind


def broken() -> Refusal:
    """A workbook that is damaged."""
    return Refusal("broken", "The workbook is damaged or incomplete. Open it in Excel and save it again.")


def _check_end(path: Path) -> None:
    """The size of the directory, before each part of it becomes an object."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - COMMENT - END_SIZE))
        tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + END_SIZE:
        raise broken()
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if size == 0xFFFFFFFF and tail[at - 20 : at - 16] == LOCATOR and tail[at - 76 : at - 72] == END_64:
        size = int.from_bytes(tail[at - 36 : at - 28], "little")
    if size > MAX_DIRECTORY:
        raise too_many_parts("many")


def too_many_parts(count: object) -> Refusal:
    """A workbook of too many parts."""
    return Refusal("too_many_parts", f"The workbook has {count} parts; at most {MAX_ENTRIES} are opened.")


def _check_directory(entries: list[zipfile.ZipInfo], packed: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise too_many_parts(len(entries))
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refusal("encrypted", "The workbook has a password. Remove it and upload the workbook again.")
    if any(entry.compress_type not in METHODS for entry in entries):
        raise broken()
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise Refusal(
            "too_big_unpacked", f"The workbook unpacks to {unpacked // MEGABYTE} MB; at most 200 MB are opened."
        )
    if unpacked > MEGABYTE and unpacked > packed * MAX_RATIO:
        raise Refusal("suspicious", "The workbook unpacks to more than 100 times its size and was not opened.")


def _kind(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise Refusal("other_format", f"This is a binary workbook (.xlsb). {SAVE_AS}")
    if "mimetype" in names and "content.xml" in names:
        if archive.read("mimetype")[:100].startswith(SPREADSHEET):
            return "ods"
        raise Refusal("wrong_type", f"This is an OpenDocument file, but not a sheet. {SAVE_AS}")
    if "word/document.xml" in names:
        raise Refusal("wrong_type", f"This is a Word document. {SAVE_AS}")
    if "ppt/presentation.xml" in names:
        raise Refusal("wrong_type", f"This is a presentation. {SAVE_AS}")
    if "Index/Document.iwa" in names:
        raise Refusal("other_format", f"This is a Numbers sheet. {SAVE_AS}")
    raise Refusal("wrong_type", f"This is an archive, not a workbook. {SAVE_AS}")


def _check_manifest(archive: zipfile.ZipFile) -> None:
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Refusal("encrypted", "The workbook has a password. Remove it and upload the workbook again.")


def _scan(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowed: int, allowed_cells: int) -> tuple[int, int]:
    """Stream one part: its true size and cells, and no document type declaration (entities expand without end).

    Every part is streamed, whatever its name: a workbook may say that its sheet is ``picture.png``.
    """
    size, cells, tail = 0, 0, b""
    media = entry.filename.lower().endswith(MEDIA)
    with archive.open(entry) as part:
        while piece := part.read(MEGABYTE):
            size += len(piece)
            if size > allowed:
                raise Refusal("too_big_unpacked", "The workbook unpacks to more than 200 MB and was not opened.")
            # Two bytes a character hide the words, and no program writes a workbook that way.
            window = tail[-9:] + piece if size <= MEGABYTE or not media else b""
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window or b"<\0!\0D\0O" in window or b"\0<\0!\0D\0O" in window:
                raise Refusal("entities", "The workbook declares XML entities and was not opened. Excel never does.")
            cells += 0 if media else piece.count(CELL_END)
            if cells > allowed_cells:
                raise Refusal(
                    "too_many_cells",
                    f"The workbook has more than {MAX_CELLS:,} cells. Save the sheet as .csv, or split it.",
                )
            tail = (tail + piece[-TAIL:])[-TAIL:]
    if entry.filename.startswith("xl/worksheets/sheet") and size > TAIL and SHEET_END not in tail and b"\0" not in tail:
        # Cut short: said before all of the rest is parsed.
        raise broken()
    return size, cells
