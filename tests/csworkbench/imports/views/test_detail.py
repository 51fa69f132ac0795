"""One import, from what was seen to what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from csworkbench.imports import difference, services
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from ..sheets import BOOK, NANDU, applied, book_csv, compared, csv_bytes, row_of, upload, xlsx
from .conftest import Address

Browser = Callable[[Member], Client]
PANEL = {"HX-Request": "true", "HX-Target": "import-panel"}


class TestDetail:
    def test_a_ready_import_shows_its_difference_and_the_way_on(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        page = client_for(ops).get(address("detail", ready.pk)).content.decode()
        assert "Apply 1 row" in page
        assert "Willow Urgent Care" in page
        assert "A Salesforce ID has 18 characters" in page
        assert "every 1s" not in page

    def test_changes_read_old_to_new_in_words(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        applied(ops, book_csv(row_of()))
        one = compared(ops, book_csv(row_of(mrr=2000, csm=ops.name)))
        page = client_for(ops).get(address("detail", one.pk)).content.decode()
        assert "<del>$1,000</del> → <ins>$2,000</ins>" in page
        assert f"<del>Keiko Ueda</del> → <ins>{ops.name}</ins>" in page

    @pytest.mark.parametrize(("show", "says"), [("rejected", "Short"), ("new", "Willow"), ("nonsense", "Willow")])
    def test_rows_are_shown_by_outcome(
        self, client_for: Browser, ops: Member, ready: Import, address: Address, show: str, says: str
    ) -> None:
        page = client_for(ops).get(
            address("detail", ready.pk), {"show": show}, headers={"HX-Request": "true", "HX-Target": "import-rows"}
        )
        assert says in page.content.decode()
        assert b"<html" not in page.content

    def test_rows_are_paged(self, client_for: Browser, ops: Member, keiko: Member, address: Address) -> None:
        rows = [row_of(f"0010000000{n:05d}", f"Clinic {n}", lms=f"{n:07d}") for n in range(difference.PAGE_ROWS + 1)]
        one = compared(ops, book_csv(*rows))
        page = client_for(ops).get(address("detail", one.pk), {"show": "new", "page": "2"}).content.decode()
        assert f"Clinic {difference.PAGE_ROWS}" in page
        assert "Clinic 3<" not in page

    @pytest.mark.parametrize(
        ("q", "found"), [("willow", True), ("URGENT CARE", True), ("001A6eEf", True), ("%", False)]
    )
    def test_rows_are_searched(
        self, client_for: Browser, ops: Member, ready: Import, address: Address, q: str, found: bool
    ) -> None:
        headers = {"HX-Request": "true", "HX-Target": "import-rows"}
        page = client_for(ops).get(address("detail", ready.pk), {"show": "new", "q": q}, headers=headers)
        assert ("Willow Urgent Care" in page.content.decode()) is found
        assert ("No row matches." in page.content.decode()) is not found

    def test_only_rows_that_change_one_field(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        applied(ops, book_csv(row_of(), row_of(NANDU, "Ñandú", lms="0000009")))
        one = compared(ops, book_csv(row_of(mrr=2000), row_of(NANDU, "Ñandú", lms="0000009", csm=ops.name)))
        browser = client_for(ops)
        answer = browser.get(address("detail", one.pk), {"show": "changed"})
        assert "Only MRR (1)" in answer.content.decode() and "Only CSM (1)" in answer.content.decode()
        keys = {label: key for key, label, _ in answer.context["difference"].columns}
        found = (
            browser.get(address("detail", one.pk), {"show": "changed", "column": keys["MRR"]})
            .context["difference"]
            .rows
        )
        assert [row.name for row in found] == ["Willow Urgent Care"]

    def test_unchanged_rows_are_counted(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        applied(ops, book_csv(row_of()))
        one = compared(ops, book_csv(row_of()))
        page = client_for(ops).get(address("detail", one.pk)).content.decode()
        assert "1 row says what the workspace says already" in page
        assert "There is nothing to apply" in page

    def test_days_that_excel_counts_are_shown_as_days(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address, tmp_path: Path
    ) -> None:
        data = xlsx(tmp_path / "a.xlsx", BOOK, row_of(renewal=46449)).read_bytes()
        page = client_for(ops).get(address("detail", compared(ops, data, "a.xlsx").pk)).content.decode()
        assert "<td>2027-03-03</td>" in page

    def test_the_proposals_say_how_sure_they_are(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        page = " ".join(client_for(ops).get(address("detail", ready.pk)).content.decode().split())
        assert '<span class="chip chip-good">95 %</span> <span class="muted small">by its title</span>' in page

    def test_a_reader_sees_all_but_decides_nothing(
        self, client_for: Browser, csm: Member, ready: Import, address: Address
    ) -> None:
        page = client_for(csm).get(address("detail", ready.pk)).content.decode()
        assert "Willow Urgent Care" in page
        assert address("approve", ready.pk) not in page

    def test_a_waiting_import_asks_for_columns(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        one = compared(ops, csv_bytes(("Alpha", "MRR"), ("x", "5")))
        page = client_for(ops).get(address("detail", one.pk)).content.decode()
        assert "Choose the column that holds an id" in page
        assert '<option value="mrr" selected>' in page

    def test_work_under_way_is_looked_at_again(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        browser = client_for(ops)
        one = upload(ops, book_csv(row_of()))
        assert "every 1s" in browser.get(address("detail", one.pk)).content.decode()
        services.approve(actor=ops, one=ready)
        page = browser.get(address("detail", ready.pk), headers=PANEL).content.decode()
        assert 'value="0" max="1"' in " ".join(page.split())
        assert page.lstrip().startswith('<div id="import-panel"')

    def test_a_refused_file_says_why(self, client_for: Browser, ops: Member, address: Address) -> None:
        one = compared(ops, b"%PDF-1.7")
        assert "The file is a PDF" in client_for(ops).get(address("detail", one.pk)).content.decode()

    def test_a_finished_import_offers_its_rejects(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        one = applied(ops, book_csv(row_of(), row_of("001ABC", "Short")))
        page = client_for(ops).get(address("detail", one.pk)).content.decode()
        assert "Importing the same sheet again changes nothing" in page
        assert address("rejects", one.pk) in page

    def test_cells_of_the_sheet_are_text(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        one = compared(
            ops, book_csv(row_of(account="<img src=x onerror=alert(1)>"), row_of(NANDU, "N", mrr="<b>x</b>"))
        )
        page = client_for(ops).get(address("detail", one.pk)).content.decode()
        assert "<img src=x" not in page
        assert "<b>x</b>" not in page

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        answer = client_for(ops).get(address("detail", foreign))
        assert answer.status_code == 404
        assert b"anary" not in answer.content

    def test_rejects_post(self, client_for: Browser, ops: Member, ready: Import, address: Address) -> None:
        assert client_for(ops).post(address("detail", ready.pk)).status_code == 405

    def test_queries_do_not_grow_with_the_rows(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        def count(rows: int) -> int:
            named = [row_of(f"0010000000{n:05d}", f"Clinic {n}", lms=f"{n:07d}") for n in range(rows)]
            one = compared(ops, book_csv(*named))
            with CaptureQueriesContext(connection) as captured:
                client_for(ops).get(address("detail", one.pk))
            return len(captured)

        assert count(2) == count(40)
