"""The measures of a scorecard as a form shows them: rows of boxes, checked beside the box, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError

from accounts.conditions import OPERATORS
from accounts.facts import FactContext, get_fact
from accounts.onboarding.simple_tests import parse_test, shown

from .definitions import MAX_BANDS, MAX_MEASURES, typed_measures, validate_measures

# Bands that are offered beyond those that are there.
SPARE = 1
BOTH = re.compile(r"\s*(?:,|\band\b|\bto\b)\s*")
NOTHING = frozenset({"empty", "not_empty"})
# An operator that simple tests do not have → one that takes a value of the same kind.
LIKE = {"due_within_days": "within_days", "between": "gte", "one_of": "is"}


@dataclass(frozen=True)
class BandRow:
    """One band as its boxes show it."""

    operator: str = "gte"
    value: str = ""
    points: str = ""
    error: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.value.strip() and not self.points.strip()


@dataclass(frozen=True)
class MeasureRow:
    """One measure as its boxes show it; ``errors`` by box."""

    key: str = ""
    label: str = ""
    fact: str = ""
    weight: str = "10"
    otherwise: str = "100"
    # Empty leaves an unknown value out.
    unknown: str = ""
    bands: tuple[BandRow, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def offered(self) -> tuple[BandRow, ...]:
        """The bands with one more to fill in."""
        more = max(min(SPARE, MAX_BANDS - len(self.bands)), 0)
        return (*self.bands, *(BandRow() for _ in range(more)))

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors) or any(band.error for band in self.bands)


def rows_of(measures: Sequence[Mapping[str, Any]]) -> list[MeasureRow]:
    """Saved measures as rows."""
    return [
        MeasureRow(
            key=one["key"],
            label=one["label"],
            fact=one["fact"],
            weight=str(one["weight"]),
            otherwise=str(one["otherwise"]),
            unknown="" if one["unknown"] is None else str(one["unknown"]),
            bands=tuple(
                BandRow(band["op"], _value_shown(one["fact"], band["op"], band.get("value")), str(band["points"]))
                for band in one["bands"]
            ),
        )
        for one in measures
    ]


def _value_shown(fact: str, operator: str, value: Any) -> str:
    if operator in NOTHING:
        return ""
    each = value if isinstance(value, list) else [value]
    like = LIKE.get(operator, operator)
    return ", ".join(shown({"fact": fact, "op": like, "value": one})["value"] for one in each)


def rows_from(data: Mapping[str, Any]) -> list[MeasureRow]:
    """The rows as they were sent, each checked by itself."""
    return [_checked(_sent(data, f"m-{at}")) for at in range(_count(data.get("m-count"), MAX_MEASURES))]


def _count(value: Any, most: int) -> int:
    text = str(value or "0")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _sent(data: Mapping[str, Any], name: str) -> MeasureRow:
    def box(which: str, most: int = 120) -> str:
        return str(data.get(f"{name}-{which}", ""))[:most].replace("\0", "")

    bands = [
        BandRow(box(f"{at}-operator", 20), box(f"{at}-value"), box(f"{at}-points", 10))
        for at in range(_count(data.get(f"{name}-bands"), MAX_BANDS))
    ]
    return MeasureRow(
        key=box("key", 40),
        label=box("label"),
        fact=box("fact", 82),
        weight=box("weight", 10),
        otherwise=box("otherwise", 10),
        unknown=box("unknown", 10),
        bands=tuple(band for band in bands if not (band.is_blank and band.operator not in NOTHING) or band.points),
    )


def _checked(row: MeasureRow) -> MeasureRow:
    errors = {}
    if not row.label.strip():
        errors["label"] = "Name the measure."
    if not _exists(row.fact):
        errors["fact"] = "Choose what is measured."
    if _whole(row.weight, 1, 100) is None:
        errors["weight"] = "1 to 100."
    if _whole(row.otherwise, 0, 100) is None:
        errors["otherwise"] = "0 to 100."
    if row.unknown.strip() and _whole(row.unknown, 0, 100) is None:
        errors["unknown"] = "0 to 100, or empty."
    bands = row.bands if "fact" in errors else tuple(_band_checked(row.fact, band) for band in row.bands)
    if not bands:
        errors["bands"] = "Give at least one band."
    return replace(row, errors=errors, bands=bands)


def _exists(fact: str) -> bool:
    try:
        return bool(fact) and get_fact(fact) is not None
    except KeyError:
        return False


def _whole(text: str, least: int, most: int) -> int | None:
    plain = text.strip()
    if not plain.isascii() or not plain.isdigit() or len(plain) > 4:
        return None
    return int(plain) if least <= int(plain) <= most else None


def _band_checked(fact: str, band: BandRow) -> BandRow:
    if _whole(band.points, 0, 100) is None:
        return replace(band, error="Points from 0 to 100.")
    try:
        _band_value(fact, band.operator, band.value)
    except ValidationError as error:
        return replace(band, error=" ".join(error.messages))
    return band


def _band_value(fact: str, operator: str, raw: str) -> Any:
    """What was typed as the band keeps it; raises ``ValidationError``."""
    if operator not in OPERATORS:
        raise ValidationError("Choose how to compare.")
    if operator in NOTHING:
        return None
    like = LIKE.get(operator, operator)
    if operator in ("between", "one_of"):
        values = [parse_test(fact, like, each)["value"] for each in BOTH.split(raw.strip()) if each]
        if operator == "between" and len(values) != 2:
            raise ValidationError("Write two numbers, such as 10 to 20.")
        return values
    return parse_test(fact, like, raw)["value"]


def measures_of(rows: Sequence[MeasureRow]) -> list[dict[str, Any]]:
    """The measures that sound rows make; a new one gets a key of its own."""
    taken = {row.key for row in rows if row.key}
    made = []
    for row in rows:
        key = row.key or _key_for(row.label, taken)
        taken.add(key)
        made.append(
            {
                "key": key,
                "label": " ".join(row.label.split()),
                "fact": row.fact,
                "weight": _whole(row.weight, 1, 100),
                "bands": [
                    {"op": band.operator, "value": _band_value(row.fact, band.operator, band.value),
                     "points": _whole(band.points, 0, 100)}
                    for band in row.bands
                ],
                "otherwise": _whole(row.otherwise, 0, 100),
                "unknown": _whole(row.unknown, 0, 100) if row.unknown.strip() else None,
            }
        )  # fmt: skip
    return made


def _key_for(label: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:34] or "measure"
    base = base if base[0].isalpha() else f"m_{base}"
    return next(key for key in (base, *(f"{base}_{number}" for number in range(2, 1000))) if key not in taken)


def acted(rows: list[MeasureRow], pressed: str) -> list[MeasureRow] | None:
    """The rows after a press on add, remove, up or down; None when it was another button."""
    if pressed == "m-add":
        return [*rows, MeasureRow()] if len(rows) < MAX_MEASURES else rows
    found = re.fullmatch(r"m-(remove|up|down)-(\d{1,2})", pressed)
    if not found or int(found[2]) >= len(rows):
        return None
    at = int(found[2])
    if found[1] == "remove":
        return [*rows[:at], *rows[at + 1 :]]
    to = at + (1 if found[1] == "down" else -1)
    if 0 <= to < len(rows):
        moved = list(rows)
        moved[at], moved[to] = moved[to], moved[at]
        return moved
    return rows


def said_of(row: MeasureRow, context: FactContext) -> str:
    """The measure as a sentence: which value gives which points; empty while something is wrong."""
    if row.is_wrong or not row.label.strip():
        return ""
    measures = measures_of([replace(row, key=row.key or "m")])
    if validate_measures(measures):
        return ""
    measure = typed_measures(measures)[0]
    bands = [f"{band.points} when {measure.band_in_words(band, context)}" for band in measure.bands]
    unknown = "left out when unknown" if measure.unknown is None else f"{measure.unknown} when unknown"
    return f"{', '.join(bands)}, {measure.otherwise} otherwise, {unknown}"
