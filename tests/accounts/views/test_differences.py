"""Differences of an account: side by side, accepted, kept, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Account, Contact, Difference
from csworkbench.common import clock
from csworkbench.tenancy.models import HistoryEntry, Member
from csworkbench.tenancy.scope import workspace_scope

Url = Callable[..., str]
PART = {"HX-Request": "true", "HX-Target": "differences"}


@pytest.fixture
def title(account: Account, ada: Contact) -> Difference:
    return Difference.objects.create(
        workspace=account.workspace, account=account, contact=ada, source="lms", field="title", value="Nurse"
    )


@pytest.fixture
def sven(account: Account) -> Difference:
    return Difference.objects.create(
        workspace=account.workspace, account=account, source="crm", field="person", value="sven@example.org",
        details={"first_name": "Sven", "last_name": "Moreau"},
    )  # fmt: skip


class TestPage:
    def test_shows_both_sides(
        self, account: Account, title: Difference, sven: Difference, as_csm: Client, url: Url
    ) -> None:
        page = as_csm.get(url(account, "differences")).text
        for text in ("Ada Gallo", "Nurse", "blank", "Sven Moreau", "Accept all of LMS", "Add as contact"):
            assert text in page

    def test_nothing_differs(self, account: Account, as_csm: Client, url: Url) -> None:
        assert "Nothing differs" in as_csm.get(url(account, "differences")).text

    def test_htmx_gets_the_part(self, account: Account, title: Difference, as_csm: Client, url: Url) -> None:
        part = as_csm.get(url(account, "differences"), headers=PART).text
        assert part.strip().startswith('<section id="differences"')

    def test_a_reader_reads_without_a_form(
        self, account: Account, title: Difference, as_reader: Client, url: Url
    ) -> None:
        page = as_reader.get(url(account, "differences")).text
        assert "Nurse" in page
        assert "Keep ours" not in page


class TestDeciding:
    def test_accepts_one(
        self, account: Account, ada: Contact, title: Difference, csm: Member, as_csm: Client, url: Url
    ) -> None:
        response = as_csm.post(url(account, "differences/accept"), {"difference": title.pk})
        assert (response.status_code, response["Location"]) == (302, url(account, "differences"))
        ada.refresh_from_db()
        assert ada.title == "Nurse"
        entry = HistoryEntry.objects.filter(row_id=ada.pk).latest("id")
        assert (entry.actor_id, entry.changes["title"]) == (csm.pk, ["", "Nurse"])
        assert "Took “Nurse” from LMS" in as_csm.get(url(account, "differences")).text

    def test_keeps_one(self, account: Account, ada: Contact, title: Difference, as_csm: Client, url: Url) -> None:
        part = as_csm.post(url(account, "differences/keep"), {"difference": title.pk}, headers=PART)
        assert (part.status_code, "Nothing differs" in part.text) == (200, True)
        title.refresh_from_db()
        assert title.decision == "kept"

    def test_accepts_all_that_a_source_says_of_a_contact(
        self, account: Account, ada: Contact, title: Difference, as_csm: Client, url: Url
    ) -> None:
        other = Difference.objects.create(
            workspace=account.workspace, account=account, contact=ada, source="crm", field="first_name", value="Adele"
        )
        as_csm.post(url(account, "differences/accept"), {"contact": ada.pk, "source": "lms"})
        title.refresh_from_db()
        other.refresh_from_db()
        assert (title.decision, other.decision) == ("accepted", "open")
        as_csm.post(url(account, "differences/keep"), {"contact": ada.pk})
        other.refresh_from_db()
        assert other.decision == "kept"

    def test_adds_an_unknown_person(self, account: Account, sven: Difference, as_csm: Client, url: Url) -> None:
        as_csm.post(url(account, "differences/accept"), {"difference": sven.pk})
        assert Contact.objects.get(email="sven@example.org").name == "Sven Moreau"

    def test_twice_does_nothing(
        self, account: Account, ada: Contact, title: Difference, as_csm: Client, url: Url
    ) -> None:
        for _ in range(2):
            as_csm.post(url(account, "differences/accept"), {"difference": title.pk})
        assert HistoryEntry.objects.filter(row_id=ada.pk, operation="update").count() == 1

    @pytest.mark.parametrize("part", ["differences/accept", "differences/keep"])
    def test_what_is_not_there_is_404(
        self, account: Account, foreign: Account, title: Difference, as_csm: Client, url: Url, part: str
    ) -> None:
        for data in ({"difference": uuid4()}, {"difference": "x"}, {"contact": uuid4()}, {}):
            assert as_csm.post(url(account, part), data).status_code == 404
        assert as_csm.post(url(foreign, part), {"difference": title.pk}).status_code == 404

    def test_another_workspaces_difference_is_404(
        self, account: Account, foreign: Account, as_csm: Client, url: Url
    ) -> None:
        with workspace_scope(foreign.workspace_id):
            theirs = Difference.objects.create(
                workspace=foreign.workspace, account=foreign, source="lms", field="person", value="x@example.org"
            )
        assert as_csm.post(url(account, "differences/keep"), {"difference": theirs.pk}).status_code == 404

    def test_a_reader_is_refused(self, account: Account, title: Difference, as_reader: Client, url: Url) -> None:
        for part in ("differences/accept", "differences/keep", f"differences/{title.pk}/undo"):
            assert as_reader.post(url(account, part), {"difference": title.pk}).status_code == 403

    def test_rejects_get(self, account: Account, title: Difference, as_csm: Client, url: Url) -> None:
        for part in ("differences/accept", "differences/keep", f"differences/{title.pk}/undo"):
            assert as_csm.get(url(account, part)).status_code == 405


class TestUndo:
    def test_takes_a_decision_back(
        self, account: Account, ada: Contact, title: Difference, as_csm: Client, url: Url
    ) -> None:
        as_csm.post(url(account, "differences/accept"), {"difference": title.pk})
        response = as_csm.post(url(account, f"differences/{title.pk}/undo"))
        assert response.status_code == 302
        ada.refresh_from_db()
        title.refresh_from_db()
        assert (ada.title, title.decision) == ("", "open")

    def test_is_a_conflict_when_somebody_went_on(
        self, account: Account, ada: Contact, title: Difference, as_csm: Client, url: Url
    ) -> None:
        as_csm.post(url(account, "differences/accept"), {"difference": title.pk})
        Contact.objects.update(title="Doctor")
        response = as_csm.post(url(account, f"differences/{title.pk}/undo"), headers=PART)
        assert (response.status_code, "Doctor" in response.text) == (409, True)

    def test_is_not_offered_for_long(
        self, account: Account, csm: Member, title: Difference, as_csm: Client, url: Url
    ) -> None:
        Difference.objects.update(decision="kept", decided_by=csm, decided_at=clock.now() - timedelta(hours=1))
        assert "Just decided" not in as_csm.get(url(account, "differences")).text
