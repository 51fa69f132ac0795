"""The account page: everything a CSM needs before a call, in one place."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import (
    Account,
    AccountFigures,
    AccountHealth,
    Contact,
    CustomField,
    Opportunity,
    Subscription,
    Subtype,
)
from accounts.panels import all_panels
from csworkbench.common import clock
from csworkbench.tenancy.models import Member
from tests.factories import (
    AccountFactory,
    ContactFactory,
    InstanceFactory,
    ProductFactory,
    SubscriptionFactory,
    TaskFactory,
)

Url = Callable[..., str]
# In a test the request runs within the test's own scope: a savepoint, its release and the outer scope once more.
MOST = 14 + 3


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

    def test_loads_each_registered_panel_and_leads_to_it(self, account: Account, as_csm: Client, url: Url) -> None:
        text = as_csm.get(url(account)).text
        for panel in all_panels():
            address = reverse(panel.name, args=["northwind", account.pk])
            assert f'hx-get="{address}"' in text
            assert f'href="{address}"' in text
            assert f'href="#{panel.key}"' in text, "the bar jumps to it"

    def test_the_health_that_holds_is_shown_not_the_judgement_it_overrules(
        self, account: Account, as_csm: Client, url: Url
    ) -> None:
        Account.objects.filter(pk=account.pk).update(health="red")
        AccountHealth.objects.filter(account=account).update(
            health="green", since=account.workspace.today - timedelta(days=3)
        )
        text = as_csm.get(url(account)).text
        assert "health-green" in text
        assert "3 d</span>" in text

    def test_subtypes_are_named_and_a_choice_by_hand_holds(self, account: Account, as_csm: Client, url: Url) -> None:
        for place, key in enumerate(("digital", "hybrid")):
            Subtype.objects.create(workspace=account.workspace, key=key, name=key.title(), place=place)
        AccountFigures.objects.filter(account=account).update(subtypes=["digital"])
        assert "Digital" in as_csm.get(url(account)).text
        Account.objects.filter(pk=account.pk).update(subtypes_chosen=["hybrid"])
        text = as_csm.get(url(account)).text
        assert "Hybrid" in text
        assert "Digital" not in text

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
        for part in (
            "/log/",
            "/note/",
            "/health/override/",
            "/edit/",
            "/contacts/add/",
            f"/contacts/{ada.pk}/",
            "/queue/add/",
        ):
            assert part not in response.text


class TestComposer:
    def test_the_primary_contact_is_chosen(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        ContactFactory(account=account, first_name="Aaron", last_name="Aalto")
        form = as_csm.get(url(account)).context["log_form"]
        assert [label for _, label in form.fields["contact"].choices] == [
            "Nobody in particular",
            "Ada Gallo",
            "Aaron Aalto",
        ]
        assert form["contact"].value() == ada.pk

    def test_who_is_not_to_be_contacted_is_said(self, account: Account, ada: Contact, as_csm: Client, url: Url) -> None:
        Contact.objects.filter(pk=ada.pk).update(dnc=True)
        assert "Ada Gallo asked not to be contacted" in as_csm.get(url(account)).text

    @pytest.mark.parametrize("kind", ["call", "email", "meeting", "chat", "note"])
    def test_the_address_opens_a_tab_ready_to_write(
        self, account: Account, as_csm: Client, url: Url, kind: str
    ) -> None:
        text = " ".join(as_csm.get(url(account), {"log": kind}).text.split())
        assert f'value="{kind}" data-composer="{kind}" checked' in text
        assert text.count(" autofocus") == 1

    def test_nothing_is_begun_by_itself(self, account: Account, as_csm: Client, url: Url) -> None:
        text = " ".join(as_csm.get(url(account), {"log": "nonsense"}).text.split())
        assert 'value="call" data-composer="call" checked' in text
        assert " autofocus" not in text


class TestStatements:
    def test_a_busy_account_takes_at_most_fourteen(
        self,
        account: Account,
        ada: Contact,
        csm: Member,
        lead: Member,
        as_csm: Client,
        url: Url,
        django_assert_max_num_queries: Callable[..., AbstractContextManager[None]],
    ) -> None:
        fill(account, ada, csm, lead)
        as_csm.get(url(account))
        with django_assert_max_num_queries(MOST):
            assert as_csm.get(url(account)).status_code == 200

    def test_a_page_far_back_and_a_search_take_no_more(
        self,
        account: Account,
        ada: Contact,
        csm: Member,
        lead: Member,
        as_csm: Client,
        url: Url,
        django_assert_max_num_queries: Callable[..., AbstractContextManager[None]],
    ) -> None:
        fill(account, ada, csm, lead)
        older = as_csm.get(url(account)).context["older"]
        for address in (older, f"{url(account)}?find=renewal", f"{url(account)}?kind=call&by={csm.pk}&on=2026-11-20"):
            with django_assert_max_num_queries(MOST):
                assert as_csm.get(address).status_code == 200


def fill(account: Account, ada: Contact, csm: Member, lead: Member) -> None:
    """Everything that an account page can show, many times over."""
    workspace = account.workspace
    Subtype.objects.create(workspace=workspace, key="digital", name="Digital")
    AccountFigures.objects.filter(account=account).update(subtypes=["digital"])
    CustomField.objects.create(workspace=workspace, key="plan", label="Plan", sort="text")
    Account.objects.filter(pk=account.pk).update(custom={"plan": "Gold"}, rsm=lead, instance=InstanceFactory(
        workspace=workspace))  # fmt: skip
    product = ProductFactory(workspace=workspace)
    subscription = SubscriptionFactory(account=account, product=product)
    Subscription.objects.filter(pk=subscription.pk).update(mrr_minor=5, payer=AccountFactory(workspace=workspace))
    deal = Opportunity.objects.create(workspace=workspace, account=account, name="Add Learning")
    Opportunity.objects.filter(pk=deal.pk).update(owner=lead, contact=ada)
    AccountFactory(workspace=workspace, parent=account, name="Mesa North")
    for number in range(50):
        happened = clock.now() - timedelta(days=number)
        for kind in ("call", "meeting"):
            services.log_interaction(
                actor=csm, account=account, kind=kind, contact=ada, subject=f"Renewal {number}", body="word " * 200,
                happened_at=happened, needs_recap=kind == "meeting",
            )  # fmt: skip
        services.write_note(actor=lead, account=account, text=f"Note {number}")
        TaskFactory(account=account, state="done", closed_at=happened, closed_by=csm)
