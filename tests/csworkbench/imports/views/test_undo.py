"""Taking an import back, after saying what that does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Account
from csworkbench.common import clock
from csworkbench.imports import services
from csworkbench.imports.models import Import, ImportRow
from csworkbench.tenancy.models import Member
from csworkbench.tenancy.scope import Actor, workspace_scope

from ..sheets import NANDU, applied, book_csv, row_of
from .conftest import Address

Browser = Callable[[Member], Client]


@pytest.fixture
def done(ops: Member, keiko: Member) -> Import:
    """Two new accounts."""
    return applied(ops, book_csv(row_of(), row_of(NANDU, "Ñandú", lms="0000009")), "done.csv")


class TestUndo:
    def test_says_first_what_it_takes_back_and_until_when(
        self, client_for: Browser, ops: Member, done: Import, address: Address
    ) -> None:
        browser = client_for(ops)
        assert address("undo", done.pk) in browser.get(address("detail", done.pk)).content.decode()
        page = " ".join(browser.get(address("undo", done.pk)).content.decode().split())
        assert "<dd> 2 </dd>" in page and "open until" in page
        assert Account.objects.count() == 2

    def test_names_what_stays_and_who_changed_it(
        self, client_for: Browser, ops: Member, csm: Member, done: Import, address: Address
    ) -> None:
        with workspace_scope(done.workspace_id, actor=Actor("member", csm.pk, csm.user_id)):
            Account.objects.filter(sf_id=NANDU).update(segment="Clinics")
        page = client_for(ops).get(address("undo", done.pk)).content.decode()
        assert "Rows that somebody changed since stay as they are" in page
        assert csm.name in page

    def test_is_done_by_a_worker_and_shown(
        self, client_for: Browser, ops: Member, csm: Member, done: Import, address: Address
    ) -> None:
        with workspace_scope(done.workspace_id, actor=Actor("member", csm.pk, csm.user_id)):
            Account.objects.filter(sf_id=NANDU).update(segment="Clinics")
        browser = client_for(ops)
        answer = browser.post(address("undo", done.pk))
        done.refresh_from_db()
        assert (answer.headers["Location"], done.state) == (address("detail", done.pk), "undoing")
        services.undo_import(done.workspace_id, done.pk)
        page = " ".join(browser.get(address("detail", done.pk), {"show": "kept"}).content.decode().split())
        assert "1 row taken back." in page and "what was kept, and who changed it" in page
        assert "Ñandú" in page and csm.name in page
        assert ImportRow.objects.get(undo="kept").kept_because

    def test_too_late_leads_back_and_changes_nothing(
        self, client_for: Browser, ops: Member, done: Import, address: Address
    ) -> None:
        Import.objects.update(finished_at=clock.now() - timedelta(days=31))
        browser = client_for(ops)
        assert browser.get(address("undo", done.pk)).headers["Location"] == address("detail", done.pk)
        answer = browser.post(address("undo", done.pk))
        assert answer.status_code == 409
        assert "for 30 days" in answer.content.decode()
        assert "It could be undone until" in browser.get(address("detail", done.pk)).content.decode()

    def test_a_reader_is_refused(self, client_for: Browser, csm: Member, done: Import, address: Address) -> None:
        browser = client_for(csm)
        assert browser.get(address("undo", done.pk)).status_code == 403
        assert browser.post(address("undo", done.pk)).status_code == 403

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).get(address("undo", foreign)).status_code == 404
        assert client_for(ops).post(address("undo", foreign)).status_code == 404

    def test_rejects_put(self, client_for: Browser, ops: Member, done: Import, address: Address) -> None:
        assert client_for(ops).put(address("undo", done.pk)).status_code == 405
