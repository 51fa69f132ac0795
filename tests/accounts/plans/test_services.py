"""The life of a plan, its goals, actions, check-ins and what is copied into it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from accounts.facts import context_for
from accounts.models import Account, Contact, DirtyAccount, Outcome, Plan, PlanAction, PlanEntry, PlanGoal
from accounts.plans import parts, services
from accounts.plans.following import follow_outcomes
from accounts.plans.queries import read_plan
from accounts.plans.starter import kit_for
from csworkbench.tenancy.models import Holiday, Member, Workspace
from tests.factories import AccountFactory, ContactFactory

TODAY = date(2026, 11, 23)


def start(csm: Member, patient: Account, **more: object) -> Plan:
    values = {"kind": "success", "title": "Mesa 2026", "starts_on": TODAY, "check_in_days": 7} | more
    return services.start_plan(actor=csm, account=patient, **values)  # type: ignore[arg-type]


class TestStart:
    def test_starts_with_its_rhythm(self, patient: Account, csm: Member) -> None:
        plan = start(csm, patient)
        assert (plan.state, plan.author, plan.next_check_in_on) == ("open", csm, date(2026, 11, 30))

    def test_one_of_a_kind_runs(self, patient: Account, csm: Member) -> None:
        start(csm, patient)
        with pytest.raises(ValidationError):
            start(csm, patient, title="Another one")
        assert start(csm, patient, kind="retention", title="Win back").pk
        assert start(csm, patient, title="Mesa 2026").title == "Mesa 2026"
        assert Plan.objects.count() == 2

    def test_copies_from_the_kit(self, patient: Account, csm: Member) -> None:
        ContactFactory(account=patient, is_primary=True)
        plan = start(csm, patient, kind="retention", copied=["logins", "retraining", "attend-retraining", "nothing"])
        assert set(plan.goals.values_list("measure", flat=True)) == {"Logins per week", "Re-training sessions held"}
        action = plan.actions.get()
        assert action.contact is not None and action.due_on == date(2026, 12, 3)

    def test_copying_twice_copies_once(self, plan: Plan, csm: Member) -> None:
        assert services.copy_kit(actor=csm, plan=plan, keys=["logins", "sponsor-call"]) == 2
        assert services.copy_kit(actor=csm, plan=plan, keys=["logins", "sponsor-call"]) == 0

    def test_baselines_are_what_is_known(self, patient: Account) -> None:
        patient.figures.active_users = 40
        patient.figures.save()
        offered = {one.key: one for one in kit_for(patient, "success")}
        assert (offered["active-users"].baseline, offered["active-users"].target) == (Decimal(40), Decimal(51))

    @pytest.mark.parametrize("pack", ["", "advisor", "compliance"])
    @pytest.mark.parametrize("kind", ["success", "retention"])
    def test_every_kit_can_be_copied_whole(self, patient: Account, csm: Member, pack: str, kind: str) -> None:
        patient.workspace.starter_pack = pack
        keys = [one.key for one in kit_for(patient, kind)]
        plan = start(csm, patient, kind=kind, copied=keys)
        assert plan.goals.count() + plan.actions.count() == len(keys) >= 5

    def test_an_outcome_is_offered_and_followed(self, patient: Account, csm: Member) -> None:
        leads = Outcome.objects.create(
            workspace=patient.workspace, account=patient, measure="Lead count", target=40, actual=10, measured_on=TODAY
        )
        plan = start(csm, patient, copied=[f"outcome:{leads.pk}"])
        Outcome.objects.update(actual=25, measured_on=date(2026, 11, 24))
        assert follow_outcomes(patient.workspace, context_for(patient.workspace)) == 1
        goal = plan.goals.get()
        assert (goal.current, goal.measured_on, goal.reached_on) == (Decimal(25), date(2026, 11, 24), None)
        assert follow_outcomes(patient.workspace, context_for(patient.workspace)) == 0
        Outcome.objects.update(actual=41)
        follow_outcomes(patient.workspace, context_for(patient.workspace), [patient.pk])
        goal.refresh_from_db()
        assert goal.reached_on == date(2026, 11, 24)

    def test_outcomes_of_others_and_ended_plans_are_left(
        self, patient: Account, plan: Plan, logins: PlanGoal, workspace: Workspace
    ) -> None:
        other = AccountFactory(workspace=workspace)
        Outcome.objects.create(
            workspace=workspace, account=other, measure="Logins per week", target=9, actual=5, measured_on=TODAY
        )
        assert follow_outcomes(workspace, context_for(workspace)) == 0
        Outcome.objects.update(account=patient)
        Plan.objects.update(state="closed", ended_on=TODAY)
        assert follow_outcomes(workspace, context_for(workspace)) == 0


class TestChange:
    def test_a_new_rhythm_plans_the_next_check_in_anew(self, plan: Plan, csm: Member) -> None:
        PlanEntry.objects.create(
            workspace=plan.workspace, account=plan.account, plan=plan, kind="check_in", on=TODAY, text="x"
        )
        plan.check_in_days = 14
        assert services.change_plan(actor=csm, plan=plan, fields=["check_in_days"])
        plan.refresh_from_db()
        assert plan.next_check_in_on == date(2026, 12, 7)
        plan.check_in_days = None
        services.change_plan(actor=csm, plan=plan, fields=["check_in_days"])
        assert plan.next_check_in_on is None

    def test_ends_once(self, plan: Plan, csm: Member) -> None:
        assert services.end_plan(actor=csm, plan=plan, state="achieved", note="They renewed.")
        assert not services.end_plan(actor=csm, plan=plan, state="achieved", note="They renewed.")
        with pytest.raises(services.PlanEnded):
            services.end_plan(actor=csm, plan=plan, state="closed", note="x")
        with pytest.raises(services.PlanEnded):
            services.write_entry(actor=csm, plan=plan, kind="check_in", text="x", on=TODAY)

    def test_goes_on_unless_another_runs(self, plan: Plan, patient: Account, csm: Member) -> None:
        services.end_plan(actor=csm, plan=plan, state="closed", note="x")
        assert services.reopen_plan(actor=csm, plan=plan)
        services.end_plan(actor=csm, plan=plan, state="closed", note="x")
        start(csm, patient, kind="retention", title="Anew")
        with pytest.raises(ValidationError):
            services.reopen_plan(actor=csm, plan=plan)


class TestEntries:
    def test_a_check_in_moves_the_next_one_to_a_business_day(self, plan: Plan, csm: Member) -> None:
        Holiday.objects.create(workspace=plan.workspace, day=date(2026, 11, 30), name="Founders")
        services.write_entry(actor=csm, plan=plan, kind="check_in", text=" Better. ", on=TODAY)
        plan.refresh_from_db()
        assert plan.next_check_in_on == date(2026, 12, 1)
        assert PlanEntry.objects.get().text == "Better."

    def test_a_late_note_of_an_old_check_in_pulls_nothing_back(self, plan: Plan, csm: Member) -> None:
        services.write_entry(actor=csm, plan=plan, kind="check_in", text="x", on=date(2026, 11, 3))
        plan.refresh_from_db()
        assert plan.next_check_in_on == TODAY

    def test_a_value_statement_leaves_the_rhythm(self, plan: Plan, csm: Member, patient: Account) -> None:
        ada: Contact = ContactFactory(account=patient)
        said = services.write_entry(actor=csm, plan=plan, kind="value", text="A day a week.", on=TODAY, said_by=ada)
        plan.refresh_from_db()
        assert (said.said_by, plan.next_check_in_on) == (ada, TODAY)

    def test_the_same_key_writes_and_moves_once(self, plan: Plan, csm: Member) -> None:
        key = uuid4()
        for on in (TODAY, date(2026, 12, 7)):
            services.write_entry(actor=csm, plan=plan, kind="check_in", text="x", on=on, request_key=key)
        plan.refresh_from_db()
        assert PlanEntry.objects.count() == 1 and plan.next_check_in_on == date(2026, 11, 30)


class TestGoals:
    def measure(self, csm: Member, goal: PlanGoal, value: int, on: date = TODAY) -> bool:
        return parts.measure_goal(actor=csm, goal=goal, value=Decimal(value), measured_on=on)

    def test_a_value_is_noted_once_and_marks_the_account(self, logins: PlanGoal, csm: Member) -> None:
        DirtyAccount.objects.all().delete()
        assert self.measure(csm, logins, 7)
        assert not self.measure(csm, logins, 7)
        assert DirtyAccount.objects.filter(account_id=logins.account_id).exists()

    def test_reached_and_fallen_back(self, logins: PlanGoal, csm: Member) -> None:
        self.measure(csm, logins, 12)
        logins.refresh_from_db()
        assert logins.reached_on == TODAY
        self.measure(csm, logins, 11, date(2026, 11, 24))
        logins.refresh_from_db()
        assert logins.reached_on is None

    def test_an_older_value_is_refused(self, logins: PlanGoal, csm: Member) -> None:
        self.measure(csm, logins, 7)
        with pytest.raises(ValidationError):
            self.measure(csm, logins, 9, date(2026, 11, 20))

    def test_the_ledger_draws_its_way(self, logins: PlanGoal, plan: Plan, csm: Member) -> None:
        for value in (4, 6, 9):
            self.measure(csm, logins, value)
        line = read_plan(plan, plan.workspace).goals[0]
        assert line.values == (2.0, 4.0, 6.0, 9.0) and line.chart is not None

    def test_the_same_measure_twice_is_refused(self, logins: PlanGoal, plan: Plan, csm: Member) -> None:
        twin = PlanGoal(
            workspace=plan.workspace, account=plan.account, plan=plan, measure="Logins per week",
            baseline=Decimal(0), target=Decimal(1), current=Decimal(0),
        )  # fmt: skip
        with pytest.raises(ValidationError):
            parts.save_goal(actor=csm, goal=twin, fields=())

    def test_a_target_at_its_baseline_is_refused(self, logins: PlanGoal, csm: Member) -> None:
        logins.target = logins.baseline
        with pytest.raises(ValidationError):
            parts.save_goal(actor=csm, goal=logins, fields=["target"])

    def test_a_moved_target_decides_anew(self, logins: PlanGoal, csm: Member) -> None:
        self.measure(csm, logins, 8)
        logins.refresh_from_db()
        logins.target = Decimal(8)
        parts.save_goal(actor=csm, goal=logins, fields=["target"])
        logins.refresh_from_db()
        assert logins.reached_on == TODAY

    def test_removing_keeps_its_actions(self, logins: PlanGoal, call: PlanAction, csm: Member) -> None:
        PlanAction.objects.update(goal=logins)
        assert parts.remove_goal(actor=csm, goal=logins)
        call.refresh_from_db()
        assert call.goal is None


class TestActions:
    def test_done_and_open_again(self, call: PlanAction, csm: Member) -> None:
        assert parts.finish_action(actor=csm, action=call)
        assert not parts.finish_action(actor=csm, action=call)
        call.refresh_from_db()
        assert (call.done_on, call.done_by) == (TODAY, csm)
        assert parts.resume_action(actor=csm, action=call)
        call.refresh_from_db()
        assert (call.done_on, call.done_by) == (None, None)

    def test_the_same_twice_is_one(self, plan: Plan, csm: Member) -> None:
        for _ in range(2):
            action = PlanAction(workspace=plan.workspace, account=plan.account, plan=plan, title="Call")
            parts.save_action(actor=csm, action=action, fields=())
        assert PlanAction.objects.count() == 1

    def test_an_ended_plan_takes_nothing(self, plan: Plan, call: PlanAction, csm: Member) -> None:
        Plan.objects.update(state="closed", ended_on=TODAY)
        for write in (parts.finish_action, parts.resume_action, parts.remove_action):
            with pytest.raises(services.PlanEnded):
                write(actor=csm, action=call)
