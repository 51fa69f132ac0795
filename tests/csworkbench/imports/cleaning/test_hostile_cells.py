"""Cells that are made to take for ever, to break a cleaner, or to fill a disk with words about them."""

from __future__ import annotations

import pytest

from csworkbench.imports.cleaning import (
    BadCell,
    Choice,
    Choices,
    Cleaner,
    Email,
    Money,
    Number,
    Phone,
    TimeZone,
    Website,
    Whole,
)
from csworkbench.imports.reader.titles import is_label

ENDLESS = 90_000
STRINGS = ("1", ",", " ", "+", "1,", "1 ", "a.", "a-", "(", "x", "-", "1.", "+1 ", "\N{EM SPACE}")
CLEANERS = (Phone("US"), Phone("DE"), Whole(), Money("USD"), Number(), Email(), Website(), TimeZone())


class Counting(Choice):
    """Counts how often it has to think."""

    def __init__(self) -> None:
        super().__init__("tier", {}, {"1": "One", "2": "Two"})
        self.thought = 0

    def one(self, value: object) -> str | None:
        self.thought += 1
        return super().one(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("cleaner", CLEANERS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("start", STRINGS)
def test_a_cell_without_end_is_one_bad_cell(cleaner: Cleaner, start: str) -> None:
    cell = start * (ENDLESS // len(start)) + "!"
    clean, ((at, bad),) = cleaner.column([cell])
    assert (clean, at) == ([None], 0)
    assert len(bad.message) <= 500


@pytest.mark.parametrize("digits", [11, 5000])
def test_a_whole_number_that_is_too_large_is_said_to_be(digits: int) -> None:
    with pytest.raises(BadCell, match=r"make sense here|not a whole number"):
        Whole().one("9" * digits)


def test_leading_zeros_are_no_size() -> None:
    assert Whole().one("0" * 30 + "7") == "7"


def test_a_phone_number_may_stand_in_a_wide_cell() -> None:
    assert Phone("US").one(f"{' ' * 500}(952) 555-0003{' ' * 500}x 12") == ("+19525550003", "12")


def test_a_long_list_of_choices_does_not_come_with_every_bad_cell() -> None:
    many = {f"{at:080}": f"{at:080}" for at in range(100)}
    _, ((_, bad),) = Choice("plan", {}, many).column(["?" * 5000])
    assert len(bad.message) <= 500 and bad.message.endswith("…")


def test_a_suggestion_as_long_as_a_book_is_none() -> None:
    _, ((_, bad),) = Choices("area", {}, {"finance": "Finance", "training": "Training"}).column(
        [f"{'Finance; ' * 5000}Trainning"]
    )
    assert not bad.suggestions


def test_a_title_without_end_is_a_title() -> None:
    assert is_label(f"1{' ' * ENDLESS}x")
    assert not is_label("1 234,50 %") and not is_label("$ (1.234,50)")


def test_the_same_bad_cell_is_thought_about_once() -> None:
    cleaner = Counting()
    _, bad = cleaner.column(["tree"] * 5)
    _, again = cleaner.column(["tree"])
    assert (len(bad), len(again), cleaner.thought) == (5, 1, 1)
    assert again[0][1].message == bad[0][1].message


def test_guesses_end_where_a_file_names_strangers_without_end() -> None:
    cleaner = TimeZone()
    _, bad = cleaner.column([f"Amerika/{at} Chicago" for at in range(20_000)])
    assert len(bad) == 20_000
    assert bad[0][1].suggestions and not bad[-1][1].suggestions
