"""The history of imports."""

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

from csworkbench.common import clock
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from ..sheets import book_csv, row_of, upload
from .conftest import Address

Browser = Callable[[Member], Client]


class TestList:
    def test_shows_what_came_and_what_became_of_it(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        page = client_for(ops).get(address("list")).content.decode()
        assert "spring book.csv" in page
        assert "Waiting for approval" in page
        assert ops.name in page

    def test_a_reader_looks_but_is_not_offered_to_import(
        self, client_for: Browser, finance: Member, ready: Import, address: Address
    ) -> None:
        page = client_for(finance).get(address("list")).content.decode()
        assert "spring book.csv" in page
        assert '<a class="btn btn-primary"' not in page

    def test_an_empty_history_says_what_to_do(self, client_for: Browser, ops: Member, address: Address) -> None:
        page = client_for(ops).get(address("list")).content.decode()
        assert "Nothing was imported yet" in page
        assert address("upload") in page

    @pytest.mark.parametrize(
        ("asked", "shown"),
        [
            ({"q": "SPRING"}, True),
            ({"q": "autumn"}, False),
            ({"state": "ready"}, True),
            ({"state": "applied"}, False),
            ({"kind": "book"}, True),
            ({"state": "nonsense"}, False),
            ({"who": "nonsense"}, False),
        ],
    )
    def test_is_narrowed_by_what_the_address_says(
        self, client_for: Browser, ops: Member, ready: Import, address: Address, asked: dict[str, str], shown: bool
    ) -> None:
        page = client_for(ops).get(address("list"), asked).content.decode()
        assert ("spring book.csv" in page) is shown
        assert ("No import matches" in page) is not shown

    def test_is_narrowed_to_one_sender(
        self, client_for: Browser, ops: Member, lead: Member, ready: Import, address: Address
    ) -> None:
        upload(lead, book_csv(row_of()), "autumn.csv")
        page = client_for(ops).get(address("list"), {"who": str(lead.pk)}).content.decode()
        assert "autumn.csv" in page and "spring book.csv" not in page

    def test_nothing_of_another_workspace_shows(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        page = client_for(ops).get(address("list")).content.decode()
        assert "canary" not in page.lower()

    def test_a_stranger_gets_404(self, client_for: Browser, ops: Member, other_workspace: Any) -> None:
        assert client_for(ops).get(f"/w/{other_workspace.slug}/imports/").status_code == 404

    def test_rejects_post(self, client_for: Browser, ops: Member, address: Address) -> None:
        assert client_for(ops).post(address("list")).status_code == 405

    def test_htmx_gets_the_list_alone(self, client_for: Browser, ops: Member, ready: Import, address: Address) -> None:
        page = client_for(ops).get(address("list"), headers={"HX-Request": "true", "HX-Target": "list"}).content
        assert b"spring book.csv" in page
        assert b"<html" not in page

    def test_queries_do_not_grow_with_the_imports(self, client_for: Browser, ops: Member, address: Address) -> None:
        def count(more: int) -> int:
            for _ in range(more):
                upload(ops, book_csv(row_of()))
            with CaptureQueriesContext(connection) as captured:
                client_for(ops).get(address("list"))
            return len(captured)

        assert count(2) == count(10)


@pytest.fixture
def three(ops: Member, lead: Member) -> list[Import]:
    """Three imports of two members, one of them compared, one refused."""
    made = [upload(who, book_csv(row_of()), name) for who, name in ((ops, "b.csv"), (lead, "A.csv"), (ops, "c.csv"))]
    counts = {"new": 10, "changed": 9, "unchanged": 1, "rejected": 2, "duplicate": 1}
    Import.objects.filter(pk=made[0].pk).update(state="ready", compared_at=clock.now(), counts=counts)
    Import.objects.filter(pk=made[1].pk).update(state="applied", compared_at=clock.now(), counts={"new": 9})
    return made


class TestSorted:
    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            ("", ["c.csv", "A.csv", "b.csv"]),
            ("when", ["b.csv", "A.csv", "c.csv"]),
            ("file", ["A.csv", "b.csv", "c.csv"]),
            ("-file", ["c.csv", "b.csv", "A.csv"]),
            ("state", ["c.csv", "b.csv", "A.csv"]),
            ("-new", ["b.csv", "A.csv", "c.csv"]),
            ("new", ["A.csv", "b.csv", "c.csv"]),
            ("-changed", ["b.csv", "A.csv", "c.csv"]),
            ("-unchanged", ["b.csv", "A.csv", "c.csv"]),
            ("-left", ["b.csv", "A.csv", "c.csv"]),
            ("who", ["c.csv", "b.csv", "A.csv"]),
            ("nonsense", ["c.csv", "A.csv", "b.csv"]),
        ],
    )
    def test_by_the_address(
        self, client_for: Browser, ops: Member, three: list[Import], address: Address, sort: str, names: list[str]
    ) -> None:
        answer = client_for(ops).get(address("list"), {"sort": sort})
        assert [one.file_name for one in answer.context["listing"].page] == names

    def test_headers_lead_there_and_back_and_keep_the_filters(
        self, client_for: Browser, ops: Member, three: list[Import], address: Address
    ) -> None:
        page = client_for(ops).get(address("list"), {"kind": "book", "sort": "-new"}).content.decode()
        assert f'href="{address("list")}?kind=book&amp;sort=new"' in page
        assert f'href="{address("list")}?kind=book&amp;sort=file"' in page
        assert f'href="{address("list")}?kind=book&amp;sort=-changed"' in page
        assert page.count('aria-sort="descending"') == 1
        assert '<input type="hidden" name="sort" value="-new" form="filters">' in page


class TestExport:
    def test_holds_what_the_list_shows(
        self, client_for: Browser, csm: Member, three: list[Import], ops: Member, address: Address
    ) -> None:
        answer = client_for(csm).get(address("export_list"), {"who": str(ops.pk), "sort": "file"})
        titles, *found = openpyxl.load_workbook(io.BytesIO(answer.content)).active.values
        assert 'filename="imports-' in answer.headers["Content-Disposition"]
        assert titles[:6] == ("File", "Kind", "State", "Rows", "New", "Changed")
        assert [(row[0], row[1], row[2], row[4]) for row in found] == [
            ("b.csv", "Book", "Waiting for approval", 10),
            ("c.csv", "Book", "Being read", None),
        ]
        assert found[0][13] == ops.name

    def test_is_offered_with_filters_and_order(
        self, client_for: Browser, ops: Member, three: list[Import], address: Address
    ) -> None:
        page = client_for(ops).get(address("list"), {"kind": "book", "sort": "file"}).content.decode()
        assert f'href="{address("export_list")}?kind=book&amp;sort=file&amp;"' in page

    @pytest.mark.parametrize("name", ["=1+1.csv", "+1", "-1+cmd|' C calc'!A0", "@SUM(1)"])
    def test_no_cell_becomes_a_formula(self, client_for: Browser, ops: Member, address: Address, name: str) -> None:
        upload(ops, book_csv(row_of()), name)
        content = client_for(ops).get(address("export_list")).content
        cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]
        assert (cell.data_type, cell.value) == ("s", f"'{name}")

    def test_nothing_of_another_workspace_is_in_it(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        content = client_for(ops).get(address("export_list")).content
        assert openpyxl.load_workbook(io.BytesIO(content)).active.max_row == 1

    def test_rejects_post(self, client_for: Browser, ops: Member, address: Address) -> None:
        assert client_for(ops).post(address("export_list")).status_code == 405
