"""Writes over accounts and their timeline, once and twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from accounts.health.services import judge
from accounts.models import Account, DirtyAccount, Interaction, Note
from accounts.services import log_interaction, save_account, write_note
from csworkbench.common import clock
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.factories import AccountFactory, ContactFactory

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def account(workspace: Workspace, csm: Member) -> Account:
    made: Account = AccountFactory(workspace=workspace, owner=csm)
    DirtyAccount.objects.all().delete()
    return made


def is_marked(account: Account) -> bool:
    return DirtyAccount.objects.filter(account_id=account.pk).exists()


class TestLogInteraction:
    def test_a_call_feeds_the_figures_and_marks_the_account(self, account: Account, csm: Member) -> None:
        contact = ContactFactory(account=account)
        made = log_interaction(
            actor=csm, account=account, kind="call", answered=True, contact=contact, subject=" Renewal ", body=" Yes. "
        )
        assert (made.author, made.contact, made.subject, made.body) == (csm, contact, "Renewal", "Yes.")
        account.figures.refresh_from_db()
        assert account.figures.last_answered_at == account.figures.last_interaction_at == clock.now()
        assert is_marked(account)

    @pytest.mark.parametrize(
        ("direction", "answered", "counts"),
        [("out", True, True), ("out", False, False), ("out", None, False), ("in", None, True), ("in", False, True)],
    )
    def test_an_answer_is_a_call_that_was_taken_or_one_that_came_in(
        self, account: Account, csm: Member, direction: str, answered: bool | None, counts: bool
    ) -> None:
        log_interaction(actor=csm, account=account, kind="email", direction=direction, answered=answered)
        account.figures.refresh_from_db()
        assert (account.figures.last_answered_at is not None) is counts

    def test_an_older_call_does_not_move_the_last_one_back(self, account: Account, csm: Member) -> None:
        log_interaction(actor=csm, account=account, kind="call")
        log_interaction(actor=csm, account=account, kind="call", happened_at=clock.now() - timedelta(days=3))
        account.figures.refresh_from_db()
        assert account.figures.last_interaction_at == clock.now()

    def test_the_same_form_twice_logs_once(self, account: Account, csm: Member) -> None:
        key = uuid4()
        first = log_interaction(actor=csm, account=account, kind="call", subject="First", request_key=key)
        assert log_interaction(actor=csm, account=account, kind="chat", request_key=key) == first
        assert Interaction.objects.get().subject == "First"

    def test_without_a_key_each_is_its_own(self, account: Account, csm: Member) -> None:
        for _ in range(2):
            log_interaction(actor=csm, account=account, kind="call")
        assert Interaction.objects.count() == 2


class TestWriteNote:
    def test_the_house_format_carries_date_and_initials(self, account: Account, csm: Member) -> None:
        assert write_note(actor=csm, account=account, text=" Asked for a quote ").house_format == (
            "11/23/26-QA-Asked for a quote"
        )

    @pytest.mark.parametrize(
        ("zone", "day"),
        [("", date(2026, 11, 22)), ("Asia/Tokyo", date(2026, 11, 23)), ("Pacific/Apia", date(2026, 11, 23))],
    )
    def test_the_date_is_the_members_own(
        self, account: Account, csm: Member, frozen: time_machine.Traveller, zone: str, day: date
    ) -> None:
        frozen.move_to(datetime(2026, 11, 23, 5, 30, tzinfo=UTC))
        csm.time_zone = zone
        assert write_note(actor=csm, account=account, text="Late").written_on == day

    def test_the_same_form_twice_writes_once(self, account: Account, csm: Member) -> None:
        key = uuid4()
        first = write_note(actor=csm, account=account, text="Once", request_key=key)
        assert write_note(actor=csm, account=account, text="Twice", request_key=key) == first
        assert Note.objects.get().text == "Once"

    def test_a_renamed_author_keeps_the_initials_of_the_day(self, account: Account, csm: Member) -> None:
        note = write_note(actor=csm, account=account, text="Before the wedding")
        csm.name = "Quinn Zeller"
        csm.save()
        note.refresh_from_db()
        assert note.initials == "QA"


class TestJudgeHealth:
    def test_sets_health_with_its_reason_and_since_when(self, account: Account, csm: Member) -> None:
        assert judge(actor=csm, account=account, health="red", reason=" Complained twice ")
        account.refresh_from_db()
        assert (account.health, account.health_reason, account.health_since) == (
            "red",
            "Complained twice",
            date(2026, 11, 23),
        )
        assert is_marked(account)

    def test_another_reason_keeps_since_when(
        self, account: Account, csm: Member, frozen: time_machine.Traveller
    ) -> None:
        judge(actor=csm, account=account, health="red", reason="Complained twice")
        frozen.shift(timedelta(days=5))
        assert judge(actor=csm, account=account, health="red", reason="Stopped answering")
        account.refresh_from_db()
        assert (account.health_since, account.health_reason) == (date(2026, 11, 23), "Stopped answering")

    def test_a_second_time_changes_nothing(self, account: Account, csm: Member) -> None:
        judge(actor=csm, account=account, health="red", reason="Complained twice")
        DirtyAccount.objects.all().delete()
        recorded = HistoryEntry.objects.filter(row_id=account.pk).count()
        assert not judge(actor=csm, account=account, health="red", reason="Complained twice")
        assert not is_marked(account)
        assert HistoryEntry.objects.filter(row_id=account.pk).count() == recorded


class TestSaveAccount:
    def test_a_changed_stage_starts_its_clock_and_the_search_name_follows(self, account: Account) -> None:
        account.stage, account.name = "renewal", "Ñandú Wellness, Inc."
        save_account(account=account, fields=["stage", "name"])
        account.refresh_from_db()
        assert (account.stage_since, account.search_name) == (date(2026, 11, 23), "nandu wellness inc")

    def test_the_same_stage_keeps_its_clock(self, account: Account) -> None:
        Account.objects.update(stage_since=date(2026, 1, 5))
        account.refresh_from_db()
        account.segment = "Clinics"
        save_account(account=account, fields=["segment"])
        account.refresh_from_db()
        assert account.stage_since == date(2026, 1, 5)

    def test_what_somebody_else_changed_meanwhile_stays(self, account: Account, csm: Member) -> None:
        account.segment = "Clinics"
        judge(actor=csm, account=Account.objects.get(pk=account.pk), health="red", reason="Complained twice")
        Account.objects.update(sf_id="001A0000009", tier=1)
        save_account(account=account, fields=["segment"])
        account.refresh_from_db()
        assert (account.segment, account.health, account.sf_id, account.tier) == ("Clinics", "red", "001A0000009", 1)

    def test_a_form_without_a_change_writes_nothing(self, account: Account) -> None:
        save_account(account=account, fields=[])
        assert not is_marked(account)
