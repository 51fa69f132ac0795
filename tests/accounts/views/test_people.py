"""Everybody at an account, and the card on its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Account, Contact, Difference, Interaction
from csworkbench.common import clock
from tests.factories import ContactFactory

Url = Callable[..., str]
CARD = {"HX-Request": "true", "HX-Target": "people"}


class TestPeople:
    def test_shows_who_they_are_and_whether_they_answer(
        self, account: Account, ada: Contact, as_csm: Client, url: Url
    ) -> None:
        Contact.objects.update(validity="active", validity_source="lms", validity_on="2026-11-02")
        Interaction.objects.create(
            workspace=account.workspace, account=account, contact=ada, kind="call", answered=True,
            happened_at=clock.now() - timedelta(days=34),
        )  # fmt: skip
        page = as_csm.get(url(account, "people")).text
        assert "1 attempt, last answered 34 d (24 business days) ago" in page
        assert "from the LMS since Nov 2, 2026" in page
        assert "tel:+19294753141" in page
        assert "mailto:ada@example.org" in page

    @pytest.mark.parametrize(("fields", "links"), [
        ({"dnc": True, "dnc_reason": "Asked in May", "dnc_since": "2026-05-04"}, set()),
        ({"validity": "terminated"}, set()),
        ({"validity": "bounced"}, {"tel:"}),
    ])  # fmt: skip
    def test_who_must_not_be_contacted_has_no_link(
        self, account: Account, ada: Contact, as_csm: Client, url: Url, fields: dict[str, object], links: set[str]
    ) -> None:
        Contact.objects.update(**fields)
        for part in ("people", "people/panel"):
            page = as_csm.get(url(account, part)).text
            assert {link for link in ("tel:", "mailto:") if link in page} == links
            assert ("Asked in May" in page) is ("dnc" in fields)

    def test_filters_stand_in_the_address(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        ContactFactory(account=account, first_name="Ben", areas=["finance"])
        page = as_csm.get(url(account, "people"), {"area": "finance"}).text
        assert "Ben Vargas" in page
        assert "Ada Gallo" not in page
        assert "1 contact matches" in page
        assert "Nobody matches" in as_csm.get(url(account, "people"), {"validity": "bounced"}).text

    def test_a_filter_that_makes_no_sense_filters_nothing(
        self, account: Account, ada: Contact, as_csm: Client, url: Url
    ) -> None:
        assert "Ada Gallo" in as_csm.get(url(account, "people"), {"area": "kitchen"}).text

    def test_htmx_gets_the_list_alone(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        part = as_csm.get(url(account, "people"), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="everybody").text
        assert part.strip().startswith('<section id="everybody"')

    def test_a_reader_reads(self, account: Account, ada: Contact, as_reader: Client, url: Url) -> None:
        page = as_reader.get(url(account, "people"))
        assert page.status_code == 200
        assert "Add a contact" not in page.text

    def test_another_workspaces_account_is_404(self, foreign: Account, as_csm: Client, url: Url) -> None:
        for part in ("people", "people/panel"):
            assert as_csm.get(url(foreign, part)).status_code == 404

    def test_rejects_post(self, account: Account, as_csm: Client, url: Url) -> None:
        for part in ("people", "people/panel"):
            assert as_csm.post(url(account, part)).status_code == 405


class TestCard:
    def test_is_a_fragment_for_htmx_and_a_page_without(
        self, account: Account, ada: Contact, as_csm: Client, url: Url
    ) -> None:
        part = as_csm.get(url(account, "people/panel"), headers=CARD).text
        assert part.strip().startswith('<section id="people"')
        assert "<html" in as_csm.get(url(account, "people/panel")).text

    def test_says_that_sources_differ(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        Difference.objects.create(
            workspace=account.workspace, account=account, contact=ada, source="lms", field="title", value="Nurse"
        )
        assert "1 difference" in as_csm.get(url(account, "people/panel"), headers=CARD).text

    def test_shows_the_first_and_the_way_to_the_others(self, account: Account, as_csm: Client, url: Url) -> None:
        for number in range(15):
            ContactFactory(account=account, last_name=f"Vargas{number:02d}")
        part = as_csm.get(url(account, "people/panel"), headers=CARD).text
        assert "All 15 people" in part
        assert "Vargas14" not in part

    def test_nobody_is_known(self, account: Account, as_csm: Client, url: Url) -> None:
        assert "Nobody is known here yet" in as_csm.get(url(account, "people/panel"), headers=CARD).text
