"""Archives that lie, that are bombs, or that are no workbooks."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from functools import partial

from .containers import MIMETYPE, ONE_ROW, TITLES, Named, ods_content, sheet_xml, text, workbook, xlsx_parts, zipped

LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
SHEET = "xl/worksheets/sheet1.xml"


def files() -> Named:
    """Zip files."""
    yield "a zip bomb", lambda: blown_up("xl/media/image1.xml", 210), "too_big_unpacked"
    yield "a bomb called picture", lambda: blown_up("xl/media/image1.png", 60), "suspicious"
    yield "a ratio bomb", lambda: blown_up("xl/worksheets/sheet2.xml", 60), "suspicious"
    yield "nearly too large, and cut short", nearly_too_large, "broken too_many_cells"
    yield (
        "nearly too large, and broken at its end",
        partial(nearly_too_large, "<c></row></worksheet>"),
        "broken too_many_cells",
    )
    yield (
        "long texts, nearly too large, and broken at its end",
        partial(nearly_too_large, "<c></row></worksheet>", 90),
        ("broken"),
    )
    yield "a lying directory", lambda: lying_directory(1000), "broken"
    yield "a directory that says zero", lambda: lying_directory(0), "broken"
    yield "a directory that says four gigabytes", lambda: lying_directory(0xFFFFFFF0), "too_big_unpacked broken"
    yield "an entity bomb", entity_bomb, "entities"
    yield "an outer entity", outer_entity, "entities"
    yield "a declaration across pieces", lambda: late_declaration(1 << 20), "entities"
    yield "250 parts", lambda: workbook(extra={f"xl/media/{n}.bin": b"x" for n in range(250)}), "too_many_parts"
    yield "60,000 parts", lambda: many_entries(60_000), "too_many_parts"
    yield "one part listed 190 times", one_part_many_times, ""
    yield "a directory that is a lie about its size", lambda: end_field(12, 0xFFFFFFFE), "broken too_many_parts"
    yield "a directory that starts beyond the end", lambda: end_field(16, 0x7FFFFFFF), "broken"
    yield "a directory of no parts", lambda: end_field(10, 0, "<H"), ""
    yield "a long comment", lambda: zipped(xlsx_parts(), comment=b"x" * 65_535), ""
    yield "a comment that looks like an end", lambda: zipped(xlsx_parts(), comment=END + bytes(18)), ""
    yield "junk before", lambda: b"PK\x03\x04" + bytes(500) + workbook(), ""
    yield "junk behind", lambda: workbook() + b"junk" * 100, ""
    yield "a second archive behind", lambda: workbook() + zipped({"notes.txt": b"x"}), "wrong_type"
    yield "an encrypted archive", encrypted, "encrypted"
    for method, name in ((zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "lzma")):
        yield f"packed with {name}", partial(lambda method: zipped(xlsx_parts(), method=method), method), "broken"
    yield "not packed", lambda: zipped(xlsx_parts(), method=zipfile.ZIP_STORED), ""
    yield "an unknown way of packing", unknown_method, "broken"
    yield "a wrong checksum", wrong_checksum, "broken"
    yield "an archive in an archive", lambda: zipped({"book.xlsx": workbook()}), "wrong_type"
    yield "a workbook in a workbook", lambda: workbook(extra={"xl/embeddings/book.xlsx": workbook()}), ""
    yield "a picture of markup", lambda: workbook(extra={"xl/media/image1.svg": b"<!DOCTYPE svg>"}), "entities"
    yield from others()


def others() -> Named:
    """Archives of something else, and names that point elsewhere."""
    for name, parts, code in (
        ("a Word document", ("[Content_Types].xml", "word/document.xml"), "wrong_type"),
        ("a presentation", ("[Content_Types].xml", "ppt/presentation.xml"), "wrong_type"),
        ("a binary workbook", ("xl/workbook.bin",), "other_format"),
        ("a Numbers sheet", ("Index/Document.iwa",), "other_format"),
        ("some archive", ("notes.txt",), "wrong_type"),
        ("a program in a jar", ("META-INF/MANIFEST.MF", "Main.class"), "wrong_type"),
        ("a folder", ("xl/",), "wrong_type"),
    ):
        yield name, partial(lambda parts: zipped(dict.fromkeys(parts, b"x")), parts), code
    yield (
        "an OpenDocument text",
        lambda: zipped({"mimetype": MIMETYPE.replace("spread", ""), "content.xml": b"x"}),
        ("wrong_type"),
    )
    yield (
        "an OpenDocument drawing",
        lambda: zipped({"mimetype": "application/vnd.oasis.opendocument.graphics", "content.xml": ods_content()}),
        "wrong_type",
    )
    yield "an empty archive", lambda: zipped({}), "wrong_type"
    for name in ("../../../../etc/passwd", "/etc/passwd", "xl\\..\\..\\x", "C:\\x", "a" * 60_000, "xl/\x01", "xl/💥"):
        yield f"a part called {name[:20]!r}", partial(lambda name: workbook(extra={name: b"x"}), name), ""
    yield (
        "names with backslashes",
        lambda: zipped({key.replace("/", "\\"): data for key, data in xlsx_parts().items()}),
        (""),
    )
    yield "names in capitals", lambda: zipped({key.upper(): data for key, data in xlsx_parts().items()}), "wrong_type"


def nearly_too_large(end: str = "", length: int = 6) -> bytes:
    """Just within every limit, and broken at its end: 190 MB of rows in less than 20, with texts of some length."""
    rows = "".join(
        f"<row><c><v>{at * 7919 % 9973}</v></c>{text('', ('Willow' * length)[:length])}</row>" for at in range(14_000)
    ).encode()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in xlsx_parts().items():
            if name != SHEET:
                archive.writestr(name, part)
        with archive.open(SHEET, "w") as sheet:
            sheet.write(sheet_xml(TITLES).removesuffix("</sheetData></worksheet>").encode())
            for _ in range(190_000_000 // len(rows)):
                sheet.write(rows)
            sheet.write(end.encode())
    return data.getvalue()


def blown_up(name: str, megabytes: int) -> bytes:
    """A part that is nothing but blanks."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, content in xlsx_parts().items():
            archive.writestr(part, content)
        with archive.open(name, "w") as target:
            for _ in range(megabytes):
                target.write(b" " * 1_000_000)
    return data.getvalue()


