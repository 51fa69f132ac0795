"""Files that nobody means well with, made by generators."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="{target}"/></Relationships>'
)
WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Accounts" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
SHEET = (
    '<?xml version="1.0"?>{prologue}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{rows}</sheetData></worksheet>"
)


def text(reference: str, value: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


TITLES = f'<row r="1">{text("A1", "Salesforce ID")}{text("B1", "Account")}</row>'
ONE_ROW = f'<row r="2">{text("A2", "001A6eEfujfoRnxICE")}{text("B2", "Willow")}</row>'


def workbook(rows: str = TITLES + ONE_ROW, *, prologue: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    """A hand-made workbook with the given sheet XML."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", RELATIONS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", WORKBOOK)
        archive.writestr(
            "xl/_rels/workbook.xml.rels", RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml")
        )
        archive.writestr("xl/worksheets/sheet1.xml", SHEET.format(prologue=prologue, rows=rows))
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return target.getvalue()


def sparse(reference: str) -> bytes:
    """A few bytes that ask a reader for millions of cells."""
    number = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return workbook(TITLES + ONE_ROW + f'<row r="{number}">{text(reference, "x")}</row>')


def zip_bomb() -> bytes:
    return workbook(extra={"xl/media/image1.xml": b" " * 210_000_000})


def ratio_bomb() -> bytes:
    return workbook(TITLES + "<row>" + " " * 60_000_000 + "</row>")


def lying_directory() -> bytes:
    """A part that unpacks to more than the directory of the archive says."""
    data = workbook(TITLES + ONE_ROW + "<!--" + "x" * 3_000_000 + "-->")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return data.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


def entity_bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    prologue = f'<!DOCTYPE worksheet [<!ENTITY e0 "aaaaaaaaaa">{entities}]>'
    return workbook(TITLES + f'<row r="2">{text("A2", "&e9;")}</row>', prologue=prologue)


def many_parts() -> bytes:
    return workbook(extra={f"xl/media/{n}.bin": b"x" for n in range(250)})


def with_password() -> bytes:
    """What Excel makes of a workbook with a password: an OLE container."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2000)


def encrypted_zip() -> bytes:
    data = bytearray(workbook())
    position = 0
    while (position := data.find(b"PK\x03\x04", position)) >= 0:
        data[position + 6] |= 1
        position += 4
    position = 0
    while (position := data.find(b"PK\x01\x02", position)) >= 0:
        data[position + 8] |= 1
        position += 4
    return bytes(data)


def truncated() -> bytes:
    data = workbook()
    return data[: len(data) // 2]


def bit_flipped() -> bytes:
    data = bytearray(workbook(TITLES + ONE_ROW * 200))
    middle = data.find(b"xl/worksheets/sheet1.xml") + 60
    data[middle : middle + 20] = bytes(20)
    return bytes(data)


def wide() -> bytes:
    titles = "".join(f'<c t="inlineStr"><is><t>Title {n}</t></is></c>' for n in range(300))
    return workbook(f"<row>{titles}</row><row>{titles}</row>")


def other_archive(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return target.getvalue()


Maker = Callable[[], bytes]
REFUSED: dict[str, tuple[str, Maker]] = {
    "a cell at the far corner": ("memory", lambda: sparse("XFD1048576")),
    "a cell far below": ("memory", lambda: sparse("GR1048576")),
    "a cell far to the right": ("too_wide", lambda: sparse("XFD3")),
    "300 columns": ("too_wide", wide),
    "a zip bomb": ("too_big_unpacked", zip_bomb),
    "a ratio bomb": ("suspicious", ratio_bomb),
    "a lying directory": ("broken", lying_directory),
    "an entity bomb": ("entities", entity_bomb),
    "250 parts": ("too_many_parts", many_parts),
    "an encrypted archive": ("encrypted", encrypted_zip),
    "half a workbook": ("broken", truncated),
    "damaged bytes": ("broken", bit_flipped),
    "a sheet that is no XML": ("broken", lambda: workbook("<row><c></row")),
    "nothing": ("empty", lambda: b""),
    "a PDF": ("wrong_type", lambda: b"%PDF-1.7\n" + bytes(100)),
    "a picture": ("wrong_type", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100)),
    "a program": ("wrong_type", lambda: b"\x7fELF" + bytes(100)),
    "a web page": ("wrong_type", lambda: b"\xef\xbb\xbf <HTML><table><tr><td>Account</td></tr></table>"),
    "a Word document": ("wrong_type", lambda: other_archive("[Content_Types].xml", "word/document.xml")),
    "a binary workbook": ("other_format", lambda: other_archive("xl/workbook.bin")),
    "some archive": ("wrong_type", lambda: other_archive("notes.txt")),
    "bytes of nothing": ("wrong_type", lambda: bytes(range(256)) * 20),
    "damaged UTF-16": (
        "encoding",
        lambda: b"\xff\xfe" + "Salesforce ID,Account\n".encode("utf-16-le") + b"\x00\xd8\x41",
    ),
    "numbers only": ("no_header", lambda: b"1,2\n3,4\n"),
    "titles only": ("no_rows", lambda: b"Salesforce ID,Account\n"),
    "an unquoted separator": ("ragged", lambda: b"Salesforce ID,Account\n1,Willow, Inc.\n"),
    "a cell of a megabyte": ("broken", lambda: b'Salesforce ID,Account\n1,"' + b"x" * 1_000_000 + b'"\n'),
}
