"""Sheets that leave: like the original, with reasons, without formulas."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from accounts.models import Account
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.models import Import
from csworkbench.imports.rejects import REASON, has_rejects, rejects_sheet, sheet_name, template_sheet
from csworkbench.tenancy.models import Member

from .sheets import BOOK, NANDU, SUMMIT, applied, book_csv, compared, row_of, xlsx


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def rejected(one: Import) -> bytes:
    target = io.BytesIO()
    rejects_sheet(one, target)
    return target.getvalue()


class TestRejects:
    def test_hold_the_rejected_rows_like_the_original_and_why(self, ops: Member, keiko: Member) -> None:
        one = applied(
            ops, book_csv(row_of(), row_of(NANDU, "Ñandú", mrr="tbd", email="x"), row_of(SUMMIT, "S", csm="Keiko"))
        )
        rows = list(opened(rejected(one)).active.values)
        assert rows[0] == (*BOOK, REASON)
        assert rows[1][:4] == (NANDU, "Ñandú", f"{sum(map(ord, NANDU)):07d}", "tbd")
        assert rows[1][-1] == "MRR: “tbd” is not an amount of money. · Email: “x” is not an e-mail address."
        assert rows[2][-1] == "CSM: No member is called “Keiko”. Perhaps Keiko Ueda?"
        assert len(rows) == 3

    def test_a_second_row_with_other_values_is_work_for_a_person(self, ops: Member, keiko: Member) -> None:
        one = compared(ops, book_csv(row_of(), row_of(), row_of(mrr=2000)))
        assert (one.counts["new"], one.counts["duplicate"]) == (1, 2)
        assert has_rejects(one)
        _, *rows = opened(rejected(one)).active.values
        assert [(row[3], row[-1]) for row in rows] == [
            (
                "2000",
                "Salesforce ID: Row 2 is about the same account with other values; only that one is applied.",
            )
        ]

    def test_the_same_row_twice_is_not(self, ops: Member, keiko: Member) -> None:
        one = compared(ops, book_csv(row_of(), row_of()))
        assert not has_rejects(one)
        assert len(list(opened(rejected(one)).active.values)) == 1

    def test_corrected_and_uploaded_again_they_import(self, ops: Member, keiko: Member) -> None:
        one = applied(ops, book_csv(row_of(), row_of(NANDU, "=Ñandú", mrr="tbd")))
        sheet = opened(rejected(one))
        sheet.active["D2"] = 12.5
        corrected = io.BytesIO()
        sheet.save(corrected)
        again = applied(ops, corrected.getvalue(), "rejects.xlsx")
        assert (again.counts["new"], again.counts["rejected"]) == (1, 0)
        assert Account.objects.get(sf_id=NANDU).name == "=Ñandú"

    def test_the_sheet_is_called_like_the_original(self, ops: Member, keiko: Member, tmp_path: Path) -> None:
        data = xlsx(tmp_path / "a.xlsx", BOOK, row_of(email="x"), sheet="West 2026").read_bytes()
        assert opened(rejected(compared(ops, data, "a.xlsx"))).sheetnames == ["West 2026"]
        assert opened(rejected(compared(ops, book_csv(row_of(email="x"))))).sheetnames == ["Rows"]

    @pytest.mark.parametrize(
        ("original", "name"),
        [("a/b:c", "a b c"), ("'x'", "x"), ("History", "Rows"), ("[]", "Rows"), ("w" * 40, "w" * 31), ("", "Rows")],
    )
    def test_a_name_that_no_workbook_takes_is_mended(self, original: str, name: str) -> None:
        assert sheet_name(original) == name

    def test_numbers_stay_numbers(self, ops: Member, keiko: Member, tmp_path: Path) -> None:
        data = xlsx(tmp_path / "a.xlsx", BOOK, row_of(email="x", lms=323)).read_bytes()
        rows = list(opened(rejected(compared(ops, data, "a.xlsx"))).active.values)
        assert rows[1][2:4] == (323, 1000)

    @pytest.mark.parametrize(
        "text", ["=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "＝1+1", '=HYPERLINK("x")']
    )
    def test_no_cell_becomes_a_formula(self, ops: Member, keiko: Member, text: str) -> None:
        one = compared(ops, book_csv(row_of(account=text, email="x")))
        cells = [cell for row in opened(rejected(one)).active.rows for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
        assert not str(cells[len(BOOK) + 2].value).startswith(("=", "+", "-", "@", "＝"))


class TestTemplate:
    def test_names_and_explains_every_column(self, ops: Member) -> None:
        book = kind_called("book")
        sheets = opened(template_sheet(book, book.context(ops.workspace)))
        assert next(sheets["Book"].values) == tuple(one.label for one in book.fields if not one.alternative)
        assert sheets["About the columns"].max_row == len([one for one in book.fields if not one.alternative]) + 1

    def test_filled_in_it_imports(self, ops: Member, keiko: Member) -> None:
        book = kind_called("book")
        sheets = opened(template_sheet(book, book.context(ops.workspace)))
        titles = next(sheets["Book"].values)
        filled = {"Salesforce ID": NANDU, "Account": "Ñandú", "CSM": "Keiko Ueda", "Product": "Learning", "MRR": 5}
        for title, value in filled.items():
            sheets["Book"].cell(2, titles.index(title) + 1, value)
        data = io.BytesIO()
        sheets.save(data)
        assert applied(ops, data.getvalue(), "template.xlsx").counts["new"] == 1
