"""Choosing what the columns are."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from csworkbench.imports import services
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from ..sheets import WILLOW, compared, csv_bytes, examined
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
        assert b"Comparing with the workspace" in answer.content

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

    def test_two_columns_that_are_right_are_kept_when_another_is_not(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address
    ) -> None:
        said = {"column_1": "name", "also_1": "segment", "field_0": "tier", "value_0": "9"}
        page = " ".join(client_for(ops).post(address("columns", waiting.pk), said).content.decode().split())
        assert page.count('<option value="name" selected>') == 1
        assert '<option value="segment" selected>' in page
        assert 'name="value_0" value="9"' in page

    def test_one_column_is_two_fields_and_every_row_says_the_same(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address
    ) -> None:
        said = CHOICE | {"also_1": "segment", "field_0": "tier", "value_0": "2", "field_1": "none", "value_1": ""}
        client_for(ops).post(address("columns", waiting.pk), said)
        waiting.refresh_from_db()
        assert waiting.mapping == {"sf_id": 0, "name": 1, "segment": 1}
        assert waiting.constants == {"tier": "2"}
        page = " ".join(client_for(ops).get(address("detail", waiting.pk)).content.decode().split())
        assert '<option value="segment" selected>' in page

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"field_0": "tier", "value_0": "9"}, "Tier"),
            ({"field_0": "none", "value_0": "gold"}, "Choose the field that is “gold” in every row."),
            ({"field_0": "tier", "value_0": "1", "field_1": "tier", "value_1": "2"}, "said twice"),
            ({"field_0": "name", "value_0": "Willow"}, "has a column and a value for every row"),
            ({"column_0": "new:secrets"}, "There is no such field here."),
            ({"field_0": "secrets", "value_0": "x"}, "There is no such field here."),
        ],
    )
    def test_what_every_row_says_has_to_mean_something(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address, said: dict[str, str], why: str
    ) -> None:
        answer = client_for(ops).post(address("columns", waiting.pk), CHOICE | said)
        assert answer.status_code == 422
        assert why in answer.content.decode()
        waiting.refresh_from_db()
        assert waiting.state == "read"

    def test_a_column_becomes_a_field_of_the_workspace(
        self, client_for: Browser, ops: Member, address: Address
    ) -> None:
        one = compared(ops, csv_bytes(("Salesforce ID", "Account", "Colour"), (WILLOW, "Willow", "green")))
        page = client_for(ops).get(address("detail", one.pk)).content.decode()
        assert '<optgroup label="A new field">' in page
        client_for(ops).post(address("columns", one.pk), CHOICE | {"column_2": "new:text"})
        one.refresh_from_db()
        made = next(key for key, position in one.mapping.items() if position == 2)
        assert made in kind_called("book").context(ops.workspace).keys
        assert examined(one).counts["new"] == 1

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
