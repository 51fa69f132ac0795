"""The onboarding record: panel, page, ticks, checks, ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Account, AdoptionCheck, GoalTemplate, Onboarding, OnboardingGoal
from accounts.onboarding.records import open_missing
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.factories import AccountFactory

Url = Callable[..., str]
PANEL = {"HX-Request": "true", "HX-Target": "onboarding"}
PAGE = {"HX-Request": "true", "HX-Target": "onboarding-record"}


@pytest.fixture
def record(account: Account, workspace: Workspace) -> Onboarding:
    GoalTemplate.objects.create(workspace=workspace, label="Branding set up", place=2)
    GoalTemplate.objects.create(
        workspace=workspace, label="First case", reached_when={"fact": "tier", "op": "is", "value": 1}
    )
    Account.objects.filter(pk=account.pk).update(stage="onboarding", stage_since=date(2026, 10, 20))
    open_missing(workspace.pk, workspace.today)
    return Onboarding.objects.get()


@pytest.fixture
def branding(record: Onboarding) -> OnboardingGoal:
    return record.goals.get(label="Branding set up")


@pytest.fixture
def at(record: Onboarding, url: Url) -> Callable[[str], str]:
    """The address of the record or of something done on it."""

    def made(part: str = "") -> str:
        return url(record.account, f"onboarding/{record.pk}{'/' if part else ''}{part}")

    return made


class TestPanel:
    def test_shows_goals_days_and_what_to_do(
        self, record: Onboarding, account: Account, as_csm: Client, url: Url
    ) -> None:
        text = as_csm.get(url(account, "onboarding")).text
        assert "4 d overdue" in text and "0 of 2" in text and "The workbench watches for it." in text
        assert "Update the adoption record" in text

    def test_htmx_gets_the_fragment(self, record: Onboarding, account: Account, as_csm: Client, url: Url) -> None:
        text = as_csm.get(url(account, "onboarding"), headers={"HX-Request": "true"}).text
        assert text.lstrip().startswith('<section id="onboarding"')

    def test_a_reader_sees_no_forms(self, record: Onboarding, account: Account, as_reader: Client, url: Url) -> None:
        text = as_reader.get(url(account, "onboarding"), headers=PANEL).text
        assert "Branding set up" in text and "<form" not in text

    def test_without_a_record_it_says_how_one_opens(self, account: Account, as_csm: Client, url: Url) -> None:
        assert "Start an onboarding" in as_csm.get(url(account, "onboarding")).text

    def test_long_ago_takes_one_line(self, record: Onboarding, account: Account, as_csm: Client, url: Url) -> None:
        Onboarding.objects.update(state="completed", ended_on=date(2026, 8, 1), started_on=date(2026, 7, 1))
        text = as_csm.get(url(account, "onboarding"), headers=PANEL).text
        assert "after 31 d" in text and "Branding" not in text

    def test_is_cheap(
        self, record: Onboarding, account: Account, as_csm: Client, url: Url, django_assert_max_num_queries: Any
    ) -> None:
        as_csm.get(url(account, "onboarding"), headers=PANEL)
        with django_assert_max_num_queries(12):  # eight of them come with every page
            as_csm.get(url(account, "onboarding"), headers=PANEL)

    def test_another_workspaces_account_is_404(self, foreign: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(foreign, "onboarding")).status_code == 404


class TestOpen:
    def test_starts_one(self, account: Account, as_csm: Client, url: Url) -> None:
        answer = as_csm.post(url(account, "onboarding/open"))
        record = Onboarding.objects.get()
        assert answer.headers["Location"] == url(account, f"onboarding/{record.pk}")
        account.refresh_from_db()
        assert account.stage == "onboarding"
        as_csm.post(url(account, "onboarding/open"))
        assert Onboarding.objects.count() == 1

    def test_refusals(self, account: Account, foreign: Account, as_csm: Client, as_reader: Client, url: Url) -> None:
        assert as_reader.post(url(account, "onboarding/open")).status_code == 403
        assert as_csm.post(url(foreign, "onboarding/open")).status_code == 404
        assert as_csm.get(url(account, "onboarding/open")).status_code == 405


class TestTick:
    def test_with_a_remark(
        self, branding: OnboardingGoal, csm: Member, as_csm: Client, at: Callable[[str], str]
    ) -> None:
        answer = as_csm.post(at(f"{branding.pk}/tick"), {"note": "Logo in place"})
        assert answer.headers["Location"] == at("")
        branding.refresh_from_db()
        assert (branding.done_by, branding.note) == (csm, "Logo in place")
        assert "Logo in place" in as_csm.get(at("")).text

    def test_htmx_gets_what_it_stands_on(
        self, branding: OnboardingGoal, as_csm: Client, at: Callable[[str], str]
    ) -> None:
        answer = as_csm.post(at(f"{branding.pk}/tick"), headers=PANEL)
        assert answer.text.lstrip().startswith('<section id="onboarding"')
        assert "account-changed" in answer.headers["HX-Trigger-After-Settle"]
        answer = as_csm.post(at(f"{branding.pk}/untick"), headers=PAGE)
        assert answer.text.lstrip().startswith('<div id="onboarding-record"')

    def test_twice_changes_nothing(self, branding: OnboardingGoal, as_csm: Client, at: Callable[[str], str]) -> None:
        as_csm.post(at(f"{branding.pk}/tick"))
        assert "Nothing changed." in as_csm.post(at(f"{branding.pk}/tick"), headers=PAGE).text

    def test_too_long_a_remark_is_kept_and_refused(
        self, branding: OnboardingGoal, as_csm: Client, at: Callable[[str], str]
    ) -> None:
        answer = as_csm.post(at(f"{branding.pk}/tick"), {"note": "x" * 201})
        assert answer.status_code == 422 and "x" * 201 in answer.text

    def test_what_the_workbench_saw_says_so_and_can_be_taken_back(
        self, record: Onboarding, account: Account, as_csm: Client, at: Callable[[str], str], url: Url
    ) -> None:
        Account.objects.filter(pk=account.pk).update(tier=1)
        as_csm.post(at("target"), {"target_on": "2026-12-24"})  # any write drains
        assert "seen by the workbench" in as_csm.get(at("")).text
        goal = record.goals.get(label="First case")
        as_csm.post(at(f"{goal.pk}/untick"))
        goal.refresh_from_db()
        assert goal.done_on is None and "From now on only members tick it." in as_csm.get(at("")).text

    def test_an_ended_record_is_a_lost_race(
        self, branding: OnboardingGoal, as_csm: Client, at: Callable[[str], str]
    ) -> None:
        Onboarding.objects.update(state="failed", ended_on=date(2026, 11, 1))
        answer = as_csm.post(at(f"{branding.pk}/tick"))
        assert answer.status_code == 409 and at("") in answer.text
        answer = as_csm.post(at(f"{branding.pk}/tick"), headers=PANEL)
        assert answer.status_code == 409 and answer.text.lstrip().startswith('<section id="onboarding"')
        assert as_csm.post(at(f"{branding.pk}/untick"), headers=PAGE).status_code == 409

    def test_refusals(
        self, branding: OnboardingGoal, as_csm: Client, as_reader: Client, at: Callable[[str], str]
    ) -> None:
        for verb in ("tick", "untick"):
            assert as_reader.post(at(f"{branding.pk}/{verb}")).status_code == 403
            assert as_csm.get(at(f"{branding.pk}/{verb}")).status_code == 405
            assert as_csm.post(at(f"{uuid4()}/{verb}")).status_code == 404

    def test_goals_of_other_accounts_are_404(
        self, branding: OnboardingGoal, record: Onboarding, workspace: Workspace, as_csm: Client, url: Url
    ) -> None:
        other = AccountFactory(workspace=workspace)
        assert as_csm.post(url(other, f"onboarding/{record.pk}/{branding.pk}/tick")).status_code == 404


class TestCheck:
    FORM = {"verdict": "blocked", "note": "No single sign-on yet.", "checked_on": "2026-11-20"}

    def test_updates_the_adoption_record(
        self, record: Onboarding, csm: Member, as_csm: Client, at: Callable[[str], str]
    ) -> None:
        key = str(uuid4())
        for _ in range(2):
            assert as_csm.post(at("check"), self.FORM | {"request_key": key}).status_code == 302
        check = AdoptionCheck.objects.get()
        assert (check.onboarding, check.author, check.verdict) == (record, csm, "blocked")
        text = as_csm.get(at("")).text
        assert "No single sign-on yet." in text and "3 d ago" in text

    def test_bad_input_keeps_what_was_typed(self, record: Onboarding, as_csm: Client, at: Callable[[str], str]) -> None:
        answer = as_csm.post(at("check"), self.FORM | {"checked_on": "2027-01-01"})
        assert answer.status_code == 422
        assert "still to come" in answer.text and "No single sign-on yet." in answer.text

    def test_refusals(self, record: Onboarding, as_csm: Client, as_reader: Client, at: Callable[[str], str]) -> None:
        assert as_reader.post(at("check"), self.FORM).status_code == 403
        assert as_csm.get(at("check")).status_code == 405


class TestTarget:
    def test_moves(self, record: Onboarding, as_csm: Client, at: Callable[[str], str]) -> None:
        as_csm.post(at("target"), {"target_on": "2026-12-24"})
        record.refresh_from_db()
        assert record.target_on == date(2026, 12, 24)

    def test_not_before_the_start(self, record: Onboarding, as_csm: Client, at: Callable[[str], str]) -> None:
        answer = as_csm.post(at("target"), {"target_on": "2026-01-01"})
        assert answer.status_code == 422 and "before the start" in answer.text


class TestEnds:
    def seen(self, browser: Client, address: str) -> str:
        return browser.get(address).text.split('name="seen" value="')[1].split('"')[0]

    def test_completing_asks_what_is_left(
        self, record: Onboarding, account: Account, as_csm: Client, at: Callable[[str], str]
    ) -> None:
        page = as_csm.get(at("complete")).text
        assert "Left undone" in page and "Branding set up" in page
        refused = as_csm.post(at("complete"), {"seen": self.seen(as_csm, at("complete"))})
        assert refused.status_code == 422
        for _ in range(2):
            answer = as_csm.post(at("complete"), {"note": "Branding in January."})
            assert answer.headers["Location"] == at("")
        account.refresh_from_db()
        record.refresh_from_db()
        assert (record.state, account.stage) == ("completed", "adoption")

    def test_a_tick_meanwhile_is_a_lost_race(
        self, record: Onboarding, branding: OnboardingGoal, as_csm: Client, at: Callable[[str], str]
    ) -> None:
        seen = self.seen(as_csm, at("complete"))
        as_csm.post(at(f"{branding.pk}/tick"))
        answer = as_csm.post(at("complete"), {"note": "x", "seen": seen})
        assert answer.status_code == 409 and Onboarding.objects.get().state == "open"

    def test_failing_then_going_on(self, record: Onboarding, as_csm: Client, at: Callable[[str], str]) -> None:
        assert as_csm.post(at("fail"), {"note": " "}).status_code == 422
        as_csm.post(at("fail"), {"note": "Nobody answered."})
        assert "Failed to onboard" in as_csm.get(at("")).text
        assert as_csm.post(at("complete"), {"note": "x"}).status_code == 409
        assert as_csm.post(at("reopen")).headers["Location"] == at("")
        assert Onboarding.objects.get().state == "open"

    def test_refusals(
        self,
        record: Onboarding,
        foreign: Account,
        as_csm: Client,
        as_reader: Client,
        at: Callable[[str], str],
        url: Url,
    ) -> None:
        for part in ("complete", "fail"):
            assert as_reader.get(at(part)).status_code == 403
            assert as_csm.delete(at(part)).status_code == 405
        assert as_reader.post(at("reopen")).status_code == 403
        with workspace_scope(foreign.workspace_id):
            theirs = Onboarding.objects.create(
                workspace=foreign.workspace, account=foreign, started_on=date(2026, 1, 1)
            )
        for part in ("", "/complete", "/fail"):
            assert as_csm.get(url(foreign, f"onboarding/{theirs.pk}{part}")).status_code == 404
            assert as_csm.get(url(record.account, f"onboarding/{theirs.pk}{part}")).status_code == 404
