"""The renewal board by keyboard: one CSM's months, a stage and a probability, a renewal closed; the sums follow."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from .conftest import Stack, sign_in


@pytest.fixture(scope="module")
def cedar(stack: Stack) -> dict[str, str]:
    return dict(json.loads(stack.python("tests.flows.renewals_seed")))


def test_renewals_are_steered_and_closed(page: Page, cedar: dict[str, str]) -> None:
    sign_in(page, cedar["csm"])
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/accounts/renewals/")
    expect(page.locator(".renewal-card")).to_have_count(6)
    sums = page.locator(f"#sum-{cedar['month']}")
    expect(sums).to_contain_text("$12,000")

    # One CSM's: the filter stands in the address, the sums follow.
    page.get_by_label("CSM", exact=True).select_option(label="Keiko Ueda")
    expect(page.locator(".renewal-card")).to_have_count(3)
    assert "owner=" in page.url
    expect(sums).to_contain_text("$6,000")
    expect(sums).to_contain_text("$5,400")

    # A stage and a probability by keyboard: the largest comes first.
    page.locator("body").click(position={"x": 700, "y": 5})
    page.keyboard.press("j")
    expect(page.locator(".renewal-card.is-selected")).to_contain_text("Alder Clinic 2")
    page.keyboard.press("e")
    stage = page.locator("#renewal select[name=stage]")
    expect(stage).to_be_focused()
    page.keyboard.type("At risk")
    page.keyboard.press("Tab")
    page.keyboard.type("20")
    page.keyboard.press("Control+Enter")
    card = page.locator(".renewal-card", has_text="Alder Clinic 2")
    expect(card).to_contain_text("At risk")
    expect(card).to_contain_text("20 %")
    # 3,000 × 20 % + 3,000 × 90 %
    expect(sums).to_contain_text("$3,300")
    expect(sums.locator(".tone-bad")).to_have_text("$3,000")

    # The next one is renewed for more and leaves its month.
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".renewal-card.is-selected")).to_contain_text("Alder Clinic 1")
    page.keyboard.press("c")
    page.get_by_label("MRR from then on").fill("2500")
    page.get_by_role("button", name="Close the renewal").click()
    expect(page.locator("#board")).to_contain_text("Closed today")
    expect(page.locator("#board")).to_contain_text("Renewed for more")
    expect(sums).to_contain_text("$10,000")

    # Taken back, it is there again.
    page.get_by_role("button", name="Undo").click()
    expect(sums).to_contain_text("$12,000")
    page.goto(f"/w/{cedar['slug']}/accounts/renewals/forecast/")
    expect(page.locator("#forecast")).to_contain_text("$12,000")
