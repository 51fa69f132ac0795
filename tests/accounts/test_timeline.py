"""The timeline: one order over every source, pages by place, filters, words that are marked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts import services
from accounts.entries import services as entries
from accounts.entries.filters import Filters, filters_from
from accounts.entries.lines import months_of
from accounts.entries.sources import ledger_bound, place_in_ledger
from accounts.models import Account, Contact
from accounts.timeline import Asked, Entry, Place, end_of, kinds, mark_of, marked, place_of, timeline_of
from csworkbench.common import clock
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.factories import AccountFactory, ContactFactory, TaskFactory

FIRST, LAST = (datetime(year, 1, 1) for year in (2000, 2090))  # noqa: DTZ001  (hypothesis adds the zone)
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
places = st.tuples(moments, st.uuids())


@pytest.fixture
def account(workspace: Workspace, csm: Member, frozen: object) -> Account:
    made: Account = AccountFactory(workspace=workspace, owner=csm)
    HistoryEntry.objects.all()  # the ledger is append-only: its rows are from the real clock
    return made


def log(account: Account, csm: Member, ago: timedelta, **fields: object) -> None:
    values = {"kind": "call", "happened_at": clock.now() - ago} | fields
    services.log_interaction(actor=csm, account=account, **values)  # type: ignore[arg-type]


def walk(account: Account, workspace: Workspace, asked: Asked) -> list[list[Entry]]:
    """All pages, from the newest to the oldest."""
    pages = [timeline_of(account, workspace, asked)]
    while pages[-1].older:
        before = place_of(pages[-1].older)
        assert before is not None
        pages.append(timeline_of(account, workspace, Asked(**(vars(asked) | {"before": before}))))
        assert len(pages) < 100, "goes round in circles"
    return [page.entries for page in pages]


class TestPages:
    def test_every_entry_stands_once_and_in_order_whatever_the_size_of_a_page(
        self, workspace: Workspace, account: Account, csm: Member
    ) -> None:
        for number in range(12):
            log(account, csm, timedelta(hours=number), subject=f"Call {number}")
            # Four at the very same moment: only their ids tell them apart.
            log(account, csm, timedelta(hours=number // 4), kind="chat", subject=f"Chat {number}")
        services.write_note(actor=csm, account=account, text="Wants a quote")
        TaskFactory(account=account, state="done", closed_at=clock.now() - timedelta(hours=3), closed_by=csm)
        for tier in (1, 3, 1):
            account.tier = tier
            account.save()
        whole = walk(account, workspace, Asked(size=100))[0]
        assert len(whole) == 24 + 1 + 1 + 4
        for size in (1, 3, 7, 29, 30):
            pages = walk(account, workspace, Asked(size=size))
            assert [entry.place for page in pages for entry in page] == [entry.place for entry in whole]
            assert all(len(page) <= size for page in pages)

    def test_costs_the_same_far_back(
        self, workspace: Workspace, account: Account, csm: Member, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(40):
            log(account, csm, timedelta(days=number))
        for before in (None, (clock.now() - timedelta(days=30), UUID(int=0))):
            with django_assert_num_queries(4):
                timeline_of(account, workspace, Asked(size=5, before=before))

    def test_an_act_of_many_rows_is_told_once_across_pages(self, workspace: Workspace, account: Account) -> None:
        for _ in range(9):
            ContactFactory(account=account)
        titles = [entry.title for page in walk(account, workspace, Asked(size=1)) for entry in page]
        assert titles[0].endswith("contacts added") or "contacts" in titles[0]

    def test_shows_one_account_only(self, workspace: Workspace, account: Account, csm: Member) -> None:
        log(AccountFactory(workspace=workspace), csm, timedelta(0), subject="Elsewhere")
        titles = [entry.title for entry in timeline_of(account, workspace, Asked(size=50)).entries]
        assert "Elsewhere" not in titles


class TestFilters:
    def test_by_kind_author_and_words(self, workspace: Workspace, account: Account, csm: Member, lead: Member) -> None:
        ada: Contact = ContactFactory(account=account, first_name="Ada")
        log(account, csm, timedelta(0), subject="Renewal price", body="They want two years", contact=ada)
        log(account, lead, timedelta(hours=1), kind="email", subject="Renewal terms")
        services.write_note(actor=csm, account=account, text="The RENEWAL is decided in Boise")
        TaskFactory(account=account, title="Prepare the renewal", state="cleared", closed_at=clock.now())

        def kinds_of(**asked: object) -> set[str]:
            return {one.kind for one in timeline_of(account, workspace, Asked(size=50, **asked)).entries}  # type: ignore[arg-type]

        assert kinds_of() == {"call", "email", "note", "task", "change"}
        assert kinds_of(kind="email") == {"email"}
        assert kinds_of(kind="task") == {"task"}
        assert kinds_of(author=lead.pk) == {"email"}
        assert kinds_of(words=("renewal",)) == {"call", "email", "note", "task"}, "in any case, and no changes"
        assert kinds_of(words=("renewal", "years")) == {"call"}, "each word has to be there"
        assert kinds_of(words=("100%",)) == set(), "a sign is a sign"

    def test_a_removed_entry_is_told_as_a_change(self, workspace: Workspace, account: Account, csm: Member) -> None:
        log(account, csm, timedelta(0), subject="By mistake")
        entries.remove_entry(actor=csm, entry=account.interactions.get())
        told = timeline_of(account, workspace, Asked(size=5, kind="change")).entries
        assert "Call “By mistake” removed" in [entry.title for entry in told]

    def test_the_address_says_them_and_leaves_out_what_makes_no_sense(self) -> None:
        assert filters_from({"kind": "nonsense", "by": "x", "on": "2026-13-01", "before": "y"}) == Filters(before="y")
        found = filters_from({"kind": "call", "find": "  two\x00 years ", "on": "2026-11-20"})
        assert (found.kind, found.words, found.day) == ("call", ("two", "years"), date(2026, 11, 20))
        assert filters_from(dict(pair.split("=") for pair in found.query()[1:].replace("+", " ").split("&"))) == found

    def test_a_day_is_one_of_the_readers_own(self) -> None:
        zone = ZoneInfo("America/Chicago")
        asked = Filters(day=date(2026, 11, 20)).asked(zone)
        assert asked.before == end_of(date(2026, 11, 20), zone)
        assert asked.before is not None and asked.before[0] == datetime(2026, 11, 21, 6, tzinfo=UTC)

    def test_a_day_and_a_page_together_mean_the_further_one(self) -> None:
        mark = mark_of((datetime(2026, 11, 1, tzinfo=UTC), UUID(int=7)))
        asked = Filters(day=date(2026, 11, 20), before=mark).asked(ZoneInfo("UTC"))
        assert asked.before == (datetime(2026, 11, 1, tzinfo=UTC), UUID(int=7))

    def test_changes_come_last_among_the_filters(self) -> None:
        keys = [key for key, _ in kinds()]
        assert (keys[0], keys[-1]) == ("all", "change")
        assert "task" in keys, "told by the floor above"


class TestPlaces:
    @given(places)
    def test_a_mark_leads_back_to_its_place(self, place: Place) -> None:
        assert place_of(mark_of(place)) == place

    @pytest.mark.parametrize("mark", ["", "x", "1-2", f"{'9' * 40}-{'a' * 32}", f"-5-{'a' * 32}", f"5-{'A' * 32}"])
    def test_a_mark_nobody_made_is_none(self, mark: str) -> None:
        assert place_of(mark) is None

    @given(places, st.integers(0, 2**48 - 1), st.integers(0, 2**80 - 1))
    def test_the_ledger_divides_where_the_timeline_does(self, before: Place, millisecond: int, rest: int) -> None:
        key = UUID(int=(min(millisecond, 3_700_000_000_000) << 80) | rest)
        assert (key < ledger_bound(before)) == (place_in_ledger(key) < before)

    @given(places, st.integers(0, 2**80 - 1))
    def test_also_within_the_same_millisecond(self, before: Place, rest: int) -> None:
        at, _ = before
        millisecond = (at - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
        key = UUID(int=(millisecond << 80) | rest)
        assert (key < ledger_bound(before)) == (place_in_ledger(key) < before)


class TestLines:
    def test_stand_in_the_readers_months_and_hours(self, workspace: Workspace, account: Account, csm: Member) -> None:
        log(account, csm, timedelta(0), happened_at=datetime(2026, 11, 1, 3, 30, tzinfo=UTC), subject="Late")
        told = timeline_of(account, workspace, Asked(size=5, kind="call")).entries
        for zone, month, exact in (
            ("America/Chicago", "October 2026", "Sat Oct 31, 2026 22:30"),
            ("Europe/Oslo", "November 2026", "Sun Nov 1, 2026 04:30"),
        ):
            ((said, (line,)),) = months_of(told, account, workspace, csm, ZoneInfo(zone))
            assert (said, line.exact) == (month, exact)

    @pytest.mark.parametrize(("hours", "editable"), [(24, True), (0, False)])
    def test_only_ones_own_may_be_edited_and_only_for_a_while(
        self,
        workspace: Workspace,
        account: Account,
        csm: Member,
        lead: Member,
        admin: Member,
        hours: int,
        editable: bool,
    ) -> None:
        workspace.edit_window_hours = hours
        log(account, csm, timedelta(days=20), subject="Logged late, and just now")
        told = timeline_of(account, workspace, Asked(size=5, kind="call")).entries
        for reader, may in ((csm, editable), (lead, False), (admin, editable)):
            ((_, (line,)),) = months_of(told, account, workspace, reader, ZoneInfo("UTC"))
            assert line.editable is may


class TestMarked:
    @given(st.text(max_size=60), st.lists(st.text("abAB.*( ", min_size=1, max_size=3), max_size=3))
    def test_loses_and_adds_nothing(self, text: str, words: list[str]) -> None:
        assert "".join(piece for piece, _ in marked(text, words)) == text

    def test_finds_in_any_case(self) -> None:
        assert list(marked("The RENEWAL of renewals", ("renewal",))) == [
            ("The ", False),
            ("RENEWAL", True),
            (" of ", False),
            ("renewal", True),
            ("s", False),
        ]
