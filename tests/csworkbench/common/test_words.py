"""How numbers read."""

from __future__ import annotations

import pytest

from csworkbench.common.words import money


class TestMoney:
    @pytest.mark.parametrize(
        ("minor", "shown"),
        [(551_167, "$5,512"), (250, "$3"), (150, "$2"), (149, "$1"), (-250, "−$3"), (0, "$0"), (None, "—")],
    )
    def test_half_a_unit_is_rounded_away_from_zero(self, minor: int | None, shown: str) -> None:
        assert money(minor) == shown

    def test_large_amounts_keep_every_digit(self) -> None:
        assert money(2**60, "SEK") == "11,529,215,046,068,470 SEK"
