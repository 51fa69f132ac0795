"""Letting an import rest, go on, or end half way."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member

from .conftest import Address

Browser = Callable[[Member], Client]


@pytest.fixture
def under_way(ready: Import) -> Import:
    """As if 3 of 9 rows had been written."""
    Import.objects.update(state="applying", applied_rows=3, counts={"new": 9})
    ready.refresh_from_db()
    return ready


@pytest.mark.parametrize(
    ("name", "before", "after"), [("pause", "applying", "paused"), ("resume", "paused", "applying")]
)
class TestPauseAndResume:
    def test_moves_on(
        self, client_for: Browser, ops: Member, under_way: Import, address: Address, name: str, before: str, after: str
    ) -> None:
        Import.objects.update(state=before)
        browser = client_for(ops)
        assert address(name, under_way.pk) in browser.get(address("detail", under_way.pk)).content.decode()
        answer = browser.post(address(name, under_way.pk))
        under_way.refresh_from_db()
        assert (answer.status_code, under_way.state) == (302, after)

    def test_a_second_time_answers_409(
        self, client_for: Browser, ops: Member, under_way: Import, address: Address, name: str, before: str, after: str
    ) -> None:
        Import.objects.update(state=after)
        assert client_for(ops).post(address(name, under_way.pk)).status_code == 409

    def test_a_reader_is_refused(
        self, client_for: Browser, csm: Member, under_way: Import, address: Address, name: str, before: str, after: str
    ) -> None:
        browser = client_for(csm)
        assert browser.post(address(name, under_way.pk)).status_code == 403
        assert address(name, under_way.pk) not in browser.get(address("detail", under_way.pk)).content.decode()

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address, name: str, before: str, after: str
    ) -> None:
        assert client_for(ops).post(address(name, foreign)).status_code == 404

    def test_rejects_get(
        self, client_for: Browser, ops: Member, under_way: Import, address: Address, name: str, before: str, after: str
    ) -> None:
        assert client_for(ops).get(address(name, under_way.pk)).status_code == 405


class TestProgress:
    STATUS = {"HX-Request": "true", "HX-Target": "import-status"}

    def test_says_how_far_it_is_and_what_cancelling_means(
        self, client_for: Browser, ops: Member, under_way: Import, address: Address
    ) -> None:
        page = " ".join(client_for(ops).get(address("detail", under_way.pk)).content.decode().split())
        assert "3 of 9 rows" in page
        assert "The rows written by the time it stops stay" in page
        Import.objects.update(state="paused")
        page = " ".join(client_for(ops).get(address("detail", under_way.pk)).content.decode().split())
        assert "3 rows are written already and stay" in page

    def test_polling_gets_the_status_alone(
        self, client_for: Browser, ops: Member, under_way: Import, address: Address
    ) -> None:
        answer = client_for(ops).get(address("detail", under_way.pk), {"was": "applying"}, headers=self.STATUS)
        assert answer.content.lstrip().startswith(b'<div id="import-status"')
        assert "HX-Retarget" not in answer.headers

    def test_the_end_of_the_work_brings_the_panel(
        self, client_for: Browser, ops: Member, under_way: Import, address: Address
    ) -> None:
        Import.objects.update(state="applied")
        answer = client_for(ops).get(address("detail", under_way.pk), {"was": "applying"}, headers=self.STATUS)
        assert answer.content.lstrip().startswith(b'<div id="import-panel"')
        assert answer.headers["HX-Retarget"] == "#import-panel"

    def test_cancelled_half_way_says_what_stays(
        self, client_for: Browser, ops: Member, under_way: Import, address: Address
    ) -> None:
        browser = client_for(ops)
        browser.post(address("cancel", under_way.pk))
        page = " ".join(browser.get(address("detail", under_way.pk)).content.decode().split())
        assert "3 rows had been written by then and stay" in page
        assert address("undo", under_way.pk) in page
