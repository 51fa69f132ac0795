"""Forms of an import that nobody drew: numbers without end, NULs, values as long as a book, fields out of turn."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import CustomField
from csworkbench.imports.corrections import stamp
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from ..sheets import NANDU, WILLOW, book_csv, compared, csv_bytes, row_of
from .conftest import Address

Browser = Callable[[Member], Client]
ENDLESS = "1" * 5000
CHOICE = {"column_0": "sf_id", "column_1": "name"}


@pytest.fixture
def waiting(ops: Member) -> Import:
    return compared(ops, csv_bytes(("Alpha", "Beta", "Gamma", "Delta"), (WILLOW, "Willow", "3", "4")))


@pytest.fixture
def unclear(ops: Member, keiko: Member) -> Import:
    return compared(ops, book_csv(row_of(), row_of(NANDU, "Ñandú", mrr="tbd", first="x" * 90)))


class TestNumbersWithoutEnd:
    def test_a_line_of_constants(self, client_for: Browser, ops: Member, waiting: Import, address: Address) -> None:
        data = urlencode({**CHOICE, f"field_{ENDLESS}": "tier", f"value_{ENDLESS}": "1"})
        form = "application/x-www-form-urlencoded"
        assert client_for(ops).post(address("columns", waiting.pk), data, content_type=form).status_code == 302

    def test_the_place_of_a_correction(
        self, client_for: Browser, ops: Member, unclear: Import, address: Address
    ) -> None:
        data = {"seen": stamp(unclear), "position": ENDLESS}
        assert client_for(ops).post(address("unfix", unclear.pk), data).status_code == 409

    def test_the_place_of_a_suggestion(
        self, client_for: Browser, ops: Member, unclear: Import, address: Address
    ) -> None:
        data = {"seen": stamp(unclear), "choice_v0": f"s{ENDLESS}"}
        assert client_for(ops).post(address("fix", unclear.pk), data).status_code == 422


class TestValues:
    @pytest.mark.parametrize("text", ["Rosa\0Vargas", f"Rosa{' ' * 3000}Vargas"])
    def test_a_constant_is_stored_as_text_or_refused(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address, text: str
    ) -> None:
        data = {**CHOICE, "field_0": "industry", "value_0": text}
        status = client_for(ops).post(address("columns", waiting.pk), data).status_code
        waiting.refresh_from_db()
        assert (status, len(waiting.constants.get("industry", "")) < 1001) in {(302, True), (422, True)}

    @pytest.mark.parametrize("text", ["Rosa\0Vargas", f"Rosa{' ' * 3000}Vargas"])
    def test_so_is_a_correction(
        self, client_for: Browser, ops: Member, unclear: Import, address: Address, text: str
    ) -> None:
        (at,) = [at for at, problem in enumerate(unclear.problems) if problem["field"] == "first_name"]
        data = {"seen": stamp(unclear), f"use_v{at}": text}
        status = client_for(ops).post(address("fix", unclear.pk), data).status_code
        unclear.refresh_from_db()
        assert status in {302, 422}
        assert all(len(fix["use"]) < 1001 for fix in unclear.fixes)


class TestNewFields:
    def test_a_lead_has_no_more_power_here_than_in_the_settings(
        self, client_for: Browser, lead: Member, waiting: Import, address: Address
    ) -> None:
        answer = client_for(lead).post(address("columns", waiting.pk), {**CHOICE, "column_2": "new:text"})
        assert (answer.status_code, CustomField.objects.count()) == (422, 0)
        assert "An admin or CS Ops" in answer.content.decode()

    def test_none_is_made_when_another_one_cannot_be(self, client_for: Browser, ops: Member, address: Address) -> None:
        title = "x" * 90
        one = compared(ops, csv_bytes(("Alpha", "Beta", f"{title}1", f"{title}2"), (WILLOW, "Willow", "3", "4")))
        data = {**CHOICE, "column_2": "new:text", "column_3": "new:text"}
        answer = client_for(ops).post(address("columns", one.pk), data)
        assert (answer.status_code, CustomField.objects.count()) == (422, 0)

    def test_none_is_made_when_the_import_has_moved_on(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address
    ) -> None:
        Import.objects.filter(pk=waiting.pk).update(state="cancelled")
        answer = client_for(ops).post(address("columns", waiting.pk), {**CHOICE, "column_2": "new:text"})
        assert (answer.status_code, CustomField.objects.count()) == (409, 0)
