"""Opportunities on the account page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contact, FieldOwner, Opportunity
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope

Url = Callable[..., str]
FORM = {"name": "Add Compliance", "kind": "expansion", "state": "open", "mrr": "450.50", "category": "hot"}


@pytest.fixture
def deal(account: Account) -> Opportunity:
    return Opportunity.objects.create(
        workspace=account.workspace, account=account, name="Add Learning", mrr_minor=30_000, stage="Prospect"
    )


class TestAdd:
    def test_adds_one_with_its_originator(
        self, account: Account, csm: Member, ada: Contact, as_csm: Client, url: Url
    ) -> None:
        more = {"owner": csm.pk, "contact": ada.pk, "closes_on": "2026-12-31", "next_step": "Send the quote"}
        answer = as_csm.post(url(account, "opportunities/add"), FORM | more)
        assert (answer.status_code, answer["Location"]) == (302, url(account))
        made = Opportunity.objects.get()
        assert (made.name, made.mrr_minor, made.otr_minor, made.currency) == ("Add Compliance", 45050, 0, "USD")
        assert (made.owner, made.originator, made.contact) == (csm, csm, ada)
        assert (made.closes_on, made.next_step) == (date(2026, 12, 31), "Send the quote")
        entry = HistoryEntry.objects.get(table_name="accounts_opportunity")
        assert (entry.operation, entry.actor_id, entry.account_id) == ("insert", csm.pk, account.pk)

    def test_bad_input_keeps_what_was_typed(self, account: Account, as_csm: Client, url: Url) -> None:
        answer = as_csm.post(url(account, "opportunities/add"), FORM | {"mrr": "lots", "name": "Bold plan"})
        assert answer.status_code == 422 and 'value="Bold plan"' in answer.text
        assert not Opportunity.objects.exists()

    def test_people_of_other_accounts_and_workspaces_are_not_taken(
        self, account: Account, foreign: Account, as_csm: Client, url: Url
    ) -> None:
        with workspace_scope(foreign.workspace_id):
            stranger = Contact.objects.create(workspace=foreign.workspace, account=foreign, last_name="Far")
        answer = as_csm.post(url(account, "opportunities/add"), FORM | {"contact": stranger.pk})
        assert answer.status_code == 422 and not Opportunity.objects.exists()

    def test_a_reader_is_refused(self, account: Account, as_reader: Client, url: Url) -> None:
        assert as_reader.get(url(account, "opportunities/add")).status_code == 403
        assert as_reader.post(url(account, "opportunities/add"), FORM).status_code == 403

    def test_another_workspaces_account_is_404(
        self, account: Account, foreign: Account, as_csm: Client, url: Url
    ) -> None:
        assert as_csm.post(url(foreign, "opportunities/add"), FORM).status_code == 404

    def test_rejects_delete(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.delete(url(account, "opportunities/add")).status_code == 405


class TestEdit:
    def edit(self, browser: Client, url: Url, deal: Opportunity, **changed: Any) -> Any:
        page = browser.get(url(deal.account, f"opportunities/{deal.pk}"))
        shown = {
            name: page.context["form"][name].value()
            for name in page.context["form"].fields
            if page.context["form"][name].value() is not None
        }
        before = {f"initial-{name}": value for name, value in shown.items()}
        return lambda: browser.post(url(deal.account, f"opportunities/{deal.pk}"), shown | before | changed)

    def test_only_what_was_changed_is_written(self, deal: Opportunity, as_csm: Client, url: Url) -> None:
        send = self.edit(as_csm, url, deal, state="won", mrr="310.00")
        Opportunity.objects.update(stage="Negotiation", name="Somebody renamed it")
        assert send().status_code == 302
        deal.refresh_from_db()
        assert (deal.state, deal.mrr_minor) == ("won", 31_000)
        assert (deal.stage, deal.name) == ("Negotiation", "Somebody renamed it")

    def test_saving_nothing_writes_nothing(self, deal: Opportunity, as_csm: Client, url: Url) -> None:
        assert self.edit(as_csm, url, deal)().status_code == 302
        assert not HistoryEntry.objects.filter(table_name="accounts_opportunity", operation="update").exists()

    def test_an_opportunity_of_another_account_is_404(
        self, deal: Opportunity, workspace: Workspace, as_csm: Client, url: Url
    ) -> None:
        other = Account.objects.create(workspace=workspace, name="Other", search_name="other")
        assert as_csm.get(url(other, f"opportunities/{deal.pk}")).status_code == 404

    def test_the_crms_fields_are_pointed_out(self, deal: Opportunity, as_csm: Client, url: Url) -> None:
        FieldOwner.objects.create(workspace=deal.workspace, entity="opportunity", field="mrr_minor")
        address = url(deal.account, f"opportunities/{deal.pk}")
        assert "The CRM owns this field" not in as_csm.get(address).text
        Opportunity.objects.update(sf_id="006000000000001AAA")
        assert as_csm.get(address).text.count("The CRM owns this field") == 1


class TestCard:
    def test_open_ones_come_first_and_ended_ones_are_folded(
        self, deal: Opportunity, account: Account, as_csm: Client, url: Url
    ) -> None:
        made = {"workspace": account.workspace, "account": account}
        Opportunity.objects.create(**made, name="Closes soon", closes_on=date(2026, 12, 1), category="warm")
        Opportunity.objects.create(**made, name="Was won", state="won", otr_minor=9_900)
        page = as_csm.get(url(account, "opportunities")).text
        assert page.index("Closes soon") < page.index("Add Learning") < page.index("1 won or lost")
        assert page.index("1 won or lost") < page.index("Was won")
        assert "closes in 8 d" in page and "Warm" in page and "$300" in page

    def test_an_empty_card_says_so(self, account: Account, as_reader: Client, url: Url) -> None:
        page = as_reader.get(url(account, "opportunities")).text
        assert "Nothing is open" in page and "an opportunity</span>" not in page

    def test_the_timeline_tells_of_them(self, deal: Opportunity, account: Account, as_csm: Client, url: Url) -> None:
        deal.state = "won"
        deal.save()
        page = as_csm.get(url(account), {"kind": "change"}).text
        assert "Opportunity Add Learning changed" in page
