"""Drains, sweeps, ticks and members at once: nothing is lost, nothing stale, nobody waits in a ring."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection

from accounts.health.services import judge
from accounts.models import Account, AccountPriority, DirtyAccount, Subscription
from accounts.services import log_interaction
from csworkbench.tenancy import hooks
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.task_base import workspace_of
from playbooks import engine
from playbooks import tasks as playbook_tasks
from playbooks.models import Run, Task, TaskAction
from playbooks.services import Conflict, add_task, complete_task, undo_last
from playbooks.starter import ADVISOR, install_playbooks
from priorities import pipeline, tasks
from priorities.starter import install_rules
from tests.concurrency.conftest import RunAtOnce, wait_for_somebody_to_wait
from tests.factories import AccountFactory, SubscriptionFactory, make_member

WORKERS, ROUNDS = 8, 8


@pytest.fixture
def book(committed: Workspace) -> Workspace:
    """Rules, playbooks and thirty accounts, some of which renew soon."""
    with workspace_of(committed.pk) as workspace:
        install_rules(workspace)
        install_playbooks(workspace, ADVISOR)
        for index in range(30):
            account = AccountFactory(workspace=workspace, tier=index % 3 + 1, customer_since=date(2025, 1, 1))
            SubscriptionFactory(account=account, renews_on=date(2026, 1 + index % 12, 15))
    tasks.drain(workspace_id=committed.pk)
    return committed


@pytest.fixture
def csm(committed: Workspace) -> Member:
    with workspace_of(committed.pk) as workspace:
        return make_member(workspace, "Quinn Abbott", roles=["csm"])


@pytest.fixture
def paused_pass(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """``(reached, go)``: the first pass stops between levels and runs until ``go`` is set."""
    reached, go = threading.Event(), threading.Event()
    scan = engine.scan

    def slow(*args: Any) -> engine.Scan:
        if not reached.is_set():
            reached.set()
            assert go.wait(20)
        return scan(*args)

    monkeypatch.setattr(engine, "scan", slow)
    yield reached, go
    go.set()


def drain(workspace: Workspace) -> int:
    with workspace_of(workspace.pk) as opened:
        return pipeline.drain(opened).marks


def assert_nothing_is_stale(workspace: Workspace) -> None:
    """The ticks find what is left; then a full sweep has nothing to add."""
    tasks.drain(workspace_id=workspace.pk)
    with workspace_of(workspace.pk) as opened:
        assert not DirtyAccount.objects.exists()
        assert pipeline.sweep(opened).changed == 0
        assert Run.objects.filter(state="open").count() == (
            Run.objects.filter(state="open").values("account", "playbook", "cause").distinct().count()
        )
        assert not Task.objects.filter(state="open", run__isnull=False).exclude(run__state="open").exists()


class TestAChangeDuringADrain:
    def test_is_not_lost(
        self, book: Workspace, at_once: RunAtOnce, paused_pass: tuple[threading.Event, threading.Event]
    ) -> None:
        reached, go = paused_pass
        with workspace_of(book.pk):
            account = Account.objects.filter(tier=1)[0]
            Account.objects.filter(pk=account.pk).update(health="yellow")

        def write() -> None:
            assert reached.wait(20)
            with workspace_of(book.pk):
                Account.objects.filter(pk=account.pk).update(health="red")
            go.set()

        assert at_once([lambda: drain(book), write])[0] > 0
        with workspace_of(book.pk):
            assert AccountPriority.objects.get(account=account).level == 2, "the drain had computed it already"
            assert DirtyAccount.objects.filter(account_id=account.pk).exists()
        drain(book)
        with workspace_of(book.pk):
            assert AccountPriority.objects.get(account=account).level == 1
        assert_nothing_is_stale(book)

    def test_that_commits_later_than_it_began_is_not_lost(self, book: Workspace, at_once: RunAtOnce) -> None:
        """Its mark is invisible to the drain and stays for the next."""
        written, drained = threading.Event(), threading.Event()
        with workspace_of(book.pk):
            account = Account.objects.filter(tier=1)[0]

        def write() -> None:
            with workspace_of(book.pk):
                Account.objects.filter(pk=account.pk).update(health="red")
                written.set()
                assert drained.wait(20)

        def look() -> int:
            assert written.wait(20)
            marks = drain(book)
            drained.set()
            return marks

        assert at_once([write, look])[1] == 0
        assert drain(book) == 1
        with workspace_of(book.pk):
            assert AccountPriority.objects.get(account=account).level == 1

    def test_a_sweep_drops_only_the_marks_it_covers(
        self, book: Workspace, at_once: RunAtOnce, paused_pass: tuple[threading.Event, threading.Event]
    ) -> None:
        reached, go = paused_pass

        def sweep() -> None:
            with workspace_of(book.pk) as workspace:
                pipeline.sweep(workspace)

        def write() -> None:
            assert reached.wait(20)
            with workspace_of(book.pk):
                Account.objects.filter(tier=1).update(health="red")
            go.set()

        at_once([sweep, write])
        assert drain(book) == 10
        with workspace_of(book.pk):
            assert set(AccountPriority.objects.filter(account__tier=1).values_list("level", flat=True)) == {1}


class TestTwoAtOnce:
    def test_two_drains_leave_nothing_stale(self, book: Workspace, at_once: RunAtOnce) -> None:
        with workspace_of(book.pk):
            Account.objects.update(health="red")
        marks = at_once([lambda: drain(book)] * 2)
        assert sum(marks) == 30
        assert_nothing_is_stale(book)

    def test_a_member_never_waits_for_a_pass_at_work(
        self, book: Workspace, at_once: RunAtOnce, paused_pass: tuple[threading.Event, threading.Event]
    ) -> None:
        reached, go = paused_pass
        with workspace_of(book.pk):
            Account.objects.filter(tier=2).update(health="yellow")

        def answer() -> bool:
            assert reached.wait(20)
            with workspace_of(book.pk) as workspace:
                Account.objects.filter(tier=1).update(health="red")
                hooks.run_after_write(workspace)
            go.set()  # the pass is still at work: the member was not held up by it
            return True

        assert at_once([lambda: drain(book), answer])[1]
        assert_nothing_is_stale(book)

    def test_a_sweep_that_starts_during_a_drain_waits_its_turn(
        self, book: Workspace, at_once: RunAtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It locks the workspace's row only then: the drain writes to that row at its end."""
        stamp, started = pipeline._stamp, threading.Event()

        def late(workspace: Workspace) -> None:
            if not started.is_set():
                started.set()
                assert wait_for_somebody_to_wait()
            stamp(workspace)

        monkeypatch.setattr(pipeline, "_stamp", late)
        with workspace_of(book.pk):
            Account.objects.update(health="red")

        def sweep() -> None:
            assert started.wait(20)
            tasks.sweep(workspace_id=book.pk)

        at_once([lambda: drain(book), sweep])
        book.refresh_from_db()
        assert book.swept_on == book.today

    def test_a_member_completes_the_task_that_a_scan_is_clearing(
        self, book: Workspace, csm: Member, at_once: RunAtOnce
    ) -> None:
        """The scan holds the run and waits for the task; the member holds the task and must not wait for the run."""
        with workspace_of(book.pk):
            task = Task.objects.filter(state="open")[0]
            Account.objects.filter(pk=task.account_id).update(stage="churned")
        clearing, held = threading.Event(), threading.Event()

        def pause(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith('UPDATE "playbooks_task"') and not clearing.is_set():
                clearing.set()
                assert held.wait(20)
            return execute(sql, *rest)

        def scan() -> None:
            with connection.execute_wrapper(pause):
                playbook_tasks.scan(workspace_id=book.pk)

        def complete() -> None:
            assert clearing.wait(20)
            with workspace_of(book.pk) as workspace:
                complete_task(actor=csm, task=task, outcome="success")
                held.set()
                assert wait_for_somebody_to_wait()
                hooks.run_after_write(workspace)

        at_once([scan, complete])
        with workspace_of(book.pk):
            assert Task.objects.get(pk=task.pk).state == "done"
        assert_nothing_is_stale(book)

    def test_the_same_midnight_is_swept_once(
        self, book: Workspace, at_once: RunAtOnce, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        swept: list[int] = []
        monkeypatch.setattr(pipeline, "sweep", lambda workspace: swept.append(workspace.pk))
        at_once([lambda: tasks.sweep(workspace_id=book.pk)] * WORKERS)
        assert swept == [book.pk]


class Storm:
    """What workers and members do to one workspace, in any order."""

    def __init__(self, workspace: Workspace, csm: Member, seed: int) -> None:
        self.workspace, self.csm, self.dice = workspace, csm, random.Random(seed)

    def __call__(self) -> None:
        for _ in range(ROUNDS):
            self.dice.choice(
                [
                    self.drain,
                    self.drain,
                    self.sweep,
                    self.scan,
                    self.judge,
                    self.log,
                    self.work,
                    self.add,
                    self.take_back,
                ]
            )()

    def drain(self) -> None:
        tasks.drain(workspace_id=self.workspace.pk)

    def sweep(self) -> None:
        with workspace_of(self.workspace.pk) as workspace:
            pipeline.sweep(workspace)

    def scan(self) -> None:
        playbook_tasks.scan(workspace_id=self.workspace.pk)

    def request(self, write: Callable[[], object]) -> None:
        """A member's request: the write, then the small drain, in one transaction; a lost race is an answer too."""
        with workspace_of(self.workspace.pk) as workspace:
            try:
                write()
            except Conflict:
                return
            hooks.run_after_write(workspace)

    def account(self) -> Account:
        return self.dice.choice(list(Account.objects.order_by("pk")))

    def judge(self) -> None:
        colour = self.dice.choice(["red", "yellow", "green"])
        self.request(lambda: judge(actor=self.csm, account=self.account(), health=colour, reason="Drawn"))

    def log(self) -> None:
        self.request(lambda: log_interaction(actor=self.csm, account=self.account(), kind="call", answered=True))

    def work(self) -> None:
        def complete() -> None:
            waiting = list(Task.objects.filter(state="open"))
            if waiting:
                complete_task(actor=self.csm, task=self.dice.choice(waiting), outcome="success")

        self.request(complete)

    def add(self) -> None:
        self.request(lambda: add_task(actor=self.csm, account=self.account(), fields={"title": "Call"}))

    def take_back(self) -> None:
        self.request(lambda: undo_last(actor=self.csm))


class TestStorm:
    def test_eight_threads_of_everything_end_and_leave_nothing_stale(
        self, book: Workspace, csm: Member, at_once: RunAtOnce
    ) -> None:
        """A ring of waiting threads would be an error of the server here, and a hang would run out of patience."""

        def import_a_book() -> None:
            for days in range(ROUNDS // 2):
                with workspace_of(book.pk), connection.cursor() as cursor:
                    cursor.execute(
                        "UPDATE accounts_account SET tier = 1 + (tier %% 3) WHERE workspace_id = %s", [book.pk]
                    )
                    Subscription.objects.update(renews_on=date(2026, 12, 1 + days))

        at_once([Storm(book, csm, number) for number in range(WORKERS - 1)] + [import_a_book])
        assert_nothing_is_stale(book)

    def test_the_storm_does_something(self, book: Workspace, csm: Member) -> None:
        """Otherwise the storm above would prove nothing."""
        Storm(book, csm, 7)()
        with workspace_of(book.pk):
            assert Run.objects.exists()
            assert TaskAction.objects.exists()
