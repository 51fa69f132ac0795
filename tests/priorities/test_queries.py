"""The queue's statements against the same answers counted by hand, over a book with every kind of task."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.facts import context_for
from accounts.models import AccountFigures, Level
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks.models import Task
from playbooks.queries import open_tasks_of
from priorities.queries import PAGE_SIZE, Filters, Queue, queue_of
from tests.factories import AccountFactory, SubscriptionFactory, TaskFactory, make_member

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def colleague(workspace: Workspace) -> Member:
    return make_member(workspace, "Noor Vale", roles=["csm"])


@pytest.fixture
def mine(workspace: Workspace, csm: Member, colleague: Member, other_workspace: Workspace) -> set[Task]:
    """Every combination of owner, assignee, state and snooze; returns what the CSM is responsible for."""
    today, kept = workspace.today, set()
    for owner in (csm, colleague, None):
        for number in range(8):
            account = AccountFactory(workspace=workspace, owner=owner)
            SubscriptionFactory(account=account, mrr_minor=100_000 * (number + 1))
            for assignee in (None, csm, colleague):
                for state, days in (("open", None), ("open", 0), ("open", 3), ("done", None)):
                    task = TaskFactory(
                        account=account,
                        assignee=assignee,
                        state=state,
                        snoozed_until=None if days is None else today + timedelta(days=days),
                        level=number % 4 + 1,
                        score=number * 7 % 5,
                        due_on=None if number % 3 else today + timedelta(days=number),
                    )
                    if state == "open" and (assignee or owner) == csm:
                        kept.add(task)
    with workspace_scope(other_workspace.pk):
        TaskFactory(account=AccountFactory(workspace=other_workspace))
    return kept


def asleep(task: Task, workspace: Workspace) -> bool:
    return task.snoozed_until is not None and task.snoozed_until > workspace.today


def queue(workspace: Workspace, csm: Member, **filters: object) -> Queue:
    made = Filters(**filters)  # type: ignore[arg-type]
    return queue_of(
        owner=csm, viewer=csm, workspace=workspace, context=context_for(workspace), filters=made, address="/"
    )


class TestOpenTasksOf:
    def test_what_was_handed_over_and_what_belongs_to_the_book(self, csm: Member, mine: set[Task]) -> None:
        assert set(open_tasks_of(csm)) == mine
        assert open_tasks_of(csm).count() == len(mine)

    def test_of_a_member_without_a_book(self, workspace: Workspace, mine: set[Task]) -> None:
        assert not open_tasks_of(make_member(workspace, "Ari Stone", roles=["csm"])).exists()


class TestQueueOf:
    def test_counts_per_level_and_what_is_asleep(self, workspace: Workspace, csm: Member, mine: set[Task]) -> None:
        made = queue(workspace, csm)
        awake = [task for task in mine if not asleep(task, workspace)]
        assert {count.level: count.count for count in made.counts} == {
            level: sum(task.level == level for task in awake) for level in Level.values
        }
        assert made.snoozed_count == len(mine) - len(awake)

    def test_money_at_stake_counts_each_account_once(self, workspace: Workspace, csm: Member, mine: set[Task]) -> None:
        urgent = {task.account_id for task in mine if task.level <= 2 and not asleep(task, workspace)}
        total = sum(AccountFigures.objects.filter(account__in=urgent).values_list("mrr_minor", flat=True))
        assert queue(workspace, csm).mrr_at_stake == f"${total // 100:,}"

    def test_pages_hold_every_task_once_in_order(self, workspace: Workspace, csm: Member, mine: set[Task]) -> None:
        pages = [queue(workspace, csm, page=number) for number in (1, 2)]
        assert [len(page.rows) for page in pages] == [PAGE_SIZE, 64 - PAGE_SIZE]
        shown = [row.task for page in pages for row in page.rows]
        never = workspace.today + timedelta(days=9_999)
        assert shown == sorted(
            (task for task in mine if not asleep(task, workspace)),
            key=lambda task: (task.level, -task.score, task.due_on or never, task.pk),
        )

    def test_filters_narrow_rows_and_counts_together(self, workspace: Workspace, csm: Member, mine: set[Task]) -> None:
        made = queue(workspace, csm, level=2)
        wanted = [task for task in mine if task.level == 2 and not asleep(task, workspace)]
        assert {row.task for row in made.rows} == set(wanted)
        assert made.page.paginator.count == len(wanted)
        assert {row.task for row in queue(workspace, csm, snoozed=True).rows} == {
            task for task in mine if asleep(task, workspace)
        }

    def test_an_empty_queue_has_nothing_at_stake(self, workspace: Workspace, csm: Member) -> None:
        made = queue(workspace, csm)
        assert (made.mrr_at_stake, made.snoozed_count, made.rows) == ("$0", 0, [])
