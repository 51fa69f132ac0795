"""A second pair of eyes: what is approved is what was seen, by somebody who has no hand in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from csworkbench.imports import services
from csworkbench.imports.corrections import stamp
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member, OutgoingMail, Workspace
from tests.factories import make_member

from ..sheets import NANDU, book_csv, compared, examined, row_of
from .conftest import Address

Browser = Callable[[Member], Client]
FIX = {"use_v0": "5"}


@pytest.fixture
def waiting(ops: Member, keiko: Member) -> Import:
    """One new account and one row to correct, in a workspace that asks for a second person."""
    Workspace.objects.update(imports_need_approval=True)
    return compared(ops, book_csv(row_of(), row_of(NANDU, "Ñandú", mrr="tbd")))


class TestWhatWasSeen:
    def test_a_comparison_that_was_made_since_is_not_approved(
        self, client_for: Browser, ops: Member, lead: Member, waiting: Import, address: Address
    ) -> None:
        seen = stamp(waiting)
        client_for(ops).post(address("fix", waiting.pk), {**FIX, "seen": seen})
        examined(waiting)
        answer = client_for(lead).post(address("approve", waiting.pk), {"seen": seen})
        assert (answer.status_code, examined(waiting).state) == (409, "ready")
        assert "compared again since this page was drawn" in answer.content.decode()
        assert client_for(lead).post(address("approve", waiting.pk), {"seen": stamp(waiting)}).status_code == 302

    def test_one_that_is_made_in_the_same_moment_is_not_approved(
        self, ops: Member, lead: Member, waiting: Import
    ) -> None:
        looked_at = Import.objects.get(pk=waiting.pk)
        services.fix(actor=ops, one=waiting, fixes=[{"field": "mrr", "value": "tbd", "use": "5"}])
        examined(waiting)
        with pytest.raises(services.NotAllowed, match="moved on"):
            services.approve(actor=lead, one=looked_at)

    def test_corrections_of_two_people_at_once_do_not_undo_each_other(self, ops: Member, waiting: Import) -> None:
        other = Import.objects.get(pk=waiting.pk)
        services.fix(actor=ops, one=waiting, fixes=[{"field": "mrr", "value": "tbd", "use": "5"}])
        examined(waiting)
        with pytest.raises(services.NotAllowed, match="moved on"):
            services.fix(actor=ops, one=other, fixes=[{"field": "name", "value": "Ñandú", "use": "Nandu"}])
        assert len(examined(waiting).fixes) == 1


class TestWhoHasAHandInIt:
    def refused(self, browser: Client, one: Import, address: Address) -> bool:
        answer = browser.post(address("approve", one.pk), {"seen": stamp(one)})
        return answer.status_code == 409 and examined(one).state == "ready"

    def test_who_corrected_it_does_not_approve_it(
        self, client_for: Browser, workspace: Workspace, lead: Member, waiting: Import, address: Address
    ) -> None:
        admin = make_member(workspace, "Ada Admin", roles=["admin"])
        client_for(lead).post(address("fix", waiting.pk), {**FIX, "seen": stamp(waiting)})
        examined(waiting)
        assert waiting.fixes
        page = client_for(lead).get(address("detail", waiting.pk)).content.decode()
        assert admin.name in page and address("approve", waiting.pk) not in page
        assert self.refused(client_for(lead), waiting, address)
        assert client_for(admin).post(address("approve", waiting.pk), {"seen": stamp(waiting)}).status_code == 302

    def test_nor_who_chose_its_columns_or_what_every_row_says(
        self, client_for: Browser, lead: Member, waiting: Import, address: Address
    ) -> None:
        chosen = {f"column_{at}": key for key, at in waiting.mapping.items()}
        client_for(lead).post(address("columns", waiting.pk), {**chosen, "field_0": "tier", "value_0": "1"})
        examined(waiting)
        assert waiting.constants == {"tier": "1"}
        assert self.refused(client_for(lead), waiting, address)

    def test_nor_who_lets_it_overwrite_the_crm(
        self, client_for: Browser, lead: Member, waiting: Import, address: Address
    ) -> None:
        client_for(lead).post(address("crm", waiting.pk), {"overwrite": "yes"})
        assert examined(waiting).overwrites_crm
        assert self.refused(client_for(lead), waiting, address)

    def test_a_choice_that_changes_nothing_is_no_hand_in_it(
        self, client_for: Browser, lead: Member, waiting: Import, address: Address
    ) -> None:
        client_for(lead).post(address("crm", waiting.pk), {"overwrite": "no"})
        examined(waiting)
        assert client_for(lead).post(address("approve", waiting.pk), {"seen": stamp(waiting)}).status_code == 302

    def test_they_are_not_asked_either(
        self, client_for: Browser, workspace: Workspace, lead: Member, waiting: Import, address: Address
    ) -> None:
        client_for(lead).post(address("fix", waiting.pk), {**FIX, "seen": stamp(waiting)})
        newcomer = make_member(workspace, "Newcomer", roles=["ops"])
        assert services.approvers_of(waiting) == [newcomer]
        examined(waiting)
        assert OutgoingMail.objects.filter(to=newcomer.user.email).exists()

    def test_alone_is_well_where_nobody_asks_for_a_second_person(
        self, client_for: Browser, ops: Member, waiting: Import, address: Address
    ) -> None:
        Workspace.objects.update(imports_need_approval=False)
        client_for(ops).post(address("fix", waiting.pk), {**FIX, "seen": stamp(waiting)})
        examined(waiting)
        assert client_for(ops).post(address("approve", waiting.pk), {"seen": stamp(waiting)}).status_code == 302


class TestWhatWasWritten:
    def test_is_not_read_anew_from_another_table(
        self, client_for: Browser, ops: Member, lead: Member, waiting: Import, address: Address
    ) -> None:
        """Reading it anew would forget which rows are written, and none of them could be undone."""
        client_for(lead).post(address("approve", waiting.pk), {"seen": stamp(waiting)})
        Import.objects.filter(pk=waiting.pk).update(state="refused", applied_rows=1, applied_through=2)
        answer = client_for(ops).post(address("table", waiting.pk), {"header_row": "1"})
        waiting.refresh_from_db()
        assert (answer.status_code, waiting.state) == (409, "refused")
