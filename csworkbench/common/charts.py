"""The geometry of charts: series in, shapes, ticks, a sentence and a table out. Pure; a template draws them.

Every place is a percentage of the plot (0-100, y downwards), so that a chart takes the width it is given while its
text keeps its size. ``components/_chart.html`` draws what these functions return.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from . import scales
from .scales import Scale, Tick

Number = int | float
Say = Callable[[Number], str]

# Below these a label would touch its neighbour: pixels from one line-end label to the next, and bars with a value each.
LABEL_GAP, MOST_VALUED_BARS = 26, 16
# The most places that answer a pointer; a longer series answers by the last value of each stretch.
MOST_SLOTS = 90
MOST_X_LABELS = 7
# Around the plot, as in charts.css: above it, and below it for the labels of the x axis.
HEAD, FOOT = 14, 24
LONGEST_END = 18
INKS = 5
# The widest labels charts.css has room for, in characters.
MOST_LEFT, MOST_RIGHT = 12, 24
# What lies farther from nought is no measure of anything.
FARTHEST = 1e100


@dataclass(frozen=True)
class Series:
    """One line or one kind of bar: ``(x label, value)`` in order, None where nothing is known.

    ``tone`` (good, warn, bad, unknown) gives it the colour of a state instead of the next one of the palette.
    """

    label: str
    points: Sequence[tuple[str, Number | None]]
    tone: str = ""


@dataclass(frozen=True)
class Band:
    """A stretch of the y axis with a name, such as green from 70 to 100."""

    label: str
    low: Number
    high: Number
    tone: str


@dataclass(frozen=True)
class Dot:
    """One point in percent of the plot; ``ink`` names its colour and shape."""

    x: float
    y: float
    ink: str


@dataclass(frozen=True)
class Line:
    """A line in pieces between its gaps, single points that have no neighbour, and the last value known."""

    label: str
    ink: str
    path: str
    lone: tuple[Dot, ...]
    last: Dot | None


@dataclass(frozen=True)
class End:
    """What stands at the end of a line: its last value, and its name when there are several."""

    y: float
    label: str
    value: str
    ink: str


@dataclass(frozen=True)
class Slot:
    """A stretch of the x axis that says its values under the pointer."""

    x: float
    width: float
    title: str
    centre: float
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True)
class Bar:
    """A bar of one value."""

    x: float
    y: float
    width: float
    height: float
    ink: str
    title: str


@dataclass(frozen=True)
class Value:
    """A number written at a place of the plot; ``below`` when its bar hangs from the base line."""

    x: float
    y: float
    text: str
    below: bool = False


@dataclass(frozen=True)
class Stretch:
    """A band as it is drawn; without a label where none would fit."""

    y: float
    height: float
    label: str
    tone: str


@dataclass(frozen=True)
class Chart:
    """Everything the template draws. ``left`` and ``right`` are the widths of the labels in characters."""

    kind: str
    key: str
    title: str
    message: str
    unit: str
    height: int
    left: int
    right: int
    y_ticks: tuple[Tick, ...] = ()
    x_ticks: tuple[Tick, ...] = ()
    base: float | None = None
    bands: tuple[Stretch, ...] = ()
    lines: tuple[Line, ...] = ()
    ends: tuple[End, ...] = ()
    slots: tuple[Slot, ...] = ()
    bars: tuple[Bar, ...] = ()
    values: tuple[Value, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    x_head: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no value is known at all."""
        return not self.lines and not self.slots


@dataclass(frozen=True)
class _Sheet:
    """The series side by side: the x labels in order, and a value of each series for each of them."""

    series: Sequence[Series]
    labels: list[str]
    columns: list[list[Number | None]]
    say: Say
    known: list[Number] = field(default_factory=list)


