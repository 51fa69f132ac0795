"""The shape of the whole book, without a database."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from csworkbench.tenancy.models import Member
from priorities.demo.cast import HARBORLINE, MERIDIAN, Vendor
from priorities.demo.layout import EARLIEST_RENEWAL, LATEST_RENEWAL, TERM, Seat, lay_out
from priorities.demo.stories import STORIES, deal
from priorities.demo.trades import TRADES


@pytest.fixture(params=[HARBORLINE, MERIDIAN], ids=lambda vendor: vendor.slug)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.param
    return found


@pytest.fixture
def seats(vendor: Vendor) -> list[Seat]:
    members = {person.name: Member(name=person.name, roles=[person.role]) for person in vendor.people}
    return lay_out(Random(3), vendor, TRADES[vendor.pack], 600, members)


class TestLayOut:
    def test_tiers_are_exact(self, seats: list[Seat]) -> None:
        assert Counter(seat.tier for seat in seats) == {1: 60, 2: 180, 3: 360}

    def test_parents_come_before_their_members(self, seats: list[Seat]) -> None:
        assert [seat.index for seat in seats] == list(range(600))
        for seat in seats:
            if seat.head is not None:
                assert seats[seat.head].is_head
                assert seat.head < seat.index

    def test_a_group_stays_with_one_csm(self, seats: list[Seat]) -> None:
        assert all(seat.csm is seats[seat.head].csm for seat in seats if seat.head is not None)

    def test_every_csm_has_a_book(self, vendor: Vendor, seats: list[Seat]) -> None:
        books = Counter(seat.csm.name for seat in seats)
        assert len(books) == 12
        assert min(books.values()) >= 25
        assert max(books.values()) <= 90

    def test_renewals_and_ages_are_whole_terms(self, seats: list[Seat]) -> None:
        for seat in seats:
            assert (seat.age + seat.renews_in) % TERM == 0
            assert EARLIEST_RENEWAL <= seat.renews_in <= LATEST_RENEWAL
            assert seat.age > 0

    def test_a_parent_stays(self, seats: list[Seat]) -> None:
        heads = [seat for seat in seats if seat.is_head]
        assert heads
        assert all(seat.story.is_current and seat.story.age is None for seat in heads)


class TestDeal:
    def test_shares_add_up(self) -> None:
        assert sum(story.share for story in STORIES) == pytest.approx(1)

    @pytest.mark.parametrize("count", [1, 5, 11, 26, 600])
    def test_deals_as_many_as_asked(self, count: int) -> None:
        assert len(deal(Random(1), count)) == count

    def test_every_story_is_told_in_a_small_book(self) -> None:
        assert {story.key for story in deal(Random(1), 20)} == {story.key for story in STORIES}

    def test_shares_are_exact(self) -> None:
        counts = Counter(story.key for story in deal(Random(1), 600))
        assert counts["unpaid"] == 24
        assert 72 <= counts["silent"] + counts["half"] + counts["stalled"] <= 90
