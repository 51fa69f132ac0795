"""Ids as other systems write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csworkbench.imports.cleaning import BadCell, DigitsId, SalesforceId, TextId
from csworkbench.imports.cleaning.ids import suffix_of, with_case_of_suffix

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
SHORT = st.text(LETTERS, min_size=15, max_size=15)


class TestSalesforceId:
    def test_eighteen_characters_stay_as_they_are(self) -> None:
        assert SalesforceId().one(" 001A6eEfujfoRnxICE ") == "001A6eEfujfoRnxICE"

    @given(SHORT)
    def test_fifteen_are_completed_to_an_id_that_is_accepted(self, short: str) -> None:
        full = SalesforceId().one(short)
        assert full is not None
        assert (len(full), full[:15]) == (18, short)
        assert SalesforceId().one(full) == full

    @given(SHORT)
    def test_lost_case_is_refused_with_the_id_restored(self, short: str) -> None:
        full = short + suffix_of(short)
        assert with_case_of_suffix(full.lower()) == full
        if full.lower() != full:
            with pytest.raises(BadCell) as bad:
                SalesforceId().one(full.lower())
            assert bad.value.suggestions == [full]

    @given(SHORT, SHORT)
    def test_ids_that_differ_in_case_only_stay_two(self, first: str, second: str) -> None:
        if first != second:
            assert SalesforceId().one(first) != SalesforceId().one(second)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("001ABC", "short_id"),
            ("001A6eEfujfoRnxI", "bad_sf_id"),
            ("001A6eEfujfoRn-", "bad_sf_id"),
            (12.0, "short_id"),
        ],
    )
    def test_anything_else_is_refused(self, text: str | float, code: str) -> None:
        with pytest.raises(BadCell) as bad:
            SalesforceId().one(text)
        assert bad.value.code == code

    def test_blank_is_nothing(self) -> None:
        assert SalesforceId().one("  ") is None


class TestDigitsId:
    @pytest.mark.parametrize(
        ("cell", "clean"), [("0000323", "0000323"), (323.0, "0000323"), (" 31889 ", "0031889"), ("", None)]
    )
    def test_zeros_come_back(self, cell: str | float, clean: str | None) -> None:
        assert DigitsId().one(cell) == clean

    @given(st.integers(0, 9_999_999))
    def test_every_number_of_a_sheet_gives_seven_digits(self, number: int) -> None:
        clean = DigitsId().one(float(number))
        assert clean is not None
        assert (len(clean), int(clean)) == (7, number)

    @pytest.mark.parametrize("cell", ["12345678", "12A4567", 3.5, "-5", "１２３"])
    def test_anything_else_is_refused(self, cell: str | float) -> None:
        with pytest.raises(BadCell, match="seven digits"):
            DigitsId().one(cell)


class TestTextId:
    @pytest.mark.parametrize(("cell", "clean"), [(" rec-468328 ", "rec-468328"), (4711.0, "4711")])
    def test_text_and_numbers(self, cell: str | float, clean: str) -> None:
        assert TextId().one(cell) == clean

    @pytest.mark.parametrize("cell", ["rec 1", "x" * 51, "réc"])
    def test_anything_else_is_refused(self, cell: str) -> None:
        with pytest.raises(BadCell):
            TextId().one(cell)