def line_chart(
    *,
    title: str,
    series: Sequence[Series],
    unit: str = "",
    bands: Sequence[Band] = (),
    height: int = 180,
    between: tuple[Number, Number] | None = None,
    from_zero: bool = True,
    span: str = "",
    say: Say | None = None,
    message: str = "",
    key: str = "",
    x_head: str = "Day",
) -> Chart:
    """Lines over evenly spaced x labels; a gap where a value is None.

    ``height`` is in pixels with the labels of the axes. ``between`` fixes the y axis (a score: 0 to 100); otherwise it
    covers the values and, with ``from_zero``, nought. ``span`` ("90 days") ends the sentence that ``message`` can
    replace; ``say`` words a value (money). ``key`` must be given when a page shows two charts of one title.
    """
    sheet = _sheet(series, unit, say)
    said = message or scales.message_of_lines(_told(sheet), sheet.say, span)
    chart = _start("line", key or scales.slug(title), title, said, unit, height, sheet, x_head)
    if not sheet.known:
        return chart
    scale = scales.scale_for(sheet.known, between=between, from_zero=from_zero)
    inks = _inks(series)
    lines = tuple(
        _line(one.label, ink, column, scale) for one, ink, column in zip(series, inks, sheet.columns, strict=True)
    )
    ends = _ends(sheet, lines, height, named=len(series) > 1)
    y_ticks = scales.y_ticks(scale, unit, say)
    return replace(
        chart,
        left=_room(y_ticks),
        right=min(max(max(len(end.value), len(end.label)) for end in ends), MOST_RIGHT),
        y_ticks=y_ticks,
        x_ticks=scales.x_ticks(sheet.labels, MOST_X_LABELS),
        bands=_bands(bands, scale, height),
        lines=lines,
        ends=ends,
        slots=_line_slots(sheet, inks, scale),
    )


def bar_chart(
    *,
    title: str,
    series: Sequence[Series],
    unit: str = "",
    stacked: bool = False,
    height: int = 180,
    say: Say | None = None,
    message: str = "",
    key: str = "",
    x_head: str = "Month",
) -> Chart:
    """Bars for each x label, one beside the other or ``stacked``; no bar where a value is None."""
    sheet = _sheet(series, unit, say)
    totals = _totals(sheet) if stacked else []
    spoken = [("", list(zip(sheet.labels, totals, strict=True)))] if stacked and len(series) > 1 else _told(sheet)
    said = message or scales.message_of_bars(spoken, sheet.say)
    chart = _start("bar", key or scales.slug(title), title, said, unit, height, sheet, x_head)
    if not sheet.known:
        return chart
    reach = [end for pair in _stacks(sheet) for end in pair] if stacked else sheet.known
    scale = scales.scale_for(reach)
    inks = _inks(series)
    bars = _stacked_bars(sheet, inks, scale) if stacked else _grouped_bars(sheet, inks, scale)
    y_ticks = scales.y_ticks(scale, unit, say)
    return replace(
        chart,
        left=_room(y_ticks),
        y_ticks=y_ticks,
        x_ticks=scales.x_ticks(sheet.labels, 12, middles=True),
        base=scale.place(0),
        bars=bars,
        values=_bar_values(sheet, scale, totals),
        slots=tuple(
            Slot(each["x"], each["width"], _title_at(sheet, at), each["x"] + each["width"] / 2)
            for at, each in enumerate(_slots_of(len(sheet.labels)))
        ),
        legend=tuple(zip((one.label for one in series), inks, strict=True)) if len(series) > 1 else (),
    )


def sparkline(values: Sequence[Number | None], label: str, *, say: Say | None = None, tone: str = "") -> Chart:
    """A line without axes for a cell or a row; its sentence stands for it where it cannot be seen."""
    points = [(str(at), value) for at, value in enumerate(values)]
    sheet = _sheet([Series(label, points, tone)], "", say)
    said = scales.message_of_lines(_told(sheet), sheet.say, "", places=False)
    chart = _start("spark", scales.slug(label), label, said, "", 24, sheet, "")
    if not sheet.known:
        return chart
    scale = scales.scale_for(sheet.known, nice=False)
    return replace(chart, lines=(_line(label, tone or "1", sheet.columns[0], scale),))


