"""Goals and actions of a plan, each edited where it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account, Contact, Outcome, Plan, PlanAction, PlanGoal
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory, ContactFactory

Url = Callable[..., str]
At = Callable[[str], str]
PAGE = {"HX-Request": "true", "HX-Target": "plan-page"}
GOAL = {"measure": "Courses assigned", "unit": "courses", "baseline": "5", "target": "20", "due_on": "2026-12-31"}


@pytest.fixture
def plan(account: Account, csm: Member) -> Plan:
    return Plan.objects.create(
        workspace=account.workspace, account=account, title="Mesa 2026", starts_on=date(2026, 11, 2), author=csm
    )


@pytest.fixture
def logins(plan: Plan) -> PlanGoal:
    return PlanGoal.objects.create(
        workspace=plan.workspace, account=plan.account, plan=plan, measure="Logins",
        baseline=Decimal(2), target=Decimal(12), current=Decimal(2),
    )  # fmt: skip


@pytest.fixture
def call(plan: Plan) -> PlanAction:
    return PlanAction.objects.create(workspace=plan.workspace, account=plan.account, plan=plan, title="Call them")


@pytest.fixture
def at(plan: Plan, url: Url) -> At:
    return lambda part: url(plan.account, f"plans/{plan.pk}/{part}".rstrip("/"))


class TestAddGoal:
    def test_begins_at_its_baseline(self, plan: Plan, as_csm: Client, at: At) -> None:
        assert as_csm.post(at("goals/add"), GOAL).status_code == 302
        goal = PlanGoal.objects.get()
        assert (int(goal.current), int(goal.target), goal.account, goal.reached_on) == (5, 20, plan.account, None)

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"target": "5"}, "has to differ"),
            ({"target": "lots"}, "Enter a number"),
            ({"measure": "Logins"}, "This plan has a goal with this measure."),
        ],
    )
    def test_bad_input_keeps_what_was_typed(
        self, logins: PlanGoal, as_csm: Client, at: At, changed: dict[str, str], said: str
    ) -> None:
        answer = as_csm.post(at("goals/add"), GOAL | {"unit": "typed"} | changed)
        assert answer.status_code == 422 and said in answer.text and 'value="typed"' in answer.text
        assert PlanGoal.objects.count() == 1

    def test_named_like_an_outcome_it_follows_it(self, plan: Plan, as_csm: Client, at: At) -> None:
        Outcome.objects.create(
            workspace=plan.workspace, account=plan.account, measure="courses assigned", target=20, actual=12,
            measured_on=date(2026, 11, 20),
        )  # fmt: skip
        answer = as_csm.post(at("goals/add"), GOAL)
        assert PlanGoal.objects.get().current == 12
        text = as_csm.get(answer.headers["Location"]).text
        assert "follows the outcome" in text and "/value/" not in text

    def test_refusals(self, plan: Plan, as_csm: Client, as_reader: Client, at: At) -> None:
        assert as_reader.post(at("goals/add"), GOAL).status_code == 403
        assert as_csm.get(at("goals/add")).status_code == 405
        Plan.objects.update(state="closed", ended_on=date(2026, 11, 20))
        assert as_csm.post(at("goals/add"), GOAL).status_code == 409


class TestGoal:
    def test_only_what_was_changed_is_written(self, logins: PlanGoal, as_csm: Client, at: At) -> None:
        address = at(f"goals/{logins.pk}")
        form = as_csm.get(address).context["form"]
        shown = {name: str(form[name].value()) for name in form.fields if form[name].value() is not None}
        sent = shown | {f"initial-{name}": value for name, value in shown.items()} | {"target": "8"}
        PlanGoal.objects.update(current=9)
        assert as_csm.post(address, sent).status_code == 302
        logins.refresh_from_db()
        assert (int(logins.target), int(logins.current)) == (8, 9)

    def test_a_value_is_noted(self, logins: PlanGoal, as_csm: Client, at: At) -> None:
        answer = as_csm.post(at(f"goals/{logins.pk}/value"), {"value": "12", "measured_on": "2026-11-22"}, headers=PAGE)
        assert "reached yesterday" in answer.text and "chart-spark" in answer.text
        logins.refresh_from_db()
        assert (int(logins.current), logins.measured_on) == (12, date(2026, 11, 22))

    def test_a_bad_value_is_kept_and_refused(self, logins: PlanGoal, as_csm: Client, at: At) -> None:
        answer = as_csm.post(at(f"goals/{logins.pk}/value"), {"value": "12.125", "measured_on": "2027-11-22"})
        assert answer.status_code == 422 and 'value="12.125"' in answer.text and "still to come" in answer.text

    def test_removing(self, logins: PlanGoal, as_csm: Client, at: At) -> None:
        assert as_csm.post(at(f"goals/{logins.pk}/remove")).status_code == 302
        assert not PlanGoal.objects.exists()
        assert as_csm.post(at(f"goals/{logins.pk}/remove")).status_code == 404

    def test_refusals(
        self, logins: PlanGoal, workspace: Workspace, as_csm: Client, as_reader: Client, at: At, url: Url
    ) -> None:
        for part in ("", "/value", "/remove"):
            assert as_reader.post(at(f"goals/{logins.pk}{part}")).status_code == 403
        assert as_csm.get(at(f"goals/{logins.pk}/value")).status_code == 405
        other = AccountFactory(workspace=workspace)
        assert as_csm.post(url(other, f"plans/{logins.plan_id}/goals/{logins.pk}/remove")).status_code == 404
        Plan.objects.update(state="closed", ended_on=date(2026, 11, 20))
        assert as_csm.post(at(f"goals/{logins.pk}/remove")).status_code == 409


class TestActions:
    def test_adds_ours_and_theirs(
        self, plan: Plan, ada: Contact, csm: Member, logins: PlanGoal, as_csm: Client, at: At
    ) -> None:
        as_csm.post(at("actions/add"), {"title": "Book it", "due_on": "2026-11-20", "member": csm.pk})
        as_csm.post(at("actions/add"), {"title": "Name people", "contact": ada.pk, "goal": logins.pk})
        answer = as_csm.get(at(""))
        assert "Ada Gallo" in answer.text and "overdue, due 3 d ago" in answer.text and "for Logins" in answer.text

    def test_not_both_at_once(self, plan: Plan, ada: Contact, csm: Member, as_csm: Client, at: At) -> None:
        answer = as_csm.post(at("actions/add"), {"title": "Typed", "member": csm.pk, "contact": ada.pk})
        assert answer.status_code == 422 and "not both" in answer.text and 'value="Typed"' in answer.text

    def test_contacts_of_other_accounts_are_not_taken(
        self, plan: Plan, workspace: Workspace, as_csm: Client, at: At
    ) -> None:
        stranger = ContactFactory(account=AccountFactory(workspace=workspace))
        assert as_csm.post(at("actions/add"), {"title": "x", "contact": stranger.pk}).status_code == 422

    def test_sent_twice_it_is_one(self, plan: Plan, as_csm: Client, at: At) -> None:
        for _ in range(2):
            as_csm.post(at("actions/add"), {"title": "Call"})
        assert PlanAction.objects.count() == 1

    def test_done_open_and_removed(self, call: PlanAction, csm: Member, as_csm: Client, at: At) -> None:
        answer = as_csm.post(at(f"actions/{call.pk}/done"), headers=PAGE)
        assert answer.text.lstrip().startswith('<div id="plan-page"') and "done today" in answer.text
        assert "Nothing changed." in as_csm.post(at(f"actions/{call.pk}/done"), headers=PAGE).text
        as_csm.post(at(f"actions/{call.pk}/open"))
        call.refresh_from_db()
        assert call.done_on is None
        as_csm.post(at(f"actions/{call.pk}/remove"))
        assert not PlanAction.objects.exists()

    def test_is_corrected(self, call: PlanAction, as_csm: Client, at: At) -> None:
        address = at(f"actions/{call.pk}")
        assert 'value="Call them"' in as_csm.get(address).text
        as_csm.post(address, {"title": "Call the owner", "initial-title": "Call them"})
        call.refresh_from_db()
        assert call.title == "Call the owner"

    def test_refusals(self, call: PlanAction, as_csm: Client, as_reader: Client, at: At) -> None:
        for part in ("", "/done", "/open", "/remove"):
            assert as_reader.post(at(f"actions/{call.pk}{part}")).status_code == 403
        assert as_csm.get(at(f"actions/{call.pk}/done")).status_code == 405
        Plan.objects.update(state="closed", ended_on=date(2026, 11, 20))
        assert as_csm.post(at(f"actions/{call.pk}/done")).status_code == 409
