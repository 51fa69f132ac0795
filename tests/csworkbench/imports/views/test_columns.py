"""Choosing what the columns are."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from ..sheets import WILLOW, compared, csv_bytes
from .conftest import Address

Browser = Callable[[Member], Client]
CHOICE = {"column_0": "sf_id", "column_1": "name"}


@pytest.fixture
def waiting(ops: Member) -> Import:
    return compared(ops, csv_bytes(("Alpha", "Beta"), (WILLOW, "Willow")))


class TestColumns:
    def test_compares_with_the_choice(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address
    ) -> None:
        answer = client_for(ops).post(address("columns", waiting.pk), CHOICE)
        waiting.refresh_from_db()
        assert answer.headers["Location"] == address("detail", waiting.pk)
        assert (waiting.state, waiting.mapping) == ("mapped", {"sf_id": 0, "name": 1})

    def test_htmx_gets_the_panel(self, client_for: Browser, ops: Member, waiting: Import, address: Address) -> None:
        headers = {"HX-Request": "true", "HX-Target": "import-panel"}
        answer = client_for(ops).post(address("columns", waiting.pk), CHOICE, headers=headers)
        assert answer.content.lstrip().startswith(b'<div id="import-panel"')
        assert b"Comparing with the book" in answer.content

    def test_an_incomplete_choice_is_explained_and_kept(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address
    ) -> None:
        answer = client_for(ops).post(address("columns", waiting.pk), {"column_1": "name"})
        assert answer.status_code == 422
        assert "Choose the column that holds an id" in answer.content.decode()
        assert '<option value="name" selected>' in answer.content.decode()

    def test_one_field_for_two_columns_is_explained(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address
    ) -> None:
        answer = client_for(ops).post(address("columns", waiting.pk), {"column_0": "name", "column_1": "name"})
        assert answer.status_code == 422
        assert "“Alpha” and “Beta” cannot both be the same" in answer.content.decode()

    def test_a_field_that_does_not_exist_is_refused(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address
    ) -> None:
        assert client_for(ops).post(address("columns", waiting.pk), {"column_0": "owner_id"}).status_code == 422

    def test_what_has_moved_on_answers_409(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address
    ) -> None:
        services.cancel(actor=ops, one=waiting)
        assert client_for(ops).post(address("columns", waiting.pk), CHOICE).status_code == 409

    def test_a_reader_is_refused(self, client_for: Browser, csm: Member, waiting: Import, address: Address) -> None:
        assert client_for(csm).post(address("columns", waiting.pk), CHOICE).status_code == 403

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).post(address("columns", foreign), CHOICE).status_code == 404

    def test_rejects_get(self, client_for: Browser, ops: Member, waiting: Import, address: Address) -> None:
        assert client_for(ops).get(address("columns", waiting.pk)).status_code == 405
