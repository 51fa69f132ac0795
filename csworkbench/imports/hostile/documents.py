"""OpenDocument sheets that repeat without end, or are damaged."""

from __future__ import annotations

from functools import partial

from .containers import ODS_ROWS, TEXT_TITLES, WILLOW, Named, ods, ods_cell, ods_content, ods_row

TITLES = ods_row(*TEXT_TITLES)
ROW = ods_row(*WILLOW)
HUGE = "1000000000"


def files() -> Named:
    """Sheets of OpenDocument."""
    yield from repeats()
    for name, content, code in (
        ("nothing", "", "broken"),
        ("no XML", "Salesforce ID,Account", "broken"),
        ("half of it", ods_content()[:700], "broken"),
        ("no table", ods_content(tables="<text:p/>"), "no_header"),
        ("an empty table", ods_content(" "), "no_header"),
        ("titles only", ods_content(TITLES), "no_rows"),
        ("a table without a name", ods_content(tables=f"<table:table>{ODS_ROWS}</table:table>"), ""),
        ("a table without an end", ods_content().replace("</table:table>", ""), "broken"),
        ("an entity bomb", ods_content(prologue='<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'), "entities"),
        ("an unknown entity", ods_content(ODS_ROWS.replace("Willow", "&b;")), "broken"),
        ("another root", "<html><body/></html>", "no_header"),
        ("two roots", ods_content() * 2, "broken"),
        ("50,000 levels", ods_content(nested("table:table-row", 50_000)), "broken suspicious"),
        ("a table in a cell", ods_content(TITLES + ROW.replace("Willow", f"<table:table>{ROW}</table:table>")), ""),
        ("rows outside a table", ods_content(tables=ODS_ROWS), "no_header"),
        ("cells outside a row", ods_content(ods_cell("x") + ODS_ROWS), ""),
        ("the far end of a name", ods_content(tables=table("x" * 99_999)), ""),
        ("a comment of a megabyte", ods_content(TITLES + ROW.replace("Willow", f"Willow<!--{'xyz' * 300_000}-->")), ""),
        ("a cell of a megabyte", ods_content(TITLES + ROW.replace("Willow", "xyz" * 300_000)), "broken suspicious"),
        ("a million blanks", ods_content(TITLES + ROW.replace("Willow", f'a<text:s text:c="{HUGE}"/>b')), "broken"),
        ("400 tables", ods_content(tables="".join(table(str(n)) for n in range(400))), ""),
        ("a hidden table", hidden(), ""),
    ):  # fmt: skip
        yield f"a document of {name}", partial(ods, content), code
    for kind in ("float", "date", "boolean", "time", "currency", "percentage", "zzz", ""):
        for said in ("", "x", "1e999", "99999999-99-99"):
            row = ROW.replace('value-type="string"', f'value-type="{kind}" office:{kind or "value"}-value="{said}"', 1)
            yield f"{said!r} as {kind!r}", partial(lambda row: ods(ods_content(TITLES + row)), row), ""
    yield "a document in UTF-16", lambda: ods(ods_content().replace("UTF-8", "UTF-16").encode("utf-16")), ""
    yield (
        "a document with a password",
        lambda: ods(
            **{"META-INF/manifest.xml": '<manifest:file-entry><manifest:encryption-data manifest:checksum="x"/>'}
        ),
        "encrypted",
    )
    yield "a document of bytes", lambda: ods(bytes(range(256)) * 10), "broken"


def nested(name: str, levels: int) -> str:
    """Rows in rows."""
    return TITLES + f"<{name}>" * levels + f"</{name}>" * levels


def table(name: str) -> str:
    """A table of two rows."""
    return f'<table:table table:name="{name}">{ODS_ROWS}</table:table>'


def hidden() -> str:
    style = '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>'
    return ods_content(tables=table('A" table:style-name="off'), styles=style)


def before_end(cells: str) -> str:
    """A row with more cells at its end."""
    return ROW.replace("</table:table-row>", f"{cells}</table:table-row>")


def repeats() -> Named:
    """Cells and rows that say that they come a thousand million times."""
    many_rows, many_columns = f'table:number-rows-repeated="{HUGE}"', f'table:number-columns-repeated="{HUGE}"'
    blank = f"<table:table-cell {many_columns}/>"
    for name, rows, code in (
        ("a row", TITLES + ods_row(*WILLOW, attributes=many_rows), "too_long"),
        ("a cell", TITLES + before_end(ods_cell("x", attributes=many_columns)), "too_wide"),
        ("blank rows", TITLES + ROW + f"<table:table-row {many_rows}>{blank}</table:table-row>", ""),
        ("blank rows before a row", f"{TITLES}<table:table-row {many_rows}>{blank}</table:table-row>{ROW}", "too_long"),
        ("blank cells", TITLES + before_end(blank), ""),
        ("blank cells before a cell", TITLES + before_end(blank + ods_cell("x")), "too_wide"),
        ("a million rows", TITLES + ods_row(*WILLOW, attributes='table:number-rows-repeated="1100000"'), "too_long"),
        ("a row no times", TITLES + ods_row(*WILLOW, attributes='table:number-rows-repeated="0"'), ""),
        ("a row minus one times", TITLES + ods_row(*WILLOW, attributes='table:number-rows-repeated="-1"'), ""),
        ("a row x times", TITLES + ods_row(*WILLOW, attributes='table:number-rows-repeated="x"'), ""),
        ("a row times all digits", TITLES + ods_row(*WILLOW, attributes=many_rows.replace("1", "9" * 5000)), ""),
        ("a span", TITLES + ROW.replace("cell ", f'cell table:number-columns-spanned="{HUGE}" ', 1), ""),
    ):  # fmt: skip
        yield f"repeated: {name}", partial(lambda rows: ods(ods_content(rows)), rows), code
