"""The export: what the filters show, as a sheet without formulas."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from django.test import Client

from accounts.models import Account
from tests.factories import AccountFactory, ContactFactory, SubscriptionFactory

EXPORT = "/w/northwind/accounts/export/"


def rows(response: Any) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


class TestExport:
    def test_holds_the_filtered_accounts(self, account: Account, as_csm: Client) -> None:
        SubscriptionFactory(account=account, mrr_minor=551_167)
        AccountFactory(workspace=account.workspace, name="Cedar Clinic", tier=3)
        response = as_csm.get(EXPORT, {"tier": "2"})
        header, *found = rows(response)
        assert header[0] == "Account"
        assert [(row[0], row[1], row[9], row[11]) for row in found] == [
            ("Mesa Dental Group", "001A0000001", 5511.67, "Quinn Abbott")
        ]
        assert 'filename="accounts-2026-11-23.xlsx"' in response["Content-Disposition"]

    def test_an_account_found_by_two_contacts_stands_once(self, account: Account, as_csm: Client) -> None:
        ContactFactory.create_batch(2, account=account, email="office@example.org")
        assert [row[0] for row in rows(as_csm.get(EXPORT, {"q": "Office@example.org"}))[1:]] == ["Mesa Dental Group"]

    def test_a_name_is_never_a_formula(self, account: Account, as_csm: Client) -> None:
        Account.objects.filter(pk=account.pk).update(name="=cmd|' /C calc'!A0")
        assert rows(as_csm.get(EXPORT))[1][0] == "'=cmd|' /C calc'!A0"

    def test_another_workspaces_accounts_are_not_in_it(
        self, account: Account, foreign: Account, as_csm: Client
    ) -> None:
        assert len(rows(as_csm.get(EXPORT))) == 2
        assert as_csm.get("/w/elsewhere/accounts/export/").status_code == 404

    def test_rejects_post(self, account: Account, as_csm: Client) -> None:
        assert as_csm.post(EXPORT).status_code == 405
