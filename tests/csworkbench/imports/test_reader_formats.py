"""Each format gives the same table; sheets and rows of titles that a person chooses; what whole columns show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt  # type: ignore[import-untyped]

from csworkbench.imports import reading
from csworkbench.imports.cleaning import Signs
from csworkbench.imports.hostile.containers import (
    ods,
    ods_cell,
    ods_content,
    ods_row,
    record,
    workbook,
    workbook_xml,
    xls,
)
from csworkbench.imports.reading import Layout, RefusedFile, open_sheet

from .sheets import csv_bytes, xlsx

HINTS = frozenset({"salesforce id", "account", "email", "mrr", "first name", "last name", "renewal"})
TITLES = ("Salesforce ID", "Account", "MRR")
ROW = ("001A6eEfujfoRnxICE", "Willow", 12.5)


def read(
    path: Path, table: Mapping[str, Any] | None = None
) -> tuple[Layout, list[tuple[int, list[Any]]], Mapping[int, Signs]]:
    """Layout, numbered rows, and what whole columns show."""
    with open_sheet(path, HINTS, table) as opened:
        rows = [
            (number, list(cells))
            for block in opened.blocks()
            for number, cells in zip(block.numbers, block.rows(), strict=True)
        ]
        return opened.layout, rows, opened.signs


def saved(folder: Path, data: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def sheets(path: Path, **rows: Sequence[Sequence[Any]]) -> Path:
    """An xlsx with several sheets."""
    book = xlsxwriter.Workbook(path)
    for name, lines in rows.items():
        sheet = book.add_worksheet(name.replace("_", " "))
        for at, line in enumerate(lines):
            sheet.write_row(at, 0, line)
    book.close()
    return path


class TestOldWorkbooks:
    def test_cells_dates_and_hidden_sheets(self, tmp_path: Path) -> None:
        book = xlwt.Workbook()
        hidden = book.add_sheet("Old")
        hidden.visibility = 1
        sheet = book.add_sheet("Accounts")
        lines: tuple[list[Any], ...] = ([*TITLES, "Renewal", "Ok"], [*ROW, date(2027, 3, 22), True])
        for at, line in enumerate(lines):
            for column, cell in enumerate(line):
                style = xlwt.easyxf(num_format_str="YYYY-MM-DD") if isinstance(cell, date) else xlwt.Style.default_style
                hidden.write(at, column, str(cell))
                sheet.write(at, column, cell, style)
        book.save(str(tmp_path / "a.xls"))
        layout, rows, _ = read(tmp_path / "a.xls")
        assert rows == [(2, [*ROW, "2027-03-22", True])]
        assert (layout.about["format"], layout.about["sheets"]) == ("xls", ["Accounts"])

    def test_numbers_that_are_dates_may_count_from_1904(self, tmp_path: Path) -> None:
        layout, _, signs = read(saved(tmp_path, xls(globals_=record(0x22, b"\1\0"))))
        assert layout.about["since_1904"]
        assert signs[0] == Signs(since_1904=True)
        assert "since_1904" not in read(saved(tmp_path, xls()))[0].about

    def test_a_password_and_a_document_are_told_apart(self, tmp_path: Path) -> None:
        from csworkbench.imports.hostile import old

        codes = {"a password": "encrypted", "an old Word document": "wrong_type", "a book in a ring": "broken"}
        for name, make, _ in old.files():
            if name in codes:
                made = make()
                assert isinstance(made, bytes)
                with pytest.raises(RefusedFile) as refused:
                    read(saved(tmp_path, made))
                assert refused.value.code == codes[name]


class TestOpenDocument:
    def test_cells_of_every_kind(self, tmp_path: Path) -> None:
        cells = (
            '<table:table-cell office:value-type="float" office:value="12.5"><text:p>12,50</text:p></table:table-cell>'
            '<table:table-cell office:value-type="date" office:date-value="2027-03-22T00:00:00"/>'
            '<table:table-cell office:value-type="date" office:date-value="2027-03-22T09:30:00"/>'
            '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
            '<table:table-cell office:value-type="time" office:time-value="PT09H30M00S"/>'
            "<table:table-cell><office:annotation><text:p>a remark</text:p></office:annotation>"
            '<text:p>two<text:s text:c="2"/>lines</text:p><text:p>&amp; more</text:p></table:table-cell>'
        )
        rows = ods_row("Account", "MRR", "Day", "Moment", "Ok", "At", "Note")
        rows += f"<table:table-row>{ods_cell('Willow')}{cells}</table:table-row>"
        layout, found, _ = read(saved(tmp_path, ods(ods_content(rows))))
        assert found == [
            (2, ["Willow", 12.5, "2027-03-22", "2027-03-22 09:30:00", True, "9:30:00", "two  lines\n& more"])
        ]
        assert (layout.about["format"], layout.about["sheet"]) == ("ods", "Accounts")

    def test_repeats_are_counted(self, tmp_path: Path) -> None:
        blanks = '<table:table-row table:number-rows-repeated="{}"><table:table-cell/></table:table-row>'
        twice = ods_row("1", "Willow", "x", attributes='table:number-rows-repeated="2"')
        wide = ods_cell("2") + ods_cell("b", attributes='table:number-columns-repeated="2"')
        wide = f"<table:table-row>{wide}</table:table-row>"
        content = blanks.format(3) + ods_row(*TITLES) + twice + blanks.format(4) + wide + blanks.format(1_000_000)
        layout, rows, _ = read(saved(tmp_path, ods(ods_content(content))))
        assert layout.header_row == 4
        assert rows == [(5, ["1", "Willow", "x"]), (6, ["1", "Willow", "x"]), (11, ["2", "b", "b"])]

    def test_the_best_visible_table_is_chosen(self, tmp_path: Path) -> None:
        style = '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>'
        row = ods_row(*map(str, ROW))
        tables = (
            f'<table:table table:name="READ ME">{ods_row("Please", "make a copy")}</table:table>'
            f'<table:table table:name="Old" table:style-name="off">{ods_row(*TITLES, "Email")}{row}</table:table>'
            f'<table:table table:name="Accounts">{ods_row(*TITLES)}{row}</table:table>'
        )
        path = saved(tmp_path, ods(ods_content(tables=tables, styles=style)))
        assert (read(path)[0].about["sheet"], read(path)[0].about["sheets"]) == ("Accounts", ["READ ME", "Accounts"])
        assert read(path, {"sheet": "Old"})[0].columns[-1] == "Email"


class TestChosenTables:
    def test_the_sheet_is_the_one_that_was_chosen(self, tmp_path: Path) -> None:
        path = sheets(tmp_path / "a.xlsx", Accounts=[TITLES, ROW], Last_year=[TITLES[:2], ROW[:2], ROW[:2]])
        assert read(path)[0].about["sheet"] == "Accounts"
        layout, rows, _ = read(path, {"sheet": "Last year"})
        assert (layout.about["sheet"], layout.about["sheets"]) == ("Last year", ["Accounts", "Last year"])
        assert len(rows) == 2

    def test_the_row_is_the_one_that_was_chosen(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "a.xlsx", TITLES, ("Konto", "Name", "Betrag"), ROW)
        assert read(path)[0].header_row == 1
        layout, rows, _ = read(path, {"header_row": 2})
        assert (layout.header_row, layout.columns, len(rows)) == (2, ("Konto", "Name", "Betrag"), 1)
        assert read(saved(tmp_path, b"a,b\nAccount,MRR\nx,1\n"), {"header_row": 2})[0].columns == ("Account", "MRR")

    @pytest.mark.parametrize(
        ("table", "code", "words"),
        [
            ({"sheet": "Nowhere"}, "no_sheet", "It has “Accounts”"),
            ({"header_row": 3}, "no_header", "no column titles in row 3"),
            ({"header_row": 99}, "no_header", "no column titles in row 99"),
            ({"sheet": "Accounts", "header_row": 2}, "no_rows", "no rows below"),
        ],
    )
    def test_a_choice_that_is_none_is_refused(
        self, table: Mapping[str, Any], code: str, words: str, tmp_path: Path
    ) -> None:
        path = xlsx(tmp_path / "a.xlsx", TITLES, ROW, ())
        with pytest.raises(RefusedFile, match=words) as refused:
            read(path, table)
        assert refused.value.code == code


class TestTwoRowsOfTitles:
    def merged(self, path: Path, top: Sequence[str], sub: Sequence[str], *spans: str) -> Path:
        book = xlsxwriter.Workbook(path)
        sheet = book.add_worksheet("Accounts")
        sheet.write_row(0, 0, top)
        sheet.write_row(1, 0, sub)
        for span in spans:
            sheet.merge_range(span, "")
        sheet.write_row(0, 0, top)
        sheet.write_row(2, 0, [f"x{at}" for at in range(len(sub))])
        book.close()
        return path

    def test_merged_titles_over_titles(self, tmp_path: Path) -> None:
        top = ("Account", "Primary contact", "", "", "Contract", "")
        sub = ("", "First name", "Last name", "Phone", "Start", "Renewal")
        path = self.merged(tmp_path / "a.xlsx", top, sub, "B1:D1", "E1:F1")
        layout, rows, _ = read(path)
        assert layout.columns == (
            "Account", "First name", "Last name", "Primary contact Phone", "Contract Start", "Renewal",
        )  # fmt: skip
        assert (layout.header_row, [number for number, _ in rows]) == (2, [3])

    def test_the_same_title_below_two_others_carries_them(self, tmp_path: Path) -> None:
        path = self.merged(
            tmp_path / "a.xlsx",
            ("Account", "2026", "", "2027", ""),
            ("", "MRR", "Seats", "MRR", "Seats"),
            "B1:C1",
            "D1:E1",
        )
        assert read(path)[0].columns == ("Account", "2026 MRR", "2026 Seats", "2027 MRR", "2027 Seats")

    def test_a_title_over_the_whole_table_is_none_of_a_column(self, tmp_path: Path) -> None:
        path = self.merged(tmp_path / "a.xlsx", ("Our accounts", "", ""), ("Account", "MRR", "MRR"), "A1:C1")
        assert read(path)[0].columns == ("Account", "MRR", "MRR (2)")

    def test_without_merged_cells_known_titles_tell(self, tmp_path: Path) -> None:
        data = csv_bytes(("Account", "Contact", "", ""), ("", "First name", "Last name", "Email"), ("x", "a", "b", "c"))
        layout, rows, _ = read(saved(tmp_path, data))
        assert layout.columns == ("Account", "First name", "Last name", "Email")
        assert [number for number, _ in rows] == [3]

    def test_a_first_row_of_data_is_data(self, tmp_path: Path) -> None:
        data = csv_bytes(("Account", "Contact", "", ""), ("Willow", "Rosa", "Vargas", "x"), ("Summit", "a", "b", "c"))
        assert len(read(saved(tmp_path, data))[1]) == 2

    def test_units_below_titles_belong_to_them(self, tmp_path: Path) -> None:
        data = csv_bytes(("Account", "Weight"), ("(name)", "(in grams)"), ("x", "5"))
        assert read(saved(tmp_path, data))[0].columns == ("Account", "Weight (in grams)")

    def test_a_person_who_chose_the_row_meant_that_row(self, tmp_path: Path) -> None:
        data = csv_bytes(("Account", "Weight"), ("(name)", "(in grams)"), ("x", "5"))
        layout, rows, _ = read(saved(tmp_path, data), {"header_row": 1})
        assert (layout.columns, len(rows)) == (("Account", "Weight"), 2)


class TestSigns:
    def test_a_whole_column_is_looked_at_before_its_first_date(self, tmp_path: Path) -> None:
        rows = [("a", f"0{1 + n % 9}/0{1 + n % 8}/2027", "x") for n in range(3000)]
        data = csv_bytes(("Account", "Renewal", "Note"), *rows, ("b", "31/12/2027", "x"))
        with open_sheet(saved(tmp_path, data), HINTS) as opened:
            first = next(opened.blocks())
        assert dict(first.signs) == {1: Signs(True, day_first="31/12/2027")}

    def test_dates_that_begin_late_are_noticed(self, tmp_path: Path) -> None:
        blank = [("a", "", "") for _ in range(1500)]
        data = csv_bytes(
            ("Account", "Start", "Renewal"), *blank, ("b", "01/02/2027", ""), *blank, ("c", "12/31/2027", "13.1.27")
        )
        signs = read(saved(tmp_path, data))[2]
        assert signs == {1: Signs(True, "", "12/31/2027"), 2: Signs(True, "13.1.27", "")}

    def test_a_workbook_is_looked_at_too_and_one_without_such_dates_is_not(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "a.xlsx", ("Account", "Renewal"), ("a", "01/02/2027"), ("b", "1/31/27"))
        assert read(path)[2] == {1: Signs(True, "", "1/31/27")}
        assert read(xlsx(tmp_path / "b.xlsx", ("Account", "Renewal"), ("a", "2027-01-02")))[2] == {}

    def test_an_xlsx_says_that_it_counts_from_1904(self, tmp_path: Path) -> None:
        data = workbook(extra={"xl/workbook.xml": workbook_xml(before='<workbookPr date1904="1"/>')})
        assert read(saved(tmp_path, data))[2] == {at: Signs(since_1904=True) for at in (0, 1)}


class TestLargeText:
    def test_rows_stream_through_little_memory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "long.csv"
        with path.open("wb") as file:
            file.write(b"Account,MRR,Email\n")
            for _ in range(200):
                file.write(b"Willow Urgent Care,12.5,rosa@example.org\n" * 5000)
        limited = reading.START.replace(
            "from reader", "import reader.refusal as r; r.MEMORY = 120 * 1024 * 1024; from reader", 1
        )
        monkeypatch.setattr(reading, "START", limited)
        with open_sheet(path, HINTS) as opened:
            assert sum(len(block.numbers) for block in opened.blocks()) == 1_000_000

    def test_what_the_reader_does_meanwhile_does_not_count(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import time

        monkeypatch.setattr(reading, "WALL_SECONDS", 30.0)
        with open_sheet(saved(tmp_path, b"Account,MRR\n" + b"x,1\n" * 9000), HINTS) as opened:
            before = opened.child.left
            for _ in opened.blocks():
                time.sleep(0.05)
            assert opened.child.left > before - 30.0
            assert not opened.child.late

    def test_a_workbook_is_smaller_than_text_may_be(self, tmp_path: Path, settings: Any) -> None:
        settings.MAX_WORKBOOK_BYTES = 1024
        with pytest.raises(RefusedFile, match=r"Save it as \.csv"):
            read(xlsx(tmp_path / "a.xlsx", TITLES, ROW))
        assert len(read(saved(tmp_path, csv_bytes(TITLES, *[ROW] * 100)))[1]) == 100


MESSY: dict[str, tuple[Mapping[str, Any], int, tuple[str, ...], dict[int, list[Any]]]] = {
    "readxl_blanks.xlsx": ({"sheet": "same_row_middle"}, 1, ("x", "y"), {2: [1.0, "a"], 4: [2.0, "b"]}),
    "readxl_clippy.xlsx": (
        {"sheet": "list-column"},
        1,
        ("name", "value"),
        {
            2: ["Name", "Clippy"],
            3: ["Species", "paperclip"],
            4: ["Approx date of death", "2007-01-01"],
            5: ["Weight in grams", 0.9],
        },
    ),
    "readxl_names-need-repair-xlsx.xlsx": (
        {},
        1,
        ("a b", "a b (2)", "Column C", "c%&$"),
        {2: [1.0, "a", "one", 1.1], 3: [2.0, "b", "two", 2.2]},
    ),
    "readxl_skipping.xlsx": (
        {"sheet": "two_occupied_rows"},
        3,
        ("var1", "var2"),
        {5: ["v2,1", "v2,2"], 7: ["v4,1", "v4,2"]},
    ),
    "readxl_texty-dates-xlsx.xlsx": ({}, 1, ("a",), {2: ["1985-03-11 13:00:00"], 3: ["1985-03-11 13:23:32"]}),
    "readxl_unnamed-duplicated-columns.xlsx": (
        {},
        1,
        ("Column A", "var2", "Column C", "var2 (2)"),
        {2: [1.0, "a", 1.1, "aa"], 3: [2.0, "b", 2.1, "bb"]},
    ),
    "readxl_utf8-sheet-names.xlsx": ({"sheet": "∂"}, 1, ("x",), {2: [1.0]}),
}


class TestPublicMessyWorkbooks:
    @pytest.mark.parametrize("name", list(MESSY))
    def test_cell_for_cell(self, name: str, shared_data: Path) -> None:
        table, header_row, columns, cells = MESSY[name]
        layout, rows, _ = read(shared_data / "messy_xlsx" / name, table)
        assert (layout.header_row, layout.columns, dict(rows)) == (header_row, columns, cells)

    def test_a_header_of_two_rows(self, shared_data: Path) -> None:
        layout, rows, _ = read(shared_data / "messy_xlsx" / "readxl_clippy.xlsx")
        assert layout.about["sheet"] == "two-row-header"
        assert layout.columns == (
            "name (at birth)", "species (office supply type)", "death (date is approximate)", "weight (in grams)",
        )  # fmt: skip
        assert rows == [(3, ["Clippy", "paperclip", "2007-01-01", 0.9])]

    def test_a_sheet_without_titles_is_refused(self, shared_data: Path) -> None:
        with pytest.raises(RefusedFile) as refused:
            read(shared_data / "messy_xlsx" / "readxl_missing-first-column.xlsx")
        assert refused.value.code == "no_header"

    def test_a_title_above_blank_rows_and_dates_in_two_disguises(self, shared_data: Path) -> None:
        from csworkbench.imports.cleaning import Date

        layout, rows, _ = read(shared_data / "messy_xlsx" / "janitor_dirty_data.xlsx")
        assert layout.columns == (
            "First Name", "Last Name", "Employee Status", "Subject", "Hire Date", "% Allocated", "Full time?",
            "do not edit! --->", "Certification", "Certification (2)", "Active?",
        )  # fmt: skip
        assert (layout.header_row, [number for number, _ in rows]) == (2, [*range(3, 10), *range(11, 16)])
        assert rows[0][1] == [
            "Jason", "Bourne", "Teacher", "PE", 39690.0, 0.75, "Yes", "", "Physical ed", "Theater", "YES",
        ]  # fmt: skip
        clean, bad = Date(month_first=True).column([cells[4] for _, cells in rows])
        assert (clean, bad) == (
            [
                "2008-08-30", "2019-01-14", "2001-08-15", "2005-08-08", "2017-02-25", "1930-03-20", "1930-03-20",
                "1999-09-20", "1976-06-08", "2015-08-05", "1995-01-01", "2009-09-15",
            ],
            [],
        )  # fmt: skip
