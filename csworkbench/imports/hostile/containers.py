"""Small workbooks made by hand, byte for byte, so that each part of them can be wrong."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

# A file at once, or in pieces when it is large: whoever makes it must not grow with it.
Maker = Callable[[], bytes | Iterable[bytes]]
# Name, maker, and the codes of the refusals one of which is due; none where rows are as good an end.
Named = Iterator[tuple[str, Maker, str]]

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
SECTOR, END_OF_CHAIN, FAT_SECTOR, UNUSED = 512, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEXT_TITLES = ("Salesforce ID", "Account")
WILLOW = ("001A6eEfujfoRnxICE", "Willow")


def text(reference: str, value: str) -> str:
    """A cell of text in the XML of a sheet; without a reference it stands right of the last."""
    place = f' r="{reference}"' if reference else ""
    return f'<c{place} t="inlineStr"><is><t>{value}</t></is></c>'


TITLES = f'<row r="1">{text("A1", TEXT_TITLES[0])}{text("B1", TEXT_TITLES[1])}</row>'
ONE_ROW = f'<row r="2">{text("A2", WILLOW[0])}{text("B2", WILLOW[1])}</row>'


def sheet_xml(rows: str = TITLES + ONE_ROW, *, prologue: str = "", after: str = "") -> str:
    """The XML of a sheet."""
    return f'<?xml version="1.0"?>{prologue}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def workbook_xml(sheets: str = '<sheet name="Accounts" sheetId="1" r:id="rId1"/>', *, before: str = "") -> str:
    """The XML that lists the sheets."""
    listed = f"{before}<sheets>{sheets}</sheets>"
    return f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{RELATED}">{listed}</workbook>'


def relations_xml(*relations: tuple[str, str, str], mode: str = "") -> str:
    """The XML that says where things are: ``(id, kind, target)``."""
    listed = "".join(
        f'<Relationship Id="{key}" Type="{RELATED}/{kind}" Target="{target}"{mode}/>' for key, kind, target in relations
    )
    return (
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{listed}</Relationships>"
    )


def xlsx_parts(rows: str = TITLES + ONE_ROW, *, prologue: str = "", after: str = "") -> dict[str, str | bytes]:
    """The parts of a workbook with one sheet."""
    return {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": relations_xml(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": workbook_xml(),
        "xl/_rels/workbook.xml.rels": relations_xml(("rId1", "worksheet", "worksheets/sheet1.xml")),
        "xl/worksheets/sheet1.xml": sheet_xml(rows, prologue=prologue, after=after),
    }


def zipped(parts: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """An archive of parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        archive.comment = comment
    return target.getvalue()


def workbook(
    rows: str = TITLES + ONE_ROW, *, prologue: str = "", extra: Mapping[str, str | bytes] | None = None
) -> bytes:
    """An xlsx with the given sheet XML, with parts added or replaced."""
    return zipped(xlsx_parts(rows, prologue=prologue) | dict(extra or {}))


def without(name: str) -> bytes:
    """An xlsx without one of its parts."""
    return zipped({key: data for key, data in xlsx_parts().items() if key != name})


def ods_cell(value: str, *, attributes: str = "") -> str:
    """A cell of text in the XML of an ods."""
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{value}</text:p></table:table-cell>'


def ods_row(*values: str, attributes: str = "") -> str:
    """A row of cells of text."""
    return f"<table:table-row {attributes}>{''.join(map(ods_cell, values))}</table:table-row>"


ODS_ROWS = ods_row(*TEXT_TITLES) + ods_row(*WILLOW)


