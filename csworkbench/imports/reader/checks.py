"""What a file is, by its bytes, and whether it is of a size that is opened (T14)."""

from __future__ import annotations

from pathlib import Path

from .archive import check_archive
from .compound import check_compound
from .refusal import MEGABYTE, SAVE_AS, Refusal

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KNOWN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"BM": "a picture",
    b"II*\0": "a picture",
    b"MM\0*": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"PK\x05\x06": "an empty archive",
    b"PK\x07\x08": "a split archive",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"{\\rtf": "a text document",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "a database",
    b"\x09\x00\x04\x00": "a workbook of Excel 2",
    b"\x09\x02\x06\x00": "a workbook of Excel 3",
    b"\x09\x04\x06\x00": "a workbook of Excel 4",
}
# Short marks that a text may well begin with ("BMI,Account") count only where the file is not text.
DOUBTFUL = (b"BM", b"MZ", b"PAR1", b"BZh", b"GIF8", b"Rar!")
MARKUP = (b"<html", b"<!doctype", b"<?xml", b"<table", b"<svg")


def kind_of(path: Path, *, max_bytes: int, max_workbook_bytes: int) -> str:
    """``xlsx``, ``ods``, ``xls`` or ``csv``; raises Refusal for anything else, an empty file or one that is too big."""
    size = path.stat().st_size
    if size == 0:
        raise Refusal("empty", "The file is empty.")
    _check_size(size, max_bytes, "file")
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(ZIP):
        _check_size(size, max_workbook_bytes, "workbook")
        return check_archive(path)
    if head.startswith(OLE):
        _check_size(size, max_workbook_bytes, "workbook")
        check_compound(path)
        return "xls"
    _refuse_known(head)
    return "csv"


def _check_size(size: int, limit: int, noun: str) -> None:
    if size > limit:
        advice = " Save it as .csv, which may be larger." if noun == "workbook" else ""
        shown = f"The {noun} has {size / MEGABYTE:.1f} MB; at most {limit // MEGABYTE} MB can be imported."
        raise Refusal("too_big", shown + advice)


def _refuse_known(head: bytes) -> None:
    for magic, name in KNOWN.items():
        if head.startswith(magic) and (magic not in DOUBTFUL or not _is_text(head)):
            raise Refusal("wrong_type", f"The file is {name}, not a sheet. {SAVE_AS}")
    # Markup in two bytes a character reads the same without its NULs.
    if head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower().startswith(MARKUP):
        raise Refusal("wrong_type", f"The file is a web page or XML, not a sheet. {SAVE_AS}")


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 32 for byte in head)
