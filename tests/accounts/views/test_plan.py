"""A plan: panel, page, start, edit, check-ins, kit, end, paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Account, Contact, Plan, PlanAction, PlanEntry, PlanGoal
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope

Url = Callable[..., str]
At = Callable[[str], str]
PAGE = {"HX-Request": "true", "HX-Target": "plan-page"}
START = {
    "kind": "retention", "title": "Win back Mesa", "starts_on": "2026-11-23", "target_on": "2027-01-15",
    "check_in_days": "7", "copied": ["logins", "sponsor-call"],
}  # fmt: skip


@pytest.fixture
def plan(account: Account, csm: Member) -> Plan:
    return Plan.objects.create(
        workspace=account.workspace, account=account, kind="success", title="Mesa 2026", starts_on=date(2026, 11, 2),
        check_in_days=14, next_check_in_on=date(2026, 11, 20), author=csm,
    )  # fmt: skip


@pytest.fixture
def goal(plan: Plan) -> PlanGoal:
    return PlanGoal.objects.create(
        workspace=plan.workspace, account=plan.account, plan=plan, measure="Overdue courses", unit="courses",
        baseline=Decimal(30), target=Decimal(10), current=Decimal(20), due_on=date(2026, 11, 10),
    )  # fmt: skip


@pytest.fixture
def at(plan: Plan, url: Url) -> At:
    def made(part: str = "") -> str:
        return url(plan.account, f"plans/{plan.pk}{'/' if part else ''}{part}")

    return made


class TestPanel:
    def test_shows_progress_and_what_is_due(
        self, plan: Plan, goal: PlanGoal, account: Account, as_csm: Client, url: Url
    ) -> None:
        PlanAction.objects.create(
            workspace=plan.workspace, account=account, plan=plan, title="Call", due_on=date(2026, 11, 1)
        )
        text = as_csm.get(url(account, "plans"), headers={"HX-Request": "true"}).text
        assert text.lstrip().startswith('<section id="plan"')
        assert "50 %" in text and "1 overdue" in text and "check-in 3 d ago" in text
        assert "?kind=retention" in text and "?kind=success" not in text

    def test_a_reader_starts_none(self, account: Account, as_reader: Client, url: Url) -> None:
        text = as_reader.get(url(account, "plans")).text
        assert "No plan is running" in text and "?kind=" not in text

    def test_is_cheap(
        self, plan: Plan, goal: PlanGoal, as_csm: Client, url: Url, django_assert_max_num_queries: Any
    ) -> None:
        as_csm.get(url(plan.account, "plans"))
        with django_assert_max_num_queries(14):  # eight of them come with every page
            as_csm.get(url(plan.account, "plans"), headers={"HX-Request": "true"})

    def test_another_workspaces_account_is_404(self, foreign: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(foreign, "plans")).status_code == 404


class TestStart:
    def test_starts_with_what_is_copied(self, account: Account, as_csm: Client, url: Url) -> None:
        answer = as_csm.post(url(account, "plans/start"), START)
        plan = Plan.objects.get()
        assert answer.headers["Location"] == url(account, f"plans/{plan.pk}")
        assert (plan.kind, plan.next_check_in_on) == ("retention", date(2026, 11, 30))
        assert plan.goals.count() == 1 and plan.actions.count() == 1

    def test_sent_twice_it_is_one(self, account: Account, as_csm: Client, url: Url) -> None:
        addresses = {as_csm.post(url(account, "plans/start"), START).headers["Location"] for _ in range(2)}
        assert len(addresses) == 1 and Plan.objects.count() == 1

    def test_another_of_the_kind_is_refused_and_keeps_what_was_typed(
        self, plan: Plan, account: Account, as_csm: Client, url: Url
    ) -> None:
        answer = as_csm.post(
            url(account, "plans/start"), START | {"kind": "success", "title": "Typed words", "copied": ["logins"]}
        )
        assert answer.status_code == 422
        assert "A success plan is running: “Mesa 2026”." in answer.text and 'value="Typed words"' in answer.text

    def test_the_form_offers_the_kit_of_its_kind(self, account: Account, as_csm: Client, url: Url) -> None:
        text = as_csm.get(url(account, "plans/start"), {"kind": "retention"}).text
        assert "Re-training sessions held, from 0 to 2 sessions" in text
        assert "Re-training" not in as_csm.get(url(account, "plans/start")).text

    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
    def test_a_year_that_nobody_means_is_refused(self, account: Account, as_csm: Client, url: Url, day: str) -> None:
        sent = {"kind": "success", "title": "Grow", "starts_on": day, "check_in_days": "30"}
        answer = as_csm.post(url(account, "plans/start"), sent)
        assert (answer.status_code, answer.context["form"].errors["starts_on"]) == (422, ["Check the year."])

    def test_bad_dates(self, account: Account, as_csm: Client, url: Url) -> None:
        answer = as_csm.post(url(account, "plans/start"), START | {"target_on": "2026-01-01"})
        assert answer.status_code == 422 and "before the start" in answer.text

    def test_refusals(self, account: Account, foreign: Account, as_csm: Client, as_reader: Client, url: Url) -> None:
        assert as_reader.get(url(account, "plans/start")).status_code == 403
        assert as_csm.post(url(foreign, "plans/start"), START).status_code == 404
        assert as_csm.delete(url(account, "plans/start")).status_code == 405


class TestPage:
    def test_shows_everything(self, plan: Plan, goal: PlanGoal, as_csm: Client, at: At) -> None:
        text = as_csm.get(at("")).text
        assert "Overdue courses" in text and "due 13 d ago" in text and "Write it down" in text
        assert "Copy from the starter kit" in text

    def test_a_reader_sees_no_forms(self, plan: Plan, goal: PlanGoal, as_reader: Client, at: At) -> None:
        page = as_reader.get(at(""), headers=PAGE).text
        assert "Overdue courses" in page and "<form" not in page

    def test_an_ended_plan_takes_nothing(self, plan: Plan, goal: PlanGoal, as_csm: Client, at: At) -> None:
        Plan.objects.update(state="achieved", ended_on=date(2026, 11, 20), ending_note="They renewed.")
        text = as_csm.get(at("")).text
        assert "They renewed." in text and "Go on with it" in text and "Add a goal" not in text

    def test_on_paper_without_forms(self, plan: Plan, goal: PlanGoal, as_csm: Client, at: At) -> None:
        PlanEntry.objects.create(
            workspace=plan.workspace, account=plan.account, plan=plan, kind="value", on=date(2026, 11, 3), text="A day."
        )
        text = as_csm.get(at("print")).text
        body = text.split('<article class="page page-narrow paper">')[1].split("</article>")[0]
        assert "Overdue courses" in body and "A day." in body and "<form" not in body

    def test_queries_do_not_grow(
        self, plan: Plan, goal: PlanGoal, as_csm: Client, at: At, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(20):
            PlanGoal.objects.create(
                workspace=plan.workspace, account=plan.account, plan=plan, measure=f"M {number}",
                baseline=0, target=1, current=0,
            )  # fmt: skip
            PlanAction.objects.create(workspace=plan.workspace, account=plan.account, plan=plan, title=f"A {number}")
        as_csm.get(at(""))
        with django_assert_max_num_queries(21):
            as_csm.get(at(""))

    def test_other_workspaces_and_accounts_are_404(
        self, plan: Plan, foreign: Account, as_csm: Client, url: Url
    ) -> None:
        with workspace_scope(foreign.workspace_id):
            theirs = Plan.objects.create(
                workspace=foreign.workspace, account=foreign, title="Far", starts_on=date(2026, 1, 1)
            )
        for part in ("", "/print", "/edit", "/end"):
            assert as_csm.get(url(foreign, f"plans/{theirs.pk}{part}")).status_code == 404
            assert as_csm.get(url(plan.account, f"plans/{theirs.pk}{part}")).status_code == 404


class TestEdit:
    def test_only_what_was_changed_is_written(self, plan: Plan, as_csm: Client, at: At) -> None:
        page = as_csm.get(at("edit"))
        form = page.context["form"]
        shown = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        sent = shown | {f"initial-{name}": value for name, value in shown.items()} | {"check_in_days": "7"}
        Plan.objects.update(title="Somebody renamed it")
        assert as_csm.post(at("edit"), sent).headers["Location"] == at("")
        plan.refresh_from_db()
        assert (plan.title, plan.check_in_days) == ("Somebody renamed it", 7)
        assert plan.next_check_in_on == date(2026, 11, 9)

    def test_bad_input(self, plan: Plan, as_csm: Client, at: At) -> None:
        form = {"title": "", "starts_on": "2026-11-02", "check_in_days": "900"}
        answer = as_csm.post(at("edit"), form)
        assert answer.status_code == 422 and "A rhythm is 1 to 365 days." in answer.text

    def test_an_ended_plan_is_a_lost_race(self, plan: Plan, as_csm: Client, at: At) -> None:
        Plan.objects.update(state="closed", ended_on=date(2026, 11, 20))
        assert as_csm.get(at("edit")).status_code == 409

    def test_a_reader_is_refused(self, plan: Plan, as_reader: Client, at: At) -> None:
        assert as_reader.get(at("edit")).status_code == 403


class TestEntry:
    FORM = {"kind": "check_in", "on": "2026-11-23", "text": "Better than last month."}

    def test_a_check_in_moves_the_next_one(self, plan: Plan, ada: Contact, csm: Member, as_csm: Client, at: At) -> None:
        key = str(uuid4())
        for _ in range(2):
            answer = as_csm.post(at("entries"), self.FORM | {"said_by": ada.pk, "request_key": key})
            assert answer.headers["Location"] == at("")
        entry = PlanEntry.objects.get()
        plan.refresh_from_db()
        assert (entry.author, entry.said_by, plan.next_check_in_on) == (csm, ada, date(2026, 12, 7))
        assert "said by Ada Gallo" in as_csm.get(at("")).text

    def test_htmx_gets_the_page(self, plan: Plan, as_csm: Client, at: At) -> None:
        answer = as_csm.post(at("entries"), self.FORM | {"kind": "value"}, headers=PAGE)
        assert answer.text.lstrip().startswith('<div id="plan-page"')
        assert "Value statement written down." in answer.text
        assert "account-changed" in answer.headers["HX-Trigger-After-Settle"]

    def test_bad_input_keeps_what_was_typed(self, plan: Plan, as_csm: Client, at: At) -> None:
        answer = as_csm.post(at("entries"), self.FORM | {"on": "2027-11-23"})
        assert answer.status_code == 422
        assert "still to come" in answer.text and "Better than last month." in answer.text

    def test_refusals(self, plan: Plan, as_csm: Client, as_reader: Client, at: At) -> None:
        assert as_reader.post(at("entries"), self.FORM).status_code == 403
        assert as_csm.get(at("entries")).status_code == 405
        Plan.objects.update(state="closed", ended_on=date(2026, 11, 20))
        assert as_csm.post(at("entries"), self.FORM).status_code == 409
        assert as_csm.post(at("entries"), self.FORM, headers=PAGE).status_code == 409


class TestKit:
    def test_copies_what_is_ticked_once(self, plan: Plan, as_csm: Client, at: At) -> None:
        for _ in range(2):
            as_csm.post(at("kit"), {"copied": ["logins", "kick-off"]})
        assert plan.goals.count() == 1 and plan.actions.count() == 1

    def test_nothing_or_nonsense_is_refused(self, plan: Plan, as_csm: Client, as_reader: Client, at: At) -> None:
        assert as_csm.post(at("kit"), {}).status_code == 422
        assert as_csm.post(at("kit"), {"copied": ["nonsense"]}).status_code == 422
        assert as_reader.post(at("kit"), {"copied": ["logins"]}).status_code == 403


class TestEnd:
    def test_ends_once_and_goes_on(self, plan: Plan, goal: PlanGoal, as_csm: Client, at: At) -> None:
        assert "0 of 1 goal reached" in as_csm.get(at("end")).text
        assert as_csm.post(at("end"), {"state": "achieved"}).status_code == 422
        form = {"state": "achieved", "note": "They renewed."}
        for _ in range(2):
            assert as_csm.post(at("end"), form).headers["Location"] == at("")
        assert as_csm.post(at("end"), form | {"state": "closed"}).status_code == 409
        assert as_csm.post(at("reopen")).headers["Location"] == at("")
        assert Plan.objects.get().state == "open"

    def test_going_on_beside_another_is_refused(self, plan: Plan, workspace: Workspace, as_csm: Client, at: At) -> None:
        Plan.objects.update(state="closed", ended_on=date(2026, 11, 20))
        Plan.objects.create(workspace=workspace, account=plan.account, title="New", starts_on=date(2026, 11, 21))
        answer = as_csm.post(at("reopen"))
        assert answer.status_code == 422 and "Another success plan is running." in answer.text

    def test_refusals(self, plan: Plan, as_csm: Client, as_reader: Client, at: At) -> None:
        assert as_reader.get(at("end")).status_code == 403
        assert as_reader.post(at("reopen")).status_code == 403
        assert as_csm.get(at("reopen")).status_code == 405
