"""What members do with tasks, twice and at odds with each other, and how it is taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine

from accounts.facts import context_for
from accounts.models import Account, Interaction, Note
from accounts.services import log_interaction, write_note
from csworkbench.common import clock
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from playbooks import engine
from playbooks.models import Playbook, PlaybookVersion, Run, Task, TaskAction
from playbooks.services import (
    UNDO_WINDOW,
    Conflict,
    Refused,
    add_task,
    complete_task,
    hand_over_task,
    publish_playbook,
    record_interaction,
    record_note,
    snooze_task,
    undo_last,
)
from tests.factories import AccountFactory, TaskFactory, make_member

pytestmark = pytest.mark.usefixtures("frozen")

TODAY = date(2026, 11, 23)


@pytest.fixture
def account(workspace: Workspace, csm: Member) -> Account:
    made: Account = AccountFactory(workspace=workspace, owner=csm, health="red")
    return made


@pytest.fixture
def task(account: Account) -> Task:
    made: Task = TaskFactory(account=account)
    return made


@pytest.fixture
def colleague(workspace: Workspace) -> Member:
    return make_member(workspace, "Noor Vale", roles=["csm"])


def snooze(actor: Member, task: Task, days: int = 7, reason: str = "On leave") -> TaskAction:
    return snooze_task(actor=actor, task=task, until=TODAY + timedelta(days=days), reason=reason, today=TODAY)


class TestComplete:
    def test_closes_and_records_who_and_how(self, task: Task, csm: Member) -> None:
        action = complete_task(actor=csm, task=task, outcome="success", note=" Renewed for a year. ")
        task.refresh_from_db()
        assert (task.state, task.outcome, task.outcome_note) == ("done", "success", "Renewed for a year.")
        assert (task.closed_by, task.closed_at) == (csm, clock.now())
        assert (action.member, action.verb, action.at) == (csm, "complete", clock.now())

    def test_a_second_time_is_a_conflict_and_changes_nothing(self, task: Task, csm: Member, colleague: Member) -> None:
        complete_task(actor=csm, task=task, outcome="success")
        with pytest.raises(Conflict, match="closed already"):
            complete_task(actor=colleague, task=task, outcome="no_answer")
        task.refresh_from_db()
        assert (task.outcome, task.closed_by) == ("success", csm)
        assert TaskAction.objects.count() == 1

    def test_a_task_that_cleared_by_itself_is_a_conflict(self, task: Task, csm: Member) -> None:
        Task.objects.update(state="cleared")
        with pytest.raises(Conflict):
            complete_task(actor=csm, task=task, outcome="success")

    def test_a_task_of_another_workspace_is_not_found(self, other_workspace: Workspace, csm: Member) -> None:
        with workspace_scope(other_workspace.pk):
            foreign = TaskFactory(account=AccountFactory(workspace=other_workspace))
        with pytest.raises(Conflict):
            complete_task(actor=csm, task=foreign, outcome="success")
        with workspace_scope(other_workspace.pk):
            foreign.refresh_from_db()
        assert foreign.state == "open"


class TestSnooze:
    def test_hides_until_a_day_with_a_reason(self, task: Task, csm: Member) -> None:
        snooze(csm, task, reason=" On leave ")
        task.refresh_from_db()
        assert (task.state, task.snoozed_until, task.snooze_reason) == ("open", TODAY + timedelta(days=7), "On leave")

    @pytest.mark.parametrize(
        ("days", "reason", "message"),
        [
            (0, "On leave", "a day after today"),
            (-1, "On leave", "a day after today"),
            (367, "On leave", "within a year"),
            (7, "  ", "Say why"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, task: Task, csm: Member, days: int, reason: str, message: str) -> None:
        with pytest.raises(Refused, match=message):
            snooze(csm, task, days, reason)
        assert not TaskAction.objects.exists()

    def test_a_closed_task_is_a_conflict(self, task: Task, csm: Member) -> None:
        complete_task(actor=csm, task=task, outcome="success")
        with pytest.raises(Conflict):
            snooze(csm, task)


class TestHandOver:
    def test_makes_another_member_responsible_and_leaves_the_account(
        self, task: Task, csm: Member, colleague: Member
    ) -> None:
        hand_over_task(actor=csm, task=task, to=colleague)
        task.refresh_from_db()
        assert (task.assignee, task.account.owner) == (colleague, csm)

    def test_refuses_who_has_it_already(self, task: Task, csm: Member, colleague: Member) -> None:
        hand_over_task(actor=csm, task=task, to=colleague)
        task.refresh_from_db()
        with pytest.raises(Refused, match="has this task already"):
            hand_over_task(actor=csm, task=task, to=colleague)

    def test_refuses_a_member_who_left(self, workspace: Workspace, task: Task, csm: Member) -> None:
        gone = make_member(workspace, "Ari Stone", roles=["csm"], is_active=False)
        with pytest.raises(Refused, match="active member"):
            hand_over_task(actor=csm, task=task, to=gone)

    def test_refuses_a_member_of_another_workspace(self, other_workspace: Workspace, task: Task, csm: Member) -> None:
        with workspace_scope(other_workspace.pk):
            stranger = make_member(other_workspace, "Ari Stone", roles=["csm"])
        with pytest.raises(Refused, match="of this workspace"):
            hand_over_task(actor=csm, task=task, to=stranger)


class TestAdd:
    def add(self, actor: Member, account: Account, key: UUID | None, **fields: Any) -> Task:
        return add_task(actor=actor, account=account, fields={"title": "Send the deck"} | fields, request_key=key)

    def test_a_form_sent_twice_makes_one_task(self, account: Account, csm: Member) -> None:
        key = uuid4()
        assert self.add(csm, account, key) == self.add(csm, account, key, title="Send the deck again")
        assert Task.objects.count() == TaskAction.objects.count() == 1

    def test_without_a_key_each_is_its_own(self, account: Account, csm: Member) -> None:
        assert self.add(csm, account, None) != self.add(csm, account, None)

    def test_the_same_key_in_another_workspace_is_another_form(
        self, account: Account, csm: Member, other_workspace: Workspace
    ) -> None:
        key = uuid4()
        self.add(csm, account, key)
        with workspace_scope(other_workspace.pk):
            stranger = make_member(other_workspace, "Ari Stone", roles=["csm"])
            self.add(stranger, AccountFactory(workspace=other_workspace), key)
            assert Task.objects.count() == 1

    def test_belongs_to_whoever_owns_the_account(self, account: Account, colleague: Member) -> None:
        task = self.add(colleague, account, None)
        assert (task.created_by, task.assignee) == (colleague, None)


class TestUndo:
    def test_nothing_to_undo(self, csm: Member) -> None:
        assert undo_last(actor=csm) is None

    def test_gives_back_a_completed_task(self, task: Task, csm: Member) -> None:
        complete_task(actor=csm, task=task, outcome="success", note="Done.")
        action = undo_last(actor=csm)
        assert action is not None
        assert action.undone_at == clock.now()
        task.refresh_from_db()
        assert (task.state, task.outcome, task.outcome_note, task.closed_by, task.closed_at) == (
            "open", "", "", None, None,
        )  # fmt: skip

    def test_goes_back_one_action_at_a_time(self, task: Task, csm: Member, colleague: Member) -> None:
        hand_over_task(actor=csm, task=task, to=colleague)
        snooze(csm, task)
        complete_task(actor=csm, task=task, outcome="success")
        assert [undo_last(actor=csm).verb for _ in range(3)] == ["complete", "snooze", "hand_over"]  # type: ignore[union-attr]
        assert undo_last(actor=csm) is None
        task.refresh_from_db()
        assert (task.state, task.snoozed_until, task.snooze_reason, task.assignee) == ("open", None, "", None)

    def test_takes_back_an_added_task(self, account: Account, csm: Member) -> None:
        add_task(actor=csm, account=account, fields={"title": "Send the deck"})
        action = undo_last(actor=csm)
        assert action is not None
        assert action.verb == "add"
        assert not Task.objects.exists()
        assert undo_last(actor=csm) is None

    def test_an_added_task_that_somebody_works_on_stays(self, account: Account, csm: Member, colleague: Member) -> None:
        task = add_task(actor=csm, account=account, fields={"title": "Send the deck"})
        snooze(colleague, task)
        with pytest.raises(Conflict, match="changed since you added it"):
            undo_last(actor=csm)
        assert Task.objects.get().snoozed_until is not None

    def test_takes_back_a_logged_call_and_a_note(self, account: Account, task: Task, csm: Member) -> None:
        call = log_interaction(actor=csm, account=account, kind="call", answered=True)
        record_interaction(actor=csm, task=task, interaction=call)
        note = write_note(actor=csm, account=account, text="Asked for a quote")
        record_note(actor=csm, task=task, note=note)
        undo_last(actor=csm)
        assert (Note.objects.count(), Interaction.objects.count()) == (0, 1)
        undo_last(actor=csm)
        assert Interaction.objects.count() == 0
        account.figures.refresh_from_db()
        assert account.figures.last_answered_at is None

    def test_a_form_sent_twice_is_one_action(self, account: Account, task: Task, csm: Member) -> None:
        key = uuid4()
        for _ in range(2):
            call = log_interaction(actor=csm, account=account, kind="call", request_key=key)
            record_interaction(actor=csm, task=task, interaction=call)
        assert undo_last(actor=csm) is not None
        assert undo_last(actor=csm) is None

    def test_each_member_undoes_their_own(self, task: Task, csm: Member, colleague: Member) -> None:
        complete_task(actor=csm, task=task, outcome="success")
        assert undo_last(actor=colleague) is None
        task.refresh_from_db()
        assert task.state == "done"

    def test_half_an_hour_later_it_is_too_late(self, task: Task, csm: Member, frozen: time_machine.Traveller) -> None:
        complete_task(actor=csm, task=task, outcome="success")
        frozen.shift(UNDO_WINDOW)
        assert undo_last(actor=csm) is None

    def test_somebody_elses_change_is_not_overwritten(self, task: Task, csm: Member, colleague: Member) -> None:
        snooze(csm, task)
        snooze(colleague, task, days=3, reason="Asked to wait")
        with pytest.raises(Conflict, match="changed since"):
            undo_last(actor=csm)
        task.refresh_from_db()
        assert task.snooze_reason == "Asked to wait"
        assert TaskAction.objects.filter(undone_at__isnull=True).count() == 2

    @pytest.mark.parametrize("act", ["snooze", "hand_over"])
    def test_a_task_closed_by_somebody_else_stays_as_it_is(
        self, workspace: Workspace, task: Task, csm: Member, colleague: Member, act: str
    ) -> None:
        if act == "snooze":
            snooze(csm, task)
        else:
            hand_over_task(actor=csm, task=task, to=make_member(workspace, "Ari Stone", roles=["csm"]))
        complete_task(actor=colleague, task=task, outcome="success")
        with pytest.raises(Conflict, match="closed since"):
            undo_last(actor=csm)


class TestUndoOfARunsTask:
    """The task of a playbook is part of a run that may have moved on."""

    @pytest.fixture
    def task(self, workspace: Workspace, account: Account) -> Task:
        publish(workspace, cooldown_days=0)
        self.workspace = workspace
        self.scan()
        return Task.objects.get()

    def scan(self) -> None:
        engine.scan(self.workspace, context_for(self.workspace))

    def test_reopens_the_run_it_completed(self, task: Task, csm: Member) -> None:
        complete_task(actor=csm, task=task, outcome="success")
        engine.scan(self.workspace, context_for(self.workspace), [])
        Run.objects.update(state="completed", closed_at=clock.now(), closed_because="Every step is done")
        undo_last(actor=csm)
        run = Run.objects.get()
        assert (run.state, run.closed_at, run.closed_because) == ("open", None, "")
        self.scan()
        assert (Run.objects.get().state, Task.objects.get().state) == ("open", "open")

    def test_a_run_that_was_not_completed_yet_stays_open(self, task: Task, csm: Member) -> None:
        complete_task(actor=csm, task=task, outcome="success")
        undo_last(actor=csm)
        assert (Run.objects.get().state, Task.objects.get().state) == ("open", "open")

    def test_is_refused_when_the_playbook_has_started_again(
        self, task: Task, csm: Member, frozen: time_machine.Traveller
    ) -> None:
        complete_task(actor=csm, task=task, outcome="success")
        self.scan()
        frozen.shift(timedelta(minutes=1))
        self.scan()
        assert Run.objects.filter(state="open").count() == 1
        with pytest.raises(Conflict, match="started again"):
            undo_last(actor=csm)
        task.refresh_from_db()
        assert task.state == "done"

    def test_is_refused_when_the_cause_has_cleared(self, workspace: Workspace, account: Account, csm: Member) -> None:
        """Otherwise the task would stay open in a run that nothing will ever clear again."""
        publish(workspace, {"key": "one"}, {"key": "two", "after_days": 2})
        self.workspace = workspace
        self.scan()
        complete_task(actor=csm, task=Task.objects.get(), outcome="success")
        Account.objects.filter(pk=account.pk).update(health="green")
        self.scan()
        with pytest.raises(Conflict, match="cause has cleared"):
            undo_last(actor=csm)
        assert Task.objects.get().state == "done"

    def test_undoing_a_snooze_does_not_open_a_run_again(self, task: Task, csm: Member, colleague: Member) -> None:
        snooze(csm, task)
        complete_task(actor=colleague, task=task, outcome="success")
        self.scan()
        with pytest.raises(Conflict, match="closed since"):
            undo_last(actor=csm)
        assert Run.objects.get().state == "completed"


def publish(workspace: Workspace, *steps: dict[str, Any], name: str = "Rescue", **parts: Any) -> PlaybookVersion:
    made = [{"key": "call", "action": "task", "title": "Call", "kind": "check_in", **step} for step in steps or [{}]]
    trigger = {"fact": "health", "op": "is", "value": "red"}
    definition = {"trigger": trigger, "cause": "red", "cooldown_days": 14, "steps": made} | parts
    return publish_playbook(
        workspace=workspace, key="rescue", name=name, description="", definition=definition, actor=None
    )


class TestPublish:
    def test_numbers_versions_and_keeps_one_published(self, workspace: Workspace, csm: Member) -> None:
        numbers = [publish(workspace, {"title": f"Call {n}"}).number for n in range(3)]
        assert numbers == [1, 2, 3]
        assert Playbook.objects.count() == 1
        assert list(PlaybookVersion.objects.order_by("number").values_list("state", flat=True)) == [
            "retired", "retired", "published",
        ]  # fmt: skip

    def test_an_older_definition_can_be_published_again_as_a_new_version(self, workspace: Workspace) -> None:
        publish(workspace)
        publish(workspace, {"title": "Call at once"})
        assert publish(workspace).number == 3

    def test_refuses_with_every_problem_and_leaves_nothing(self, workspace: Workspace) -> None:
        with pytest.raises(Refused, match=r"cause: must be a key.*; steps\.0\.kind: must be one of"):
            publish(workspace, {"kind": "chore"}, cause="")
        assert not Playbook.objects.exists()
