"""Racing workers and members: exactly one run and one task per cause, and nothing overwritten."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from accounts.facts import context_for
from accounts.models import Interaction
from accounts.services import log_interaction
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.task_base import workspace_of
from playbooks import engine, tasks
from playbooks.models import PlaybookVersion, Run, Task, TaskAction
from playbooks.services import Conflict, add_task, complete_task, publish_playbook, undo_last
from playbooks.starter import ADVISOR, install_playbooks
from tests.concurrency.conftest import RunAtOnce, wait_for_somebody_to_wait
from tests.factories import (
    AccountFactory,
    ModuleFactory,
    ModuleUseFactory,
    ProductFactory,
    SubscriptionFactory,
    TaskFactory,
    make_member,
)

THREADS = 8
RED: dict[str, Any] = {"fact": "health", "op": "is", "value": "red"}


@pytest.fixture
def silent_book(committed: Workspace) -> Workspace:
    """Twenty accounts that used neither module for a month: two causes each."""
    with workspace_of(committed.pk) as workspace:
        install_playbooks(workspace, ADVISOR)
        product = ProductFactory(workspace=workspace)
        modules = [
            ModuleFactory(product=product, key="cases"),
            ModuleFactory(product=product, key="policies", name="Policies", use_label="policy viewed"),
        ]
        for account in AccountFactory.create_batch(20, workspace=workspace, customer_since=date(2025, 1, 1)):
            SubscriptionFactory(account=account, product=product, renews_on=None)
            for module in modules:
                ModuleUseFactory(account=account, module=module, last_used_at=clock.now() - timedelta(days=40))
    return committed


def scan_in_a_worker(workspace: Workspace) -> engine.Scan:
    with workspace_of(workspace.pk) as opened:
        return engine.scan(opened, context_for(opened))


def runs_and_tasks(workspace: Workspace) -> tuple[int, int]:
    with workspace_of(workspace.pk):
        return Run.objects.count(), Task.objects.count()


class TestScans:
    def test_eight_workers_start_each_run_once(self, silent_book: Workspace, at_once: RunAtOnce) -> None:
        scans = at_once([lambda: scan_in_a_worker(silent_book)] * THREADS)
        assert runs_and_tasks(silent_book) == (40, 40)
        assert sorted(scan.started for scan in scans) == [0] * 7 + [40]
        assert sum(scan.tasks for scan in scans) == 40

    def test_the_unique_keys_alone_would_do(
        self, silent_book: Workspace, at_once: RunAtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Should a pass ever run beside another, a run or a task is still there once."""
        monkeypatch.setattr(engine, "lock_pass", lambda workspace_id, wait: True)
        scans = at_once([lambda: scan_in_a_worker(silent_book)] * THREADS)
        assert runs_and_tasks(silent_book) == (40, 40)
        assert sum(scan.started for scan in scans) == sum(scan.tasks for scan in scans) == 40

    def test_eight_workers_clear_each_run_once(self, silent_book: Workspace, at_once: RunAtOnce) -> None:
        scan_in_a_worker(silent_book)
        with workspace_of(silent_book.pk), connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_account SET stage = 'churned'")
        scans = at_once([lambda: scan_in_a_worker(silent_book)] * THREADS)
        assert sum(scan.cleared for scan in scans) == 40
        with workspace_of(silent_book.pk):
            assert set(Task.objects.values_list("state", flat=True)) == {"cleared"}

    def test_the_same_message_delivered_eight_times(self, silent_book: Workspace, at_once: RunAtOnce) -> None:
        at_once([lambda: tasks.scan(workspace_id=silent_book.pk)] * THREADS)
        assert runs_and_tasks(silent_book) == (40, 40)


@pytest.fixture
def csm(committed: Workspace) -> Member:
    with workspace_of(committed.pk) as workspace:
        return make_member(workspace, "Quinn Abbott", roles=["csm"])


