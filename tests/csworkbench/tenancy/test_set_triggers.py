"""Triggers over whole statements do not keep the plan they once made for a single row."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import Account, AccountFigures, Subscription
from csworkbench.tenancy.models import HistoryEntry, Workspace
from tests.factories import AccountFactory, SubscriptionFactory

# Functions of triggers that see a statement's rows as tables and put them together with anything.
PAIRING = r"""
SELECT p.proname, p.prosrc ~ '\mEXECUTE\M' OR coalesce(p.proconfig::text ~ 'enable_nestloop=off', false)
FROM pg_proc p
WHERE p.oid IN (SELECT tgfoid FROM pg_trigger WHERE tgoldtable IS NOT NULL OR tgnewtable IS NOT NULL)
  AND p.prosrc ~* '\mJOIN\M'
ORDER BY p.proname
"""


def pairing_functions() -> list[tuple[str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(PAIRING)
        return [(name, safe) for name, safe in cursor.fetchall()]


class TestPlans:
    def test_every_function_that_pairs_rows_plans_for_the_rows_at_hand(self, db: None) -> None:
        """A plan kept from a single row compares every row with every other: minutes for a book."""
        found = pairing_functions()
        assert {"tenancy_record_history", "accounts_figures_subscription_insert"} <= {name for name, _ in found}
        assert [name for name, safe in found if not safe] == []


class TestAfterManyWritesOfOneRow:
    """What the rewritten functions compute is what they computed."""

    @pytest.fixture
    def accounts(self, workspace: Workspace) -> list[Account]:
        accounts = AccountFactory.create_batch(30, workspace=workspace, tier=3)
        for account in accounts[:8]:
            SubscriptionFactory(account=account, mrr_minor=100)
            Account.objects.filter(pk=account.pk).update(tier=2)
        return accounts

    def test_a_large_statement_is_figured_like_a_small_one(self, accounts: list[Account]) -> None:
        for account in accounts:
            SubscriptionFactory(account=account, mrr_minor=7)
        Subscription.objects.update(mrr_minor=50)
        sums = AccountFigures.objects.order_by("account").values_list("mrr_minor", "products")
        assert list(sums) == [(100, 2)] * 8 + [(50, 1)] * 22
        accounts[9].subscriptions.all().delete()
        assert AccountFigures.objects.get(account=accounts[9]).products == 0

    def test_a_large_update_is_recorded_row_by_row(self, accounts: list[Account]) -> None:
        Account.objects.update(segment="Clinics")
        entries = HistoryEntry.objects.filter(table_name="accounts_account", changes__has_key="segment")
        assert entries.count() == 30
        assert {tuple(entry.changes["segment"]) for entry in entries} == {("", "Clinics")}
