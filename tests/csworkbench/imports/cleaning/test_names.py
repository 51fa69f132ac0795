"""Members and other things by name, choices, time zones, names of people."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csworkbench.imports.cleaning import BadCell, Cell, Choice, Choices, Directory, FullName, Lookup, TimeZone, YesNo
from csworkbench.imports.cleaning.choices import array_of

MEMBERS = Directory(
    "member",
    [
        ("1", "Keiko Ueda", ["keiko@example.org"]),
        ("2", "Ines Young", []),
        ("3", "Zoë O'Brien-Fontaine", []),
        ("4", "Rosa Vargas", ["rosa.a@example.org"]),
        ("5", "Rosa Vargas", ["rosa.b@example.org"]),
    ],
)


class TestDirectory:
    @pytest.mark.parametrize(
        "text",
        [
            "Keiko Ueda",
            "KEIKO UEDA",
            " keiko  ueda ",
            "Ueda, Keiko",
            "Keiko\xa0Ueda",
            "keiko@example.org",
            "Keiko@Example.org",
        ],
    )
    def test_case_spacing_and_order_do_not_matter(self, text: str) -> None:
        assert MEMBERS.find(text) == "1"

    @pytest.mark.parametrize("text", ["Zoe O'Brien Fontaine", "O'Brien-Fontaine, Zoë"])
    def test_accents_and_punctuation_do_not_matter(self, text: str) -> None:
        assert MEMBERS.find(text) == "3"

    def test_a_stranger_is_refused_with_the_nearest_names(self) -> None:
        with pytest.raises(BadCell) as bad:
            MEMBERS.find("Keiko Uedda")
        assert (bad.value.code, bad.value.suggestions[0]) == ("unknown_member", "Keiko Ueda")

    def test_a_name_that_two_have_is_refused_and_an_address_tells_them_apart(self) -> None:
        with pytest.raises(BadCell, match="the name of 2 members"):
            MEMBERS.find("rosa vargas")
        assert MEMBERS.find("rosa.b@example.org") == "5"

    def test_only(self) -> None:
        assert Directory("product", [("9", "Learning", [])]).only == "9"
        assert MEMBERS.only is None

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Kieko Ueda", "Keiko Ueda"), ("Ueda Keiko", "Keiko Ueda"), ("keiko.ueda", "Keiko Ueda"),
            ("Inez Yonug", "Ines Young"), ("OBrien Fontaine, Zoe", "Zoë O'Brien-Fontaine"), ("K Ueda", "Keiko Ueda"),
        ],
    )  # fmt: skip
    def test_letters_swapped_left_out_and_words_turned_round(self, text: str, name: str) -> None:
        assert MEMBERS.nearest(text)[0] == name

    @given(st.sampled_from(["Keiko Ueda", "Ines Young", "Zoë O'Brien-Fontaine"]), st.data())
    def test_one_slip_still_finds_the_name(self, name: str, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(name) - 2))
        slip = data.draw(st.sampled_from(["left out", "twice", "swapped"]))
        here, there = name[at], name[at + 1]
        middle = {"left out": there, "twice": here + here + there, "swapped": there + here}[slip]
        assert MEMBERS.nearest(name[:at] + middle + name[at + 2 :])[0] == name

    def test_one_name_is_suggested_once(self) -> None:
        assert MEMBERS.nearest("Rosa Vagras").count("Rosa Vargas") == 1

    def test_after_very_many_comparisons_there_are_no_suggestions(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("csworkbench.imports.cleaning.directory.ENOUGH", 4)
        few = Directory("product", [("1", "Learning", []), ("2", "Compliance", [])])
        assert [bool(few.nearest("Learnign")) for _ in range(3)] == [True, True, False]

    def test_an_empty_directory_suggests_nothing(self) -> None:
        with pytest.raises(BadCell) as bad:
            Directory("product", []).find("Learning")
        assert bad.value.suggestions == []

    def test_a_lookup_remembers(self) -> None:
        cleaner = Lookup(MEMBERS)
        assert cleaner.column(["Keiko Ueda", "", "keiko ueda", "Nobody"])[0] == ["1", None, "1", None]
        assert cleaner.column(["Keiko Ueda", ""]) == (["1", None], [])


class TestChoice:
    tier = Choice("tier", {"tier 1": "1", "t1": "1"}, {"1": "1", "2": "2"})
    stage = Choice("stage", {"onboard": "onboarding"}, {"onboarding": "Onboarding", "adoption": "Adoption"})

    @pytest.mark.parametrize(("cell", "clean"), [(1.0, "1"), ("2", "2"), ("Tier 1", "1"), ("T1", "1"), (" ", None)])
    def test_ways_to_write_one(self, cell: str | float, clean: str | None) -> None:
        assert self.tier.one(cell) == clean

    def test_words_and_values(self) -> None:
        assert [self.stage.one(cell) for cell in ("ADOPTION", "onboarding", "Onboard")] == [
            "adoption",
            *["onboarding"] * 2,
        ]

    def test_anything_else_is_refused_with_the_choices(self) -> None:
        with pytest.raises(BadCell, match="It can be Onboarding, Adoption") as bad:
            self.stage.one("adopton")
        assert bad.value.suggestions == ["Adoption"]

    def test_a_number_between_is_no_tier(self) -> None:
        with pytest.raises(BadCell):
            self.tier.one(1.5)


class TestChoices:
    areas = Choices(
        "area", {"money": "finance"}, {"finance": "Finance", "training": "Training", "r-d": "Research, Development"}
    )

    @pytest.mark.parametrize(
        ("cell", "clean"),
        [
            ("Finance; Training", "{finance,training}"),
            ("finance,training", "{finance,training}"),
            ("Training | money", "{training,finance}"),
            ("Finance\nFinance", "{finance}"),
            ("Research, Development; Finance", "{r-d,finance}"),
            (" ; ", None),
        ],
    )
    def test_several_answers(self, cell: str, clean: str | None) -> None:
        assert self.areas.one(cell) == clean

    def test_a_suggestion_is_the_whole_cell(self) -> None:
        with pytest.raises(BadCell) as bad:
            self.areas.one("Training; Finanse")
        assert (bad.value.code, bad.value.suggestions) == ("unknown_choice", ["Training; Finance"])

    @given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=9), unique=True))
    def test_values_are_quoted_as_an_array_wants_it(self, values: list[str]) -> None:
        unquoted = re.findall(r'"((?:\\.|[^"\\])*)"|([^,{}"]+)', array_of(values))
        assert [re.sub(r"\\(.)", r"\1", quoted) or bare for quoted, bare in unquoted] == values


class TestYesNo:
    @pytest.mark.parametrize(
        ("cell", "clean"),
        [(True, "true"), (False, "false"), ("Yes", "true"), ("n", "false"), (1.0, "true"), (0, "false"),
         ("TRUE", "true"), ("✓", "true"), ("x", "true"), (" ", None)],
    )  # fmt: skip
    def test_ways_to_say_it(self, cell: Cell, clean: str | None) -> None:
        assert YesNo().one(cell) == clean

    @pytest.mark.parametrize("cell", ["maybe", 2.0, "yes no"])
    def test_anything_else_is_refused(self, cell: Cell) -> None:
        with pytest.raises(BadCell, match="neither yes nor no"):
            YesNo().one(cell)


class TestTimeZone:
    @pytest.mark.parametrize(
        ("cell", "clean"),
        [
            ("America/Chicago", "America/Chicago"),
            ("america/new york", "America/New_York"),
            ("Central", "America/Chicago"),
            ("Eastern Standard Time", "America/New_York"),
            ("PST", "America/Los_Angeles"),
        ],
    )
    def test_names_and_everyday_names(self, cell: str, clean: str) -> None:
        assert TimeZone().one(cell) == clean

    def test_anything_else_is_refused(self) -> None:
        with pytest.raises(BadCell) as bad:
            TimeZone().one("America/Chicgo")
        assert "America/Chicago" in bad.value.suggestions


class TestFullName:
    @pytest.mark.parametrize(
        ("cell", "clean"),
        [
            ("Rosa Vargas", ("Rosa", "Vargas")),
            ("Vargas, Rosa", ("Rosa", "Vargas")),
            ("Rosa María Vargas", ("Rosa María", "Vargas")),
            ("Rosa", ("Rosa", "")),
            (" ", None),
        ],
    )
    def test_first_and_last(self, cell: str, clean: tuple[str, str] | None) -> None:
        assert FullName().one(cell) == clean
