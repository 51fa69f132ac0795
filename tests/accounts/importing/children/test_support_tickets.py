"""Support tickets: whose they are, when they were opened and answered, and what a later export changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.importing.moments import Moment
from accounts.models import Account, SupportTicket
from csworkbench.imports.cleaning import BadCell
from csworkbench.tenancy.models import Member
from tests.csworkbench.imports.sheets import NANDU, WILLOW
from tests.factories import ContactFactory

from .sheets import Sheets, codes, problem, said

TITLES = ("Salesforce ID", "Support ticket", "Subject", "Kind", "Severity", "State", "Topic", "Requester", "Opened",
          "First response", "Resolved", "Link")  # fmt: skip
SSO = (WILLOW, "SUP-1", "SSO fails", "SSO", "High", "In progress", "SSO", "rosa@example.org", "2026-11-02 09:30",
       "2026-11-02 10:15", "", "https://desk.example.org/1")  # fmt: skip


@pytest.fixture
def sheets(ops: Member, willow: Account) -> Sheets:
    return Sheets(ops, "support_tickets")


class TestNew:
    def test_gets_what_the_file_says(self, sheets: Sheets, willow: Account) -> None:
        rosa = ContactFactory(account=willow, email="rosa@example.org")
        assert said(sheets.apply(TITLES, SSO)) == {"new": 1}
        found = SupportTicket.objects.get()
        assert (found.account, found.key, found.kind, found.severity, found.state) == (
            willow, "SUP-1", "integration", "urgent", "open",
        )  # fmt: skip
        assert (found.requester, found.topic, found.source) == (rosa, "SSO", "sheet")
        assert found.opened_at == datetime(2026, 11, 2, 15, 30, tzinfo=UTC)  # half past nine in Chicago
        assert found.first_response_at == datetime(2026, 11, 2, 16, 15, tzinfo=UTC)
        willow.figures.refresh_from_db()
        assert (willow.figures.support_tickets_open, willow.figures.support_waits_since) == (1, found.opened_at)

    def test_needs_a_subject_and_a_day(self, sheets: Sheets) -> None:
        one = sheets.compare(("Salesforce ID", "Support ticket", "State"), (WILLOW, "SUP-1", "Open"))
        assert codes(one) == {2: ["missing_opened_at", "missing_subject"]}

    def test_a_stranger_who_asked_is_left_aside(self, sheets: Sheets) -> None:
        sheets.apply(TITLES, SSO)
        assert SupportTicket.objects.get().requester is None

    def test_what_was_resolved_is_resolved(self, sheets: Sheets) -> None:
        titles = ("Salesforce ID", "Support ticket", "Subject", "Opened", "Resolved")
        sheets.apply(titles, (WILLOW, "SUP-1", "SSO", "2026-11-02", "2026-11-03"))
        assert SupportTicket.objects.get().state == "resolved"

    def test_an_answer_before_the_question_is_refused(self, sheets: Sheets) -> None:
        cells = (*SSO[:9], "2026-11-01", *SSO[10:])
        assert codes(sheets.compare(TITLES, cells)) == {2: ["too_early"]}


class TestKnown:
    def test_a_later_export_closes_it(self, sheets: Sheets) -> None:
        sheets.apply(TITLES, SSO)
        assert said(sheets.apply(TITLES, SSO)) == {"unchanged": 1}
        titles = ("Salesforce ID", "Support ticket", "Resolved")
        one = sheets.apply(titles, (WILLOW, "SUP-1", "2026-11-04T16:00:00Z"))
        assert said(one) == {"changed": 1}
        found = SupportTicket.objects.get()
        assert (found.state, found.resolved_at) == ("resolved", datetime(2026, 11, 4, 16, tzinfo=UTC))
        sheets.undo(one)
        found.refresh_from_db()
        assert (found.state, found.resolved_at) == ("open", None)

    def test_of_another_account_is_not_moved(self, sheets: Sheets, nandu: Account) -> None:
        sheets.apply(TITLES, SSO)
        found = problem(sheets.compare(TITLES, (NANDU, *SSO[1:])))
        assert (found["code"], "Willow Urgent Care" in found["message"]) == ("id_conflict", True)


class TestMoments:
    @pytest.mark.parametrize(
        ("cell", "moment"),
        [
            ("2026-11-02 09:30", "2026-11-02T15:30:00+00:00"),
            ("2026-11-02", "2026-11-02T06:00:00+00:00"),
            ("11/02/2026 9:30 PM", "2026-11-03T03:30:00+00:00"),
            ("11/02/2026 12:05 am", "2026-11-02T06:05:00+00:00"),
            ("2026-11-02T09:30:15.123Z", "2026-11-02T09:30:15+00:00"),
            ("2026-11-02T09:30:00+02:00", "2026-11-02T07:30:00+00:00"),
            ("2026-11-02T09:30:00-0500", "2026-11-02T14:30:00+00:00"),
            (46328.5, "2026-11-02T18:00:00+00:00"),
        ],
    )
    def test_are_read_in_the_workspaces_zone(self, cell: str | float, moment: str) -> None:
        cleaner = Moment(month_first=True, zone="America/Chicago")
        assert cleaner.column([cell]) == ([moment], [])
        assert cleaner.one(cell) == moment

    @pytest.mark.parametrize(
        "cell",
        ["yesterday", "2026-11-02 25:00", "2026-13-02 10:00", "2026-11-02 10:00 +99:99", "2026-11-02 10:00 -24:00"],
    )
    def test_nonsense_is_refused(self, cell: str) -> None:
        clean, bad = Moment(month_first=True, zone="UTC").column(["", cell])
        assert (clean, [index for index, _ in bad]) == ([None, None], [1])
        with pytest.raises(BadCell):
            Moment(month_first=True, zone="UTC").one(cell)

    @given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - a wall clock has no zone
    def test_every_moment_is_read_back(self, moment: datetime) -> None:
        moment = moment.replace(microsecond=0)
        for text in (f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment:%Y-%m-%dT%H:%M:%S}Z"):
            assert Moment(month_first=True, zone="UTC").one(text) == moment.replace(tzinfo=UTC).isoformat()