def _sheet(series: Sequence[Series], unit: str, say: Say | None) -> _Sheet:
    """Values by x label; series whose labels differ meet on the labels they share."""
    first = [label for label, _ in series[0].points] if series else []
    spoken = say or (lambda value: scales.in_words(value, unit))
    if all([label for label, _ in one.points] == first for one in series):
        columns = [[_finite(value) for _, value in one.points] for one in series]
        labels = first
    else:
        labels = list(dict.fromkeys(label for one in series for label, _ in one.points))
        columns = [[_finite(dict(one.points).get(label)) for label in labels] for one in series]
    return _Sheet(
        series, labels, columns, spoken, [value for column in columns for value in column if value is not None]
    )


def _finite(value: Number | None) -> Number | None:
    """The value, None where it is no measure of anything: infinite, no number, or past all counting."""
    return value if value is not None and -FARTHEST <= value <= FARTHEST else None


def _told(sheet: _Sheet) -> list[tuple[str, list[tuple[str, Number | None]]]]:
    """Each series with the values that are drawn, for the sentence."""
    return [
        (one.label, list(zip(sheet.labels, column, strict=True)))
        for one, column in zip(sheet.series, sheet.columns, strict=True)
    ]


def _room(ticks: Sequence[Tick]) -> int:
    return min(max(len(tick.label) for tick in ticks), MOST_LEFT)


def _start(kind: str, key: str, title: str, message: str, unit: str, height: int, sheet: _Sheet, x_head: str) -> Chart:
    """What a chart has even when nothing is known: its words and its table."""
    rows = tuple(
        (label, tuple("—" if column[at] is None else sheet.say(column[at] or 0) for column in sheet.columns))
        for at, label in enumerate(sheet.labels)
    )
    head = tuple(one.label for one in sheet.series)
    return Chart(kind, key, title, message, unit, height, left=0, right=0, x_head=x_head, head=head, rows=rows)


def _inks(series: Sequence[Series]) -> list[str]:
    return [one.tone or str(at % INKS + 1) for at, one in enumerate(series)]


def _x(at: int, count: int) -> float:
    return round(at / (count - 1) * 100, 2) if count > 1 else 50.0


def _line(label: str, ink: str, column: Sequence[Number | None], scale: Scale) -> Line:
    pieces: list[list[Dot]] = [[]]
    for at, value in enumerate(column):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(Dot(_x(at, len(column)), scale.place(value), ink))
    drawn = [piece for piece in pieces if piece]
    path = " ".join(f"M{' L'.join(f'{dot.x:g} {dot.y:g}' for dot in piece)}" for piece in drawn if len(piece) > 1)
    lone = tuple(piece[0] for piece in drawn if len(piece) == 1)
    return Line(label, ink, path, lone, drawn[-1][-1] if drawn else None)


def _ends(sheet: _Sheet, lines: Sequence[Line], height: int, *, named: bool) -> tuple[End, ...]:
    """The labels at the line ends, pushed apart where lines end close to each other."""
    plot = max(height - HEAD - FOOT, 1)
    known = [(line, column) for line, column in zip(lines, sheet.columns, strict=True) if line.last is not None]
    places = scales.spread(
        [line.last.y for line, _ in known if line.last], min(LABEL_GAP, plot / len(known)) / plot * 100
    )
    return tuple(
        End(
            place,
            scales.shortened(line.label, LONGEST_END) if named else "",
            sheet.say(next(value for value in reversed(column) if value is not None)),
            line.ink,
        )
        for place, (line, column) in zip(places, known, strict=True)
    )


def _bands(bands: Sequence[Band], scale: Scale, height: int) -> tuple[Stretch, ...]:
    plot = max(height - HEAD - FOOT, 1)
    drawn = []
    for band in bands:
        top, bottom = scale.place(band.high), scale.place(band.low)
        if bottom > top:
            fits = (bottom - top) / 100 * plot >= 16
            drawn.append(Stretch(top, round(bottom - top, 2), band.label if fits else "", band.tone))
    return tuple(drawn)


