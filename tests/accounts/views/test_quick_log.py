"""Logging from anywhere: choosing the account, then its composer stands open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts import services
from accounts.models import Account, Contact
from csworkbench.tenancy.models import Member
from tests.factories import AccountFactory

Url = Callable[..., str]
HERE = "/w/northwind/accounts/log/"


class TestQuickLog:
    def test_begins_with_the_accounts_one_wrote_about_last(
        self, account: Account, csm: Member, as_csm: Client, url: Url
    ) -> None:
        other: Account = AccountFactory(workspace=account.workspace, name="Granite")
        for one in (account, other, account):
            services.log_interaction(actor=csm, account=one, kind="call")
        choices = as_csm.get(HERE).context["choices"]
        assert [name for _, name, _ in choices] == ["Mesa Dental Group", "Granite"]
        assert choices[0][0] == f"{url(account)}?log=call"

    @pytest.mark.parametrize(("kind", "opened"), [("email", "email"), ("note", "note"), ("nonsense", "call")])
    def test_finds_accounts_and_people_while_typing(
        self, account: Account, ada: Contact, foreign: Account, as_csm: Client, url: Url, kind: str, opened: str
    ) -> None:
        for text, name in (("mesa", "Mesa Dental Group"), ("gallo", "Ada Gallo")):
            answer = as_csm.get(HERE, {"kind": kind, "find": text})
            assert (f"{url(account)}?log={opened}", name) in [
                (address, said) for address, said, _ in answer.context["choices"]
            ]
            assert f"?log={opened}" in answer.text
        assert "Foreign Canary" not in as_csm.get(HERE, {"find": "foreign"}).text

    def test_htmx_gets_the_matches_alone(self, account: Account, as_csm: Client) -> None:
        headers = {"HX-Request": "true", "HX-Target": "matches"}
        answer = as_csm.get(HERE, {"find": "mesa"}, headers=headers)
        assert "<html" not in answer.text
        assert "Mesa Dental Group" in answer.text
        assert "Nothing is called that" in as_csm.get(HERE, {"find": "zzzzzz"}, headers=headers).text

    def test_is_in_the_add_menu_with_its_key(self, account: Account, as_csm: Client, as_reader: Client) -> None:
        assert f'href="{HERE}?kind=call"' in as_csm.get(HERE).text
        assert HERE not in as_reader.get("/w/northwind/accounts/").text

    def test_a_reader_is_refused(self, as_reader: Client) -> None:
        assert as_reader.get(HERE).status_code == 403

    def test_rejects_post(self, as_csm: Client) -> None:
        assert as_csm.post(HERE).status_code == 405
