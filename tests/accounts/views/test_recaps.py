"""A meeting owes its recap until it is sent (PLB-3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts import services
from accounts.models import Account, Interaction
from csworkbench.common import clock
from csworkbench.tenancy.models import Member

Url = Callable[..., str]
HTMX = {"HX-Request": "true", "HX-Target": "timeline"}
RECAPS = "/w/northwind/accounts/recaps/"


@pytest.fixture
def meeting(account: Account, csm: Member) -> Interaction:
    return services.log_interaction(
        actor=csm,
        account=account,
        kind="meeting",
        subject="Quarterly review",
        needs_recap=True,
        happened_at=clock.now() - timedelta(days=2),
    )


class TestRecap:
    def test_is_owed_everywhere_until_it_is_sent(
        self, meeting: Interaction, account: Account, as_csm: Client, url: Url
    ) -> None:
        assert "1 recap owed" in as_csm.get(url(account)).text
        assert "Quarterly review" in as_csm.get(RECAPS).text
        answer = as_csm.post(url(account, f"entries/{meeting.pk}/recap"))
        assert (answer.status_code, answer["Location"]) == (302, url(account))
        meeting.refresh_from_db()
        assert meeting.recap_sent_at == clock.now()
        text = as_csm.get(url(account)).text
        assert "recap owed" not in text
        assert "Recap sent Nov 23" in text
        assert "Nobody waits for a recap" in as_csm.get(RECAPS).text

    def test_twice_does_nothing_and_it_can_be_taken_back(
        self, meeting: Interaction, account: Account, as_csm: Client, url: Url, frozen: object
    ) -> None:
        address = url(account, f"entries/{meeting.pk}/recap")
        as_csm.post(address)
        sent = clock.now()
        frozen.shift(timedelta(hours=1))  # type: ignore[attr-defined]
        as_csm.post(address)
        meeting.refresh_from_db()
        assert meeting.recap_sent_at == sent
        answer = as_csm.post(address, {"sent": "no", "back": "entry"})
        assert answer["Location"] == url(account, f"entries/{meeting.pk}")
        meeting.refresh_from_db()
        assert meeting.recap_sent_at is None

    def test_htmx_gets_what_it_stands_in(
        self, meeting: Interaction, account: Account, as_csm: Client, url: Url
    ) -> None:
        answer = as_csm.post(url(account, f"entries/{meeting.pk}/recap"), headers=HTMX)
        for part in ('id="timeline"', 'id="recaps-owed"', "account-changed"):
            assert part in answer.text + answer["HX-Trigger-After-Settle"]
        assert "recap owed" not in answer.text, "the head as it is after the write"
        as_csm.post(url(account, f"entries/{meeting.pk}/recap"), {"sent": "no"})
        listed = as_csm.post(
            url(account, f"entries/{meeting.pk}/recap"),
            {"back": "recaps"},
            headers={"HX-Request": "true", "HX-Target": "recaps"},
        )
        assert "<html" not in listed.text
        assert "Nobody waits for a recap" in listed.text

    def test_a_plain_form_of_the_list_leads_back_to_it(
        self, meeting: Interaction, account: Account, as_csm: Client, url: Url
    ) -> None:
        answer = as_csm.post(url(account, f"entries/{meeting.pk}/recap"), {"back": "recaps"})
        assert answer["Location"] == RECAPS

    def test_a_colleague_may_say_so_too_and_sees_only_their_own(
        self, meeting: Interaction, account: Account, client_for: Callable[[Member], Client], lead: Member, url: Url
    ) -> None:
        as_lead = client_for(lead)
        assert "Quarterly review" not in as_lead.get(RECAPS).text
        assert as_lead.post(url(account, f"entries/{meeting.pk}/recap")).status_code == 302

    def test_rejects_other_verbs(self, meeting: Interaction, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(account, f"entries/{meeting.pk}/recap")).status_code == 405
        assert as_csm.post(RECAPS).status_code == 405
