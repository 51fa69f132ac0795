"""Ticking, adoption checks and the ends of a record."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Account, AdoptionCheck, DirtyAccount, Onboarding
from accounts.onboarding import services
from accounts.onboarding.standing import standing_of
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.factories import AccountFactory

from .conftest import follow, goal


class TestTick:
    def test_a_member_ticks_with_a_note(self, record: Onboarding, csm: Member) -> None:
        assert services.tick_goal(actor=csm, goal=goal("Branding set up"), note=" logo in place ")
        ticked = goal("Branding set up")
        assert (ticked.done_on, ticked.done_by, ticked.note) == (record.workspace.today, csm, "logo in place")

    def test_a_second_tick_changes_nothing(self, record: Onboarding, csm: Member, lead: Member) -> None:
        services.tick_goal(actor=csm, goal=goal("Branding set up"))
        assert not services.tick_goal(actor=lead, goal=goal("Branding set up"))
        assert goal("Branding set up").done_by == csm

    def test_an_ended_record_takes_no_tick(self, record: Onboarding, csm: Member) -> None:
        Onboarding.objects.update(state="failed", ended_on=record.workspace.today)
        with pytest.raises(services.RecordMoved):
            services.tick_goal(actor=csm, goal=goal("Branding set up"))

    def test_a_tick_is_taken_back(self, record: Onboarding, csm: Member) -> None:
        services.tick_goal(actor=csm, goal=goal("Branding set up"), note="x")
        assert services.untick_goal(actor=csm, goal=goal("Branding set up"))
        again = goal("Branding set up")
        assert (again.done_on, again.done_by, again.note) == (None, None, "") and again.template is not None
        assert not services.untick_goal(actor=csm, goal=again)

    def test_what_the_workbench_saw_is_the_members_afterwards(
        self, record: Onboarding, newcomer: Account, csm: Member
    ) -> None:
        Account.objects.filter(pk=newcomer.pk).update(tier=1)
        follow(record.workspace)
        assert services.untick_goal(actor=csm, goal=goal("Block of business imported"))
        assert follow(record.workspace) == 0
        assert goal("Block of business imported").done_on is None


class TestOpen:
    def test_starts_an_onboarding_by_hand(self, workspace: Workspace, csm: Member, templates: object) -> None:
        account = AccountFactory(workspace=workspace, stage="mature")
        opened = services.open_onboarding(actor=csm, account=account)
        account.refresh_from_db()
        assert (account.stage, account.stage_since) == ("onboarding", workspace.today)
        assert opened.goals.count() == 2
        assert services.open_onboarding(actor=csm, account=account) == opened

    def test_a_failed_one_goes_on(self, record: Onboarding, newcomer: Account, csm: Member) -> None:
        services.fail_onboarding(actor=csm, onboarding=record, note="Nobody answered.")
        assert services.open_onboarding(actor=csm, account=newcomer) == record
        record.refresh_from_db()
        assert (record.state, record.ended_on, record.note) == ("open", None, "Nobody answered.")


class TestAdoption:
    def test_a_check_belongs_to_the_running_record(self, record: Onboarding, newcomer: Account, csm: Member) -> None:
        DirtyAccount.objects.all().delete()
        check = services.check_adoption(actor=csm, account=newcomer, verdict="behind", note="Two of nine log in.")
        assert (check.onboarding, check.author, check.checked_on) == (record, csm, record.workspace.today)
        assert DirtyAccount.objects.filter(account_id=newcomer.pk).exists()

    def test_the_same_key_writes_once(self, record: Onboarding, newcomer: Account, csm: Member) -> None:
        key = uuid4()
        for _ in range(2):
            services.check_adoption(actor=csm, account=newcomer, verdict="on_track", request_key=key)
        assert AdoptionCheck.objects.count() == 1


class TestTarget:
    def test_moves(self, record: Onboarding, csm: Member) -> None:
        later = date(2026, 12, 24)
        assert services.change_target(actor=csm, onboarding=record, target_on=later)
        assert not services.change_target(actor=csm, onboarding=record, target_on=later)

    def test_not_before_the_start(self, record: Onboarding, csm: Member) -> None:
        with pytest.raises(ValidationError):
            services.change_target(actor=csm, onboarding=record, target_on=record.started_on - timedelta(days=1))


class TestEnds:
    def test_completing_moves_the_stage_on(self, record: Onboarding, newcomer: Account, csm: Member) -> None:
        assert services.complete_onboarding(actor=csm, onboarding=record, note="Branding follows in January.")
        newcomer.refresh_from_db()
        record.refresh_from_db()
        assert (newcomer.stage, newcomer.stage_since) == ("adoption", record.workspace.today)
        assert (record.state, record.ended_by, record.ended_on) == ("completed", csm, record.workspace.today)
        assert not services.complete_onboarding(actor=csm, onboarding=record, note="again")
        assert follow(record.workspace) == 0

    def test_what_is_left_needs_a_note(self, record: Onboarding, csm: Member) -> None:
        with pytest.raises(ValidationError) as refused:
            services.complete_onboarding(actor=csm, onboarding=record, note=" ")
        assert "note" in refused.value.message_dict

    def test_with_every_goal_done_it_needs_none(self, record: Onboarding, csm: Member) -> None:
        record.goals.update(done_on=record.workspace.today)
        assert services.complete_onboarding(actor=csm, onboarding=record, note="")

    def test_a_stage_that_moved_on_already_stays(self, record: Onboarding, newcomer: Account, csm: Member) -> None:
        Account.objects.filter(pk=newcomer.pk).update(stage="mature")
        services.complete_onboarding(actor=csm, onboarding=record, note="x")
        newcomer.refresh_from_db()
        assert newcomer.stage == "mature"

    def test_failing_keeps_the_stage_and_needs_a_note(self, record: Onboarding, newcomer: Account, csm: Member) -> None:
        with pytest.raises(ValidationError):
            services.fail_onboarding(actor=csm, onboarding=record, note="")
        assert services.fail_onboarding(actor=csm, onboarding=record, note="Nobody answered.")
        assert not services.fail_onboarding(actor=csm, onboarding=record, note="Nobody answered.")
        newcomer.refresh_from_db()
        assert newcomer.stage == "onboarding"
        with pytest.raises(services.RecordMoved):
            services.complete_onboarding(actor=csm, onboarding=record, note="x")

    def test_reopening_puts_the_stage_back(self, record: Onboarding, newcomer: Account, csm: Member) -> None:
        services.complete_onboarding(actor=csm, onboarding=record, note="x")
        services.reopen_onboarding(actor=csm, onboarding=record)
        newcomer.refresh_from_db()
        assert newcomer.stage == "onboarding"
        assert Onboarding.objects.get().state == "open"

    def test_reopened_and_failed_it_stays_the_only_one(
        self, record: Onboarding, newcomer: Account, csm: Member
    ) -> None:
        services.complete_onboarding(actor=csm, onboarding=record, note="x")
        services.reopen_onboarding(actor=csm, onboarding=record)
        services.fail_onboarding(actor=csm, onboarding=record, note="x")
        assert follow(record.workspace) == 0

    def test_reopening_beside_a_running_one_is_refused(
        self, record: Onboarding, newcomer: Account, csm: Member
    ) -> None:
        ended = Onboarding.objects.create(
            workspace=record.workspace,
            account=newcomer,
            state="failed",
            started_on=date(2026, 1, 1),
            ended_on=date(2026, 2, 1),
        )
        with pytest.raises(ValidationError):
            services.reopen_onboarding(actor=csm, onboarding=ended)

    def test_the_ledger_tells(self, record: Onboarding, csm: Member) -> None:
        services.fail_onboarding(actor=csm, onboarding=record, note="x")
        entry = HistoryEntry.objects.filter(table_name="accounts_onboarding").latest("pk")
        assert entry.changes["state"] == ["open", "failed"]


class TestStanding:
    def test_a_running_one_counts_to_today(self, record: Onboarding) -> None:
        standing = standing_of(record, list(record.goals.all()), date(2026, 12, 10))
        assert (standing.days, standing.left, standing.late, standing.is_overdue) == (37, -7, 7, True)
        assert (standing.done, standing.goals, standing.ended_days) == (0, 2, None)

    def test_an_ended_one_to_its_end(self, record: Onboarding) -> None:
        record.state, record.ended_on = "completed", date(2026, 12, 10)
        standing = standing_of(record, [], date(2027, 3, 1))
        assert (standing.days, standing.is_overdue, standing.ended_days, standing.is_long_ago) == (37, False, 81, True)

    def test_without_a_target_nothing_is_overdue(self, record: Onboarding) -> None:
        record.target_on = None
        assert not standing_of(record, [], date(2030, 1, 1)).is_overdue
