"""Large sheets: made by a worker, offered on the page of the import, gone after a day."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import openpyxl
import pytest
from django.test import Client

from csworkbench.common import clock
from csworkbench.imports import services, tasks
from csworkbench.imports.models import Import
from csworkbench.imports.services import exporting
from csworkbench.tenancy.models import Member

from .conftest import Address

Browser = Callable[[Member], Client]
Sent = list[tuple[str, dict[str, object]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    messages: Sent = []
    monkeypatch.setattr(exporting, "enqueue", lambda name, **ids: messages.append((name, ids)))
    return messages


@pytest.fixture(autouse=True)
def any_sheet_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 0)


def work(sent: Sent) -> None:
    while sent:
        name, ids = sent.pop()
        assert name == "imports.write_sheets"
        tasks.write_sheets(workspace_id=ids["workspace_id"], import_id=ids["import_id"])


@pytest.mark.parametrize(("sheet", "name"), [("changes", "export"), ("rejects", "rejects")])
class TestPrepare:
    def test_goes_from_the_page_to_the_download(
        self, client_for: Browser, csm: Member, ready: Import, address: Address, sent: Sent, sheet: str, name: str
    ) -> None:
        browser = client_for(csm)
        page = browser.get(address("detail", ready.pk)).content.decode()
        assert f'value="{sheet}"' in page and address(name, ready.pk) not in page
        assert browser.post(address("prepare", ready.pk), {"sheet": sheet}).status_code == 302
        assert "put into a sheet" in browser.get(address("detail", ready.pk)).content.decode()
        work(sent)
        assert address(name, ready.pk) in browser.get(address("detail", ready.pk)).content.decode()
        answer = browser.get(address(name, ready.pk))
        assert answer.headers["Content-Disposition"] == f'attachment; filename="spring book-{sheet}.xlsx"'
        assert openpyxl.load_workbook(io.BytesIO(answer.content)).active.max_row >= 2

    def test_is_for_its_owner_alone_and_leaves_nothing_beside_it(
        self, ready: Import, sent: Sent, sheet: exporting.Sort, name: str
    ) -> None:
        services.prepare_sheet(one=ready, sort=sheet)
        work(sent)
        found = services.SheetOut(ready, sheet).path
        assert found.stat().st_mode & 0o777 == 0o600
        assert sorted(ready.path.parent.iterdir()) == sorted([ready.path, found])

    def test_is_asked_for_once(self, ready: Import, sent: Sent, sheet: exporting.Sort, name: str) -> None:
        services.prepare_sheet(one=ready, sort=sheet)
        services.prepare_sheet(one=ready, sort=sheet)
        assert len(sent) == 1

    def test_before_it_is_there_the_download_leads_to_the_page(
        self, client_for: Browser, ops: Member, ready: Import, address: Address, sheet: str, name: str
    ) -> None:
        answer = client_for(ops).get(address(name, ready.pk), follow=True)
        assert answer.redirect_chain == [(address("detail", ready.pk), 302)]
        assert "prepare it first" in answer.content.decode()

    def test_what_failed_can_be_asked_for_again(
        self, ready: Import, sent: Sent, monkeypatch: pytest.MonkeyPatch, sheet: exporting.Sort, name: str
    ) -> None:
        services.prepare_sheet(one=ready, sort=sheet)
        monkeypatch.setattr(services.SheetOut, "make", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work(sent)
        assert not services.SheetOut(ready, sheet).is_under_way
        assert list(ready.path.parent.iterdir()) == [ready.path]

    def test_another_state_of_the_import_is_another_sheet(
        self, ready: Import, sent: Sent, sheet: exporting.Sort, name: str
    ) -> None:
        services.prepare_sheet(one=ready, sort=sheet)
        work(sent)
        assert services.SheetOut(ready, sheet).is_ready
        ready.compared_at = clock.now() + timedelta(seconds=1)
        assert not services.SheetOut(ready, sheet).is_ready

    def test_is_gone_after_a_day(
        self, ready: Import, sent: Sent, monkeypatch: pytest.MonkeyPatch, sheet: exporting.Sort, name: str
    ) -> None:
        services.prepare_sheet(one=ready, sort=sheet)
        work(sent)
        services.sweep_sheets(ready.workspace_id)
        assert services.SheetOut(ready, sheet).is_ready
        tomorrow = clock.now() + timedelta(days=1, minutes=1)
        monkeypatch.setattr("csworkbench.common.clock.now", lambda: tomorrow)
        assert not services.SheetOut(ready, sheet).is_ready
        services.sweep_sheets(ready.workspace_id)
        assert list(ready.path.parent.iterdir()) == [ready.path]


class TestTheAddress:
    def test_htmx_gets_the_sheets_alone(
        self, client_for: Browser, ops: Member, ready: Import, address: Address, sent: Sent
    ) -> None:
        headers = {"HX-Request": "true", "HX-Target": "import-sheets"}
        answer = client_for(ops).post(address("prepare", ready.pk), {"sheet": "changes"}, headers=headers)
        assert answer.content.lstrip().startswith(b'<div id="import-sheets"')

    def test_refuses_an_unknown_sheet(self, client_for: Browser, ops: Member, ready: Import, address: Address) -> None:
        assert client_for(ops).post(address("prepare", ready.pk), {"sheet": "x"}).status_code == 422

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).post(address("prepare", foreign), {"sheet": "changes"}).status_code == 404

    def test_rejects_get(self, client_for: Browser, ops: Member, ready: Import, address: Address) -> None:
        assert client_for(ops).get(address("prepare", ready.pk)).status_code == 405
