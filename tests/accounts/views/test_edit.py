"""Correcting an account by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client

from accounts.models import Account
from csworkbench.tenancy.models import Workspace

Url = Callable[..., str]
FORM = {"name": "Mesa Dental Partners", "tier": "1", "stage": "renewal", "website": "mesa.example.org"}


class TestEdit:
    def test_saves_and_follows_up(self, account: Account, workspace: Workspace, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "edit"), FORM)
        assert (response.status_code, response["Location"]) == (302, url(account))
        account.refresh_from_db()
        assert (account.name, account.search_name, account.tier) == ("Mesa Dental Partners", "mesa dental partners", 1)
        assert (account.stage, account.stage_since) == ("renewal", workspace.today)
        assert account.website == "https://mesa.example.org"

    def test_shows_what_is_there(self, account: Account, as_csm: Client, url: Url) -> None:
        assert 'value="Mesa Dental Group"' in as_csm.get(url(account, "edit")).text

    def test_bad_input_keeps_what_was_typed(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "edit"), FORM | {"tier": "7"})
        assert response.status_code == 422
        assert "A tier is 1, 2 or 3." in response.text
        assert 'value="Mesa Dental Partners"' in response.text
        account.refresh_from_db()
        assert account.name == "Mesa Dental Group"

    def test_leaves_owner_and_ids_alone(self, account: Account, as_csm: Client, url: Url) -> None:
        as_csm.post(url(account, "edit"), FORM | {"owner": "", "sf_id": "", "health": "red"})
        before = (account.owner_id, account.sf_id, account.health)
        account.refresh_from_db()
        assert (account.owner_id, account.sf_id, account.health) == before

    def test_a_form_that_is_stale_is_409(self, account: Account, as_csm: Client, url: Url) -> None:
        seen = re.search(r'name="seen" value="(\w+)"', as_csm.get(url(account, "edit")).text)
        assert seen is not None
        assert as_csm.post(url(account, "edit"), FORM | {"seen": seen[1]}).status_code == 302
        for headers, text in (({}, "Someone was faster"), ({"HX-Request": "true"}, "Mesa Dental Partners")):
            response = as_csm.post(url(account, "edit"), FORM | {"name": "Mine", "seen": seen[1]}, headers=headers)
            assert (response.status_code, text in response.text) == (409, True)
        account.refresh_from_db()
        assert account.name == "Mesa Dental Partners"

    def test_a_reader_is_refused(self, account: Account, as_reader: Client, url: Url) -> None:
        assert as_reader.get(url(account, "edit")).status_code == 403
        assert as_reader.post(url(account, "edit"), FORM).status_code == 403

    def test_another_workspaces_account_is_404(
        self, account: Account, foreign: Account, as_csm: Client, url: Url
    ) -> None:
        assert as_csm.get(url(foreign, "edit")).status_code == 404
        assert as_csm.post(url(foreign, "edit"), FORM).status_code == 404

    def test_rejects_delete(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.delete(url(account, "edit")).status_code == 405
