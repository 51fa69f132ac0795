"""The support panel of an account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client

from accounts.models import Account, Contact, SupportTicket
from csworkbench.common import clock

Url = Callable[..., str]
CARD = {"HX-Request": "true", "HX-Target": "support"}


def ticket(account: Account, key: str, **fields: Any) -> SupportTicket:
    values = {"subject": "SSO fails", "topic": "SSO", "opened_at": clock.now() - timedelta(days=9)}
    return SupportTicket.objects.create(workspace=account.workspace, account=account, key=key, **(values | fields))


class TestPanel:
    def test_shows_what_is_open_what_recurs_and_how_fast(
        self, account: Account, ada: Contact, as_csm: Client, url: Url
    ) -> None:
        ticket(account, "SUP-1", severity="urgent", requester=ada, url="https://desk.example.org/1")
        ticket(
            account, "SUP-2", subject="Reports are slow", state="resolved",
            first_response_at=clock.now() - timedelta(days=8, hours=22), resolved_at=clock.now() - timedelta(days=6),
        )  # fmt: skip
        page = as_csm.get(url(account, "support"), headers=CARD).text
        for text in ("1 open", "1 urgent", "opened 9 d ago", "no response yet", "Ada Gallo", "SSO × 2", "2.0 h",
                     "3.0 d", "1 past support ticket", "Reports are slow", "https://desk.example.org/1"):  # fmt: skip
            assert text in page, text

    def test_is_a_fragment_for_htmx_and_a_page_without(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(account, "support"), headers=CARD).text.strip().startswith('<section id="support"')
        page = as_csm.get(url(account, "support")).text
        assert "<html" in page
        assert "No support ticket is known" in page

    def test_a_reader_reads(self, account: Account, as_reader: Client, url: Url) -> None:
        assert as_reader.get(url(account, "support")).status_code == 200

    def test_another_workspaces_account_is_404(self, foreign: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(foreign, "support")).status_code == 404

    def test_rejects_post(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.post(url(account, "support")).status_code == 405
