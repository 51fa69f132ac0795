"""What a column title seems to mean."""

from __future__ import annotations

import pytest

from csworkbench.imports.kinds import Context, all_kinds, kind_called, titles_of
from csworkbench.imports.mapping import (
    BY_CONTENT,
    LIKE_TITLE,
    REMEMBERED,
    SAME_TITLE,
    Memory,
    checked,
    mapping_of,
    propose,
    shape_of,
)
from csworkbench.tenancy.models import Member


@pytest.fixture
def book(ops: Member) -> Context:
    return kind_called("book").context(ops.workspace)


def fields(book: Context, *titles: str) -> list[tuple[str, int]]:
    return [(proposal.field, proposal.confidence) for proposal in propose(titles, book)]


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("SF Account ID", "sf_id"),
        ("SALESFORCE ID", "sf_id"),
        ("LMS ID*", "lms_id"),
        ("Recurly ID", "billing_id"),
        ("POC First Name", "first_name"),
        ("POC Email Address*", "email"),
        ("New CSM", "owner"),
        ("RENEWAL DATE", "renews_on"),
        ("mrr", "mrr"),
        ("Lifecycle Stage", "stage"),
    ],
)
def test_titles_as_sheets_write_them(title: str, key: str, book: Context) -> None:
    assert fields(book, title) == [(key, SAME_TITLE)]


def test_a_near_miss_is_proposed_for_checking(book: Context) -> None:
    assert fields(book, "Salesforce IDs") == [("sf_id", LIKE_TITLE)]


def test_a_strange_title_is_left_out(book: Context) -> None:
    assert fields(book, "Favourite colour") == [("", 0)]


def test_a_field_goes_to_the_column_that_fits_best(book: Context) -> None:
    assert fields(book, "Salesforce IDs", "Salesforce ID") == [("", 0), ("sf_id", SAME_TITLE)]


def test_a_title_is_doubted_when_its_cells_mean_something_else(book: Context) -> None:
    rows = [["Willow"], ["Juniper"], ["Summit"]]
    (proposal,) = propose(["MRR"], book, rows)
    assert (proposal.field, proposal.confidence < LIKE_TITLE) == ("mrr", True)


def test_cells_that_cannot_be_mistaken_name_a_column(book: Context) -> None:
    rows = [["mara@example.org", "x"], ["sven@example.org", "y"], ["uma@example.org", "z"]]
    proposals = propose(["Column A", "Column B"], book, rows)
    assert [(p.field, p.confidence) for p in proposals] == [("email", BY_CONTENT), ("", 0)]


def test_what_was_chosen_before_comes_first(book: Context) -> None:
    memory = Memory({"salesforce id": ["billing_id", "name"], "account": []}, {"tier": "2"})
    proposals = propose(["Salesforce ID", "Account", "Tier"], book, (), memory)
    assert [(p.field, p.confidence) for p in proposals] == [("billing_id", REMEMBERED), ("", 0), ("", 0)]
    assert mapping_of(proposals) == {"billing_id": 0, "name": 0}


def test_files_of_one_shape_are_known_in_any_order() -> None:
    assert shape_of(["A", "b*"]) == shape_of(["B", "a"]) != shape_of(["A"])


def test_a_mapping_holds_only_what_exists(book: Context) -> None:
    assert checked({"sf_id": 0, "name": 7, "nothing": 1, "mrr": "2"}, book, 3) == {"sf_id": 0}
    assert mapping_of(propose(["Account", "x"], book)) == {"name": 0}


def test_no_title_means_two_fields() -> None:
    for kind in all_kinds():
        titles = [title for one in kind.fields for title in titles_of(one)]
        assert sorted(titles) == sorted(set(titles))


def test_every_field_of_every_kind_is_explained() -> None:
    for kind in all_kinds():
        assert all(one.label and one.example and one.columns for one in kind.fields)
