"""The arithmetic and the wording of axes: nice ticks, places of labels, and what a chart says in one sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Number = int | float
Say = Callable[[Number], str]
Points = Sequence[tuple[str, Number | None]]

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_TICKS = 4
SIGNS = "$€£"
UNKNOWN = "Nothing is known yet."


@dataclass(frozen=True)
class Tick:
    """A label of an axis at a percentage of the plot; ``anchor`` start, middle or end; ``minor`` yields on a phone."""

    at: float
    label: str
    anchor: str = "middle"
    minor: bool = False


@dataclass(frozen=True)
class Scale:
    """The y axis: from ``low`` at the foot to ``high`` at the head, with the values that get a line."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: Number) -> float:
        """Where a value stands, 0 the head and 100 the foot; what lies outside stands at the edge."""
        share = (float(value) - self.low) / (self.high - self.low)
        return round((1 - min(max(share, 0.0), 1.0)) * 100, 2)


def scale_for(
    values: Sequence[Number],
    *,
    between: tuple[Number, Number] | None = None,
    from_zero: bool = True,
    nice: bool = True,
) -> Scale:
    """An axis that covers the values, from nought where that is asked for, between round numbers."""
    low, high = between or (min(values), max(values))
    if between is None and from_zero and nice:
        low, high = min(low, 0), max(high, 0)
    low, high = _widened(float(low), float(high))
    whole = all(float(value).is_integer() for value in values)
    ticks = nice_ticks(low, high, whole=whole) if nice else (low, high)
    if between is not None:
        return Scale(low, high, tuple(tick for tick in ticks if low <= tick <= high))
    return Scale(min(low, ticks[0]), max(high, ticks[-1]), ticks)


def _widened(low: float, high: float) -> tuple[float, float]:
    """A stretch that is wide enough to divide: a constant gets room on its far side from nought."""
    least = max(abs(low), abs(high), 1.0) * 1e-6
    if high - low > least:
        return low, high
    if low >= 0:
        return (0.0, 1.0) if high < 1e-6 else (0.0, high) if low > 0 else (0.0, max(high, 1.0))
    if high <= 0:
        return (low, 0.0) if low <= -1e-6 else (-1.0, 0.0)
    return low - 1.0, high + 1.0


def nice_ticks(low: float, high: float, *, whole: bool = False, most: int = MOST_TICKS) -> tuple[float, ...]:
    """Round numbers that reach from ``low`` or below to ``high`` or above, at most ``most`` + 2; ``low`` < ``high``."""
    raw = (high - low) / most
    size = 10.0 ** math.floor(math.log10(raw))
    if whole:
        size = max(size, 1.0)
    step = next(
        many * size for many in (*STEPS, 20.0) if many * size >= raw and (not whole or (many * size).is_integer())
    )
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(_rounded(at * step, step) for at in range(first, last + 1))


def _rounded(value: float, step: float) -> float:
    """Without the dust of binary fractions: 0.30000000000000004 is 0.3."""
    return round(value, max(0, 2 - math.floor(math.log10(step))))


def in_words(value: Number, unit: str = "") -> str:
    """``1,204``, ``12.5 %``, ``$40``; a unit that is a currency sign leads."""
    rounded = round(float(value), 2)
    if 0 < abs(value) < 0.01:
        figure = f"{abs(value):.1g}"
    elif abs(value) >= 1e15:
        figure = f"{abs(value):.3g}".replace("e+", "e")
    else:
        figure = f"{abs(rounded):,.0f}" if rounded.is_integer() else f"{abs(rounded):,.2f}".rstrip("0").rstrip(".")
    sign = "−" if value < 0 else ""
    if unit and unit in SIGNS:
        return f"{sign}{unit}{figure}"
    return f"{sign}{figure}{' ' + unit if unit else ''}"


