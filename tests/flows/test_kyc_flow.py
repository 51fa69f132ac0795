"""A CSM prepares a call: starts a KYC, confirms what is known from the keyboard, fills the rest, prints, exports."""

from __future__ import annotations

import io
import re

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from .conftest import Stack, sign_in


def percent(page: Page) -> int:
    said = page.locator("#copy-progress strong").inner_text()
    found = re.match(r"(\d+) % complete", said)
    assert found, said
    return int(found[1])


def test_a_kyc_is_filled_from_the_keyboard(page: Page, stack: Stack) -> None:
    slug = stack.seeded["slug"]
    account = stack.python("tests.flows.kyc_seed").strip()
    sign_in(page, stack.seeded["emails"]["csm"])

    page.goto(f"/w/{slug}/accounts/{account}/questionnaires/")
    page.get_by_role("button", name="Start KYC questionnaire").click()
    expect(page.get_by_role("heading", name="KYC questionnaire")).to_be_visible()
    expect(page.get_by_label("Industry")).to_have_value("Family medicine")
    background = page.locator("#section-background")
    expect(background.get_by_text("Prefilled, not confirmed")).to_have_count(3)
    begun = percent(page)

    # A section by one key: j goes to its first question, Y confirms all that is prefilled there.
    page.keyboard.press("j")
    expect(page.locator("#question-what_they_do")).to_be_focused()
    page.keyboard.press("Shift+Y")
    expect(page.locator("#section-background").get_by_text("Prefilled, not confirmed")).to_have_count(0)
    expect(page.locator("#question-main_contact")).to_be_focused()
    # One answer by one key.
    page.keyboard.press("y")
    expect(page.locator("#state-main_contact")).to_contain_text("Quinn Abbott")

    # Each answer saves itself as one goes on to the next.
    page.get_by_label("What care do they give, and where?").fill("Two offices, mostly families.")
    page.keyboard.press("Tab")
    expect(page.locator("#state-what_they_do")).to_contain_text("Quinn Abbott")
    page.get_by_label("How do they pay?").select_option("On time")
    expect(page.locator("#state-payment_habit")).to_contain_text("Quinn Abbott")
    page.locator("#question-integrations").get_by_label("SSO").check()
    expect(page.locator("#state-integrations")).to_contain_text("Quinn Abbott")
    page.get_by_label("MRR").fill("a lot")
    page.keyboard.press("Tab")
    expect(page.locator("#state-mrr")).to_contain_text("Enter a number")
    page.get_by_label("MRR").fill("1,250")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("MRR")).to_have_value("1250.00")
    assert percent(page) > begun
    page.reload()
    expect(page.get_by_label("What care do they give, and where?")).to_have_value("Two offices, mostly families.")

    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    assert sheet is not None
    answers = {row[1]: row[2] for row in sheet.iter_rows(values_only=True)}
    assert (answers["MRR"], answers["Main point of contact"]) == (1250, "Ada Gallo")
    page.get_by_role("link", name="Print view").click()
    expect(page.locator("main")).to_contain_text("$1,250")
    page.go_back()
    page.get_by_role("button", name="Complete").click()
    expect(page.locator("#sheet")).to_contain_text("Completed by Quinn Abbott")
