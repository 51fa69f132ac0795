"""Downloading what was not applied."""

from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID

import openpyxl
from django.test import Client

from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from .conftest import Address

Browser = Callable[[Member], Client]


class TestRejects:
    def test_is_a_sheet_named_after_the_file(
        self, client_for: Browser, csm: Member, ready: Import, address: Address
    ) -> None:
        answer = client_for(csm).get(address("rejects", ready.pk))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="spring book-rejects.xlsx"'
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
        assert [row[0] for row in rows] == ["Salesforce ID", "001ABC"]

    def test_a_name_cannot_break_the_header(
        self, client_for: Browser, csm: Member, ready: Import, address: Address
    ) -> None:
        Import.objects.update(file_name='a"; x="b\u202e.csv')
        header = client_for(csm).get(address("rejects", ready.pk)).headers["Content-Disposition"]
        assert header.count('"') == 2
        assert header.isascii()

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).get(address("rejects", foreign)).status_code == 404

    def test_rejects_post(self, client_for: Browser, ops: Member, ready: Import, address: Address) -> None:
        assert client_for(ops).post(address("rejects", ready.pk)).status_code == 405
