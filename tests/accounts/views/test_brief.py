"""Briefs on paper: one account, or what the filters of the list leave."""

from __future__ import annotations

from django.test import Client

from accounts.models import Account, Contact
from tests.factories import AccountFactory

HOME = "/w/northwind/accounts/"


class TestBrief:
    def test_one_account(self, account: Account, ada: Contact, as_csm: Client, as_reader: Client) -> None:
        for client in (as_csm, as_reader):
            text = client.get(f"{HOME}{account.pk}/brief/").text
            for part in ("Mesa Dental Group", "Ada Gallo", "Gaps", "Nothing is contracted"):
                assert part in text
        assert f"{HOME}{account.pk}/brief/" in as_csm.get(f"{HOME}{account.pk}/").text

    def test_does_not_offer_who_asked_not_to_be_contacted(self, account: Account, ada: Contact, as_csm: Client) -> None:
        Contact.objects.filter(pk=ada.pk).update(dnc=True)
        text = as_csm.get(f"{HOME}{account.pk}/brief/").text
        assert "do not contact" in text
        assert ada.email not in text

    def test_another_workspaces_account_is_404(self, foreign: Account, as_csm: Client) -> None:
        assert as_csm.get(f"{HOME}{foreign.pk}/brief/").status_code == 404
        assert as_csm.post(f"{HOME}briefs/").status_code == 405


class TestBook:
    def test_what_the_filters_leave(self, account: Account, foreign: Account, as_csm: Client) -> None:
        AccountFactory(workspace=account.workspace, name="Other Works", search_name="other works", tier=3)
        text = as_csm.get(f"{HOME}briefs/", {"tier": "3"}).text
        assert "Other Works" in text
        assert "Mesa Dental Group" not in text
        assert "Foreign Canary" not in as_csm.get(f"{HOME}briefs/").text
        assert "briefs/?" in as_csm.get(HOME).text

    def test_nothing_left(self, account: Account, as_csm: Client) -> None:
        assert "No account matches" in as_csm.get(f"{HOME}briefs/", {"q": "zzzz"}).text
