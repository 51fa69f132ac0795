"""The history of imports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

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
        page = client_for(ops).get(address("list"), headers={"HX-Request": "true", "HX-Target": "import-list"}).content
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
