"""No address shows, changes or betrays a row of another workspace: with both belts, and with each alone (G2, G3)."""

from __future__ import annotations

import pytest

from tests.architecture.addresses import addresses
from tests.architecture.house import assert_none

from .bodies import oracles, poisoned_forms, poisoned_queries
from .conftest import Filled, StartWalk, some
from .requests import ANONYMOUS, Ask
from .walk import without_builder

# Addresses that take a POST and stand in no form of the walk's pages, and why: their bodies carry nothing.
FORMLESS: dict[str, str] = {
    "/w/own-side/accounts/…/answers/…/answer/": "one field of the form of a copy, sent by itself while one types",
    "/w/own-side/accounts/…/answers/…/renew/": "a button without fields, once a newer version is published",
    "/w/own-side/accounts/…/answers/…/reopen/": "a button without fields, on a copy that is completed",
    "/w/own-side/accounts/…/differences/…/undo/": "a button without fields, beside what one decided a moment ago",
    "/w/own-side/accounts/…/onboarding/open/": "a button without fields, while no onboarding is open",
    "/w/own-side/accounts/…/onboarding/…/reopen/": "a button without fields, on an onboarding that has ended",
    "/w/own-side/accounts/…/onboarding/…/…/untick/": "a button without fields, on a goal that is reached",
    "/w/own-side/accounts/…/plans/…/actions/…/open/": "a button without fields, on an action that is done",
    "/w/own-side/accounts/…/plans/…/reopen/": "a button without fields, on a plan that has ended",
    "/w/own-side/imports/…/crm/": "a button that says yes or no, beside rows that the CRM holds back",
    "/w/own-side/imports/…/pause/": "a button without fields, while an import is applied",
    "/w/own-side/imports/…/resume/": "a button without fields, while an import rests",
    "/w/own-side/imports/…/undo/": "a button without fields, once an import is applied",
    "/w/own-side/queue/undo/": "a button without fields, in the message after an action",
    "/w/own-side/settings/switch/": "a button without fields, in the menu of somebody with two workspaces",
    "/w/own-side/settings/onboarding/…/restore/": "a button without fields, on a goal that was left out",
    "/w/own-side/settings/questionnaires/…/draft/": "a button without fields, on a version that is no draft",
    "/w/own-side/settings/questionnaires/…/retire/": "a button without fields, on a published version",
    "/w/own-side/settings/members/…/reactivate/": "a button without fields, on the page of somebody who left",
}
# Forms that the walk cannot fill in well enough to be accepted, and why.
FUTILE: dict[str, str] = {
    "/w/own-side/imports/…/columns/": "what every row says has to be the value of a field, not any word",
    "/w/own-side/settings/usage/": "the file that is sent has to be a usage drop",
}
ALONE = ("policies alone", "filters alone")


def test_every_address_and_parameter_is_known_to_the_walk() -> None:
    assert_none(without_builder(addresses()))


class TestBothBelts:
    def test_own_pages_read_as_if_nobody_else_were_here(self, start_walk: StartWalk, filled: Filled) -> None:
        with start_walk() as walk:
            walk.own_pages(*filled.visitors)
            walk.fragments(filled.visitors[-1])
            assert_none(walk.findings)
            assert_none(walk.differences(filled.alone))

    def test_another_workspaces_address_is_not_there(self, start_walk: StartWalk) -> None:
        with start_walk() as walk:
            walk.strangers("GET", "POST")
            walk.outside()
            assert_none(walk.findings)

    def test_another_workspaces_identifiers_are_not_there(self, start_walk: StartWalk) -> None:
        with start_walk() as walk:
            walk.identities()
            assert_none(walk.findings)
            assert walk.browser.asked >= 10 * len(walk.addresses)

    def test_pages_outside_show_nothing_of_any_workspace(self, start_walk: StartWalk, filled: Filled) -> None:
        with start_walk() as walk:
            for visitor in (ANONYMOUS, filled.visitors[-1]):
                for address in addresses():
                    if not address.is_workspace_page and not address.parameters and "(" not in address.route:
                        walk.ask(Ask(visitor, "GET", f"/{address.route}"))
            assert_none(walk.findings)

    def test_somebody_of_both_sees_one_at_a_time(self, start_walk: StartWalk, filled: Filled) -> None:
        """The policy shows users their own memberships everywhere, so here the filters must hold alone."""
        with start_walk("filters alone") as walk:
            walk.visitors = [filled.straddler]
            walk.own_pages()
            walk.identities(compare=False)
            assert_none(walk.findings)

    def test_forms_and_queries_take_nothing_foreign(self, start_walk: StartWalk, filled: Filled) -> None:
        with start_walk() as walk:
            walk.own_pages(*some(filled.visitors))
            walk.own_posts(filled.visitors[-1])
            statuses = poisoned_forms(walk, stuffed=True)
            poisoned_queries(walk, filled.visitors[-1])
            assert_none(oracles(walk))
            assert_none(walk.findings)
            assert_none(walk.never_found())
            assert_none(name for name in walk.without_form() if name not in FORMLESS)
            assert_none(name for name, seen in statuses.items() if not seen & {200, 302} and name not in FUTILE)


@pytest.mark.parametrize("belts", ALONE)
class TestOneBelt:
    def test_the_other_belt_holds_alone(self, start_walk: StartWalk, filled: Filled, belts: str) -> None:
        with start_walk(belts) as walk:
            walk.own_pages(*some(filled.visitors))
            walk.strangers("GET")
            walk.identities(compare=False)
            poisoned_forms(walk)
            assert_none(walk.findings)
            assert_none(walk.differences(filled.alone))
