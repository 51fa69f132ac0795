"""Days in their disguises, and the order of day and month."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csworkbench.imports.cleaning import BadCell, Cell, Date, Signs

ANY_DAY = st.dates(date(1970, 1, 1), date(2069, 12, 31))


def us() -> Date:
    return Date(month_first=True)


class TestDate:
    @pytest.mark.parametrize(
        "cell",
        [
            "2027-11-19", "2027-11-19 08:30:00", "2027-11-19T00:00:00", 46710.0, 46710.75, "46710", "19-Nov-2027",
            "19 November 2027", "19.Nov.27", "Nov 19, 2027", "November 19th, 2027", "11/19/2027", "19/11/2027",
            "11-19-27", "2027/11/19", "19.11.2027",
            "19-11-2027", "2027.11.19", "2027-11-19T08:30:00Z", "2027-11-19T08:30:00+02:00", "2027-11-19 8:30 PM",
            "11/19/2027 08:30", "11/19/2027, 8:30:00 AM", "46710.5", 20271119.0, "20271119",
            "Friday, November 19, 2027", "Fri 19 Nov 2027", "19th of November, 2027", "Nov-19-2027", "Nov. 19, '27",
            "2027-Nov-19", "19/Nov/2027", "19Nov2027", "  19  nov  2027 ",
        ],
    )  # fmt: skip
    def test_a_day_in_its_disguises(self, cell: str | float) -> None:
        assert us().one(cell) == "2027-11-19"

    @given(st.dates(date(1955, 1, 1), date(2110, 1, 1)))
    def test_every_day_survives_as_serial_number(self, day: date) -> None:
        assert us().one(float((day - date(1899, 12, 30)).days)) == day.isoformat()

    @pytest.mark.parametrize(
        "cell",
        [
            "soon",
            "31/02/2027",
            "13/13/2027",
            12.0,
            "2027-02-30",
            "19-Foo-2027",
            500000.0,
            True,
            20271399.0,
            "2027",
            "12:30",
            "1/2",
            "19 November",
            "99999999",
            "19-11-27-1",
            float("nan"),
            "00/00/0000",
            "x" * 500,
        ],
    )
    def test_anything_else_is_refused(self, cell: str | float) -> None:
        with pytest.raises(BadCell) as bad:
            us().one(cell)
        assert bad.value.code == "bad_date"

    def test_the_workspace_decides_where_the_file_does_not(self) -> None:
        assert Date(month_first=True).column(["03/04/2027"])[0] == ["2027-03-04"]
        assert Date(month_first=False).column(["03/04/2027"])[0] == ["2027-04-03"]

    def test_one_clear_date_decides_for_its_column(self) -> None:
        clean, bad = us().column(["03/04/2027", "25/04/2027"])
        assert (clean, bad) == (["2027-04-03", "2027-04-25"], [])

    def test_a_later_contradiction_is_refused_not_guessed(self) -> None:
        cleaner = us()
        cleaner.column(["03/04/2027"])
        clean, bad = cleaner.column(["25/04/2027", "04/25/2027"])
        assert clean == [None, "2027-04-25"]
        assert [(at, problem.code) for at, problem in bad] == [(0, "date_order")]

    def test_in_a_column_of_both_orders_only_clear_dates_count(self) -> None:
        clean, bad = us().column(["25/04/2027", "04/25/2027", "03/04/2027", "05/05/2027"])
        assert clean == ["2027-04-25", "2027-04-25", None, "2027-05-05"]
        assert [problem.code for _, problem in bad] == ["date_order"]

    def test_a_date_that_fits_both_orders_suggests_both_days(self) -> None:
        _, bad = us().column(["25/04/2027", "04/25/2027", "03/04/2027"])
        assert bad[0][1].suggestions == ["2027-03-04", "2027-04-03"]

    @given(
        ANY_DAY, st.sampled_from(["%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%b.%y"])
    )
    def test_every_day_survives_in_every_unambiguous_form(self, day: date, form: str) -> None:
        assert us().one(day.strftime(form)) == day.isoformat()

    @given(st.lists(ANY_DAY, min_size=1), st.booleans(), st.sampled_from("/.-"), st.sampled_from(["%Y", "%y"]))
    def test_a_column_of_one_order_is_read_in_it_or_refused(
        self, days: list[date], month_first: bool, mark: str, year: str
    ) -> None:
        order = ("%m", "%d") if month_first else ("%d", "%m")
        cells = [day.strftime(mark.join((*order, year))) for day in days]
        clean, bad = Date(month_first=month_first).column(cells)
        assert (clean, bad) == ([day.isoformat() for day in days], [])

    @given(st.lists(ANY_DAY, min_size=1), st.lists(ANY_DAY, min_size=1), st.booleans(), st.booleans())
    def test_what_the_whole_column_shows_decides_its_first_block(
        self, early: list[date], late: list[date], month_first: bool, usual: bool
    ) -> None:
        form = "%m/%d/%Y" if month_first else "%d/%m/%Y"
        telling = next((day.strftime(form) for day in (*early, *late) if day.day > 12), "")
        cleaner = Date(month_first=usual if telling else month_first)
        cleaner.heed(Signs(True, "" if month_first else telling, telling if month_first else ""))
        for days in (early, late):
            assert cleaner.column([day.strftime(form) for day in days]) == ([day.isoformat() for day in days], [])

    @pytest.mark.parametrize(
        ("signs", "note"),
        [
            (Signs(True, day_first="31-12-2025"), "day first, as 31-12-2025 shows"),
            (Signs(True, month_first="12/31/2025"), "month first, as 12/31/2025 shows"),
            (Signs(True), "month first, as is usual here"),
            (Signs(), ""),
        ],
    )
    def test_the_order_is_noted(self, signs: Signs, note: str) -> None:
        cleaner = us()
        cleaner.heed(signs)
        assert cleaner.note == note

    def test_both_orders_are_noted_and_refuse_what_fits_both(self) -> None:
        cleaner = us()
        cleaner.heed(Signs(True, "31/12/2025", "12/31/2025"))
        clean, bad = cleaner.column(["01/02/2025", "13/01/2025"])
        assert (clean, [problem.code for _, problem in bad]) == ([None, "2025-01-13"], ["date_order"])
        assert cleaner.note.startswith("both orders, as 31/12/2025 and 12/31/2025 show")

    def test_without_a_look_at_the_whole_the_first_dates_are_noted(self) -> None:
        cleaner = us()
        cleaner.column(["", "2027-01-01"])
        assert cleaner.note == ""
        cleaner.column(["25.4.2027"])
        assert cleaner.note == "day first, as 25.4.2027 shows"

    def test_serial_numbers_may_count_from_1904(self) -> None:
        cleaner = us()
        cleaner.heed(Signs(since_1904=True))
        day = date(2027, 11, 19)
        assert cleaner.one(float((day - date(1904, 1, 1)).days)) == day.isoformat()

    @given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans()))
    def test_a_cell_is_a_day_or_a_bad_cell(self, cell: Cell) -> None:
        try:
            clean = us().one(cell)
        except BadCell as bad:
            assert bad.message.endswith(".")
            return
        assert clean is None or datetime.fromisoformat(clean)
