"""The doors from the queue of background work to the pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from accounts.models import Account, AccountPriority, DirtyAccount
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks import tasks as playbook_tasks
from playbooks.models import Run
from playbooks.starter import ADVISOR, install_playbooks
from priorities import pipeline, tasks
from priorities.models import RuleSet
from priorities.starter import install_rules
from tests.factories import AccountFactory, SubscriptionFactory


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What the ticks would put on the queue."""
    messages: list[tuple[str, dict[str, Any]]] = []
    for module in (tasks, playbook_tasks):
        monkeypatch.setattr(module, "enqueue", lambda name, **ids: messages.append((name, ids)))
    return messages


@pytest.fixture
def scopeless(workspace: Workspace) -> Iterator[Workspace]:
    """A workspace with rules and accounts, seen as a worker sees it: nothing is open."""
    install_rules(workspace)
    AccountFactory.create_batch(3, workspace=workspace, tier=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.workspace_id', '', true)")
    yield workspace


def levels(workspace: Workspace) -> list[int]:
    with workspace_scope(workspace.pk):
        return list(AccountPriority.objects.values_list("level", flat=True))


class TestDrain:
    def test_opens_the_workspace_and_drains_it(self, scopeless: Workspace) -> None:
        tasks.drain(workspace_id=scopeless.pk)
        assert levels(scopeless) == [2, 2, 2]
        with workspace_scope(scopeless.pk):
            assert not DirtyAccount.objects.exists()

    def test_goes_on_chunk_by_chunk_until_nothing_is_left(
        self, scopeless: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pipeline, "DRAIN_LIMIT", 2)
        sizes: list[int] = []
        whole = pipeline.drain

        def limited(workspace: Workspace) -> pipeline.Result:
            result = whole(workspace, limit=2)
            sizes.append(result.marks)
            return result

        monkeypatch.setattr(pipeline, "drain", limited)
        tasks.drain(workspace_id=scopeless.pk)
        assert sizes == [2, 1]
        assert levels(scopeless) == [2, 2, 2]

    def test_the_tick_drains_every_active_workspace(self, scopeless: Workspace, other_workspace: Workspace) -> None:
        other_workspace.is_active = False
        other_workspace.save()
        with workspace_scope(other_workspace.pk):
            install_rules(other_workspace)
            AccountFactory(workspace=other_workspace, tier=1)
        tasks.drain_all()
        assert (levels(scopeless), levels(other_workspace)) == ([2, 2, 2], [4])

    def test_a_workspace_that_fails_keeps_no_other_waiting(
        self, other_workspace: Workspace, scopeless: Workspace, caplog: pytest.LogCaptureFixture
    ) -> None:
        with workspace_scope(other_workspace.pk):
            broken = install_rules(other_workspace)
            RuleSet.objects.filter(pk=broken.pk).update(rules=[{"key": "old", "when": {"fact": "gone"}, "add": 1}])
            AccountFactory(workspace=other_workspace)
        tasks.drain_all()
        assert levels(scopeless) == [2, 2, 2]
        assert "elsewhere" in caplog.text

    def test_a_large_workspace_goes_on_by_itself(
        self, scopeless: Workspace, sent: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pipeline, "DRAIN_LIMIT", 3)
        tasks.drain_all()
        assert sent == [("priorities.drain", {"workspace_id": scopeless.pk})]


@pytest.mark.usefixtures("frozen")
class TestSweep:
    def test_the_tick_sends_a_sweep_once_the_day_has_turned(
        self, scopeless: Workspace, sent: list[tuple[str, dict[str, Any]]], frozen: time_machine.Traveller
    ) -> None:
        tasks.sweep_due()
        assert sent == [("priorities.sweep", {"workspace_id": scopeless.pk})]
        tasks.sweep(workspace_id=scopeless.pk)
        sent.clear()
        # Two minutes before midnight in Chicago it is the next day in UTC already.
        frozen.move_to(datetime(2026, 11, 24, 5, 58, tzinfo=UTC))
        tasks.sweep_due()
        assert sent == []
        frozen.shift(timedelta(minutes=2))
        tasks.sweep_due()
        assert len(sent) == 1

    def test_two_messages_for_one_day_sweep_once(self, scopeless: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        swept: list[int] = []
        monkeypatch.setattr(pipeline, "sweep", lambda workspace: swept.append(workspace.pk))
        for _ in range(2):
            tasks.sweep(workspace_id=scopeless.pk)
        assert swept == [scopeless.pk]

    def test_a_date_that_moved_is_found_at_midnight(self, workspace: Workspace, frozen: time_machine.Traveller) -> None:
        """Nothing marks an account whose renewal came nearer overnight; the sweep proves nothing was missed."""
        install_rules(workspace)
        account = AccountFactory(workspace=workspace, tier=3)
        SubscriptionFactory(account=account, mrr_minor=0, renews_on=workspace.today + timedelta(days=91))
        tasks.sweep(workspace_id=workspace.pk)
        frozen.shift(timedelta(days=1))
        assert pipeline.drain(workspace).marks == 0
        tasks.sweep(workspace_id=workspace.pk)
        assert AccountPriority.objects.get().matched == ["renews_90"]

    def test_a_sweep_that_fails_is_not_counted_as_done(
        self, scopeless: Workspace, monkeypatch: pytest.MonkeyPatch, sent: list[tuple[str, dict[str, Any]]]
    ) -> None:
        def broken(workspace: Workspace) -> None:
            raise RuntimeError("the disk is full")

        with monkeypatch.context() as patch:
            patch.setattr(pipeline, "sweep", broken)
            with pytest.raises(RuntimeError):
                tasks.sweep(workspace_id=scopeless.pk)
        tasks.sweep_due()
        assert len(sent) == 1
        tasks.sweep(workspace_id=scopeless.pk)
        assert levels(scopeless) == [2, 2, 2]


class TestPlaybooks:
    def test_the_tick_sends_one_scan_per_active_workspace(
        self, workspace: Workspace, other_workspace: Workspace, sent: list[tuple[str, dict[str, Any]]]
    ) -> None:
        playbook_tasks.tick()
        assert sent == [("playbooks.scan", {"workspace_id": each.pk}) for each in (workspace, other_workspace)]

    @pytest.mark.usefixtures("frozen")
    def test_a_scan_starts_what_is_due_and_leaves_its_rank_to_the_drain(self, workspace: Workspace) -> None:
        install_rules(workspace)
        install_playbooks(workspace, ADVISOR)
        account = AccountFactory(workspace=workspace, tier=1)
        SubscriptionFactory(account=account, renews_on=workspace.today + timedelta(days=30))
        DirtyAccount.objects.all().delete()
        playbook_tasks.scan(workspace_id=workspace.pk)
        assert Run.objects.get().cause == "renewal"
        assert set(DirtyAccount.objects.values_list("account_id", flat=True)) == {account.pk}
        tasks.drain(workspace_id=workspace.pk)
        assert Account.objects.get().tasks.get().level == 2
