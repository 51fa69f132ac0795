"""Whether fields that the CRM owns are written."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.test import Client

from csworkbench.imports.models import Import, ImportRow
from csworkbench.tenancy.models import Member

from .conftest import Address

Browser = Callable[[Member], Client]


def held(one: Import) -> None:
    """As if the CRM owned the segment of the one good row."""
    ImportRow.objects.filter(import_batch=one, verdict="new").update(
        verdict="crm", held={"segment": ["Clinics", "Hospitals"]}
    )
    Import.objects.filter(pk=one.pk).update(counts={"new": 0, "crm": 1, "rejected": 1})


class TestCrm:
    def test_what_is_held_is_shown_with_the_choice(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        held(ready)
        page = " ".join(client_for(ops).get(address("detail", ready.pk), {"show": "crm"}).content.decode().split())
        assert "The CRM keeps its fields." in page
        assert "Clinics" in page and "Hospitals" in page
        assert "Overwrite with the sheet" in page

    def test_overwriting_compares_again_and_can_be_taken_back(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        held(ready)
        browser = client_for(ops)
        answer = browser.post(address("crm", ready.pk), {"overwrite": "yes"})
        ready.refresh_from_db()
        assert answer.headers["Location"] == address("detail", ready.pk)
        assert (ready.state, ready.overwrites_crm) == ("mapped", True)
        Import.objects.update(state="ready")
        assert "Keep what the CRM has" in browser.get(address("detail", ready.pk), {"show": "crm"}).content.decode()
        browser.post(address("crm", ready.pk), {"overwrite": "no"})
        ready.refresh_from_db()
        assert not ready.overwrites_crm

    def test_only_rows_that_change_a_field(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        held(ready)
        browser = client_for(ops)
        page = browser.get(address("detail", ready.pk), {"show": "crm", "column": "segment"}).content.decode()
        assert "Only Segment (1)" in page and "Willow Urgent Care" in page
        page = browser.get(address("detail", ready.pk), {"show": "crm", "column": "tier"}).content.decode()
        assert "No row matches." in page

    def test_what_has_moved_on_answers_409(
        self, client_for: Browser, ops: Member, ready: Import, address: Address
    ) -> None:
        Import.objects.update(state="applied")
        assert client_for(ops).post(address("crm", ready.pk), {"overwrite": "yes"}).status_code == 409

    def test_a_reader_is_refused(self, client_for: Browser, csm: Member, ready: Import, address: Address) -> None:
        assert client_for(csm).post(address("crm", ready.pk), {"overwrite": "yes"}).status_code == 403

    def test_another_workspaces_import_is_404(
        self, client_for: Browser, ops: Member, foreign: UUID, address: Address
    ) -> None:
        assert client_for(ops).post(address("crm", foreign)).status_code == 404

    def test_rejects_get(self, client_for: Browser, ops: Member, ready: Import, address: Address) -> None:
        assert client_for(ops).get(address("crm", ready.pk)).status_code == 405
