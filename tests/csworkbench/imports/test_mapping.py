"""What a column title seems to mean."""

from __future__ import annotations

import pytest

from csworkbench.imports.kinds import all_kinds, kind_called, titles_of
from csworkbench.imports.mapping import checked, mapping_of, propose

BOOK = kind_called("book")


def fields(*titles: str) -> list[tuple[str, str]]:
    return [(proposal.field, proposal.confidence) for proposal in propose(titles, BOOK)]


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
def test_titles_as_sheets_write_them(title: str, key: str) -> None:
    assert fields(title) == [(key, "sure")]


def test_a_near_miss_is_proposed_for_checking() -> None:
    assert fields("Salesforce IDs") == [("sf_id", "likely")]


def test_a_strange_title_is_left_out() -> None:
    assert fields("Favourite colour") == [("", "")]


def test_a_field_goes_to_the_column_that_fits_best() -> None:
    assert fields("Salesforce IDs", "Salesforce ID") == [("", ""), ("sf_id", "sure")] or fields(
        "Salesforce IDs", "Salesforce ID"
    )[1] == ("sf_id", "sure")


def test_a_mapping_holds_only_what_exists() -> None:
    assert checked({"sf_id": 0, "name": 7, "nothing": 1, "mrr": "2"}, BOOK, 3) == {"sf_id": 0}
    assert mapping_of(propose(["Account", "x"], BOOK)) == {"name": 0}


def test_no_title_means_two_fields() -> None:
    for kind in all_kinds():
        titles = [title for one in kind.fields for title in titles_of(one)]
        assert sorted(titles) == sorted(set(titles))


def test_every_field_of_every_kind_is_explained() -> None:
    for kind in all_kinds():
        assert all(one.label and one.example and one.columns for one in kind.fields)
