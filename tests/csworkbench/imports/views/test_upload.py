"""Sending a sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from ..sheets import book_csv, row_of
from .conftest import Address

Browser = Callable[[Member], Client]


def sent(data: bytes = b"", name: str = "book.csv", kind: str = "book") -> dict[str, Any]:
    return {"kind": kind, "file": SimpleUploadedFile(name, data or book_csv(row_of()))}


class TestUpload:
    @pytest.mark.parametrize("role", ["ops", "lead", "admin"])
    def test_stores_the_file_and_goes_to_its_import(
        self, client_for: Browser, role: str, request: pytest.FixtureRequest, address: Address
    ) -> None:
        member = request.getfixturevalue(role)
        answer = client_for(member).post(address("upload"), sent())
        one = Import.objects.get()
        assert (answer.status_code, answer.headers["Location"]) == (302, address("detail", one.pk))
        assert (one.state, one.created_by, one.path.read_bytes()) == ("uploaded", member, book_csv(row_of()))

    @pytest.mark.parametrize("role", ["csm", "finance"])
    def test_others_are_refused(
        self, client_for: Browser, role: str, request: pytest.FixtureRequest, address: Address
    ) -> None:
        browser = client_for(request.getfixturevalue(role))
        assert browser.get(address("upload")).status_code == 403
        assert browser.post(address("upload"), sent()).status_code == 403
        assert not Import.objects.exists()

    def test_the_form_is_a_plain_form_with_a_file_field(
        self, client_for: Browser, ops: Member, address: Address
    ) -> None:
        page = client_for(ops).get(address("upload")).content.decode()
        assert 'enctype="multipart/form-data"' in page
        assert 'type="file"' in page
        assert address("template", "book") in page

    def test_the_address_chooses_the_kind(self, client_for: Browser, ops: Member, address: Address) -> None:
        page = " ".join(client_for(ops).get(address("upload"), {"kind": "book"}).content.decode().split())
        assert 'value="book" checked' in page
        assert client_for(ops).get(address("upload"), {"kind": "secrets"}).status_code == 200

    def test_every_format_may_be_chosen(self, client_for: Browser, ops: Member, address: Address) -> None:
        page = client_for(ops).get(address("upload")).content.decode()
        assert 'accept=".xlsx,.xlsm,.xls,.ods,.csv,.tsv,.txt"' in page

    def test_a_workbook_may_be_smaller_than_text(
        self, client_for: Browser, ops: Member, address: Address, settings: Any
    ) -> None:
        settings.MAX_WORKBOOK_BYTES = 1024 * 1024
        answer = client_for(ops).post(address("upload"), sent(b"x" * 1_100_000, "book.XLSX"))
        assert (answer.status_code, Import.objects.count()) == (422, 0)
        assert client_for(ops).post(address("upload"), sent(b"x" * 1_100_000, "book.csv")).status_code == 302

    def test_no_file_is_said_beside_the_field(self, client_for: Browser, ops: Member, address: Address) -> None:
        answer = client_for(ops).post(address("upload"), {"kind": "book"})
        assert answer.status_code == 422
        assert b"Choose a file first." in answer.content

    def test_an_empty_file_is_said(self, client_for: Browser, ops: Member, address: Address) -> None:
        empty = {"kind": "book", "file": SimpleUploadedFile("a.csv", b"")}
        assert b"The file is empty." in client_for(ops).post(address("upload"), empty).content

    def test_a_file_that_is_too_big_is_said(
        self, client_for: Browser, ops: Member, address: Address, settings: Any
    ) -> None:
        settings.MAX_UPLOAD_BYTES = 1024 * 1024
        answer = client_for(ops).post(address("upload"), sent(b"x" * 1_100_000))
        assert answer.status_code == 422
        assert b"larger than 1 MB" in answer.content
        assert not Import.objects.exists()

    def test_an_unknown_kind_is_refused(self, client_for: Browser, ops: Member, address: Address) -> None:
        assert client_for(ops).post(address("upload"), sent(kind="secrets")).status_code == 422

    def test_a_hostile_name_is_shown_as_text(self, client_for: Browser, ops: Member, address: Address) -> None:
        browser = client_for(ops)
        browser.post(address("upload"), sent(name="<script>alert(1)</script>.csv"))
        page = browser.get(address("list")).content.decode()
        assert "<script>alert" not in page

    def test_a_stranger_gets_404(self, client_for: Browser, ops: Member, other_workspace: Any) -> None:
        assert client_for(ops).post(f"/w/{other_workspace.slug}/imports/upload/", sent()).status_code == 404

    def test_rejects_put(self, client_for: Browser, ops: Member, address: Address) -> None:
        assert client_for(ops).put(address("upload")).status_code == 405
