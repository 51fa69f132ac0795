"""Sheets of an xlsx with cells that are too far, too many, too deep, too long or not what they say."""

from __future__ import annotations

from functools import partial

from .containers import ONE_ROW, TITLES, Named, reference, rows_xml, sheet_xml, text, workbook

SHEET = "xl/worksheets/sheet1.xml"


def files() -> Named:
    """Sheet XML."""
    yield from extents()
    yield from shapes()
    yield from references()
    yield from values()


def extents() -> Named:
    """Sheets that reach far."""
    yield "a cell at the far corner", lambda: sparse("XFD1048576"), "memory too_wide"
    yield "a cell far below", lambda: sparse("GR1048576"), "memory"
    yield "a cell far below in the first column", lambda: sparse("A1048576"), ""
    yield "a total far below", lambda: workbook(TITLES + f'<row r="900000">{text("A900000", "Total")}</row>'), "no_rows"
    yield "a cell far to the right", lambda: sparse("XFD3"), "too_wide"
    yield "a cell in column IW", lambda: sparse("IW3"), "too_wide"
    yield "a cell in column IV", lambda: sparse("IV3"), ""
    yield "300 columns", lambda: wide(300), "too_wide"
    yield "20,000 columns", lambda: wide(20_000), "too_wide broken"
    yield "a dimension that is a lie", lambda: dimension("A1:XFD1048576"), ""
    yield "a dimension that is none", lambda: dimension("ZZZZ99999999999:"), ""
    yield "an upside-down dimension", lambda: dimension("B9:A1"), ""
    yield "500,000 empty rows", lambda: workbook(TITLES + "<row/>" * 500_000), "no_rows suspicious"
    yield (
        "rows of blanks",
        lambda: workbook(TITLES + "".join(f"<row>{text('', ' ')}</row>" for _ in range(2000))),
        "no_rows",
    )


def sparse(far: str) -> bytes:
    """A few bytes that ask a reader for millions of cells."""
    number = far.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return workbook(TITLES + ONE_ROW + f'<row r="{number}">{text(far, "x")}</row>')


def wide(columns: int) -> bytes:
    """Many columns of titles."""
    return workbook(rows_xml([[f"Title {at}" for at in range(columns)]] * 2))


def dimension(said: str) -> bytes:
    xml = sheet_xml().replace("<sheetData>", f'<dimension ref="{said}"/><sheetData>', 1)
    return workbook(extra={SHEET: xml})


def shapes() -> Named:
    """XML that is deep, long, unclosed or of another kind."""
    yield "a sheet that is no XML", lambda: workbook("<row><c></row"), "broken"
    yield "100,000 levels", lambda: workbook(TITLES + ONE_ROW + "<row>" * 100_000 + "</row>" * 100_000), ""
    yield "100,000 levels that never close", lambda: workbook(TITLES + "<c>" * 100_000), "broken no_rows"
    yield (
        "an attribute of a megabyte",
        lambda: workbook(TITLES + f'<row spans="{"1" * 1_000_000}"/>' + ONE_ROW),
        (""),
    )
    yield (
        "50,000 attributes",
        lambda: workbook(TITLES + attributes(50_000) + ONE_ROW),
        "",
    )
    yield "the same attribute twice", lambda: workbook(TITLES + ONE_ROW.replace('r="2"', 'r="2" r="3"')), ""
    yield "an open comment", lambda: workbook(TITLES + ONE_ROW + "<!-- "), ""
    yield "open character data", lambda: workbook(TITLES + ONE_ROW + "<![CDATA["), ""
    yield "instructions", lambda: workbook(TITLES + "<?php system('x') ?>" * 1000 + ONE_ROW), ""
    yield "an unknown entity", lambda: workbook(TITLES + ONE_ROW.replace("Willow", "&unknown;")), ""
    yield (
        "a reference to no character",
        lambda: workbook(TITLES + ONE_ROW.replace("Willow", "&#xFFFFFFFF;&#0;&#xD800;")),
        "",
    )
    yield "two documents", lambda: workbook(extra={SHEET: sheet_xml() * 2}), ""
    yield "another namespace", lambda: workbook(extra={SHEET: sheet_xml().replace("spreadsheetml", "drawingml")}), ""
    yield "prefixed names", lambda: workbook(extra={SHEET: prefixed(sheet_xml())}), ""
    yield "no rows at all", lambda: workbook(""), "no_header"
    yield "titles and nothing else", lambda: workbook(TITLES), "no_rows"
    yield "a chart in place of a sheet", lambda: workbook(extra={SHEET: "<chartsheet/>"}), "no_header broken"
    yield (
        "bytes that are no UTF-8",
        lambda: workbook(extra={SHEET: sheet_xml().replace("Willow", "\xff\xfe").encode("latin-1")}),
        "",
    )
    yield "10,000 merged cells", lambda: merged("".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 10_001))), ""
    for said in ("A1:XFD1048576", "B2:A1", "A1", "", "A1:A1:A1", "A0:B0", "A1:B2 C3:D4"):
        yield f"merged cells {said!r}", partial(lambda said: merged(f'<mergeCell ref="{said}"/>'), said), ""


