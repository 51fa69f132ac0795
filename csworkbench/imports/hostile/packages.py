"""Workbooks whose parts are missing, doubled, garbled or point at each other in circles."""

from __future__ import annotations

from functools import partial

from .containers import (
    CONTENT_TYPES,
    MAIN,
    ONE_ROW,
    TITLES,
    Named,
    relations_xml,
    rows_xml,
    sheet_xml,
    without,
    workbook,
    workbook_xml,
    xlsx_parts,
    zipped,
)

LINKS = "xl/_rels/workbook.xml.rels"
SHEET = "xl/worksheets/sheet1.xml"
GARBAGE = bytes(range(256)) * 8
STYLES = f'<?xml version="1.0"?><styleSheet xmlns="{MAIN}">{{}}</styleSheet>'
STRINGS = f'<?xml version="1.0"?><sst xmlns="{MAIN}">{{}}</sst>'


def files() -> Named:
    """Parts of workbooks."""
    for name in xlsx_parts():
        short = name.rsplit("/", 1)[-1]
        yield f"without {short}", partial(without, name), ""
        yield f"an empty {short}", partial(lambda name: workbook(extra={name: b""}), name), ""
        yield f"a garbled {short}", partial(lambda name: workbook(extra={name: GARBAGE}), name), ""
        yield f"half of {short}", partial(lambda name: workbook(extra={name: half(name)}), name), ""
        yield (
            f"{short} in UTF-16",
            partial(lambda name: workbook(extra={name: str(xlsx_parts()[name]).encode("utf-16")}), name),
            "",
        )
    yield "nothing but a workbook part", lambda: zipped({"xl/workbook.xml": b""}), "broken no_header"
    yield from relations()
    yield from sheet_lists()
    yield from styles_and_strings()
    yield from passengers()


