"""Charts: every shape within the plot, ticks around the values, every value in the table, nothing inline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from csworkbench.common import charts, scales
from csworkbench.common.charts import Band, Chart, Series, bar_chart, line_chart, sparkline

Values = list[charts.Number | None]

NUMBERS = st.one_of(
    st.integers(-1000, 1000),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1e-6, 1e-6, allow_nan=False),
)
COLUMNS = st.lists(st.one_of(st.none(), NUMBERS), max_size=40)
BOOKS = st.integers(1, 14).flatmap(
    lambda count: st.lists(
        st.lists(st.one_of(st.none(), NUMBERS), min_size=count, max_size=count), min_size=1, max_size=4
    )
)
# What bars and lines may pass the edge by: the rounding of their places.
DUST = 0.02


def series_of(*columns: Sequence[charts.Number | None], tone: str = "") -> list[Series]:
    return [
        Series(f"Line {at}", [(f"Day {day}", value) for day, value in enumerate(column)], tone)
        for at, column in enumerate(columns, 1)
    ]


def places(chart: Chart) -> list[float]:
    """Every place of a chart, in percent."""
    dots = [dot for line in chart.lines for dot in (*line.lone, *([line.last] if line.last else []))]
    dots += [dot for slot in chart.slots for dot in slot.dots]
    found = [part for dot in dots for part in (dot.x, dot.y)]
    found += [float(part) for line in chart.lines for part in re.findall(r"-?[\d.]+(?:e-?\d+)?", line.path)]
    found += [part for bar in chart.bars for part in (bar.x, bar.y, bar.x + bar.width, bar.y + bar.height)]
    found += [part for bar in chart.bars for part in (bar.width, bar.height)]
    found += [part for band in chart.bands for part in (band.y, band.y + band.height)]
    found += [part for slot in chart.slots for part in (slot.x, slot.centre, slot.x + slot.width)]
    found += [part for value in chart.values for part in (value.x, value.y)]
    found += [tick.at for tick in (*chart.x_ticks, *chart.y_ticks)] + [end.y for end in chart.ends]
    return found


def drawn(chart: Chart, **more: object) -> str:
    return render_to_string("components/_chart.html", {"chart": chart, **more})


class TestGeometry:
    @given(BOOKS, st.booleans())
    def test_keeps_every_line_within_the_plot(self, columns: list[Values], from_zero: bool) -> None:
        chart = line_chart(title="Use", series=series_of(*columns), from_zero=from_zero)

        assert all(-DUST <= place <= 100 + DUST for place in places(chart))

    @given(BOOKS, st.booleans())
    def test_keeps_every_bar_within_the_plot(self, columns: list[Values], stacked: bool) -> None:
        chart = bar_chart(title="Renewals", series=series_of(*columns), stacked=stacked)

        assert all(-DUST <= place <= 100 + DUST for place in places(chart))

    @given(COLUMNS)
    def test_keeps_every_spark_within_its_cell(self, column: Values) -> None:
        assert all(-DUST <= place <= 100 + DUST for place in places(sparkline(column, "Trend")))

    @given(COLUMNS, st.tuples(st.integers(-100, 100), st.integers(0, 100)))
    def test_a_fixed_axis_holds_what_lies_outside_at_its_edge(self, column: Values, axis: tuple[int, int]) -> None:
        low, wide = axis

        chart = line_chart(title="Score", series=series_of(column), between=(low, low + wide))

        assert all(-DUST <= place <= 100 + DUST for place in places(chart))

    def test_breaks_a_line_at_a_gap_and_dots_what_stands_alone(self) -> None:
        line = line_chart(title="Use", series=series_of([1, 2, None, 4, None, 5, 6])).lines[0]

        assert line.path.count("M") == 2
        assert len(line.lone) == 1

    def test_pushes_line_ends_apart(self) -> None:
        ends = line_chart(title="Use", series=series_of(*[[1, 5]] * 4)).ends

        assert all(later.y - former.y >= 18 for former, later in pairwise(sorted(ends, key=lambda one: one.y)))

    def test_hangs_negative_bars_from_the_base(self) -> None:
        chart = bar_chart(title="Change", series=series_of([10, -10]))

        up, down = chart.bars
        assert up.y + up.height == pytest.approx(down.y) == pytest.approx(chart.base)
        assert [value.below for value in chart.values] == [False, True]

    def test_stacks_bars_on_each_other(self) -> None:
        foot, head = bar_chart(title="Renewals", series=series_of([10], [30]), stacked=True).bars

        assert head.y + head.height == pytest.approx(foot.y)
        assert head.height == pytest.approx(foot.height * 3)

    def test_names_no_band_that_is_too_thin_for_a_name(self) -> None:
        bands = [Band("Red", 0, 1, "bad"), Band("Green", 1, 100, "good")]

        thin, thick = line_chart(title="Score", series=series_of([50]), bands=bands, between=(0, 100)).bands

        assert (thin.label, thick.label) == ("", "Green")


class TestTicks:
    @given(st.lists(NUMBERS.filter(lambda value: abs(value) <= 1e100), min_size=1, max_size=20), st.booleans())
    def test_cover_the_values(self, values: list[charts.Number], from_zero: bool) -> None:
        scale = scales.scale_for(values, from_zero=from_zero)

        assert scale.low <= min(values)
        assert scale.high >= max(values)
        assert scale.low < scale.high
        assert 2 <= len(scale.ticks) <= scales.MOST_TICKS + 2
        assert list(scale.ticks) == sorted(set(scale.ticks))

    @given(st.integers(1, 400), st.integers(1, 14), st.booleans())
    def test_of_the_x_axis_are_few_and_in_order(self, count: int, most: int, middles: bool) -> None:
        ticks = scales.x_ticks([str(at) for at in range(count)], most, middles=middles)

        assert 1 <= len(ticks) <= most
        assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)

    def test_count_whole_things_in_whole_numbers(self) -> None:
        assert scales.scale_for([0, 1, 3]).ticks == (0, 1, 2, 3)

    def test_are_told_apart_where_compact_figures_would_not(self) -> None:
        labels = [tick.label for tick in scales.y_ticks(scales.Scale(0, 1, (1_000_100, 1_000_200)), "$", None)]

        assert labels == ["$1,000,100", "$1,000,200"]

    @given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
    def test_labels_spread_within_the_plot(self, ends: list[float]) -> None:
        moved = scales.spread(ends, 100 / 6)

        assert all(0 <= place <= 100 for place in moved)
        assert all(later - former >= 100 / 6 - DUST for former, later in pairwise(sorted(moved)))


class TestWords:
    @pytest.mark.parametrize(
        ("value", "unit", "said"),
        [
            (1204, "", "1,204"),
            (12.5, "%", "12.5 %"),
            (-40, "$", "−$40"),
            (0, "", "0"),
            (0.004, "", "0.004"),
            (-0.004, "", "−0.004"),
            (2e18, "", "2e18"),
        ],
    )
    def test_say_a_value(self, value: float, unit: str, said: str) -> None:
        assert scales.in_words(value, unit) == said

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ([412, None, 130], "Line 1 fell from 412 to 130 in 90 days."),
            ([1, 2], "Line 1 rose from 1 to 2 in 90 days."),
            ([5, 5, 5], "Line 1 stayed at 5 for 90 days."),
            ([5, 9, 5], "Line 1 is at 5, as it was at first."),
            ([None, 7], "Line 1: 7 (Day 1)."),
            ([None, None], scales.UNKNOWN),
            ([], scales.UNKNOWN),
        ],
    )
    def test_say_the_course_of_a_line(self, values: Values, said: str) -> None:
        assert line_chart(title="Use", series=series_of(values), span="90 days").message == said

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ([40, 2, 10], "Line 1: most in Day 0 (40), least in Day 1 (2)."),
            ([3, 3], "Line 1: 3 each."),
            ([3], "Line 1: 3 (Day 0)."),
            ([None], scales.UNKNOWN),
        ],
    )
    def test_say_the_extremes_of_bars(self, values: Values, said: str) -> None:
        assert bar_chart(title="Renewals", series=series_of(values)).message == said

    def test_count_the_lines_they_leave_out(self) -> None:
        assert line_chart(title="Use", series=series_of(*[[1, 2]] * 5)).message.endswith("2 more lines in the table.")


class TestTable:
    @given(BOOKS)
    def test_holds_every_value(self, columns: list[Values]) -> None:
        for chart in (
            line_chart(title="Use", series=series_of(*columns)),
            bar_chart(title="Use", series=series_of(*columns)),
        ):
            assert [label for label, _ in chart.rows] == [f"Day {day}" for day in range(len(columns[0]))]
            for at, (_, cells) in enumerate(chart.rows):
                for cell, column in zip(cells, columns, strict=True):
                    value = charts._finite(column[at])
                    assert cell == ("—" if value is None else scales.in_words(value))

    def test_meets_series_of_other_days_on_the_days_they_share(self) -> None:
        chart = line_chart(title="Use", series=[Series("A", [("Mon", 1), ("Tue", 2)]), Series("B", [("Tue", 3)])])

        assert chart.rows == (("Mon", ("1", "—")), ("Tue", ("2", "3")))

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400, -1e300])
    def test_takes_what_is_no_measure_as_unknown(self, value: float) -> None:
        chart = line_chart(title="Use", series=series_of([1, value, 3]))

        assert chart.rows[1] == ("Day 1", ("—",))


class TestTemplate:
    @given(BOOKS)
    def test_draws_lines_without_styles(self, columns: list[Values]) -> None:
        html = drawn(line_chart(title="Use <b>", series=series_of(*columns), bands=[Band("Red", 0, 40, "bad")]))

        assert "style=" not in html
        assert "<b>" not in html
        assert "nan" not in html

    @pytest.mark.parametrize("stacked", [True, False])
    def test_draws_bars_without_styles_and_tells_them_apart_by_texture(self, stacked: bool) -> None:
        html = drawn(bar_chart(title="Renewals", series=series_of([1, 2], [3, None]), stacked=stacked, key="due"))

        assert "style=" not in html
        assert 'id="due-2"' in html
        assert 'fill="url(#due-2)"' in html

    def test_puts_the_table_behind_the_drawing(self) -> None:
        html = drawn(line_chart(title="Use", series=series_of([1204, None])))

        assert '<th scope="row">Day 0</th><td class="num">1,204</td>' in html
        assert '<th scope="row">Day 1</th><td class="num">—</td>' in html
        assert "Show as a table" in html

    @pytest.mark.parametrize("values", [[], [None], [None, None]])
    def test_says_that_nothing_is_known(self, values: Values) -> None:
        html = drawn(line_chart(title="Use", series=series_of(values)))

        assert scales.UNKNOWN in html
        assert "<svg" not in html

    @pytest.mark.parametrize(
        ("values", "paths", "circles"), [([1, 2, 3], 1, 1), ([4], 0, 2), ([1, None, 2], 0, 3), ([None], 0, 0)]
    )
    def test_draws_a_spark(self, values: Values, paths: int, circles: int) -> None:
        html = drawn(sparkline(values, "Trend"))

        assert html.count("<path") == paths
        assert html.count("<circle") == circles
        assert ('role="img"' in html) == any(value is not None for value in values)

    def test_has_room_in_the_styles_for_the_widest_labels(self) -> None:
        chart = line_chart(
            title="MRR", series=[Series("A name that is very long indeed", [("Mon", 1)])], say=lambda value: "$" * 40
        )

        assert (chart.left, chart.right) == (charts.MOST_LEFT, charts.MOST_RIGHT)
        assert "chart-left-12 chart-right-24" in drawn(chart)
