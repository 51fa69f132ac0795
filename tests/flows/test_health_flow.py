"""A CSM knows better than the scorecard: overrides the health, by the keyboard, and the queue moves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import Stack, sign_in


@pytest.fixture(scope="module")
def seeded(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stack.python("tests.flows.health_seed"))
    return found


def titles(page: Page) -> list[str]:
    return page.locator(".row .row-title").all_inner_texts()


def test_an_override_moves_the_queue(page: Page, stack: Stack, seeded: dict[str, Any]) -> None:
    queue = f"/w/{stack.seeded['slug']}/"
    sign_in(page, seeded["email"])
    page.goto(queue)
    assert [title.strip() for title in titles(page)] == ["Check in with Alder Wellness", "Check in with Birch Wellness"]

    page.goto(f"{queue}accounts/{seeded['accounts'][1]}/")
    panel = page.locator("#health-panel")
    panel.get_by_text("Override it").focus()
    page.keyboard.press("Enter")
    panel.get_by_label("Until then it counts as").focus()
    page.keyboard.type("Red")
    panel.get_by_label("Why the scorecard is wrong here").focus()
    page.keyboard.type("Their champion resigned on the phone")
    page.keyboard.press("Control+Enter")
    expect(panel).to_contain_text("Noor Haddad set it to red until")
    expect(panel).to_contain_text("Their champion resigned on the phone")
    # What the health decides follows on the same page, without asking for it.
    expect(page.locator("#panel")).to_contain_text("Critical")

    page.goto(queue)
    assert [title.strip() for title in titles(page)] == ["Check in with Birch Wellness", "Check in with Alder Wellness"]

    page.goto(f"{queue}accounts/{seeded['accounts'][1]}/")
    page.locator("#health-panel").get_by_role("button", name="End it").press("Enter")
    expect(page.locator("#health-panel")).not_to_contain_text("set it to red until")
    page.goto(queue)
    assert [title.strip() for title in titles(page)] == ["Check in with Alder Wellness", "Check in with Birch Wellness"]
