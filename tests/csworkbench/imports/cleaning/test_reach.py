"""Addresses and numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csworkbench.imports.cleaning import BadCell, Email, Phone, Website


class TestEmail:
    @pytest.mark.parametrize(
        ("cell", "clean"),
        [
            (" KEIKO.YOUNG298@EXAMPLE.ORG", "keiko.young298@example.org"),
            ("mailto:rosa@example.org", "rosa@example.org"),
            ("o'brien+x@mail.example.org", "o'brien+x@mail.example.org"),
            ("  ", None),
        ],
    )
    def test_lower_case(self, cell: str, clean: str | None) -> None:
        assert Email().one(cell) == clean

    @pytest.mark.parametrize(
        "cell", ["call office", "rosa@", "rosa@example", "a@b.org; c@d.org", "ro sa@example.org", 5.0, "rosa@-x.org"]
    )
    def test_anything_else_is_refused(self, cell: str | float) -> None:
        with pytest.raises(BadCell) as bad:
            Email().one(cell)
        assert bad.value.code == "bad_email"


class TestPhone:
    @pytest.mark.parametrize(
        ("cell", "clean"),
        [
            (19520880003.0, ("+19520880003", "")),
            ("+14231278283", ("+14231278283", "")),
            ("(777) 156-1526", ("+17771561526", "")),
            ("+19327580075 ext 12", ("+19327580075", "12")),
            ("932.758.0075 x7", ("+19327580075", "7")),
            ("1-932-758-0075, Ext. 0044", ("+19327580075", "0044")),
            ("932 758 0075 #5", ("+19327580075", "5")),
            ("+44 20 7946 0958", ("+442079460958", "")),
            ("+49 30 123456 extension 9", ("+4930123456", "9")),
            ("  ", None),
        ],
    )
    def test_e164_and_extension(self, cell: str | float, clean: tuple[str, str] | None) -> None:
        assert Phone("US").one(cell) == clean

    def test_another_region(self) -> None:
        assert Phone("GB").one("020 7946 0958") == ("+442079460958", "")

    @pytest.mark.parametrize("cell", ["call office", "12345", "+1 23", "555-0100", "(932) 758-007", "+1 932 758 00755"])
    def test_anything_else_is_refused(self, cell: str) -> None:
        with pytest.raises(BadCell) as bad:
            Phone("US").one(cell)
        assert bad.value.code == "bad_phone"

    @given(st.integers(2_000_000_000, 9_999_999_999))
    def test_every_way_to_group_ten_digits_means_the_same(self, number: int) -> None:
        digits = str(number)
        ways = [f"({digits[:3]}) {digits[3:6]}-{digits[6:]}", f"{digits[:3]}.{digits[3:6]}.{digits[6:]}", f"+1{digits}"]
        assert {Phone("US").one(way) for way in ways} == {(f"+1{digits}", "")}


class TestWebsite:
    @pytest.mark.parametrize(
        ("cell", "clean"),
        [
            ("willow.example.org", "https://willow.example.org"),
            ("http://a.example.org/x?y=1", "http://a.example.org/x?y=1"),
        ],
    )
    def test_gets_a_scheme(self, cell: str, clean: str) -> None:
        assert Website().one(cell) == clean

    @pytest.mark.parametrize("cell", ["none", "javascript:alert(1)", "ftp://a.example.org", "a b.org"])
    def test_anything_else_is_refused(self, cell: str) -> None:
        with pytest.raises(BadCell):
            Website().one(cell)
