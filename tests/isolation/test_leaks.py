"""The test of the test: each kind of leak, put in on purpose, is caught by the part of the walk made for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connections

from tests.architecture.addresses import addresses
from tests.architecture.scratch import owner_session

from .belts import is_explicit
from .bodies import oracles, poisoned_forms, poisoned_queries
from .conftest import Filled, StartWalk
from .walk import Walk, without_builder

LEAKY = "tests.isolation.leaky"
ALL_BELTS = ("both", "policies alone", "filters alone")
Part = Callable[[Walk], object]


def pages(walk: Walk) -> None:
    walk.own_pages(walk.visitors[0])


def posts(walk: Walk) -> None:
    walk.own_posts(walk.visitors[0])


def forms(walk: Walk) -> None:
    walk.own_pages(walk.visitors[0])
    walk.findings.clear()
    poisoned_forms(walk, stuffed=True)


def queries(walk: Walk) -> None:
    poisoned_queries(walk, walk.visitors[0])


def texts(walk: Walk) -> None:
    walk.own_pages(walk.visitors[0])
    walk.findings[:] = oracles(walk)


# A leaky view, the part of the walk that meets it, a word of its report.
ROUND_BOTH: list[tuple[str, Part, str]] = [
    ("round_both", Walk.identities, "200, not 404"),
    ("round_both", Walk.identities, "shows"),
    ("header", pages, "contains identifiers"),
    ("location", pages, "names the other workspace"),
    ("sheet", pages, "shows"),
    ("oracle", Walk.identities, "answers otherwise"),
    ("forbids", Walk.identities, "403, not 404"),
    ("meddles", posts, "changed the other workspace"),
    ("form", forms, "changed the other workspace"),
    ("form", forms, "shows"),
    ("form", forms, "a stranger field wrote"),
    ("query", queries, "answers otherwise"),
    ("invites", texts, "what nobody has"),
    ("fails", pages, "500"),
]
WITHOUT_FILTER: list[tuple[str, Part]] = [
    ("without_filter", Walk.identities),
    ("list_without_filter", pages),
    ("raw_without_filter", pages),
]


@pytest.mark.parametrize("belts", ALL_BELTS)
def test_a_way_round_both_belts_is_caught(start_walk: StartWalk, belts: str) -> None:
    with start_walk(belts, urlconf=LEAKY, only="leak:") as walk:
        everything = walk.addresses
        for name, part, word in ROUND_BOTH:
            walk.addresses = [one for one in everything if one.name == f"leak:{name}"]
            walk.findings.clear()
            walk.forms.clear()
            part(walk)
            assert any(word in line for line in walk.findings), (name, walk.findings)


@pytest.mark.parametrize("belts", ALL_BELTS)
def test_a_forgotten_filter_is_caught_when_the_policies_are_off(start_walk: StartWalk, belts: str) -> None:
    with start_walk(belts, urlconf=LEAKY, only="leak:") as walk:
        everything = walk.addresses
        for name, part in WITHOUT_FILTER:
            walk.addresses = [one for one in everything if one.name == f"leak:{name}"]
            walk.findings.clear()
            part(walk)
            assert bool(walk.findings) is (belts == "filters alone"), (name, walk.findings)


def test_a_sum_over_everybody_is_caught(start_walk: StartWalk) -> None:
    with start_walk(urlconf=LEAKY, only="leak:total") as walk:
        pages(walk)
        (page,) = walk.pages
        assert walk.findings == []
        assert len(walk.differences({page: walk.pages[page].replace("4 accounts", "2 accounts")})) == 1


@pytest.mark.parametrize(
    ("table", "only"),
    [
        ("accounts_account", "accounts:detail"),
        ("tenancy_outgoingmail", "tenancy:mail"),
        ("tenancy_member", "tenancy:member"),
        ("tenancy_holiday", "tenancy:holidays"),
    ],
)
def test_a_missing_policy_is_caught_when_the_filters_are_off(start_walk: StartWalk, table: str, only: str) -> None:
    with start_walk("policies alone", only=only, before=lambda: switch_off(table)) as walk:
        pages(walk)
        walk.own_pages(walk.visitors[-1])
        walk.identities()
        assert walk.findings


def switch_off(table: str) -> None:
    with owner_session(connections["default"].settings_dict["NAME"]) as owner:
        owner.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')


def test_an_unknown_address_fails_the_build(filled: Filled) -> None:
    found = without_builder(addresses(LEAKY))
    expected = {"open_door", "gadgets", "new_parameter", "numbered"}
    assert {line.split(":")[0] for line in found} == expected


def test_a_page_nobody_reaches_is_reported(start_walk: StartWalk) -> None:
    with start_walk(only="accounts:detail") as walk:
        assert walk.never_found() == ["accounts:detail"]
        walk.takes_posts.add("/w/own-side/lost/")
        assert walk.without_form() == ["/w/own-side/lost/"]


@pytest.mark.parametrize(
    ("lookup", "explicit"),
    [
        ("workspace", True),
        ("workspace_id", True),
        ("workspace__in", True),
        ("account__workspace_id__exact", True),
        ("workspace__slug", False),
        ("workspace__is_active", False),
        ("owner", False),
        ("workspace_name", False),
    ],
)
def test_which_filters_are_taken_off(lookup: str, explicit: bool) -> None:
    assert is_explicit(lookup) is explicit