def ods_content(rows: str = ODS_ROWS, *, tables: str = "", styles: str = "", prologue: str = "") -> str:
    """The XML of an ods with one table, or with ``tables`` instead of it."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prologue}<office:document-content {NAMESPACES} office:version="1.2">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
        + (tables or f'<table:table table:name="Accounts">{rows}</table:table>')
        + "</office:spreadsheet></office:body></office:document-content>"
    )


def ods(content: str | bytes | None = None, **parts: str | bytes) -> bytes:
    """An ods with the given content."""
    return zipped({"mimetype": MIMETYPE, "content.xml": ods_content() if content is None else content} | parts)


def record(kind: int, data: bytes = b"") -> bytes:
    """One record of an old workbook."""
    return struct.pack("<HH", kind, len(data)) + data


def label(row: int, column: int, value: str) -> bytes:
    """A cell of text in an old workbook."""
    raw = value.encode("latin-1", "replace")
    return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(raw), 0) + raw)


def number(row: int, column: int, value: float) -> bytes:
    """A cell with a number in an old workbook."""
    return record(0x0203, struct.pack("<HHHd", row, column, 0, value))


XLS_CELLS = b"".join(
    label(row, column, value) for row, cells in enumerate((TEXT_TITLES, WILLOW)) for column, value in enumerate(cells)
)


def biff(cells: bytes = XLS_CELLS, *, globals_: bytes = b"", sheets: int = 1) -> bytes:
    """The stream of an old workbook: its globals, then each sheet with the same cells."""
    head = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + globals_
    names = [f"Sheet{at}".encode() for at in range(1, sheets + 1)]
    start = len(head) + sum(4 + 8 + len(name) for name in names) + 4
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + record(0x0A)
    listed = b"".join(
        record(0x0085, struct.pack("<IBBBB", start + at * len(sheet), 0, 0, len(name), 0) + name)
        for at, name in enumerate(names)
    )
    return head + listed + record(0x0A) + sheet * sheets


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file; every stream lies in large sectors, so each is filled up to 4096 bytes."""
    bodies = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    chains: list[list[int]] = []
    entries = -(-(len(bodies) + 1) * 128 // SECTOR)
    sectors = [-(-len(data) // SECTOR) for data in bodies.values()]
    fats = -(-(sum(sectors) + entries + 4) // (SECTOR // 4 - 1))
    at = fats
    for count in (entries, *sectors):
        chains.append(list(range(at, at + count)))
        at += count
    table = [UNUSED] * (fats * SECTOR // 4)
    table[:fats] = [FAT_SECTOR] * fats
    for chain in chains:
        for here, following in zip(chain, [*chain[1:], END_OF_CHAIN], strict=True):
            table[here] = following
    directory = _entry("Root Entry", 5, END_OF_CHAIN, 0, child=1 if bodies else UNUSED)
    for position, ((name, data), chain) in enumerate(zip(bodies.items(), chains[1:], strict=True), start=1):
        right = position + 1 if position < len(bodies) else UNUSED
        directory += _entry(name, 2, chain[0], len(data), right=right)
    header = OLE + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fats, chains[0][0], 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0)
    header += struct.pack("<109I", *(list(range(fats)) + [UNUSED] * (109 - fats)))
    body = b"".join(data.ljust(-(-len(data) // SECTOR) * SECTOR, b"\0") for data in bodies.values())
    return header + struct.pack(f"<{len(table)}I", *table) + directory.ljust(entries * SECTOR, b"\0") + body


def _entry(name: str, kind: int, start: int, size: int, *, child: int = UNUSED, right: int = UNUSED) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(raw), kind, 1, UNUSED, right, child)
        + bytes(36)
        + struct.pack("<III", start, size, 0)
    )


def xls(cells: bytes = XLS_CELLS, *, globals_: bytes = b"", sheets: int = 1) -> bytes:
    """An old workbook."""
    return compound({"Workbook": biff(cells, globals_=globals_, sheets=sheets)})


def reference(row: int, column: int) -> str:
    """A cell as a sheet names it, both counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def rows_xml(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text as sheet XML."""
    return "".join(
        f'<row r="{at + 1}">{"".join(text(reference(at, column), value) for column, value in enumerate(row))}</row>'
        for at, row in enumerate(rows)
    )
