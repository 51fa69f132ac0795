"""Decimal numbers as sheets and people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csworkbench.imports.cleaning import BadCell, Cell, Number


@pytest.mark.parametrize(
    ("cell", "clean"),
    [
        (12.0, "12"), (12.5, "12.5"), (7, "7"), ("12.50", "12.5"), ("12,5", "12.5"), ("1,234", "1234"),
        ("1,234.5", "1234.5"), ("1.234,5", "1234.5"), ("1 234 567", "1234567"), ("0,125", "0.125"), (".5", "0.5"),
        ("-3", "-3"), ("−3.0", "-3"), ("+4", "4"), ("1.5E+03", "1500"), ("-0", "0"), (" ", None), (0.1 + 0.2, "0.3"),
        ("007", "7"), (1e-9, "0"), ("12'500", "12500"),
    ],
)  # fmt: skip
def test_numbers_in_their_disguises(cell: Cell, clean: str | None) -> None:
    assert Number().one(cell) == clean


@pytest.mark.parametrize(
    "cell",
    ["many", "1.2.3", "1,23,456", "12 5", True, float("nan"), float("inf"), "1e999", "--1", ".", "1/2", "٣", "2e15"],
)
def test_anything_else_is_refused(cell: Cell) -> None:
    with pytest.raises(BadCell) as bad:
        Number().one(cell)
    assert bad.value.code == "bad_number"


def test_a_percentage_may_mean_two_numbers() -> None:
    with pytest.raises(BadCell) as bad:
        Number().one("85 %")
    assert (bad.value.code, bad.value.suggestions) == ("percent", ["85", "0.85"])


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [(0, 100, "between 0 and 100"), (0, None, "0 or more"), (None, -2, "-2 or less")],
)
def test_a_range(least: float | None, most: float | None, words: str) -> None:
    cleaner = Number(least, most)
    with pytest.raises(BadCell, match=words):
        cleaner.one("-1")
    assert cleaner.one(most if most is not None else 5) is not None


@given(st.decimals(-(10**9), 10**9, places=6))
def test_every_number_survives_as_text_and_as_it_is_written_in_groups(number: Decimal) -> None:
    for text in (str(number), f"{number:,.6f}"):
        clean = Number().one(text) if text.lower().count("e") == 0 else None
        assert clean is None or Decimal(clean) == number


@given(st.decimals(-(10**6), 10**6, places=4))
def test_every_number_survives_a_numeric_cell(number: Decimal) -> None:
    assert Decimal(Number(places=4).one(float(number)) or "x") == number


@given(st.text(max_size=30))
def test_a_text_is_a_number_or_a_bad_cell(text: str) -> None:
    try:
        clean = Number().one(text)
    except BadCell:
        return
    assert clean is None or Decimal(clean).is_finite()
