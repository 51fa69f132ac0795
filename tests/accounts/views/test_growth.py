"""Upsell candidates, the family and the subtypes of an account."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts.facts import context_for
from accounts.growth.offers import find_candidates
from accounts.models import Account, Candidate, Offer, Opportunity, Subtype
from tests.factories import AccountFactory

HTMX = {"HX-Request": "true"}


def at(account: Account, *parts: object) -> str:
    return "/".join(["/w/northwind/accounts", str(account.pk), *map(str, parts)]) + "/"


@pytest.fixture
def candidate(account: Account) -> Candidate:
    condition = {"fact": "tier", "op": "is", "value": account.tier}
    Offer.objects.create(
        workspace=account.workspace, key="portal", name="Portal", kind="product", condition=condition, pitch="Say this"
    )
    find_candidates(account.workspace, context_for(account.workspace))
    return Candidate.objects.get(account=account)


class TestPanel:
    def test_shows_candidates_with_their_reason(self, account: Account, candidate: Candidate, as_csm: Client) -> None:
        text = as_csm.get(at(account, "growth")).text
        for part in ("Portal", "Say this", f"Tier {account.tier}", "Make an opportunity"):
            assert part in text
        fragment = as_csm.get(at(account, "growth"), headers=HTMX).text
        assert fragment.lstrip().startswith("<section")

    def test_a_reader_sees_no_form(self, account: Account, candidate: Candidate, as_reader: Client) -> None:
        text = as_reader.get(at(account, "growth")).text
        assert "Portal" in text
        assert "take-up" not in text

    def test_another_workspace_is_404(self, foreign: Account, as_csm: Client) -> None:
        assert as_csm.get(at(foreign, "growth")).status_code == 404
        assert as_csm.get(at(foreign, "family")).status_code == 404


class TestDeciding:
    def test_dismissing_asks_why(self, account: Account, candidate: Candidate, as_csm: Client) -> None:
        assert as_csm.post(at(account, "growth", candidate.pk, "dismiss"), {}).status_code == 422
        response = as_csm.post(at(account, "growth", candidate.pk, "dismiss"), {"reason": "Not now"})
        assert response.status_code == 302
        assert "Not now" in as_csm.get(at(account, "growth")).text
        again = as_csm.post(at(account, "growth", candidate.pk, "dismiss"), {"reason": "Twice"})
        assert again.status_code == 409
        back = as_csm.post(at(account, "growth", candidate.pk, "bring-back"), headers=HTMX)
        assert back.status_code == 200
        candidate.refresh_from_db()
        assert candidate.state == "open"

    def test_taking_up_leads_to_the_opportunity(self, account: Account, candidate: Candidate, as_csm: Client) -> None:
        response = as_csm.post(at(account, "growth", candidate.pk, "take-up"))
        made = Opportunity.objects.get(account=account)
        assert response.headers["Location"].endswith(f"/opportunities/{made.pk}/")
        assert as_csm.post(at(account, "growth", candidate.pk, "take-up")).status_code == 409
        assert Opportunity.objects.count() == 1

    def test_a_reader_decides_nothing(self, account: Account, candidate: Candidate, as_reader: Client) -> None:
        for what in ("take-up", "dismiss", "bring-back"):
            assert as_reader.post(at(account, "growth", candidate.pk, what)).status_code == 403

    def test_only_of_its_own_account(self, account: Account, candidate: Candidate, as_csm: Client) -> None:
        other = AccountFactory(workspace=account.workspace)
        assert as_csm.post(at(other, "growth", candidate.pk, "take-up")).status_code == 404
        assert as_csm.get(at(account, "growth", candidate.pk, "take-up")).status_code == 405


class TestList:
    URL = "/w/northwind/accounts/upsell/"

    def test_lists_filters_and_exports(self, account: Account, candidate: Candidate, as_csm: Client) -> None:
        assert account.name in as_csm.get(self.URL).text
        assert account.name not in as_csm.get(self.URL, {"kind": "users"}).text
        book = load_workbook(BytesIO(as_csm.get(self.URL + "export/").content))
        rows = list(book.active.values)
        assert rows[1][:2] == (account.name, "Portal")

    def test_empty(self, account: Account, as_csm: Client) -> None:
        assert "Nothing to sell" in as_csm.get(self.URL).text


class TestFamily:
    def test_a_parent_by_its_name(self, account: Account, as_csm: Client) -> None:
        head = AccountFactory(workspace=account.workspace, name="Head Office", search_name="head office")
        assert as_csm.post(at(account, "parent"), {"parent": "head office"}).status_code == 302
        account.refresh_from_db()
        assert account.parent == head
        assert account.name in as_csm.get(at(head, "family")).text
        assert "Head Office" in as_csm.get(at(account, "family")).text

    def test_asks_which_one_is_meant(self, account: Account, as_csm: Client) -> None:
        for name in ("north", "south"):
            AccountFactory(workspace=account.workspace, name=f"Head {name}", search_name=f"head {name}")
        response = as_csm.post(at(account, "parent"), {"parent": "head"})
        assert response.status_code == 422
        assert "Head south" in response.text

    def test_refuses_a_circle_and_nobody(self, account: Account, foreign: Account, as_csm: Client) -> None:
        below = AccountFactory(workspace=account.workspace, name="Below", search_name="below", parent=account)
        assert as_csm.post(at(account, "parent"), {"parent": "below"}).status_code == 422
        assert as_csm.post(at(below, "parent"), {"parent": "Foreign Canary"}).status_code == 422
        assert as_csm.post(at(below, "parent"), {"pick": str(foreign.pk)}).status_code == 422

    def test_a_reader_moves_nothing(self, account: Account, as_reader: Client) -> None:
        assert as_reader.post(at(account, "parent"), {"parent": ""}).status_code == 403


class TestSubtypes:
    def test_chosen_by_hand_and_given_back(self, account: Account, as_csm: Client) -> None:
        Subtype.objects.create(workspace=account.workspace, key="special", name="Special programme")
        assert "Special programme" in as_csm.get(at(account, "subtypes")).text
        as_csm.post(at(account, "subtypes"), {"by_hand": "yes", "keys": ["special"]})
        account.refresh_from_db()
        assert account.subtypes_chosen == ["special"]
        as_csm.post(at(account, "subtypes"), {"by_hand": "", "keys": ["special"]})
        account.refresh_from_db()
        assert account.subtypes_chosen is None

    def test_refuses_nonsense(self, account: Account, as_csm: Client) -> None:
        assert as_csm.post(at(account, "subtypes"), {"by_hand": "yes", "keys": ["x"]}).status_code == 422