class TestMembers:
    def test_a_task_is_completed_by_one_of_eight(self, committed: Workspace, csm: Member, at_once: RunAtOnce) -> None:
        with workspace_of(committed.pk) as workspace:
            task = TaskFactory(account=AccountFactory(workspace=workspace))

        def complete() -> bool:
            with workspace_of(committed.pk):
                try:
                    complete_task(actor=csm, task=task, outcome="success")
                except Conflict:
                    return False
                return True

        assert sorted(at_once([complete] * THREADS)) == [False] * 7 + [True]
        with workspace_of(committed.pk):
            assert TaskAction.objects.count() == 1

    def test_a_form_sent_eight_times_at_once_is_one_task(
        self, committed: Workspace, csm: Member, at_once: RunAtOnce
    ) -> None:
        key = uuid4()
        with workspace_of(committed.pk) as workspace:
            account = AccountFactory(workspace=workspace)

        def add() -> Any:
            with workspace_of(committed.pk):
                return add_task(actor=csm, account=account, fields={"title": "Send the deck"}, request_key=key).pk

        assert len(set(at_once([add] * THREADS))) == 1
        with workspace_of(committed.pk):
            assert (Task.objects.count(), TaskAction.objects.count()) == (1, 1)

    def test_a_call_logged_eight_times_at_once_is_one_call(
        self, committed: Workspace, csm: Member, at_once: RunAtOnce
    ) -> None:
        key = uuid4()
        with workspace_of(committed.pk) as workspace:
            account = AccountFactory(workspace=workspace)

        def log() -> Any:
            with workspace_of(committed.pk):
                return log_interaction(actor=csm, account=account, kind="call", request_key=key).pk

        assert len(set(at_once([log] * THREADS))) == 1
        with workspace_of(committed.pk):
            assert Interaction.objects.count() == 1

    def test_two_undos_at_once_never_take_back_the_same_action(
        self, committed: Workspace, csm: Member, at_once: RunAtOnce
    ) -> None:
        with workspace_of(committed.pk) as workspace:
            for task in TaskFactory.create_batch(2, account=AccountFactory(workspace=workspace)):
                complete_task(actor=csm, task=task, outcome="success")

        def undo() -> bool:
            with workspace_of(committed.pk):
                return undo_last(actor=csm) is not None

        assert sorted(at_once([undo] * 2)) in ([False, True], [True, True])
        with workspace_of(committed.pk):
            undone = TaskAction.objects.filter(undone_at__isnull=False).count()
            assert Task.objects.filter(state="open").count() == undone

    def test_eight_publishers_number_their_versions_one_after_the_other(
        self, committed: Workspace, at_once: RunAtOnce
    ) -> None:
        def publish(number: int) -> None:
            step = {"key": "call", "action": "task", "title": f"Call {number}", "kind": "check_in"}
            definition = {"trigger": RED, "cause": "red", "cooldown_days": 0, "steps": [step]}
            with workspace_of(committed.pk) as workspace:
                publish_playbook(
                    workspace=workspace, key="red", name="Red", description="", definition=definition, actor=None
                )

        at_once([partial(publish, number) for number in range(THREADS)])
        with workspace_of(committed.pk):
            assert sorted(PlaybookVersion.objects.values_list("number", flat=True)) == list(range(1, THREADS + 1))
            assert PlaybookVersion.objects.filter(state="published").count() == 1


class TestUndoAgainstPasses:
    def test_a_task_given_back_while_a_pass_would_complete_its_run_is_never_stranded(
        self, committed: Workspace, csm: Member, at_once: RunAtOnce
    ) -> None:
        """An open task in a completed run would never clear again."""
        step = {"key": "call", "action": "task", "title": "Call", "kind": "check_in"}
        definition = {"trigger": RED, "cause": "red", "cooldown_days": 14, "steps": [step]}
        with workspace_of(committed.pk) as workspace:
            publish_playbook(
                workspace=workspace, key="red", name="Red", description="", definition=definition, actor=None
            )
            AccountFactory(workspace=workspace, health="red")
        scan_in_a_worker(committed)
        with workspace_of(committed.pk):
            complete_task(actor=csm, task=Task.objects.get(), outcome="success")
        given_back = threading.Event()

        def undo() -> bool:
            with workspace_of(committed.pk):
                undo_last(actor=csm)
                given_back.set()
                return wait_for_somebody_to_wait()

        def scan() -> engine.Scan:
            given_back.wait()
            return scan_in_a_worker(committed)

        assert at_once([undo, scan]) == [True, engine.Scan()]
        with workspace_of(committed.pk):
            assert (Run.objects.get().state, Task.objects.get().state) == ("open", "open")
