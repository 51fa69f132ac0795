"""The account page: everything a CSM needs before a call, in one place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts import services
from accounts.models import Account, Contact, Outcome
from csworkbench.common import clock
from csworkbench.tenancy.models import Member
from tests.factories import (
    AccountFactory,
    ContactFactory,
    ModuleFactory,
    ModuleUseFactory,
    ProductFactory,
    SubscriptionFactory,
)

Url = Callable[..., str]
HTMX = {"HX-Request": "true", "HX-Target": "timeline"}


class TestDetail:
    def test_answers_what_one_asks_first(
        self, account: Account, csm: Member, lead: Member, as_csm: Client, url: Url
    ) -> None:
        today = account.workspace.today
        Member.objects.filter(pk=csm.pk).update(lead=lead)
        Account.objects.filter(pk=account.pk).update(
            health="red",
            health_reason="Nobody signs in",
            health_since=today - timedelta(days=12),
            stage_since=today - timedelta(days=400),
        )
        SubscriptionFactory(account=account, mrr_minor=551_167, renews_on=today + timedelta(days=42))
        text = as_csm.get(url(account)).text
        for part in ("Mesa Dental Group", "Nobody signs in", "12 d", "for 400 d", "$5,512", "in 42 d", "Quinn Abbott",
                     "Ines Young", 'data-copy="001A0000001"'):  # fmt: skip
            assert part in text

    def test_loads_the_priority_by_its_address_and_links_to_it(
        self, account: Account, as_csm: Client, url: Url
    ) -> None:
        text = as_csm.get(url(account)).text
        panel = f"/w/northwind/queue/account/{account.pk}/"
        assert f'hx-get="{panel}"' in text
        assert f'href="{panel}"' in text

    def test_another_workspaces_account_is_404(
        self, account: Account, foreign: Account, as_csm: Client, url: Url
    ) -> None:
        response = as_csm.get(url(foreign))
        assert response.status_code == 404
        assert "Foreign Canary" not in response.text

    def test_rejects_post(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.post(url(account)).status_code == 405

    def test_a_reader_sees_all_of_it_and_no_form(
        self, account: Account, ada: Contact, as_reader: Client, url: Url
    ) -> None:
        response = as_reader.get(url(account))
        assert response.status_code == 200
        assert "Ada Gallo" in response.text
        for part in ("/log/", "/note/", "/health/", "/edit/", "/contacts/add/", f"/contacts/{ada.pk}/", "/queue/add/"):
            assert part not in response.text


class TestPeople:
    def test_shows_who_to_call_and_how(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        Contact.objects.filter(pk=ada.pk).update(
            areas=["finance", "training"], is_decision_maker=True, validity="bounced", phone_extension="12"
        )
        text = as_csm.get(url(account)).text
        for part in (
            "Primary",
            "Decides",
            "Bounced",
            "Finance, Training",
            "tel:+19294753141;ext=12",
            "+1 929-475-3141 ext 12",
            "mailto:ada@example.org",
        ):
            assert part in text

    def test_who_is_not_to_be_contacted_has_no_link(
        self, account: Account, ada: Contact, as_csm: Client, url: Url
    ) -> None:
        Contact.objects.filter(pk=ada.pk).update(dnc=True)
        text = as_csm.get(url(account)).text
        assert "tel:" not in text
        assert "mailto:" not in text
        assert "Do not contact" in text
        assert "Ada Gallo asked not to be contacted" in text

    def test_the_primary_contact_comes_first(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        ContactFactory(account=account, first_name="Aaron", last_name="Aalto")
        response = as_csm.get(url(account))
        assert [contact.name for contact in response.context["contacts"]] == ["Ada Gallo", "Aaron Aalto"]
        assert response.context["call_form"].initial["contact"] == ada


class TestProducts:
    @pytest.mark.parametrize(
        ("contracted", "active", "said"),
        [
            (50, 38, ["38 of 50 users active", "12 unused", 'value="38"']),
            (10, 13, ["13 of 10 users active", "3 over contract"]),
            (10, None, ["10 users contracted"]),
            (None, None, ["No count of users"]),
        ],
    )
    def test_contracted_against_active(
        self, account: Account, as_csm: Client, url: Url, contracted: int | None, active: int | None, said: list[str]
    ) -> None:
        SubscriptionFactory(account=account, contracted_users=contracted, active_users=active)
        text = as_csm.get(url(account)).text
        for part in said:
            assert part in text

    def test_credentialing_counts_providers(self, account: Account, as_csm: Client, url: Url) -> None:
        product = ProductFactory(workspace=account.workspace, is_credentialing=True)
        SubscriptionFactory(account=account, product=product, contracted_users=4, active_users=4)
        assert "4 of 4 providers active" in as_csm.get(url(account)).text

    def test_names_a_payer_that_is_another_account(self, account: Account, as_csm: Client, url: Url) -> None:
        payer = AccountFactory(workspace=account.workspace, name="Mesa Holding")
        SubscriptionFactory(account=account, payer=payer, billed_to="Mesa Shared Services")
        text = as_csm.get(url(account)).text
        assert url(payer) in text
        assert "billed to Mesa Shared Services" in text
        assert "paid by" not in as_csm.get(url(payer)).text

    def test_ended_products_are_gone(self, account: Account, as_csm: Client, url: Url) -> None:
        SubscriptionFactory(account=account, ended_on=account.workspace.today)
        assert "No product is contracted" in as_csm.get(url(account)).text

    def test_use_and_outcomes(self, account: Account, as_csm: Client, url: Url) -> None:
        module = ModuleFactory(product=ProductFactory(workspace=account.workspace))
        ModuleUseFactory(account=account, module=module, last_used_at=clock.now() - timedelta(days=31))
        Outcome.objects.create(
            workspace=account.workspace, account=account, measure="Leads", target=40, actual=17,
            measured_on=account.workspace.today,
        )  # fmt: skip
        text = as_csm.get(url(account)).text
        for part in ("Cases", "31 d ago", "Leads", "17 of 40"):
            assert part in text

    def test_locations_lead_to_their_pages(self, account: Account, as_csm: Client, url: Url) -> None:
        branch = AccountFactory(workspace=account.workspace, parent=account, name="Mesa North")
        assert url(branch) in as_csm.get(url(account)).text
        assert url(account) in as_csm.get(url(branch)).text

    def test_only_a_web_address_becomes_a_link(self, account: Account, as_csm: Client, url: Url) -> None:
        Account.objects.filter(pk=account.pk).update(website="javascript:alert(1)")
        assert 'href="javascript:' not in as_csm.get(url(account)).text


class TestTimeline:
    def log(self, account: Account, csm: Member, **fields: object) -> None:
        services.log_interaction(actor=csm, account=account, **{"kind": "call"} | fields)  # type: ignore[arg-type]

    def test_tells_what_happened_newest_first(
        self, account: Account, csm: Member, as_csm: Client, url: Url, frozen: object
    ) -> None:
        self.log(account, csm, subject="First call", answered=False)
        frozen.shift(timedelta(days=2))  # type: ignore[attr-defined]
        services.write_note(actor=csm, account=account, text="Wants a quote")
        response = as_csm.get(url(account))
        entries = response.context["entries"]
        assert [entry.kind for entry in entries][:2] == ["note", "call"]
        for part in ("11/25/26-QA-Wants a quote", "First call", "no answer", "2 d ago"):
            assert part in response.text

    def test_filters_by_kind_from_the_address(self, account: Account, csm: Member, as_csm: Client, url: Url) -> None:
        self.log(account, csm, subject="A call")
        self.log(account, csm, kind="email", subject="An email")
        response = as_csm.get(url(account), {"kind": "email"})
        assert [entry.title for entry in response.context["entries"]] == ["An email"]
        assert as_csm.get(url(account), {"kind": "nonsense", "page": "x"}).context["kind"] == "all"

    def test_tells_changes_from_what_to_what(self, account: Account, as_csm: Client, url: Url) -> None:
        as_csm.post(url(account, "health"), {"health": "red", "reason": "No answer"})
        response = as_csm.get(url(account), {"kind": "change"})
        assert ("health", "Undefined", "Red") in response.context["entries"][0].changes
        assert response.context["entries"][0].author == "Quinn Abbott"

    def test_leads_to_older_entries_and_back(
        self, account: Account, csm: Member, as_csm: Client, url: Url, frozen: object
    ) -> None:
        for number in range(45):
            self.log(account, csm, subject=f"Call {number}")
            frozen.shift(timedelta(minutes=1))  # type: ignore[attr-defined]
        first = as_csm.get(url(account), {"kind": "call"})
        assert "?kind=call&amp;page=2" in first.text
        second = as_csm.get(url(account), {"kind": "call", "page": "2"})
        assert [entry.title for entry in second.context["entries"]] == [f"Call {n}" for n in range(4, -1, -1)]
        assert (second.context["newer"], second.context["older"]) == (1, None)

    def test_a_text_is_never_markup(self, account: Account, csm: Member, as_csm: Client, url: Url) -> None:
        self.log(account, csm, subject="<script>x</script>", body="<img src=x>" * 60)
        text = as_csm.get(url(account)).text
        assert "<script>x" not in text
        assert "<img src=x>" not in text

    def test_htmx_gets_the_timeline_alone(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.get(url(account), headers=HTMX)
        assert "<html" not in response.text
        assert 'id="timeline"' in response.text
        assert 'id="composer"' not in response.text

    def test_says_so_when_nothing_happened(self, account: Account, as_csm: Client, url: Url) -> None:
        assert "Nothing here yet" in as_csm.get(url(account), {"kind": "chat"}).text
