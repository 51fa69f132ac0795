"""The second belt: what a transaction sees without, with and across workspaces."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.models import Account, AccountFigures, Contact, DirtyAccount
from csworkbench.tenancy.models import HistoryEntry, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope
from tests.factories import AccountFactory, ContactFactory, SubscriptionFactory, make_workspace


class TestScope:
    def test_tests_run_as_the_restricted_role(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
            name, superuser, bypasses = cursor.fetchone()
        assert (name, superuser, bypasses) == ("csw_app", False, False)

    def test_no_scope_means_no_rows(self, db: None) -> None:
        workspace = make_workspace("quiet")
        with workspace_scope(workspace.pk):
            AccountFactory(workspace=workspace)
            assert Account.objects.count() == 1
        # The outer transaction of the test still holds the inner settings unless they are cleared.
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.workspace_id', '', true)")
        assert Account.objects.count() == 0

    def test_another_workspaces_rows_are_invisible(self, workspace: Workspace, other_workspace: Workspace) -> None:
        AccountFactory(workspace=workspace)
        with workspace_scope(other_workspace.pk):
            assert Account.objects.count() == 0
        assert Account.objects.count() == 1

    def test_a_row_cannot_be_written_into_another_workspace(
        self, workspace: Workspace, other_workspace: Workspace
    ) -> None:
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            AccountFactory(workspace=other_workspace)

    def test_a_child_cannot_point_at_another_workspaces_parent(
        self, workspace: Workspace, other_workspace: Workspace
    ) -> None:
        with workspace_scope(other_workspace.pk):
            foreign = AccountFactory(workspace=other_workspace)
        with pytest.raises(IntegrityError, match="accounts_contact_account_id_ws_fk"), transaction.atomic():
            Contact.objects.create(workspace=workspace, account_id=foreign.pk, first_name="Mara")


class TestHistory:
    def test_a_set_based_update_records_each_changed_field_with_its_actor(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace, tier=3)
        with workspace_scope(workspace.pk, actor=Actor("import", cause="book.xlsx")):
            Account.objects.filter(pk=account.pk).update(tier=1, segment="Clinics")
        entry = HistoryEntry.objects.get(row_id=account.pk, operation="update")
        assert entry.changes == {"tier": [3, 1], "segment": ["", "Clinics"]}
        assert (entry.actor_kind, entry.cause, entry.account_id) == ("import", "book.xlsx", account.pk)

    def test_an_update_that_changes_nothing_records_nothing(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace, tier=3)
        Account.objects.filter(pk=account.pk).update(tier=3)
        assert not HistoryEntry.objects.filter(row_id=account.pk, operation="update").exists()

    def test_a_deleted_row_leaves_its_values(self, workspace: Workspace) -> None:
        contact = ContactFactory(account=AccountFactory(workspace=workspace), last_name="Haddad")
        identity = contact.pk
        contact.delete()
        assert HistoryEntry.objects.get(row_id=identity, operation="delete").changes["last_name"] == ["Haddad", None]

    def test_the_application_cannot_rewrite_history(self, workspace: Workspace) -> None:
        AccountFactory(workspace=workspace)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            HistoryEntry.objects.update(actor_kind="system")


class TestFigures:
    def test_subscriptions_feed_the_figures_and_mark_the_account(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace)
        DirtyAccount.objects.all().delete()
        SubscriptionFactory(account=account, mrr_minor=551_167, renews_on=datetime(2027, 3, 22, tzinfo=UTC).date())
        SubscriptionFactory(account=account, mrr_minor=100, renews_on=datetime(2027, 1, 2, tzinfo=UTC).date())
        figures = AccountFigures.objects.get(account=account)
        assert (figures.mrr_minor, str(figures.renews_on), figures.products) == (551_267, "2027-01-02", 2)
        assert set(DirtyAccount.objects.values_list("account_id", flat=True)) == {account.pk}

    def test_a_removed_subscription_leaves_the_sum(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace)
        subscription = SubscriptionFactory(account=account)
        subscription.delete()
        figures = AccountFigures.objects.get(account=account)
        assert (figures.mrr_minor, figures.renews_on) == (0, None)
