"""The board of renewals, one card of it, and closing a renewal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contact, RenewalOutcome, Subscription
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import SubscriptionFactory

HOME = "/w/northwind/accounts/renewals/"
DECEMBER = date(2026, 12, 10)
HTMX = {"HX-Request": "true", "HX-Target": "renewal"}


@pytest.fixture
def one(account: Account) -> Subscription:
    return SubscriptionFactory(account=account, mrr_minor=100_000, renews_on=DECEMBER, notice_days=30)


@pytest.fixture
def theirs(foreign: Account) -> Subscription:
    with workspace_scope(foreign.workspace_id):
        return SubscriptionFactory(account=foreign, renews_on=DECEMBER)


def sent(browser: Client, path: str, **changed: Any) -> dict[str, Any]:
    """What the form of a page would send, with some of it typed anew."""
    form = browser.get(path).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (shown | changed).items() if value is not None}


class TestBoard:
    def test_shows_months_cards_and_sums(self, one: Subscription, as_csm: Client) -> None:
        page = as_csm.get(HOME)
        for part in ("Overdue", "December 2026", "Mesa Dental Group", "$1,000", "70 %", "by health", "Not started"):
            assert part in page.text
        assert 'href="/w/northwind/accounts/renewals/"' in page.text and 'aria-current="page"' in page.text

    def test_a_filter_and_a_month_stand_in_the_address(self, one: Subscription, as_csm: Client) -> None:
        assert "Mesa Dental" not in as_csm.get(f"{HOME}?stage=committed").text
        assert "Mesa Dental" in as_csm.get(f"{HOME}?month=2026-12").text
        assert "Mesa Dental" not in as_csm.get(f"{HOME}?month=2027-01").text
        assert "Mesa Dental" in as_csm.get(f"{HOME}?month=nonsense&from=x&owner=1&tier=9").text

    def test_htmx_gets_the_board_alone(self, one: Subscription, as_csm: Client) -> None:
        part = as_csm.get(HOME, headers={"HX-Request": "true", "HX-Target": "board"})
        assert part.text.strip().startswith('<section id="board"') and "<html" not in part.text

    def test_a_reader_reads(self, one: Subscription, as_reader: Client) -> None:
        assert as_reader.get(HOME).status_code == 200

    def test_nothing_foreign(self, one: Subscription, theirs: Subscription, as_csm: Client) -> None:
        assert "Foreign Canary" not in as_csm.get(HOME).text

    def test_rejects_post(self, one: Subscription, as_csm: Client) -> None:
        assert as_csm.post(HOME).status_code == 405


class TestSteer:
    def test_saves_and_goes_back_to_the_filtered_board(self, one: Subscription, ada: Contact, as_csm: Client) -> None:
        path = f"{HOME}{one.pk}/"
        data = sent(as_csm, path, stage="committed", probability="97", decider=ada.pk, note="Signed", back="tier=2&x=1")
        answer = as_csm.post(path, data)
        assert (answer.status_code, answer["Location"]) == (302, f"{HOME}?tier=2#card-{one.pk}")
        one.refresh_from_db()
        assert (one.renewal_stage, one.renewal_probability, one.decider, one.renewal_note) == (
            "committed", 97, ada, "Signed",
        )  # fmt: skip

    def test_blank_probability_follows_the_health_again(self, one: Subscription, as_csm: Client) -> None:
        Subscription.objects.update(renewal_probability=20)
        path = f"{HOME}{one.pk}/"
        as_csm.post(path, sent(as_csm, path, probability=""))
        one.refresh_from_db()
        assert one.renewal_probability is None

    def test_decided_at_another_account(self, one: Subscription, as_csm: Client, theirs: Subscription) -> None:
        path = f"{HOME}{one.pk}/"
        other = Account.objects.create(workspace=one.workspace, name="Mesa Holdings", search_name="mesa holdings")
        assert as_csm.post(path, sent(as_csm, path, decided_at="Foreign Canary")).status_code == 422
        assert as_csm.post(path, sent(as_csm, path, decided_at="MESA holdings")).status_code == 302
        one.refresh_from_db()
        assert one.decided_at_account == other
        assert "decided at Mesa Holdings" in as_csm.get(HOME).text

    def test_htmx_gets_the_drawer_the_card_and_the_sums(self, one: Subscription, as_csm: Client) -> None:
        path = f"{HOME}{one.pk}/"
        assert as_csm.get(path, headers=HTMX).text.strip().startswith('<section id="renewal"')
        part = as_csm.post(path, sent(as_csm, path, stage="at_risk"), headers=HTMX)
        assert part.status_code == 200 and part.text.strip().startswith('<section id="renewal"')
        for wanted in (f'id="card-{one.pk}"', 'id="sum-2026-12"', "hx-swap-oob", "At risk"):
            assert wanted in part.text

    def test_a_stale_form_is_409_with_what_is_now(self, one: Subscription, as_csm: Client) -> None:
        path = f"{HOME}{one.pk}/"
        data = sent(as_csm, path, stage="at_risk")
        Subscription.objects.update(renewal_note="Signed meanwhile")
        assert as_csm.post(path, data).status_code == 409
        part = as_csm.post(path, data, headers=HTMX)
        assert part.status_code == 409 and "Signed meanwhile" in part.text
        one.refresh_from_db()
        assert one.renewal_stage == "not_started"

    def test_refused_input_stays(self, one: Subscription, as_csm: Client) -> None:
        path = f"{HOME}{one.pk}/"
        answer = as_csm.post(path, sent(as_csm, path, probability="120", note="Keep this"))
        assert answer.status_code == 422 and "Keep this" in answer.text and "120" in answer.text

    def test_roles_strangers_and_verbs(
        self, one: Subscription, theirs: Subscription, as_csm: Client, as_reader: Client
    ) -> None:
        path = f"{HOME}{one.pk}/"
        assert (as_reader.get(path).status_code, as_reader.post(path).status_code) == (200, 403)
        assert "<form" not in as_reader.get(path, headers=HTMX).text
        assert as_csm.get(f"{HOME}{theirs.pk}/").status_code == 404
        assert as_csm.post(f"{HOME}{theirs.pk}/").status_code == 404
        assert as_csm.delete(path).status_code == 405


class TestClose:
    def test_renewed_for_more(self, one: Subscription, as_csm: Client) -> None:
        path = f"{HOME}{one.pk}/close/"
        answer = as_csm.post(path, sent(as_csm, path, mrr="1250.50"))
        assert (answer.status_code, answer["Location"]) == (302, HOME)
        one.refresh_from_db()
        assert (one.renews_on, one.mrr_minor) == (date(2027, 12, 10), 125_050)
        assert RenewalOutcome.objects.get().result == "expanded"
        assert "Closed today" in as_csm.get(HOME).text

    def test_lost_asks_for_the_reason_and_the_stage(self, one: Subscription, account: Account, as_csm: Client) -> None:
        path = f"{HOME}{one.pk}/close/"
        refused = as_csm.post(path, sent(as_csm, path, outcome="lost", reason=""))
        assert refused.status_code == 422 and "why it was lost" in refused.text
        assert as_csm.post(path, sent(as_csm, path, outcome="lost", reason="Price", churned="on")).status_code == 302
        account.refresh_from_db()
        assert account.stage == "churned"

    def test_twice_is_once(self, one: Subscription, as_csm: Client) -> None:
        path = f"{HOME}{one.pk}/close/"
        data = sent(as_csm, path)
        assert [as_csm.post(path, data).status_code for _ in range(2)] == [302, 409]
        assert RenewalOutcome.objects.count() == 1

    def test_undo_and_not_twice(self, one: Subscription, as_csm: Client, as_reader: Client) -> None:
        path = f"{HOME}{one.pk}/close/"
        as_csm.post(path, sent(as_csm, path))
        undo = f"{HOME}outcomes/{RenewalOutcome.objects.get().pk}/reopen/"
        assert (as_reader.post(undo).status_code, as_csm.get(undo).status_code) == (403, 405)
        assert [as_csm.post(undo).status_code for _ in range(2)] == [302, 404]
        one.refresh_from_db()
        assert one.renews_on == DECEMBER

    def test_a_change_since_stops_the_undo(self, one: Subscription, as_csm: Client) -> None:
        path = f"{HOME}{one.pk}/close/"
        as_csm.post(path, sent(as_csm, path))
        Subscription.objects.update(mrr_minor=7)
        assert as_csm.post(f"{HOME}outcomes/{RenewalOutcome.objects.get().pk}/reopen/").status_code == 409

    def test_bad_input_stays(self, one: Subscription, as_csm: Client) -> None:
        path = f"{HOME}{one.pk}/close/"
        answer = as_csm.post(path, sent(as_csm, path, renews_on="2026-12-01", mrr="777.00"))
        assert answer.status_code == 422 and "777.00" in answer.text
        assert (
            as_csm.post(path, sent(as_csm, path, outcome="lost", ended_on="2027-05-05", reason="x")).status_code == 422
        )

    def test_roles_strangers_and_verbs(
        self, one: Subscription, theirs: Subscription, as_csm: Client, as_reader: Client
    ) -> None:
        path = f"{HOME}{one.pk}/close/"
        assert as_reader.get(path).status_code == as_reader.post(path).status_code == 403
        assert as_csm.get(f"{HOME}{theirs.pk}/close/").status_code == 404
        assert as_csm.delete(path).status_code == 405


@pytest.fixture
def export() -> Callable[[Any], list[tuple[Any, ...]]]:
    import io

    import openpyxl

    def read(answer: Any) -> list[tuple[Any, ...]]:
        return list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))

    return read


class TestForecast:
    def test_shows_each_currency_by_itself(self, one: Subscription, as_csm: Client) -> None:
        SubscriptionFactory(account=one.account, mrr_minor=50_000, renews_on=DECEMBER, currency="EUR")
        page = as_csm.get(f"{HOME}forecast/")
        for part in ("never added", "$1,000", "€500", "$700", "Quinn Abbott", "At risk"):
            assert part in page.text

    def test_export_is_the_same_as_cells(self, one: Subscription, as_csm: Client, export: Any) -> None:
        Account.objects.update(name="=1+1")
        rows = export(as_csm.get(f"{HOME}forecast/export/"))
        assert rows[1] == ("December 2026", "Quinn Abbott", "USD", 1, 1000, 700, 0, 1000, 0)

    def test_htmx_reader_stranger_verb(self, one: Subscription, as_csm: Client, as_reader: Client) -> None:
        part = as_csm.get(f"{HOME}forecast/", headers={"HX-Request": "true", "HX-Target": "forecast"})
        assert part.text.strip().startswith('<section id="forecast"')
        assert as_reader.get(f"{HOME}forecast/").status_code == 200
        assert as_csm.post(f"{HOME}forecast/").status_code == as_csm.post(f"{HOME}forecast/export/").status_code == 405