def attributes(count: int) -> str:
    """A row with very many attributes."""
    return "<row " + " ".join(f'a{at}="{at * 7919}"' for at in range(count)) + "/>"


def prefixed(xml: str) -> str:
    """Element names with a prefix, as some programs write them."""
    for name in ("worksheet", "sheetData", "row", "is"):
        xml = xml.replace(f"<{name}", f"<x:{name}").replace(f"</{name}", f"</x:{name}")
    return xml.replace("xmlns=", "xmlns:x=", 1)


def merged(cells: str) -> bytes:
    return workbook(extra={SHEET: sheet_xml(after=f"<mergeCells>{cells}</mergeCells>")})


def references() -> Named:
    """Places that are none."""
    for said in ("A0", "1A", "", "AAAAAAA2", "A99999999999", "a2", "XFE2", "A-2", "$A$2", "A2:B2", "Ñ2", "A2 ", "A"):
        yield (
            f"a cell at {said!r}",
            partial(
                lambda said: workbook(TITLES + f'<row r="2"><c r="{said}"><v>5</v></c><c r="B2"><v>6</v></c></row>'),
                said,
            ),
            "",
        )
    for said in ("0", "-1", "4294967297", "x", "", "1e3", "2.5"):
        yield (
            f"a row {said!r}",
            partial(lambda said: workbook(TITLES + f'<row r="{said}">{text("", "a")}{text("", "b")}</row>'), said),
            "",
        )
    yield (
        "rows in reverse",
        lambda: workbook("".join(reversed(rows_xml(numbered(50)).split("</row>")[:-1])) + "</row>"),
        "",
    )
    yield "one row a thousand times", lambda: workbook(TITLES + ONE_ROW * 1000), ""
    yield "one cell a thousand times", lambda: workbook(TITLES + f'<row r="2">{text("A2", "x") * 1000}</row>'), ""


def numbered(count: int) -> list[list[str]]:
    return [["Salesforce ID", "Account"], *[[f"id{n}", f"Account {n}"] for n in range(count)]]


def values() -> Named:
    """Cells that are not what they say."""
    for kind, said in (
        ("zzz", "1"), ("e", "#REF!"), ("e", "#WHATEVER!"), ("b", "maybe"), ("b", "1"), ("d", "2027-99-99"), ("d", ""),
        ("n", "1e999"), ("n", "NaN"), ("n", "--"), ("n", "0x10"), ("n", "1_000"), ("n", "-1e308"), ("str", "Willow"),
        ("s", "0"), ("n", "9" * 400),
    ):  # fmt: skip
        yield (
            f"{said[:20]!r} as {kind}",
            partial(
                lambda kind, said: workbook(
                    TITLES + f'<row r="2"><c r="A2" t="{kind}"><v>{said}</v></c>{text("B2", "x")}</row>'
                ),
                kind,
                said,
            ),
            "",
        )
    for name, formula in (
        ("a command", "<f>cmd|'/c calc'!A0</f>"),
        ("a link", '<f>HYPERLINK("https://example.org/","x")</f>'),
        ("a shared one of nobody", '<f t="shared" si="99"/>'),
        ("a shared one of everybody", '<f t="shared" si="0" ref="A1:XFD1048576">A1</f>'),
        ("an array", '<f t="array" ref="A1:XFD1048576">1</f>'),
        ("a long one", f"<f>{'1+' * 100_000}1</f>"),
    ):
        yield (
            f"a formula: {name}",
            partial(
                lambda formula: workbook(TITLES + f'<row r="2"><c r="A2">{formula}<v>1</v></c>{text("B2", "x")}</row>'),
                formula,
            ),
            "",
        )
    for name, said in (
        ("NULs", "a_x0000_b"), ("a bell", "a_x0007_b"), ("a lone surrogate", "_xD800_"),
        ("turned text", "\u202egro.elpmaxe"),
        ("zero-width text", "\u200b" * 5000), ("combining marks", "e" + "\u0301" * 5000), ("emoji", "💥" * 5000),
        ("40,000 characters", "x1y2" * 10_000), ("a tag", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a formula as text", "=1+1"), ("line ends", "a\r\nb\rc\nd\te"), ("an endless escape", "_x0041_" * 10_000),
    ):  # fmt: skip
        yield f"a text of {name}", partial(lambda said: workbook(TITLES + ONE_ROW.replace("Willow", said)), said), ""
    yield (
        "a text of 200,000 characters",
        lambda: workbook(TITLES + ONE_ROW.replace("Willow", digits(200_000))),
        "broken",
    )
    yield "a row of three million characters", long_row, "broken"


def digits(count: int) -> str:
    """Text that does not pack well enough to be suspicious."""
    return "".join(f"{at * 7919 % 99991:05d}" for at in range(count // 5))


def long_row() -> bytes:
    cells = "".join(text(reference(1, at), digits(30_000)) for at in range(100))
    return workbook(rows_xml([[f"Title {at}" for at in range(100)]]) + f'<row r="2">{cells}</row>')
