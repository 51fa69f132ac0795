"""Panels about an account, its products and opportunities: a fragment for htmx, a page of their own without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Opportunity, Outcome
from tests.factories import AccountFactory, ProductFactory, SubscriptionFactory

Url = Callable[..., str]
PARTS = ("about", "products", "opportunities")


@pytest.mark.parametrize("part", PARTS)
class TestEither:
    def test_is_a_page_of_its_own(self, account: Account, as_csm: Client, url: Url, part: str) -> None:
        text = as_csm.get(url(account, part)).text
        assert "<html" in text
        assert f'id="{part}"' in text

    def test_htmx_gets_the_panel_alone(self, account: Account, as_csm: Client, url: Url, part: str) -> None:
        text = as_csm.get(url(account, part), headers={"HX-Request": "true", "HX-Target": part}).text
        assert "<html" not in text
        assert f'id="{part}"' in text
        assert "account-changed from:body" in text, "it asks for itself anew"

    def test_a_reader_sees_it_without_forms(self, account: Account, as_reader: Client, url: Url, part: str) -> None:
        answer = as_reader.get(url(account, part))
        assert answer.status_code == 200
        assert "/add/" not in answer.text.replace("/queue/add/", "")

    def test_another_workspaces_account_is_404(
        self, account: Account, foreign: Account, as_csm: Client, url: Url, part: str
    ) -> None:
        assert as_csm.get(url(foreign, part)).status_code == 404

    def test_rejects_post(self, account: Account, as_csm: Client, url: Url, part: str) -> None:
        assert as_csm.post(url(account, part)).status_code == 405


class TestAbout:
    def test_locations_lead_to_their_pages(self, account: Account, as_csm: Client, url: Url) -> None:
        branch = AccountFactory(workspace=account.workspace, parent=account, name="Mesa North")
        assert url(branch) in as_csm.get(url(account, "about")).text
        assert url(account) in as_csm.get(url(branch)).text, "the way back"

    def test_only_a_web_address_becomes_a_link(self, account: Account, as_csm: Client, url: Url) -> None:
        Account.objects.filter(pk=account.pk).update(website="javascript:alert(1)")
        assert 'href="javascript:' not in as_csm.get(url(account, "about")).text


class TestProducts:
    @pytest.mark.parametrize(
        ("contracted", "active", "said"),
        [
            (50, 38, ["12 unused", 'value="38"', "38 of 50 users"]),
            (10, 13, ["3 over contract", "13 of 10 users"]),
            (10, None, ["contracted", "10", "—"]),
            (None, None, ["contracted", "—"]),
        ],
    )
    def test_contracted_against_active(
        self, account: Account, as_csm: Client, url: Url, contracted: int | None, active: int | None, said: list[str]
    ) -> None:
        SubscriptionFactory(account=account, contracted_users=contracted, active_users=active)
        text = as_csm.get(url(account, "products")).text
        for part in said:
            assert part in text

    def test_credentialing_counts_providers(self, account: Account, as_csm: Client, url: Url) -> None:
        product = ProductFactory(workspace=account.workspace, is_credentialing=True)
        SubscriptionFactory(account=account, product=product, contracted_users=4, active_users=4)
        assert "4 of 4 providers" in as_csm.get(url(account, "products")).text

    def test_names_a_payer_that_is_another_account(self, account: Account, as_csm: Client, url: Url) -> None:
        payer = AccountFactory(workspace=account.workspace, name="Mesa Holding")
        SubscriptionFactory(account=account, payer=payer, billed_to="Mesa Shared Services")
        text = as_csm.get(url(account, "products")).text
        assert url(payer) in text
        assert "billed to Mesa Shared Services" in text
        assert "paid by" not in as_csm.get(url(payer, "products")).text

    def test_ended_products_are_gone(self, account: Account, as_csm: Client, url: Url) -> None:
        SubscriptionFactory(account=account, ended_on=account.workspace.today)
        assert "No product is contracted" in as_csm.get(url(account, "products")).text

    def test_outcomes(self, account: Account, as_csm: Client, url: Url) -> None:
        Outcome.objects.create(
            workspace=account.workspace, account=account, measure="Leads", target=40, actual=17,
            measured_on=account.workspace.today,
        )  # fmt: skip
        text = as_csm.get(url(account, "products")).text
        for part in ("Leads", "</span> of 40"):
            assert part in text


class TestOpportunities:
    def test_open_ones_first_ended_ones_folded(self, account: Account, as_csm: Client, url: Url) -> None:
        for name, state in (("Add Learning", "open"), ("Add Compliance", "won")):
            Opportunity.objects.create(workspace=account.workspace, account=account, name=name, state=state)
        text = as_csm.get(url(account, "opportunities")).text
        assert text.index("Add Learning") < text.index("1 won or lost") < text.index("Add Compliance")
