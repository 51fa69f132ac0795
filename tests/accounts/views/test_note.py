"""Writing a note in the house format from the account page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from django.test import Client

from accounts.models import Account, Note

Url = Callable[..., str]
HTMX = {"HX-Request": "true", "HX-Target": "timeline"}


class TestNote:
    def test_is_dated_and_signed(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "note"), {"text": " Wants a quote "})
        assert (response.status_code, response["Location"]) == (302, url(account))
        assert Note.objects.get().house_format == "11/23/26-QA-Wants a quote"

    def test_htmx_gets_the_timeline_and_a_fresh_composer(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "note"), {"text": "Wants a quote"}, headers=HTMX)
        assert "<html" not in response.text
        assert "11/23/26-QA-Wants a quote" in response.text
        assert 'id="composer"' in response.text
        assert 'value="note" data-composer="note" checked' in " ".join(response.text.split()), "likely the next too"
        assert "account-changed" in response["HX-Trigger-After-Settle"]

    def test_the_same_form_twice_writes_one(self, account: Account, as_csm: Client, url: Url) -> None:
        form = {"text": "Wants a quote", "request_key": str(uuid4())}
        for _ in range(2):
            assert as_csm.post(url(account, "note"), form).status_code == 302
        assert Note.objects.count() == 1

    def test_bad_input_keeps_what_was_typed(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "note"), {"text": "Too long. " * 300})
        assert response.status_code == 422
        assert "Too long. Too long." in response.text
        assert 'value="note" data-composer="note" checked' in " ".join(response.text.split())
        assert not Note.objects.exists()

    def test_nothing_is_no_note(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.post(url(account, "note"), {"text": "  "}).status_code == 422

    def test_a_reader_is_refused(self, account: Account, as_reader: Client, url: Url) -> None:
        assert as_reader.post(url(account, "note"), {"text": "x"}).status_code == 403
        assert not Note.objects.exists()

    def test_another_workspaces_account_is_404(
        self, account: Account, foreign: Account, as_csm: Client, url: Url
    ) -> None:
        assert as_csm.post(url(foreign, "note"), {"text": "x"}).status_code == 404

    def test_rejects_get(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(account, "note")).status_code == 405