def _line_slots(sheet: _Sheet, inks: Sequence[str], scale: Scale) -> tuple[Slot, ...]:
    """Stretches around the points, each naming the last of its own."""
    count = len(sheet.labels)
    each = max(1, math.ceil(count / MOST_SLOTS))
    slots = []
    for first in range(0, count, each):
        at = min(first + each, count) - 1
        left = 0.0 if first == 0 else (_x(first, count) + _x(first - 1, count)) / 2
        right = 100.0 if at == count - 1 else (_x(at, count) + _x(at + 1, count)) / 2
        dots = tuple(
            Dot(_x(at, count), scale.place(value), ink)
            for ink, value in zip(inks, (column[at] for column in sheet.columns), strict=True)
            if value is not None
        )
        slots.append(Slot(round(left, 2), round(right - left, 2), _title_at(sheet, at), _x(at, count), dots))
    return tuple(slots)


def _title_at(sheet: _Sheet, at: int) -> str:
    values = [column[at] for column in sheet.columns]
    said = ["unknown" if value is None else sheet.say(value) for value in values]
    if len(said) == 1:
        return f"{sheet.labels[at]}: {said[0]}"
    named = [f"{one.label} {word}" for one, word in zip(sheet.series, said, strict=True)]
    return f"{sheet.labels[at]}: {', '.join(named)}"


def _slots_of(count: int) -> list[dict[str, float]]:
    width = 100 / max(count, 1)
    return [{"x": round(at * width, 3), "width": round(width, 3)} for at in range(count)]


def _grouped_bars(sheet: _Sheet, inks: Sequence[str], scale: Scale) -> tuple[Bar, ...]:
    bars = []
    for at, slot in enumerate(_slots_of(len(sheet.labels))):
        width = slot["width"] * 0.72 / len(sheet.columns)
        for place, (ink, column) in enumerate(zip(inks, sheet.columns, strict=True)):
            value = column[at]
            if value is not None:
                x = slot["x"] + slot["width"] * 0.14 + place * width
                bars.append(_bar(x, width * 0.94, 0, value, ink, _title_at(sheet, at), scale))
    return tuple(bars)


def _stacked_bars(sheet: _Sheet, inks: Sequence[str], scale: Scale) -> tuple[Bar, ...]:
    bars = []
    for at, slot in enumerate(_slots_of(len(sheet.labels))):
        up: Number = 0
        down: Number = 0
        for ink, column in zip(inks, sheet.columns, strict=True):
            value = column[at] or 0
            if value:
                base = up if value > 0 else down
                x, width = slot["x"] + slot["width"] * 0.16, slot["width"] * 0.68
                bars.append(_bar(x, width, base, base + value, ink, _title_at(sheet, at), scale))
                up, down = up + max(value, 0), down + min(value, 0)
    return tuple(bars)


def _bar(x: float, width: float, start: Number, end: Number, ink: str, title: str, scale: Scale) -> Bar:
    top, bottom = scale.place(max(start, end)), scale.place(min(start, end))
    return Bar(round(x, 3), top, round(width, 3), round(bottom - top, 2), ink, title)


def _stacks(sheet: _Sheet) -> list[tuple[Number, Number]]:
    """How far each stack reaches up and down."""
    reach = []
    for at in range(len(sheet.labels)):
        values = [column[at] or 0 for column in sheet.columns]
        reach.append((sum(value for value in values if value > 0), sum(value for value in values if value < 0)))
    return reach


def _totals(sheet: _Sheet) -> list[Number | None]:
    totals: list[Number | None] = []
    for at in range(len(sheet.labels)):
        known = [value for column in sheet.columns if (value := column[at]) is not None]
        totals.append(sum(known) if known else None)
    return totals


def _bar_values(sheet: _Sheet, scale: Scale, totals: Sequence[Number | None]) -> tuple[Value, ...]:
    """The number above each bar or stack, while there are few enough to read."""
    columns = [totals] if totals else sheet.columns
    if len(sheet.labels) * len(columns) > MOST_VALUED_BARS:
        return ()
    reach = _stacks(sheet)
    values = []
    for at, slot in enumerate(_slots_of(len(sheet.labels))):
        width = slot["width"] * 0.72 / len(columns)
        for place, column in enumerate(columns):
            value = column[at]
            if value is None:
                continue
            end = (reach[at][0] if value >= 0 else reach[at][1]) if totals else value
            x = slot["x"] + slot["width"] * 0.14 + (place + 0.5) * width
            values.append(Value(round(x, 2), scale.place(end), scales.short(value, sheet.say), value < 0))
    return tuple(values)
