"""The ledger in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from accounts.models import Account, Subscription
from csworkbench.common import clock
from csworkbench.tenancy.history import lines, say, thing, tracked_tables, uuid7_floor
from csworkbench.tenancy.models import HistoryEntry, Invitation, Member, Workspace
from tests.factories import AccountFactory, SubscriptionFactory

ROSA = UUID("600f5dea-4d74-43bb-908f-2df051270d20")


class TestSay:
    @pytest.mark.parametrize(
        ("model", "field", "value", "words"),
        [
            (Member, "title", "", "—"),
            (Member, "title", None, "—"),
            (Member, "is_active", True, "yes"),
            (Member, "roles", ["csm", "lead"], "CSM, Team lead"),
            (Member, "roles", [], "—"),
            (Member, "lead", str(ROSA), "Rosa Vargas"),
            (Member, "lead", str(UUID(int=1)), "another row"),
            (Invitation, "expires_at", "2026-11-28T15:04:05.123+00:00", "2026-11-28 15:04 UTC"),
            (Subscription, "mrr_minor", 551_167, "$5,512"),
            (Account, "name", "x" * 200, "x" * 119 + "…"),
        ],
    )
    def test_a_value(self, model: type, field: str, value: object, words: str) -> None:
        known = model._meta.get_field(field)  # type: ignore[attr-defined]
        assert say(known, value, {ROSA: "Rosa Vargas"}) == words

    def test_money_is_in_the_currency_of_the_workspace(self, workspace: Workspace) -> None:
        workspace.currency = "EUR"
        subscription = SubscriptionFactory(account=AccountFactory(workspace=workspace), mrr_minor=100)
        Subscription.objects.filter(pk=subscription.pk).update(mrr_minor=551_167)
        (line,) = lines(workspace, [HistoryEntry.objects.get(row_id=subscription.pk, operation="update")])
        assert [(change.before, change.after) for change in line.changes] == [("€1", "€5,512")]

    def test_a_column_that_no_longer_exists(self) -> None:
        assert say(None, "kept", {}) == "kept"


class TestLines:
    def test_a_reference_in_a_subscription_names_its_account(self, workspace: Workspace) -> None:
        subscription = SubscriptionFactory(account=AccountFactory(workspace=workspace, name="Granite Clinic"))
        entry = HistoryEntry.objects.get(row_id=subscription.pk)
        (line,) = lines(workspace, [entry])
        assert (line.who, line.verb, line.what) == ("The system", "added", "subscription")
        assert line.names == ["of Granite Clinic"]

    def test_a_table_that_no_longer_exists_is_still_told(self, workspace: Workspace) -> None:
        entry = HistoryEntry.objects.create(
            workspace=workspace,
            table_name="gone_old_thing",
            operation="update",
            changes={"some_column": ["a", "b"]},
            actor_kind="integration",
        )
        (line,) = lines(workspace, [entry])
        assert (line.who, line.what) == ("An integration", "old thing")
        assert [(change.label, change.before, change.after) for change in line.changes] == [("Some column", "a", "b")]

    def test_somebody_who_is_gone_is_somebody(self, workspace: Workspace) -> None:
        entry = HistoryEntry.objects.create(
            workspace=workspace, table_name="tenancy_member", operation="update", actor_id=uuid4(), actor_kind="member"
        )
        assert lines(workspace, [entry])[0].who == "Somebody"


class TestParts:
    def test_tables_have_the_words_of_the_glossary(self) -> None:
        words = dict(tracked_tables())
        assert words["accounts_account"] == "Account"
        assert words["tenancy_workspace"] == "Workspace"
        assert thing("accounts_moduleuse").lower() == "module use"

    def test_the_floor_of_a_moment_lies_just_under_the_ids_of_that_moment(self, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT uuidv7()")
            made: UUID = cursor.fetchone()[0]
        now = clock.now()
        assert uuid7_floor(now - timedelta(seconds=5)) < made < uuid7_floor(now + timedelta(seconds=5))
        assert uuid7_floor(datetime(1960, 1, 1, tzinfo=UTC)).int >> 80 == 0
