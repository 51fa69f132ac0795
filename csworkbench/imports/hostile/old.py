"""Old workbooks (.xls) with a password, in a ring, cut short, or of something else."""

from __future__ import annotations

import struct
from functools import partial

from .containers import (
    OLE,
    SECTOR,
    WILLOW,
    XLS_CELLS,
    Named,
    biff,
    compound,
    label,
    number,
    record,
    xls,
)

PASSWORD = record(0x2F, struct.pack("<HHH", 1, 1, 1) + bytes(48))
FAT, DIRECTORY = SECTOR, 2 * SECTOR


def files() -> Named:
    """Compound files."""
    for name, streams, code in (
        ("an encrypted new workbook", ("EncryptionInfo", "EncryptedPackage"), "encrypted"),
        ("an old Word document", ("WordDocument", "1Table"), "wrong_type"),
        ("a presentation", ("PowerPoint Document",), "wrong_type"),
        ("an e-mail", ("__properties_version1.0",), "wrong_type"),
        ("an installer", ("\u4840\u3f7f",), "wrong_type"),
        ("no streams", (), "wrong_type"),
    ):
        yield name, partial(lambda streams: compound(dict.fromkeys(streams, b"x" * 5000)), streams), code
    yield "a password", lambda: xls(globals_=PASSWORD), "encrypted"
    yield "a password after a code page", lambda: xls(globals_=record(0x42, b"\xb0\x04") + PASSWORD), "encrypted"
    yield "only a magic number", lambda: OLE, "broken"
    yield "a magic number and noughts", lambda: OLE + bytes(4000), "broken"
    yield "a magic number and ones", lambda: OLE + b"\xff" * 4000, "broken"
    yield from rings()
    yield from records()


def rings() -> Named:
    """Chains of sectors that end in themselves or outside the file."""
    for name, offset, value in (
        ("a directory in a ring", FAT + 4, 1),
        ("a directory that is the table", 48, 0),
        ("a directory beyond the file", 48, 0x7FFFFFFF),
        ("a table beyond the file", 76, 0x7FFFFFFF),
        ("a table that is a book", 76, 3),
        ("more tables in a ring", 68, 0),
        ("a book in a ring", FAT + 4 * 5, 3),
        ("a book that leaves the file", FAT + 4 * 3, 0x00FFFFFF),
        ("a book that starts nowhere", DIRECTORY + 128 + 116, 0x00FFFFFF),
        ("a book of four gigabytes", DIRECTORY + 128 + 120, 0xFFFFFFFF),
        ("a book of no bytes", DIRECTORY + 128 + 120, 0),
        ("a small book without small sectors", DIRECTORY + 128 + 120, 100),
        ("small sectors in a ring", 60, 0),
        ("sectors of no size", 30, 0),
        ("sectors of a gigabyte", 30, 30),
        ("a name that is too long", DIRECTORY + 128 + 64, 0xFFFF),
    ):
        yield name, partial(patched, offset, value), ""


def patched(offset: int, value: int) -> bytes:
    """An old workbook with one number changed."""
    data = bytearray(xls())
    struct.pack_into("<I" if offset not in (30, DIRECTORY + 128 + 64) else "<H", data, offset, value & 0xFFFFFFFF)
    return bytes(data)


def records() -> Named:
    """Records of the book."""
    far = label(0xFFFF, 0xFFFF, "x")
    for name, data, code in (
        ("a cell at the far corner", xls(XLS_CELLS + far), "memory too_wide"),
        ("a cell in the last row", xls(XLS_CELLS + label(65_535, 255, "x")), ""),
        ("300 columns", xls(b"".join(label(row, at, f"T{at}") for row in range(2) for at in range(300))), "too_wide"),
        ("no sheet", xls(sheets=0), "no_header broken"),
        ("200 sheets far apart", xls(XLS_CELLS + label(60_000, 20, "x"), sheets=200), "memory"),
        ("no cells", xls(b""), "no_header"),
        ("titles only", xls(label(0, 0, "Account") + label(0, 1, "MRR")), "no_rows"),
        ("no end of the globals", compound({"Workbook": biff()[:20] + record(0x42, b"\0\0") * 10}), ""),
        ("no beginning", compound({"Workbook": bytes(5000)}), "broken"),
        ("a record longer than the book", compound({"Workbook": biff() + b"\x03\x02\xff\xff"}), ""),
        ("a sheet that starts beyond the end", compound({"Workbook": biff().replace(WILLOW[1].encode(), b"")}), ""),
        ("a text longer than its record", xls(XLS_CELLS + record(0x0204, b"\2\0\0\0\0\0\xff\xef\0")), ""),
        ("a shared text that is not there", xls(XLS_CELLS + record(0x00FD, struct.pack("<HHHI", 2, 0, 0, 99))), ""),
        ("a formula of rubbish", xls(XLS_CELLS + record(0x0006, struct.pack("<HHH", 2, 0, 0) + b"\xff" * 60)), ""),
        ("a number that is none", xls(XLS_CELLS + number(2, 0, float("nan")) + number(2, 1, float("inf"))), ""),
        ("a format of rubbish", xls(globals_=record(0x041E, b"\xff" * 9)), ""),
        ("a style of rubbish", xls(globals_=record(0x00E0, b"\xff" * 3)), ""),
        ("shared texts of rubbish", xls(globals_=record(0x00FC, b"\xff" * 8)), ""),
        ("shared texts that go on and on", xls(globals_=record(0x00FC, b"\xff" * 8) + record(0x3C, b"\1") * 5000), ""),
        ("300,000 records before the sheets", xls(globals_=record(0x55) * 300_000), ""),
        ("a name of rubbish", xls(globals_=record(0x0018, b"\xff" * 14)), ""),
        ("an old name for the book", compound({"Book": biff()}), ""),
        ("1904", xls(globals_=record(0x22, b"\1\0")), ""),
    ):  # fmt: skip
        yield name, partial(lambda data: data, data), code