def half(name: str) -> str:
    data = str(xlsx_parts()[name])
    return data[: len(data) // 2]


def relations() -> Named:
    """Relations to nowhere, to everywhere, in circles."""
    for name, target in (
        ("to itself", "_rels/workbook.xml.rels"),
        ("to the list of sheets", "workbook.xml"),
        ("out of the archive", "../../../../../etc/passwd"),
        ("to an absolute place", "/xl/worksheets/sheet1.xml"),
        ("to a file", "file:///etc/passwd"),
        ("to a network", "https://example.org/sheet1.xml"),
        ("to nothing", ""),
        ("to a folder", "worksheets/"),
        ("in a very long way", "./" * 20_000 + "worksheets/sheet1.xml"),
        ("in capitals", "WORKSHEETS/SHEET1.XML"),
        ("to a part that is not there", "worksheets/sheet9.xml"),
    ):
        yield (
            f"a relation {name}",
            partial(lambda target: workbook(extra={LINKS: relations_xml(("rId1", "worksheet", target))}), target),
            "",
        )
    circle = [("rId1", "worksheet", "worksheets/sheet1.xml")] * 5000
    yield "5,000 relations of one name", lambda: workbook(extra={LINKS: relations_xml(*circle)}), ""
    yield (
        "relations of a sheet to itself",
        lambda: workbook(
            extra={"xl/worksheets/_rels/sheet1.xml.rels": relations_xml(("rId1", "worksheet", "sheet1.xml"))}
        ),
        "",
    )
    yield (
        "an external sheet",
        lambda: workbook(
            extra={LINKS: relations_xml(("rId1", "worksheet", "https://example.org/"), mode=' TargetMode="External"')}
        ),
        "",
    )


def sheet_lists() -> Named:
    """Lists of sheets."""
    for name, sheets in (
        ("no sheet", ""),
        ("a sheet without a relation", '<sheet name="A" sheetId="1" r:id="rId9"/>'),
        ("a sheet without an id", '<sheet name="A"/>'),
        ("a sheet without a name", '<sheet sheetId="1" r:id="rId1"/>'),
        ("a sheet with an empty name", '<sheet name="" sheetId="1" r:id="rId1"/>'),
        ("a sheet with a very long name", f'<sheet name="{"x" * 100_000}" sheetId="1" r:id="rId1"/>'),
        ("a sheet with a name of markup", '<sheet name="&lt;script&gt;&#0;&#x202e;" sheetId="1" r:id="rId1"/>'),
        ("a hidden sheet", '<sheet name="A" sheetId="1" state="hidden" r:id="rId1"/>'),
        ("a very hidden sheet", '<sheet name="A" sheetId="1" state="veryHidden" r:id="rId1"/>'),
        ("a sheet in a state that is none", '<sheet name="A" sheetId="1" state="lost" r:id="rId1"/>'),
        ("two sheets of one name", '<sheet name="A" sheetId="1" r:id="rId1"/>' * 2),
        ("3,000 sheets in one part", "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(3000))),
    ):
        yield name, partial(lambda sheets: workbook(extra={"xl/workbook.xml": workbook_xml(sheets)}), sheets), ""
    names = "".join(f'<definedName name="n{n}">Accounts!$A${n}</definedName>' for n in range(1, 20_000))
    yield (
        "20,000 names of places",
        lambda: workbook(extra={"xl/workbook.xml": workbook_xml(before=f"<definedNames>{names}</definedNames>")}),
        "",
    )
    yield (
        "1904 and no more",
        lambda: workbook(extra={"xl/workbook.xml": workbook_xml(before='<workbookPr date1904="perhaps"/>')}),
        "",
    )
    yield (
        "content types of a document",
        lambda: workbook(extra={"[Content_Types].xml": CONTENT_TYPES.replace("spreadsheetml", "wordprocessingml")}),
        "",
    )


def styles_and_strings() -> Named:
    """Shared strings and styles that cells point at."""
    shared = TITLES + '<row r="2"><c r="A2" t="s"><v>{}</v></c><c r="B2" t="s"><v>0</v></c></row>'
    strings = STRINGS.format("<si><t>Willow</t></si>")
    for at in ("1", "-1", "4294967296", "99999999999999999999", "x", ""):
        yield f"a shared string {at!r}", partial(lambda at: with_strings(shared.format(at), strings), at), ""
    yield "shared strings that are not there", lambda: workbook(shared.format(0)), ""
    yield (
        "a count of shared strings that is a lie",
        lambda: with_strings(
            shared.format(0), strings.replace("<sst", '<sst count="4000000000" uniqueCount="4000000000"')
        ),
        "",
    )
    yield (
        "a million empty strings",
        lambda: with_strings(shared.format(7), STRINGS.format("<si><t/></si>" * 1_000_000)),
        "",
    )
    yield "a shared string of 3 MB in each cell", big_string, "broken memory"
    yield "an unclosed shared string", lambda: with_strings(shared.format(0), STRINGS.format("<si><t>Willow")), ""
    styled = TITLES + '<row r="2"><c r="A2" s="{}"><v>45000</v></c><c r="B2" s="1"><v>-1e300</v></c></row>'
    formats = '<numFmts><numFmt numFmtId="164" formatCode="{}"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs>'
    for at in ("1", "99", "-1", "99999999999"):
        yield f"a style {at}", partial(lambda at: with_styles(styled.format(at), formats.format("yyyy-mm-dd")), at), ""
    for name, code in (
        ("endless", "y" * 200_000),
        ("bracketed", "[" * 5000),
        ("blank", ""),
        ("quoted", "&quot;" * 999),
    ):
        yield f"a {name} format", partial(lambda code: with_styles(styled.format(1), formats.format(code)), code), ""
    yield "200,000 styles", lambda: with_styles(styled.format(199_999), f"<cellXfs>{'<xf/>' * 200_000}</cellXfs>"), ""


def with_strings(rows: str, strings: str) -> bytes:
    """A workbook with shared strings."""
    links = relations_xml(
        ("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "sharedStrings", "sharedStrings.xml")
    )
    return workbook(rows, extra={LINKS: links, "xl/sharedStrings.xml": strings})


def with_styles(rows: str, styles: str) -> bytes:
    """A workbook with formats."""
    links = relations_xml(("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "styles", "styles.xml"))
    return workbook(rows, extra={LINKS: links, "xl/styles.xml": STYLES.format(styles)})


def big_string() -> bytes:
    """Three megabytes once in the file, in two hundred cells of it."""
    # Not so even that its ratio gives it away.
    big = "".join(f"{at * 7919 % 99991:05d}" for at in range(600_000))
    cells = "".join('<c t="s"><v>0</v></c>' for _ in range(200))
    return with_strings(f"{TITLES}<row>{cells}</row>", STRINGS.format(f"<si><t>{big}</t></si>"))


def passengers() -> Named:
    """What workbooks carry beside sheets."""
    yield "macros", lambda: workbook(extra={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + GARBAGE}), ""
    yield (
        "an external link",
        lambda: workbook(
            extra={
                "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{MAIN}"/>',
                "xl/externalLinks/_rels/externalLink1.xml.rels": relations_xml(
                    ("rId1", "externalLinkPath", "file://///example.org/share/x.xlsx"), mode=' TargetMode="External"'
                ),
            }
        ),
        "",
    )
    yield (
        "a connection",
        lambda: workbook(
            extra={
                "xl/connections.xml": f'<connections xmlns="{MAIN}"><connection command="cmd /c calc"/></connections>'
            }
        ),
        "",
    )
    yield "comments", lambda: workbook(extra={"xl/comments1.xml": "<comments><commentList/></comments>"}), ""
    yield "a table that is broken", lambda: workbook(extra={"xl/tables/table1.xml": "<table ref='A1:'"}), ""
    yield "150 sheets far apart", lambda: far_sheets(150), ""
    yield "a byte order mark", lambda: workbook(extra={SHEET: b"\xef\xbb\xbf" + sheet_xml().encode()}), ""
    yield (
        "Latin-1 inside",
        lambda: workbook(extra={SHEET: sheet_xml(TITLES + ONE_ROW).replace("Willow", "Ñandú").encode("latin-1")}),
        "",
    )


def far_sheets(count: int) -> bytes:
    """Many sheets, each a few bytes with a cell far below."""
    ids = range(1, count + 1)
    rows = rows_xml([["Salesforce ID", "Account"]]) + '<row r="800000"><c r="H800000"><v>1</v></c></row>'
    parts = xlsx_parts() | {
        "xl/workbook.xml": workbook_xml("".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>' for n in ids)),
        LINKS: relations_xml(*[(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in ids]),
    }
    return zipped(parts | {f"xl/worksheets/sheet{n}.xml": sheet_xml(rows) for n in ids})
