"""Judging an account's health, with a reason."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from accounts.models import Account
from csworkbench.tenancy.models import HistoryEntry, Workspace

Url = Callable[..., str]
RED = {"health": "red", "reason": "Nobody answers since the merger"}


class TestHealth:
    def test_is_judged_and_dated(self, account: Account, workspace: Workspace, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "health"), RED)
        assert (response.status_code, response["Location"]) == (302, url(account))
        account.refresh_from_db()
        assert (account.health, account.health_reason, account.health_since) == ("red", RED["reason"], workspace.today)
        assert RED["reason"] in as_csm.get(url(account)).text

    def test_twice_changes_nothing(self, account: Account, as_csm: Client, url: Url) -> None:
        for _ in range(2):
            assert as_csm.post(url(account, "health"), RED).status_code == 302
        assert HistoryEntry.objects.filter(account_id=account.pk, operation="update").count() == 1

    def test_bad_input_keeps_what_was_typed_and_stays_open(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "health"), {"health": "purple", "reason": "My reason"})
        assert response.status_code == 422
        assert 'value="My reason"' in response.text
        assert '<details class="judge no-print" open>' in response.text
        account.refresh_from_db()
        assert account.health == "undefined"

    def test_needs_a_reason(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.post(url(account, "health"), {"health": "red", "reason": " "}).status_code == 422

    def test_a_reader_is_refused(self, account: Account, as_reader: Client, url: Url) -> None:
        assert as_reader.post(url(account, "health"), RED).status_code == 403
        account.refresh_from_db()
        assert account.health == "undefined"

    def test_another_workspaces_account_is_404(
        self, account: Account, foreign: Account, as_csm: Client, url: Url
    ) -> None:
        assert as_csm.post(url(foreign, "health"), RED).status_code == 404

    def test_rejects_get(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(account, "health")).status_code == 405
