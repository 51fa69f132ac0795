"""Subscriptions by hand, and the panel of an account's renewals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact, RenewalOutcome, RevenueDay, Subscription
from tests.factories import ProductFactory, SubscriptionFactory

Url = Callable[..., str]


@pytest.fixture
def one(account: Account, ada: Contact) -> Subscription:
    return SubscriptionFactory(
        account=account, mrr_minor=100_000, renews_on=date(2026, 12, 10), term_months=12, notice_days=30, decider=ada
    )


def sent(browser: Client, path: str, **changed: Any) -> dict[str, Any]:
    form = browser.get(path).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (shown | changed).items() if value is not None}


class TestAdd:
    def test_adds_one(self, account: Account, as_csm: Client, url: Url) -> None:
        product = ProductFactory(workspace=account.workspace)
        path = url(account, "subscriptions/add")
        more = {"product": product.pk, "mrr": "99.90", "renews_on": "2027-01-01", "service_tier": "basic"}
        assert as_csm.post(path, sent(as_csm, path, **more)).status_code == 302
        made = Subscription.objects.get()
        assert (made.mrr_minor, made.renews_on, made.service_tier) == (9990, date(2027, 1, 1), "basic")
        again = as_csm.post(path, more)
        assert again.status_code == 422 and "already" in again.text and Subscription.objects.count() == 1

    @pytest.mark.parametrize(("day", "notice"), [("0001-01-10", "30"), ("0025-01-01", "32000"), ("9999-12-31", "30")])
    def test_a_year_that_nobody_means_breaks_no_page(
        self, account: Account, as_csm: Client, url: Url, day: str, notice: str
    ) -> None:
        """The day of notice before it is none that Python knows: every page that reads it would fail, for everyone."""
        product = ProductFactory(workspace=account.workspace)
        path = url(account, "subscriptions/add")
        answer = as_csm.post(path, sent(as_csm, path, product=product.pk, mrr="1", renews_on=day, notice_days=notice))
        assert (answer.status_code, answer.context["form"].errors["renews_on"]) == (422, ["Check the year."])
        assert not Subscription.objects.exists()
        for page in ("accounts/", "accounts/renewals/", f"accounts/{account.pk}/"):
            assert as_csm.get(f"/w/{account.workspace.slug}/{page}").status_code == 200

    def test_a_new_form_is_blank(self, account: Account, as_csm: Client, url: Url) -> None:
        page = as_csm.get(url(account, "subscriptions/add"))
        assert page.context["form"]["renewal_note"].value() == "" and "DatabaseDefault" not in page.text

    def test_roles_strangers_verbs(
        self, account: Account, foreign: Account, as_csm: Client, as_reader: Client, url: Url
    ) -> None:
        path = url(account, "subscriptions/add")
        assert as_reader.get(path).status_code == as_reader.post(path).status_code == 403
        assert as_csm.get(url(foreign, "subscriptions/add")).status_code == 404
        assert as_csm.delete(path).status_code == 405


class TestEdit:
    def test_only_what_was_changed_is_written(self, one: Subscription, as_csm: Client, url: Url) -> None:
        path = url(one.account, f"subscriptions/{one.pk}")
        data = sent(as_csm, path, mrr="1200.00", auto_renews="true")
        Subscription.objects.update(active_users=7)
        assert as_csm.post(path, data).status_code == 302
        one.refresh_from_db()
        assert (one.mrr_minor, one.auto_renews, one.active_users, one.notice_days) == (120_000, True, 7, 30)

    def test_a_stale_form_is_409(self, one: Subscription, as_csm: Client, url: Url) -> None:
        path = url(one.account, f"subscriptions/{one.pk}")
        data = sent(as_csm, path, mrr="1200.00")
        Subscription.objects.update(term_months=24)
        assert as_csm.post(path, data).status_code == 409
        one.refresh_from_db()
        assert one.mrr_minor == 100_000

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"service_tier": "premium"}, "at renewal (Dec 10, 2026)"),
            ({"renewal_probability": "101"}, "100"),
            ({"ended_on": "2030-01-01"}, "still to come"),
            ({"starts_on": "2027-01-01"}, "renews after"),
            ({"payer_named": "Nobody Known"}, "No account"),
        ],
    )
    def test_refused_with_the_reason(
        self, one: Subscription, as_csm: Client, url: Url, changed: dict[str, str], said: str
    ) -> None:
        path = url(one.account, f"subscriptions/{one.pk}")
        answer = as_csm.post(path, sent(as_csm, path, billed_to="Typed here", **changed))
        assert answer.status_code == 422 and said in answer.text and "Typed here" in answer.text

    def test_it_can_be_ended(self, one: Subscription, as_csm: Client, url: Url) -> None:
        path = url(one.account, f"subscriptions/{one.pk}")
        assert as_csm.post(path, sent(as_csm, path, ended_on="2026-11-20")).status_code == 302
        one.refresh_from_db()
        assert one.ended_on == date(2026, 11, 20)

    def test_of_another_account_is_404(self, one: Subscription, foreign: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(foreign, f"subscriptions/{one.pk}")).status_code == 404


class TestPanel:
    def test_shows_what_a_call_needs(self, one: Subscription, as_csm: Client, as_reader: Client, url: Url) -> None:
        other = Account.objects.create(workspace=one.workspace, name="Mesa Holdings", search_name="mesa holdings")
        Subscription.objects.update(payer=other, decided_at_account=other)
        RevenueDay.objects.create(workspace=one.workspace, account=one.account, day=date(2026, 3, 1), mrr_minor=90_000)
        RenewalOutcome.objects.create(
            workspace=one.workspace, account=one.account, subscription=one, due_on=date(2025, 12, 10), result="reduced",
            mrr_before_minor=120_000, mrr_after_minor=100_000, currency="USD",
        )  # fmt: skip
        page = as_csm.get(url(one.account, "renewals"))
        parts = ("Dec 10, 2026", "Nov 10, 2026", "12 months", "70 %", "Mesa Holdings", "Ada Gallo", "Renewed for less")
        for part in (*parts, "past renewal", "MRR"):
            assert part in page.text
        assert "Steer" not in as_reader.get(url(one.account, "renewals")).text

    def test_few_statements_and_a_fragment(self, one: Subscription, as_csm: Client, url: Url) -> None:
        path = url(one.account, "renewals")
        as_csm.get(path)
        with CaptureQueriesContext(connection) as captured:
            part = as_csm.get(path, headers={"HX-Request": "true"})
        own = [query for query in captured if "accounts_" in query["sql"]]
        assert len(own) <= 5
        assert part.text.strip().startswith('<section id="renewal"')

    def test_strangers_and_verbs(self, account: Account, foreign: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(foreign, "renewals")).status_code == 404
        assert as_csm.post(url(account, "renewals")).status_code == 405
