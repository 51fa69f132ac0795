"""The search of the top bar: a box while typing, a page without scripts."""

from __future__ import annotations

from django.test import Client

from accounts.models import Account, Contact

FIND = "/w/northwind/accounts/find/"
BOX = {"HX-Request": "true", "HX-Target": "search-results"}


class TestFound:
    def test_a_page_that_links_to_what_was_found(self, account: Account, ada: Contact, as_csm: Client) -> None:
        text = as_csm.get(FIND, {"q": "mesa"}).text
        assert f'href="/w/northwind/accounts/{account.pk}/"' in text
        assert 'href="/w/northwind/accounts/?q=mesa"' in text

    def test_the_box_while_typing(self, account: Account, ada: Contact, as_csm: Client) -> None:
        response = as_csm.get(FIND, {"q": "gal"}, headers=BOX)
        assert response.text.lstrip().startswith('<div id="search-results"')
        assert "Ada Gallo" in response.text
        assert "Mesa Dental Group" in response.text

    def test_says_when_it_allowed_a_slip(self, account: Account, as_csm: Client) -> None:
        assert "Close to it" in as_csm.get(FIND, {"q": "messa"}).text

    def test_says_when_there_is_nothing(self, account: Account, as_csm: Client) -> None:
        assert "Nothing found" in as_csm.get(FIND, {"q": "zzzz"}).text
        assert as_csm.get(FIND).status_code == 200

    def test_what_no_column_can_hold_is_not_found(self, account: Account, as_csm: Client) -> None:
        assert as_csm.get(FIND, {"q": "mesa@\0"}).status_code == 200
        assert account.name in as_csm.get(FIND, {"q": "me\0sa"}).text

    def test_nothing_of_another_workspace(self, account: Account, foreign: Account, as_csm: Client) -> None:
        assert "Foreign Canary" not in as_csm.get(FIND, {"q": "foreign canary"}).text

    def test_a_reader_may_search_and_nobody_may_post(self, account: Account, as_reader: Client, as_csm: Client) -> None:
        assert account.name in as_reader.get(FIND, {"q": "mesa"}).text
        assert as_csm.post(FIND).status_code == 405
