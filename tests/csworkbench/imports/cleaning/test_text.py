"""Text, whole numbers and money as sheets hold them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csworkbench.imports.cleaning import BadCell, Money, Text, Whole


class TestText:
    @pytest.mark.parametrize(
        ("cell", "clean"),
        [
            ("  Saint\xa0Élan  Clinic ", "Saint Élan Clinic"),
            ("Wil\u200blow\u00ad", "Willow"),
            ("N\u0303andu", "Ñandu"),
            ("two\nlines\tand tabs", "two lines and tabs"),
            (24.0, "24"),
            (True, "TRUE"),
            (" \xa0 ", None),
        ],
    )
    def test_is_one_clean_line(self, cell: str | float, clean: str | None) -> None:
        assert Text(60).one(cell) == clean

    @given(st.text(max_size=200))
    def test_never_holds_what_copy_or_a_page_would_stumble_on(self, cell: str) -> None:
        clean = Text(1000).one(cell)
        assert clean is None or (clean and clean == clean.strip() and not set(clean) & set("\t\n\r\0\u200b"))

    def test_too_long_is_refused(self) -> None:
        with pytest.raises(BadCell, match="at most 5 fit"):
            Text(5).one("Willow")


class TestWhole:
    @pytest.mark.parametrize(("cell", "clean"), [(45.0, "45"), ("1,200", "1200"), (" 7 ", "7"), ("007", "7")])
    def test_whole_numbers(self, cell: str | float, clean: str) -> None:
        assert Whole().one(cell) == clean

    @pytest.mark.parametrize("cell", [4.5, "-3", "many", "9999999999"])
    def test_anything_else_is_refused(self, cell: str | float) -> None:
        with pytest.raises(BadCell):
            Whole().one(cell)


class TestMoney:
    @pytest.mark.parametrize(
        ("cell", "minor"),
        [
            (5511.67, 551167),
            ("$5,511.67", 551167),
            (" 2832.19 ", 283219),
            ("3,190.41 USD", 319041),
            ("USD 1,970.57", 197057),
            ("US$ 12", 1200),
            ("(12.50)", -1250),
            ("-$3.10", -310),
            ("$-3.10", -310),
            ("−4", -400),
            ("4-", -400),
            ("1234", 123400),
            ("1,234", 123400),
            ("1.234,56", 123456),
            ("1'234.50", 123450),
            ("12 500,00", 1250000),
            ("89.1", 8910),
            ("89,10", 8910),
            (0.0, 0),
            (-0.5, -50),
            ("1234.56789", 123457),
        ],
    )
    def test_amounts_in_minor_units(self, cell: str | float, minor: int) -> None:
        assert Money("USD").one(cell) == str(minor)

    @given(st.integers(-(10**11), 10**11))
    def test_every_amount_of_cents_survives_a_numeric_cell(self, minor: int) -> None:
        assert Money("USD").one(minor / 100) == str(minor)

    @given(st.integers(0, 10**11))
    def test_every_amount_survives_as_text(self, minor: int) -> None:
        assert Money("USD").one(f"${minor / 100:,.2f}") == str(minor)

    @pytest.mark.parametrize("cell", ["tbd", "12.345.6", "1,23,456", "(5", "$", "1e5", "5 $ 5", "1..2", float(10**15)])
    def test_anything_else_is_refused(self, cell: str | float) -> None:
        with pytest.raises(BadCell) as bad:
            Money("USD").one(cell)
        assert bad.value.code == "bad_money"

    @pytest.mark.parametrize("cell", ["€5", "5 EUR", "£1,000.00", "CAD 7"])
    def test_another_currency_is_refused(self, cell: str) -> None:
        with pytest.raises(BadCell, match="not this workspace's currency, USD"):
            Money("USD").one(cell)

    def test_the_workspace_decides_the_currency(self) -> None:
        assert Money("EUR").one("€5.00") == "500"
        with pytest.raises(BadCell):
            Money("EUR").one("$5.00")