def lying_directory(says: int) -> bytes:
    """A part that unpacks to more than the directory of the archive says."""
    data = workbook(TITLES + ONE_ROW + "<!--" + "x" * 3_000_000 + "-->")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo(SHEET).file_size
    return data.replace(size.to_bytes(4, "little"), says.to_bytes(4, "little"))


def entity_bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    prologue = f'<!DOCTYPE worksheet [<!ENTITY e0 "aaaaaaaaaa">{entities}]>'
    return workbook(TITLES + f'<row r="2">{text("A2", "&e9;")}</row>', prologue=prologue)


def outer_entity() -> bytes:
    prologue = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return workbook(TITLES + f'<row r="2">{text("A2", "&x;")}</row>', prologue=prologue)


def late_declaration(at: int) -> bytes:
    """A declaration that a reader of pieces sees in halves."""
    start = '<?xml version="1.0"?>'
    filling = "".join(f"{n * 7919 % 99991:05d}" for n in range(at // 5))[: at - len(start) - 12]
    return workbook(prologue=f"<!--{filling}--><!DOCTYPE worksheet []>")


def many_entries(count: int) -> bytes:
    """A directory of very many parts that are all the same, with none of their bytes."""
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", CENTRAL, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    local = struct.pack("<4sHHHHHIIIHH", LOCAL, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"x"
    directory = entry * count
    return local + directory + struct.pack("<4sHHHHIIH", END, 0, 0, count, count, len(directory), len(local), 0)


def one_part_many_times() -> bytes:
    """The same bytes listed under many names."""
    data = workbook(TITLES + ONE_ROW + "<!--" + "xyz" * 1000 + "-->")
    end = data.rindex(END)
    size, start = struct.unpack_from("<II", data, end + 12)
    entries = data[start : start + size]
    last = entries[entries.rindex(CENTRAL) :]
    name = SHEET.encode()
    more = b"".join(last.replace(name, f"xl/worksheets/sh{n:03}.xml".encode()) for n in range(190))
    count = entries.count(CENTRAL) + 190
    tail = struct.pack("<4sHHHHIIH", END, 0, 0, count, count, size + len(more), start, 0)
    return data[:start] + entries + more + tail


def end_field(offset: int, value: int, form: str = "<I") -> bytes:
    """A workbook whose end record says something else."""
    data = bytearray(workbook())
    struct.pack_into(form, data, data.rindex(END) + offset, value)
    return bytes(data)


def encrypted() -> bytes:
    return _marked(6, 8, lambda byte: byte | 1)


def unknown_method() -> bytes:
    return _marked(8, 10, lambda byte: 77)


def wrong_checksum() -> bytes:
    return _marked(14, 16, lambda byte: byte ^ 0x55)


def _marked(local: int, central: int, change: Callable[[int], int]) -> bytes:
    """A workbook with one byte changed in every local and every central header."""
    data = bytearray(workbook())
    for magic, offset in ((LOCAL, local), (CENTRAL, central)):
        at = 0
        while (at := data.find(magic, at)) >= 0:
            data[at + offset] = change(data[at + offset])
            at += 4
    return bytes(data)
