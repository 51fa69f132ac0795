"""Everything that an import would change, as a sheet."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from csworkbench.imports import difference, rejects
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from ..sheets import BOOK, NANDU, WILLOW, applied, book_csv, compared, row_of
from .conftest import Address

Browser = Callable[[Member], Client]


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [row for sheet in book for row in sheet.values]


class TestExport:
    def test_holds_every_row_with_field_old_and_new(
        self, client_for: Browser, ops: Member, csm: Member, keiko: Member, address: Address
    ) -> None:
        applied(ops, book_csv(row_of()))
        rows = (row_of(mrr=2000, renewal="2027-04-01"), row_of(NANDU, "Ñandú", mrr="tbd"))
        one = compared(ops, book_csv(*rows), "spring book.csv")
        answer = client_for(csm).get(address("export", one.pk))
        found = rows_of(answer.content)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="spring book-changes.xlsx"'
        assert found[0] == difference.LINE_TITLES
        assert (2, "Willow Urgent Care", "Changed", "MRR", "$1,000", "$2,000") in found
        assert (2, "Willow Urgent Care", "Changed", "Renewal date", "2027-03-22", "2027-04-01") in found
        assert (3, "Ñandú", "Rejected", "MRR", "tbd", "“tbd” is not an amount of money.") in found

    def test_a_new_row_is_listed_with_its_cells(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        found = rows_of(client_for(ops).get(address("export", ready.pk)).content)
        assert ("Row", *BOOK, "Remark") in found
        (line,) = [row for row in found if row[0] == 2]
        assert line[1:3] == (WILLOW, "Willow Urgent Care")
        assert line[9:] == ("Keiko Ueda", None)

    def test_days_and_remarks_of_a_new_row(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        applied(ops, book_csv(row_of()))
        rows = (row_of(NANDU, lms=7, renewal="2027-04-01"),)
        one = compared(ops, book_csv(*rows))
        (line,) = [row for row in rows_of(client_for(ops).get(address("export", one.pk)).content) if row[0] == 2]
        assert line[5] == "2027-04-01"
        assert line[-1].startswith("Salesforce ID: There is already an account of this name: Willow Urgent Care")

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "＝1+1"])
    def test_no_cell_becomes_a_formula(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address, text: str
    ) -> None:
        one = compared(ops, book_csv(row_of(account=text)))
        book = openpyxl.load_workbook(io.BytesIO(client_for(ops).get(address("export", one.pk)).content))
        assert not [cell for sheet in book for row in sheet.rows for cell in row if cell.data_type == "f"]

    def test_more_lines_than_a_worksheet_holds_go_on_the_next(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ready = compared(ops, book_csv(row_of(), row_of(NANDU, lms=7), row_of("001ABC", "Short")))
        whole = rows_of(client_for(ops).get(address("export", ready.pk)).content)
        monkeypatch.setattr(rejects, "SHEET_ROWS", 1)
        content = client_for(ops).get(address("export", ready.pk)).content
        book = openpyxl.load_workbook(io.BytesIO(content))
        assert book.sheetnames == ["Changes", "New rows", "New rows 2"]
        assert [row for row in rows_of(content) if row[0] != "Row"] == [row for row in whole if row[0] != "Row"]

    def test_statements_do_not_grow_with_the_rows(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        def count(rows: int) -> int:
            named = [row_of(f"0010000000{n:05d}", f"Clinic {n}", lms=f"{n:07d}") for n in range(rows)]
            one = compared(ops, book_csv(*named))
            with CaptureQueriesContext(connection) as captured:
                client_for(ops).get(address("export", one.pk))
            return len(captured)

        assert count(2) == count(40)

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).get(address("export", foreign)).status_code == 404

    def test_rejects_post(self, client_for: Browser, ops: Member, ready: Import, address: Address) -> None:
        assert client_for(ops).post(address("export", ready.pk)).status_code == 405
