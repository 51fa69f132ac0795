"""Letting an import go ahead."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.test import Client

from accounts.models import Account
from csworkbench.imports.corrections import stamp
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member, Workspace

from .conftest import Address

Browser = Callable[[Member], Client]
HTMX = {"HX-Request": "true", "HX-Target": "import-panel"}


def seen(one: Import) -> dict[str, str]:
    """What the page of this comparison sends along."""
    return {"seen": stamp(one)}


class TestApprove:
    def test_moves_on_and_goes_back_to_the_import(
        self, client_for: Browser, lead: Member, ready: Import, address: Address
    ) -> None:
        answer = client_for(lead).post(address("approve", ready.pk), seen(ready))
        ready.refresh_from_db()
        assert (answer.status_code, answer.headers["Location"]) == (302, address("detail", ready.pk))
        assert (ready.state, Account.objects.count()) == ("applying", 0)

    def test_a_page_that_says_not_what_it_showed_approves_nothing(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        assert client_for(ops).post(address("approve", ready.pk)).status_code == 409
        ready.refresh_from_db()
        assert ready.state == "ready"

    def test_the_page_says_what_it_showed(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        page = client_for(ops).get(address("detail", ready.pk)).content.decode()
        assert f'name="seen" value="{stamp(ready)}"' in page

    def test_htmx_gets_the_panel(self, client_for: Browser, ops: Member, ready: Import, address: Address) -> None:
        answer = client_for(ops).post(address("approve", ready.pk), seen(ready), headers=HTMX)
        assert answer.content.lstrip().startswith(b'<div id="import-panel"')

    def test_a_second_time_answers_409_with_the_import_as_it_is(
        self, client_for: Browser, ops: Member, admin: Member, ready: Import, address: Address
    ) -> None:
        client_for(ops).post(address("approve", ready.pk), seen(ready))
        answer = client_for(admin).post(address("approve", ready.pk), seen(ready))
        assert answer.status_code == 409
        assert "Someone else was faster" in answer.content.decode()
        ready.refresh_from_db()
        assert ready.state == "applying"

    def test_a_second_person_approves_where_the_workspace_asks_for_one(
        self, client_for: Browser, ops: Member, lead: Member, csm: Member, ready: Import, address: Address
    ) -> None:
        Workspace.objects.update(imports_need_approval=True)
        page = client_for(ops).get(address("detail", ready.pk)).content.decode()
        assert "A second person approves." in page and lead.name in page
        assert address("approve", ready.pk) not in page and csm.name not in page
        assert client_for(ops).post(address("approve", ready.pk), seen(ready)).status_code == 409
        assert "Apply 1 row" in client_for(lead).get(address("detail", ready.pk)).content.decode()
        assert client_for(lead).post(address("approve", ready.pk), seen(ready)).status_code == 302

    def test_the_sender_reads_that_nobody_else_may(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        Workspace.objects.update(imports_need_approval=True)
        assert "Nobody else may here" in client_for(ops).get(address("detail", ready.pk)).content.decode()

    def test_a_reader_is_refused(self, client_for: Browser, csm: Member, ready: Import, address: Address) -> None:
        assert client_for(csm).post(address("approve", ready.pk)).status_code == 403
        ready.refresh_from_db()
        assert ready.state == "ready"

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).post(address("approve", foreign)).status_code == 404

    def test_rejects_get(self, client_for: Browser, ops: Member, ready: Import, address: Address) -> None:
        assert client_for(ops).get(address("approve", ready.pk)).status_code == 405
