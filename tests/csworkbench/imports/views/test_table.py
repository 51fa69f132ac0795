"""Choosing another sheet of the file, or another row of titles."""

from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client
from openpyxl import Workbook

from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from ..sheets import BOOK, compared, row_of
from .conftest import Address

Browser = Callable[[Member], Client]


@pytest.fixture
def two_sheets(ops: Member, keiko: Member) -> Import:
    """A workbook whose second sheet is the smaller book."""
    book = Workbook()
    for name, rows in (("West", 3), ("East", 1)):
        sheet = book.create_sheet(name)
        sheet.append([f"Accounts of the {name}"])
        sheet.append(BOOK)
        for number in range(rows):
            sheet.append(row_of(f"0010000000{number:05d}", f"{name} {number}", lms=f"{number:07d}"))
    del book["Sheet"]
    data = io.BytesIO()
    book.save(data)
    return compared(ops, data.getvalue(), "both.xlsx")


class TestTable:
    def test_the_sheets_and_the_row_of_titles_are_shown(
        self, client_for: Browser, ops: Member, two_sheets: Import, address: Address
    ) -> None:
        page = " ".join(client_for(ops).get(address("detail", two_sheets.pk)).content.decode().split())
        assert "titles in row <strong>2</strong>" in page
        assert '<option value="East">East</option>' in page

    def test_another_sheet_is_read_with_the_titles_where_they_are(
        self, client_for: Browser, ops: Member, two_sheets: Import, address: Address
    ) -> None:
        answer = client_for(ops).post(address("table", two_sheets.pk), {"sheet": "East", "header_row": "2"})
        two_sheets.refresh_from_db()
        assert answer.headers["Location"] == address("detail", two_sheets.pk)
        assert (two_sheets.state, two_sheets.table) == ("uploaded", {"sheet": "East"})

    def test_the_row_of_titles_is_chosen(
        self, client_for: Browser, ops: Member, two_sheets: Import, address: Address
    ) -> None:
        client_for(ops).post(address("table", two_sheets.pk), {"sheet": "West", "header_row": "1"})
        two_sheets.refresh_from_db()
        assert two_sheets.table == {"sheet": "West", "header_row": 1}

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"sheet": "North"}, "no such sheet"),
            ({"sheet": "West", "header_row": "0"}, "Rows count from 1"),
            ({"sheet": "West", "header_row": "top"}, "a whole number"),
        ],
    )
    def test_what_is_not_there_is_said_and_kept(
        self, client_for: Browser, ops: Member, two_sheets: Import, address: Address, said: dict[str, str], why: str
    ) -> None:
        answer = client_for(ops).post(address("table", two_sheets.pk), said)
        assert answer.status_code == 422
        assert why in answer.content.decode()
        assert f'value="{said.get("header_row", "")}"' in answer.content.decode()

    def test_what_has_moved_on_answers_409(
        self, client_for: Browser, ops: Member, two_sheets: Import, address: Address
    ) -> None:
        Import.objects.update(state="applying")
        assert client_for(ops).post(address("table", two_sheets.pk), {"sheet": "East"}).status_code == 409

    def test_a_reader_is_refused(self, client_for: Browser, csm: Member, two_sheets: Import, address: Address) -> None:
        assert client_for(csm).post(address("table", two_sheets.pk), {"sheet": "East"}).status_code == 403

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).post(address("table", foreign)).status_code == 404

    def test_rejects_get(self, client_for: Browser, ops: Member, two_sheets: Import, address: Address) -> None:
        assert client_for(ops).get(address("table", two_sheets.pk)).status_code == 405
