"""Logging a call, email, meeting or chat from the account page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Account, Contact, Interaction
from csworkbench.tenancy.models import Member
from tests.factories import AccountFactory, ContactFactory

Url = Callable[..., str]
HTMX = {"HX-Request": "true", "HX-Target": "timeline"}
CALL = {"kind": "call", "direction": "out", "answered": "yes", "subject": "Renewal", "body": "They want two years."}


class TestLog:
    @pytest.mark.parametrize("kind", Interaction.Kind.values)
    def test_logs_each_kind_and_goes_back(
        self, account: Account, ada: Contact, as_csm: Client, url: Url, kind: str
    ) -> None:
        response = as_csm.post(url(account, "log"), CALL | {"kind": kind, "contact": str(ada.pk)})
        assert (response.status_code, response["Location"]) == (302, url(account))
        row = Interaction.objects.get()
        assert (row.kind, row.contact, row.answered, row.body) == (kind, ada, True, "They want two years.")

    def test_a_call_needs_no_words(self, account: Account, csm: Member, as_csm: Client, url: Url) -> None:
        as_csm.post(url(account, "log"), {"kind": "call", "direction": "out"})
        assert Interaction.objects.get().author == csm

    def test_says_when_how_long_and_in_what_mood(
        self, account: Account, csm: Member, ada: Contact, as_csm: Client, url: Url
    ) -> None:
        Member.objects.filter(pk=csm.pk).update(time_zone="Europe/Oslo")
        more = {"happened_at": "2026-11-20T09:30", "duration_minutes": "25", "sentiment": "-1", "needs_recap": "on"}
        as_csm.post(url(account, "log"), CALL | more | {"kind": "meeting"})
        row = Interaction.objects.get()
        assert row.happened_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC), "the member's own wall clock"
        assert (row.duration_minutes, row.sentiment, row.needs_recap) == (25, -1, True)
        account.figures.refresh_from_db()
        assert (account.figures.sentiment, account.figures.recaps_owed) == (-1, 1)

    def test_only_a_meeting_owes_a_recap(self, account: Account, as_csm: Client, url: Url) -> None:
        as_csm.post(url(account, "log"), CALL | {"needs_recap": "on"})
        assert not Interaction.objects.get().needs_recap

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"happened_at": "2026-11-23T09:05"}, "still to come"),
            ({"happened_at": "0026-11-20T09:30"}, "Check the year"),
            ({"happened_at": "yesterday"}, "Enter a valid date/time"),
            ({"duration_minutes": "0"}, "greater than or equal to 1"),
            ({"duration_minutes": "2000"}, "less than or equal to 1440"),
            ({"sentiment": "5"}, "Select a valid choice"),
        ],
    )
    def test_refuses_what_cannot_have_been(
        self, account: Account, as_csm: Client, url: Url, typed: dict[str, str], said: str
    ) -> None:
        response = as_csm.post(url(account, "log"), CALL | typed)
        assert response.status_code == 422
        assert said in response.text
        assert "They want two years." in response.text
        assert not Interaction.objects.exists()

    def test_htmx_gets_the_timeline_a_fresh_composer_and_the_message(
        self, account: Account, as_csm: Client, url: Url
    ) -> None:
        key = str(uuid4())
        response = as_csm.post(url(account, "log"), CALL | {"request_key": key}, headers=HTMX)
        assert response.status_code == 200
        assert "<html" not in response.text
        for part in ('id="timeline"', "Renewal", 'id="composer"', 'hx-swap-oob="true"', "Logged the call."):
            assert part in response.text
        assert key not in response.text, "the next entry needs a key of its own"
        assert "account-changed" in response["HX-Trigger-After-Settle"]

    def test_the_same_form_twice_logs_once(self, account: Account, as_csm: Client, url: Url) -> None:
        form = CALL | {"request_key": str(uuid4())}
        for _ in range(2):
            assert as_csm.post(url(account, "log"), form).status_code == 302
        assert Interaction.objects.count() == 1

    def test_bad_input_keeps_what_was_typed_in_its_tab(self, account: Account, as_csm: Client, url: Url) -> None:
        form = CALL | {"kind": "email", "contact": str(uuid4()), "body": "My long text"}
        for headers in ({}, HTMX):
            response = as_csm.post(url(account, "log"), form, headers=headers)
            assert response.status_code == 422
            assert "My long text" in response.text
            assert 'value="email" data-composer="email" checked' in " ".join(response.text.split())
        assert not Interaction.objects.exists()

    def test_an_email_without_words_is_refused(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "log"), {"kind": "email", "direction": "out"})
        assert response.status_code == 422
        assert "Write a subject or what was said." in response.text

    def test_an_unknown_kind_is_a_call_refused(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "log"), CALL | {"kind": "health"})
        assert response.status_code == 422
        assert response.context["composer_open"] == "call"

    @pytest.mark.parametrize("moment", ["9999-12-31T23:30", "0001-01-01T00:10"])
    def test_a_moment_at_the_ends_of_time_is_refused(
        self, account: Account, as_csm: Client, url: Url, moment: str
    ) -> None:
        answer = as_csm.post(url(account, "log"), CALL | {"happened_at": moment})
        assert (answer.status_code, answer.context["log_form"].errors["happened_at"]) == (422, ["Check the year."])

    def test_a_contact_of_another_account_is_refused(self, account: Account, as_csm: Client, url: Url) -> None:
        other = ContactFactory(account=AccountFactory(workspace=account.workspace))
        assert as_csm.post(url(account, "log"), CALL | {"contact": str(other.pk)}).status_code == 422

    def test_a_reader_is_refused(self, account: Account, as_reader: Client, url: Url) -> None:
        assert as_reader.post(url(account, "log"), CALL).status_code == 403
        assert not Interaction.objects.exists()

    def test_another_workspaces_account_is_404(
        self, account: Account, foreign: Account, as_csm: Client, url: Url
    ) -> None:
        assert as_csm.post(url(foreign, "log"), CALL).status_code == 404

    def test_rejects_get(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(account, "log")).status_code == 405
