"""Text files that are broken, endless or no text, and files of other programs."""

from __future__ import annotations

import base64
import codecs
import gzip
from collections.abc import Iterator
from functools import partial
from itertools import chain, repeat

from .containers import Named, workbook

HEAD = b"Salesforce ID,Account\n"
ROW = b"001A6eEfujfoRnxICE,Willow\n"
GOOD = HEAD + ROW


def files() -> Named:
    """Text, and what only looks like it."""
    yield from others()
    yield from encodings()
    yield from tables()
    yield from endless()


def others() -> Named:
    """Files of other programs, under whatever name."""
    for name, data in (
        ("a PDF", b"%PDF-1.7\n" + bytes(100)),
        ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("a photograph", b"\xff\xd8\xff\xe0" + bytes(100)),
        ("a bitmap", b"BM" + bytes(100)),
        ("a TIFF", b"II*\0" + bytes(100)),
        ("a program", b"\x7fELF" + bytes(100)),
        ("a program of Windows", b"MZ" + bytes(100)),
        ("a packed csv", gzip.compress(GOOD * 50, mtime=0)),
        ("a bzip2 archive", b"BZh91AY&SY" + bytes(100)),
        ("a RAR archive", b"Rar!\x1a\x07\x01\0" + bytes(100)),
        ("a 7-Zip archive", b"7z\xbc\xaf\x27\x1c" + bytes(100)),
        ("a database", b"SQLite format 3\0" + bytes(100)),
        ("a Parquet file", b"PAR1\x15\x04" + bytes(100)),
        ("a web page", b"\xef\xbb\xbf <HTML><table><tr><td>Account</td></tr></table>"),
        ("a web page in UTF-16", "<html><table>".encode("utf-16")),
        ("a workbook of 2003 in XML", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'),
        ("a letter", b"{\\rtf1 Account}"),
        ("Excel 2", b"\x09\x00\x04\x00\x07\x00\x10\x00" + bytes(50)),
        ("bytes of nothing", bytes(range(256)) * 20),
        ("noughts", bytes(5000)),
        ("control characters", bytes(range(1, 9)) * 100),
    ):
        yield name, partial(lambda data: data, data), "wrong_type encoding"
    yield "ones", lambda: b"\xff" * 5000, "no_rows"
    yield "a workbook as base64", lambda: base64.encodebytes(workbook()), ""
    yield "JSON", lambda: b'[{"Salesforce ID": "1", "Account": "x"}]', ""
    yield "JSON lines", lambda: b'{"Account": "Willow", "MRR": 1}\n' * 20, ""
    yield "a program as text", lambda: b"#!/bin/sh\nrm -rf /\n", ""
    yield "a mail", lambda: b"From: rosa@example.org\nSubject: Accounts\n\nHello\n", ""


def encodings() -> Named:
    """Encodings, and what damage does to them."""
    text = GOOD.decode() + "ñandú,Ünïcode €\n"
    for name in (
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1252",
        "latin-1",
        "mac-roman",
        "cp437",
    ):
        yield f"text in {name}", partial(lambda name: text.encode(name, "replace"), name), ""
    yield "text in UTF-7", lambda: text.encode("utf-7"), ""
    yield "text in EBCDIC", lambda: text.encode("cp037", "replace"), ""
    yield "half a character at the end", lambda: ("Ñandú Ñandú Ñandú,x\n" + text).encode()[:-2] + b"\xc3", "encoding"
    yield "UTF-8 that turns into Latin-1", lambda: text.encode() * 9 + text.encode("latin-1", "replace"), "encoding"
    yield "overlong characters", lambda: HEAD + b"\xc0\x80\xe0\x80\x80,x\n", ""
    yield "surrogates in UTF-8", lambda: HEAD + b"\xed\xa0\x80,x\n", ""
    yield (
        "damaged UTF-16",
        lambda: codecs.BOM_UTF16_LE + GOOD.decode().encode("utf-16-le") + b"\x00\xd8\x41",
        "encoding",
    )
    yield "an odd byte of UTF-16", lambda: GOOD.decode().encode("utf-16") + b"A", "encoding"
    yield "only a mark", lambda: codecs.BOM_UTF8, "no_header"
    yield "only a mark of UTF-16", lambda: codecs.BOM_UTF16_LE, "no_header"
    yield "only a mark of UTF-32", lambda: codecs.BOM_UTF32_LE, "no_header"
    yield "two marks", lambda: codecs.BOM_UTF8 * 2 + GOOD, ""
    yield "a late NUL", lambda: GOOD + ROW * 500 + b"\0", "wrong_type"
    yield "a NUL in the titles", lambda: HEAD.replace(b"A", b"\0") + ROW, "wrong_type"
    yield "a mark and NULs", lambda: codecs.BOM_UTF16_LE + bytes(100), "wrong_type"


def tables() -> Named:
    """Tables that are none."""
    for name, data, code in (
        ("nothing", b"", "empty"),
        ("one letter", b"a", "no_rows"),
        ("one digit", b"1", "no_header"),
        ("one blank", b" ", "no_header"),
        ("one line end", b"\n", "no_header"),
        ("one quote", b'"', ""),
        ("one NUL", b"\0", "wrong_type"),
        ("one high byte", b"\xff", ""),
        ("line ends", b"\r\n" * 9999, "no_header"),
        ("old line ends", GOOD.replace(b"\n", b"\r"), ""),
        ("mixed line ends", HEAD + ROW.replace(b"\n", b"\r") + ROW.replace(b"\n", b"\r\n") + ROW, ""),
        ("commas", b",,,,\n" * 100, "no_header"),
        ("numbers only", b"1,2\n3,4\n", "no_header"),
        ("titles only", HEAD, "no_rows"),
        ("an unquoted separator", HEAD + b"1,Willow, Inc.\n", "ragged"),
        ("a quote that never closes", HEAD + b'1,"Willow\n' + ROW * 9, ""),
        ("a quote that never closes in a long file", HEAD + b'1,"Willow\n' + ROW * 9000, "broken"),
        ("quotes in the middle", HEAD + b'1,Wil"low"\n2,"Sum"mit\n', ""),
        ("only quotes", b'""""""\n' * 50, ""),
        ("a cell of a megabyte", HEAD + b'1,"' + b"x" * 1_000_000 + b'"\n', "broken"),
        ("a title of a megabyte", b"x" * 1_000_000 + b",Account\n" + ROW, "broken"),
        ("300 columns", b",".join(b"T%d" % at for at in range(300)) + b"\n" + b"1," * 299 + b"1\n", "too_wide"),
        ("100,000 columns", b"T," * 100_000 + b"\n" + ROW, ""),
        ("100,000 separators in a row", HEAD + b"," * 100_000 + b"\n", ""),
        ("a separator that is declared", b"sep=;\n" + GOOD.replace(b",", b";"), ""),
        ("a separator that is a quote", b'sep="\n' + GOOD, ""),
        ("a separator that is a letter", b"sep=a\n" + GOOD, ""),
        ("a separator that is nothing", b"sep=\n" + GOOD, ""),
        ("fixed widths", b"Salesforce ID   Account\n001A6eEfuj      Willow\n", ""),
        ("colons", GOOD.replace(b",", b":"), ""),
        ("formulas", HEAD + b"=cmd|'/c calc'!A0,=HYPERLINK(\"https://example.org\")\n", ""),
        ("shell in cells", HEAD + b"$(reboot),`reboot`\n", ""),
        ("SQL in cells", HEAD + b"'; DROP TABLE accounts; --,x\n", ""),
        ("backslashes", HEAD + b"\\N,\\.\n\\,\\\\\n", ""),
        ("zero-width text", HEAD + "\u200b,\ufeff\n".encode(), ""),
        ("dates in both orders", b"Day,Account\n13/01/2027,a\n01/13/2027,b\n02/03/2027,c\n", ""),
        ("totals only", b"A,B,C,D\n" + b"Total,,,5\n" * 9, "no_rows"),
        ("a title twice a hundred times", b",".join([b"Account"] * 100) + b"\n" + b",".join([b"x"] * 100) + b"\n", ""),
    ):
        yield f"a table of {name}", partial(lambda data: data, data), code


def endless() -> Named:
    """Text of very many rows or characters."""
    yield "2,000,000 rows", lambda: many(ROW), "too_long"
    yield "2,000,000 quoted rows", lambda: many(b'"001A6eEfuj","Willow ""Inc"""\n'), "too_long"
    yield "2,000,000 rows in UTF-16", lambda: many(b"a,b\n", "utf-16"), "too_long"
    yield "2,000,000 blank lines", lambda: many(b"\n"), "too_long"
    yield "2,000,000 old line ends", lambda: many(b"a,b\r"), "too_long"
    yield "one line of 50 megabytes", lambda: chain([HEAD], repeat(b"x" * 1_000_000, 50)), "broken"
    yield (
        "one quoted cell of 50 megabytes",
        lambda: chain([HEAD, b'"'], repeat(b"x\n" * 500_000, 50)),
        "broken too_long",
    )
    yield "257 megabytes", lambda: chain([HEAD], repeat(b"x," * (1 << 19), 257)), "too_big"


def many(row: bytes, encoding: str = "utf-8") -> Iterator[bytes]:
    """Two million rows, in pieces."""
    yield HEAD.decode().encode(encoding)
    piece = (row * 20_000).decode().encode(encoding.replace("utf-16", "utf-16-le"))
    yield from repeat(piece, 100)