def compact(value: Number) -> str:
    """A figure for an axis: ``40``, ``12k``, ``1.5M``."""
    if abs(value) >= 1e15:
        return in_words(value)
    for least, size, letter in ((1e12, 1e12, "T"), (1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if abs(value) >= least:
            return f"{in_words(value / size)}{letter}"
    return in_words(value)


def short(value: Number, say: Say) -> str:
    """A value above a bar: as it is said while that is short, else compact."""
    said = say(value)
    return said if len(said) <= 6 else _like(said, compact(value))


def _like(said: str, figure: str) -> str:
    sign = next((letter for letter in said if letter in SIGNS), "")
    return f"{'−' if figure.startswith('−') else ''}{sign}{figure.removeprefix('−')}"


def y_ticks(scale: Scale, unit: str, say: Say | None) -> tuple[Tick, ...]:
    """The labels of the y axis: as ``say`` words a value, else compact while that tells one tick from the next."""
    signed = unit if unit in SIGNS else ""
    labels = [say(value) if say else _like(signed, compact(value)) for value in scale.ticks]
    if len(set(labels)) < len(labels) and not say:
        labels = [in_words(value, signed) for value in scale.ticks]
    return tuple(Tick(scale.place(value), label) for value, label in zip(scale.ticks, labels, strict=True))


def x_ticks(labels: Sequence[str], most: int, *, middles: bool = False) -> tuple[Tick, ...]:
    """Some of the x labels, evenly chosen; every second one yields on a phone when there are more than three.

    With ``middles`` each stands below the middle of its slot (bars); otherwise the first and the last at the edges.
    """
    count = len(labels)
    if middles:
        each = math.ceil(count / most)
        chosen = list(range(0, count, each))
    else:
        wanted = min(count, most)
        chosen = sorted({round(at * (count - 1) / max(wanted - 1, 1)) for at in range(wanted)})
    many = len(chosen) > (6 if middles else 3)
    ticks = []
    for place, at in enumerate(chosen):
        where = (at + 0.5) / count * 100 if middles else at / (count - 1) * 100 if count > 1 else 50.0
        edge = "middle" if middles or count == 1 else {0: "start", count - 1: "end"}.get(at, "middle")
        inner = 0 < place < len(chosen) - 1
        minor = many and (place % 2 == 1 if middles else inner and place * 2 != len(chosen) - 1)
        ticks.append(Tick(round(where, 2), labels[at], edge, minor))
    return tuple(ticks)


def spread(places: Sequence[float], gap: float, most: float = 100.0) -> list[float]:
    """The same places at least ``gap`` apart and within 0 to ``most``, moved as little as an even pass allows."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    moved = list(places)
    floor = -math.inf
    for at in order:
        moved[at] = floor = max(moved[at], floor + gap)
    ceiling = most
    for at in reversed(order):
        moved[at] = min(moved[at], ceiling)
        ceiling = moved[at] - gap
    return [round(max(place, 0.0), 2) for place in moved]


def shortened(text: str, most: int) -> str:
    """A label that fits its place; the table has it whole."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def slug(text: str) -> str:
    """A key for element ids: ``Use in 90 days`` gives ``use-in-90-days``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "chart"


def message_of_lines(series: Sequence[tuple[str, Points]], say: Say, span: str, *, places: bool = True) -> str:
    """``Use fell from 412 to 130 in 90 days.``, a sentence a series for the first three."""
    told = [_course(label, points, say, span, places=places) for label, points in series]
    known = [sentence for sentence in told if sentence]
    if not known:
        return UNKNOWN
    rest = len(known) - 3
    return " ".join(known[:3]) + (f" {rest} more {'line' if rest == 1 else 'lines'} in the table." if rest > 0 else "")


def _course(label: str, points: Points, say: Say, span: str, *, places: bool) -> str:
    known = [(where, value) for where, value in points if value is not None and math.isfinite(value)]
    if not known:
        return ""
    (start, first), (end, last) = known[0], known[-1]
    if len(known) == 1:
        return f"{label}: {say(first)}{f' ({start})' if places else ''}."
    verb = "rose" if last > first else "fell"
    if say(first) == say(last):
        steady = min(value for _, value in known) == max(value for _, value in known)
        during = f" for {span}" if span else ""
        return (
            f"{label} stayed at {say(last)}{during}." if steady else f"{label} is at {say(last)}, as it was at first."
        )
    if span or not places:
        return f"{label} {verb} from {say(first)} to {say(last)}{f' in {span}' if span else ''}."
    return f"{label} {verb} from {say(first)} ({start}) to {say(last)} ({end})."


def message_of_bars(series: Sequence[tuple[str, Points]], say: Say) -> str:
    """``Most in March ($40), least in June ($2).``, for each of the first three series."""
    told = []
    for label, points in series:
        known = [(where, value) for where, value in points if value is not None and math.isfinite(value)]
        if not known:
            continue
        named = f"{label}: " if label else ""
        (top, most), (foot, least) = max(known, key=lambda one: one[1]), min(known, key=lambda one: one[1])
        if len(known) == 1 or most == least:
            told.append(f"{named}{say(most)}{' each' if len(known) > 1 else f' ({top})'}.")
        else:
            told.append(f"{named}most in {top} ({say(most)}), least in {foot} ({say(least)}).")
    if not told:
        return UNKNOWN
    sentence = " ".join(told[:3])
    return sentence[:1].upper() + sentence[1:]
