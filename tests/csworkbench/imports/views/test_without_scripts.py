"""The whole story with plain forms and links: what a page offers is followed, nothing is made up."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Account
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member
from tests.isolation.hypertext import Form, forms_of

from ..sheets import NANDU, SUMMIT, book_csv, examined, row_of
from .conftest import Address

Browser = Callable[[Member], Client]


def form_to(page: str, name: str) -> Form:
    """The form of a page that posts to an address with this last part."""
    return next(form for form in forms_of(page) if form.action.endswith(f"/{name}/") and form.can_be_sent)


class Story:
    """A person without JavaScript, and the worker in between."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser

    def get(self, address: str) -> str:
        return self.browser.get(address).content.decode()

    def send(self, address: str, name: str, **said: str) -> str:
        """Fill in a form of a page as it stands, with what is said; returns the page it leads to."""
        form = form_to(self.get(address), name)
        data = {field.name: field.value for field in form.fields.values() if field.sent} | said
        answer = self.browser.post(form.action, data, follow=True)
        assert answer.redirect_chain, re.findall(r'role="alert">.*?</p>', answer.content.decode(), re.DOTALL)
        return answer.content.decode()


class TestWithoutScripts:
    def test_from_the_upload_to_the_undo(
        self, client_for: Browser, ops: Member, keiko: Member, address: Address
    ) -> None:
        story = Story(client_for(ops))
        rows = (row_of(csm="Keiko Uedo"), row_of(NANDU, "Ñandú", lms="0000009", mrr="tbd"), row_of(SUMMIT, "Summit"))
        file = SimpleUploadedFile("book.csv", book_csv(*rows))
        story.browser.post(address("upload"), {"kind": "book", "file": file})
        one = Import.objects.get()
        here = address("detail", one.pk)
        assert "Look again" in story.get(here)

        examined(one)
        key = re.search(r'Correct “Keiko Uedo” in CSM.*?name="use_(v\d+)"', story.get(here), re.DOTALL)
        assert key is not None
        story.send(here, "fix", **{f"choice_{key[1]}": "s0"})
        examined(one)
        story.send(here, "columns", field_0="tier", value_0="2")
        examined(one)
        assert one.counts["new"] == 2

        story.send(here, "approve")
        services.apply_import(one.workspace_id, one.pk)
        assert "2 rows written" in story.get(here)
        assert set(Account.objects.values_list("tier", flat=True)) == {2}
        sheet = openpyxl.load_workbook(io.BytesIO(story.browser.get(address("rejects", one.pk)).content)).active
        assert [row[0].value for row in sheet.rows][1:] == [NANDU]

        undo = address("undo", one.pk)
        assert undo in story.get(here)
        story.browser.post(undo)
        services.undo_import(one.workspace_id, one.pk)
        assert "2 rows taken back" in story.get(here)
        assert not Account.objects.exists()
