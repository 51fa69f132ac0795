"""A CSM prepares a call and logs it, by the keyboard alone; then the same without any script."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Stack, sign_in


@pytest.fixture(scope="module")
def seeded(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stack.python("tests.flows.call_seed"))
    return found


def timeline(page: Page) -> Any:
    return page.locator("#timeline")


def test_a_call_is_prepared_and_logged_by_keyboard(page: Page, stack: Stack, seeded: dict[str, Any]) -> None:
    slug = stack.seeded["slug"]
    sign_in(page, seeded["email"])
    page.goto(f"/w/{slug}/?task={seeded['task']}")
    expect(page.locator("#drawer h2")).to_have_text("Call about the audit")

    # With a row selected, two keys open its composer where one stands.
    page.keyboard.press("n")
    page.keyboard.press("l")
    expect(page.locator('[data-act="call"]')).to_have_attribute("open", "")
    page.keyboard.press("Escape")

    # The brief says whom to call; Enter on the row opens the account.
    expect(page.locator("#drawer")).to_contain_text("Ada Gallo")
    page.keyboard.press("o")
    expect(page.locator("h1")).to_have_text("Mesa Dental Group")
    expect(page.locator("#panel")).to_contain_text("Open tasks")

    # A call, with an answer and a mood.
    page.keyboard.press("l")
    page.keyboard.type("About the audit")
    page.keyboard.press("Tab")
    page.keyboard.type("They worry about the new rules")
    page.get_by_label("Answered?").focus()
    page.keyboard.type("Answered")
    page.get_by_label("Sentiment").focus()
    page.keyboard.type("Negative")
    page.keyboard.press("Control+Enter")
    expect(timeline(page)).to_contain_text("About the audit")
    expect(timeline(page)).to_contain_text("answered · negative")

    # A note, in the house format.
    page.locator("body").press("Escape")
    page.keyboard.press("w")
    page.keyboard.type("Prefers mornings")
    page.keyboard.press("Control+Enter")
    expect(timeline(page)).to_contain_text("-PS-Prefers mornings")

    # A meeting owes its recap until it is sent.
    page.locator("body").press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("g")
    page.keyboard.type("Audit review")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#recaps-owed")).to_contain_text("1 recap owed")
    page.get_by_role("button", name="recap of Audit review").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#recaps-owed")).not_to_contain_text("owed")
    expect(timeline(page)).to_contain_text("Recap sent")

    # What was written is found again by its words.
    page.get_by_label("Search the timeline").fill("worry rules")
    page.keyboard.press("Enter")
    expect(timeline(page).locator("mark")).to_have_text(["worry", "rules"])
    expect(timeline(page).locator(".moment")).to_have_count(1)


def test_from_the_list_with_two_keys(page: Page, stack: Stack, seeded: dict[str, Any]) -> None:
    sign_in(page, seeded["email"])
    page.goto(f"/w/{stack.seeded['slug']}/accounts/?q=quillfeather")
    expect(page.locator(".account-table tbody tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("l")
    expect(page.locator("h1")).to_have_text("Quillfeather Pediatrics")
    expect(page.locator("#log_subject")).to_be_focused()
    page.keyboard.type("First call")
    page.keyboard.press("Control+Enter")
    expect(timeline(page)).to_contain_text("First call")

    # And from anywhere: the account is found while typing.
    page.goto(f"/w/{stack.seeded['slug']}/imports/")
    page.keyboard.press("n")
    page.keyboard.press("m")
    expect(page.get_by_label("Search accounts and people").last).to_be_focused()
    page.keyboard.type("mesa dental gro")
    expect(page.locator(".pick-one").first).to_contain_text("Mesa Dental Group")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Mesa Dental Group")
    expect(page.locator('[data-composer="email"]')).to_be_checked()
    expect(page.locator("#log_subject")).to_be_focused()


def test_without_scripts(browser: Browser, stack: Stack, seeded: dict[str, Any]) -> None:
    slug = stack.seeded["slug"]
    context = browser.new_context(base_url=stack.address, java_script_enabled=False)
    context.set_default_timeout(15_000)
    try:
        page = context.new_page()
        sign_in(page, seeded["email"])
        page.goto(f"/w/{slug}/accounts/log/?kind=meeting")
        page.get_by_label("Search accounts and people").last.fill("quillfeather")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Quillfeather Pediatrics").click()
        expect(page.locator('[data-composer="meeting"]')).to_be_checked()
        page.get_by_label("Subject", exact=True).fill("Kick-off")
        page.get_by_label("Minutes").fill("45")
        page.get_by_role("button", name="Log it").click()
        entry = page.locator(".moment", has_text="Kick-off")
        expect(entry).to_contain_text("45 min")
        expect(entry).to_contain_text("Recap owed")

        # Another tab by its radio, the note form shows.
        page.locator('label:has([data-composer="note"])').click()
        page.get_by_label("Note", exact=True).last.fill("Parking behind the house")
        page.get_by_role("button", name="Write the note").click()
        expect(page.locator("#timeline")).to_contain_text("-PS-Parking behind the house")

        # Corrected, with what it said before.
        page.locator(".moment", has_text="Parking").get_by_role("link").last.click()
        page.get_by_label("Note", exact=True).fill("Parking in front of the house")
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".versions")).to_contain_text("Parking behind the house")

        page.goto(f"/w/{slug}/accounts/recaps/")
        page.get_by_role("button", name="Kick-off").click()
        expect(page.locator("#recaps")).not_to_contain_text("Kick-off")
    finally:
        context.close()
