"""Good files that something has damaged: cut, flipped, overwritten, doubled, at places from a fixed seed."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from functools import partial

from .containers import Named, ods, ods_content, ods_row, rows_xml, sheet_xml, workbook, xls, xlsx_parts, zipped
from .containers import label as xls_label
from .texts import GOOD

SEED = 20_261_122
ROWS = [["Salesforce ID", "Account", "Renewal"], *[[f"001A6eEf{n:07}", f"Willow {n}", "31/12/2027"] for n in range(40)]]
WAYS = ("flip", "cut", "noughts", "noise", "double", "remove")


def damaged(data: bytes, way: str, chance: random.Random) -> bytes:
    """The data after an accident."""
    at = chance.randrange(len(data))
    length = min(chance.choice((1, 4, 60, 600)), len(data) - at)
    if way == "flip":
        changed = bytearray(data)
        for _ in range(chance.choice((1, 1, 8, 64))):
            changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return bytes(changed)
    if way == "cut":
        return data[:at]
    middle = {
        "noughts": bytes(length),
        "noise": chance.randbytes(length),
        "double": data[at : at + length] * 2,
        "remove": b"",
    }[way]
    return data[:at] + middle + data[at + length :]


def accidents(label: str, count: int, good: Callable[[], bytes], wrap: Callable[[bytes], bytes] = bytes) -> Named:
    """``count`` accidents of a file, or of what is wrapped into one."""
    for number in range(count):
        way = WAYS[number % len(WAYS)]

        def make(number: int = number, way: str = way) -> bytes:
            chance = random.Random(f"{SEED} {label} {number}")  # noqa: S311 - the same damage each time
            return wrap(damaged(good(), way, chance))

        yield f"{label}: {way} {number}", make, ""


def xlsx_files() -> Named:
    """Damage to the archive, and to the XML in it."""
    yield from accidents("archive", 18, lambda: workbook(rows_xml(ROWS)))
    yield from accidents("stored archive", 18, lambda: zipped(xlsx_parts(rows_xml(ROWS)), method=zipfile.ZIP_STORED))
    yield from accidents("sheet", 24, lambda: sheet_xml(rows_xml(ROWS)).encode(), in_part("xl/worksheets/sheet1.xml"))
    for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        yield from accidents(name, 4, partial(lambda name: str(xlsx_parts()[name]).encode(), name), in_part(name))


def in_part(name: str) -> Callable[[bytes], bytes]:
    """A workbook with one part replaced."""
    return lambda data: workbook(rows_xml(ROWS), extra={name: data})


def xls_files() -> Named:
    """Damage to old workbooks."""
    cells = b"".join(xls_label(row, at, text) for row, texts in enumerate(ROWS) for at, text in enumerate(texts))
    yield from accidents("compound", 30, lambda: xls(cells))


def ods_files() -> Named:
    """Damage to OpenDocument archives, and to the XML in them."""
    content = ods_content("".join(ods_row(*texts) for texts in ROWS))
    yield from accidents("document archive", 12, lambda: ods(content))
    yield from accidents("document", 12, content.encode, ods)


def text_files() -> Named:
    """Damage to text."""
    good = "\n".join(",".join(f'"{text} ñ"' for text in texts) for texts in ROWS)
    yield from accidents("text", 12, good.encode)
    yield from accidents("text in UTF-16", 12, lambda: good.encode("utf-16"))
    yield from accidents("short text", 6, lambda: GOOD)
