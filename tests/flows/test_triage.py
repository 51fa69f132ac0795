"""The product's first story: a book comes in, beat fires the playbooks, a CSM works the queue by keyboard."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from .conftest import Stack, sign_in

BEAT_LIMIT = 150_000
HEADER = ["Salesforce ID", "Account", "LMS ID", "Recurly ID", "MRR", "Tier", "Renewal date", "Product", "First Name",
          "Last Name", "Email", "Phone", "CSM"]  # fmt: skip


def salesforce_id(short: str) -> str:
    """A 15-character id with the three characters that keep its capitals."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    parts = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(letters[sum(1 << at for at, one in enumerate(part) if one.isupper())] for part in parts)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen accounts of Quinn's with a mistake in one row."""
    sheet_book = Workbook()
    sheet = sheet_book.active
    assert sheet is not None
    sheet.append(HEADER)
    for number in range(16):
        email = "not an address" if number == 15 else f"rosa.vargas{number}@example.org"
        sheet.append(
            [
                salesforce_id(f"001A6eEfujfoR{number:02}"),
                f"Granite Clinic {number:02}",
                f"{number:07}",
                f"rec-{400000 + number}",
                1000 + number * 250,
                number % 3 + 1,
                "2028-06-01",
                "Learning",
                "Rosa",
                f"Vargas{number}",
                email,
                f"+1952088{number:04}",
                "Quinn Abbott",
            ]
        )
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    sheet_book.save(path)
    return path


def shown_titles(page: Page) -> list[str]:
    return page.locator(".row .row-title").all_inner_texts()


def wait_for_tasks(page: Page, number: int) -> None:
    """Beat ticks every minute: reload until its tasks are there."""
    end = time.monotonic() + BEAT_LIMIT / 1000
    while time.monotonic() < end:
        if page.locator(".row").count() >= number:
            return
        page.wait_for_timeout(1_000)
        page.reload()
    raise AssertionError(f"{page.locator('.row').count()} of {number} tasks after {BEAT_LIMIT} ms")


def test_a_book_becomes_a_ranked_queue_that_is_worked_by_keyboard(page: Page, stack: Stack, book: Path) -> None:
    slug, emails = stack.seeded["slug"], stack.seeded["emails"]

    sign_in(page, emails["ops"])
    import_book(page, slug, book)
    silent = int(stack.python("tests.flows.usage"))

    page.context.clear_cookies()
    sign_in(page, emails["csm"])
    wait_for_tasks(page, silent)

    # The right order, with reasons: critical first, and every row says what the playbook waited for.
    levels = [text.strip() for text in page.locator(".row .level").all_inner_texts()]
    order = {"Critical": 1, "High": 2, "Medium": 3, "Low": 4}
    assert [order[level] for level in levels] == sorted(order[level] for level in levels)
    assert levels[0] == "Critical"
    expect(page.locator(".row").first).to_contain_text("No course assigned for 40 d")
    expect(page.locator(".row").first).to_contain_text("Health red")
    before = shown_titles(page)
    first_account = page.locator(".row .row-account a").first.inner_text()

    # One: complete with an outcome.
    expect(page.locator("#drawer h2")).to_have_text(before[0])
    page.keyboard.press("e")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".row")).to_have_count(len(before) - 1)
    # Two: log a call; the task stays.
    page.keyboard.press("l")
    page.get_by_label("What was said").locator("visible=true").fill("Asked about new hires")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#drawer")).to_contain_text("Asked about new hires")
    # Three: write a note on the next one.
    page.keyboard.press("j")
    expect(page.locator("#drawer h2")).to_be_visible()
    page.keyboard.press("w")
    page.get_by_label("Note", exact=True).locator("visible=true").fill("Prefers mornings")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#drawer")).to_contain_text("-QA-Prefers mornings")
    # Four: snooze with a reason.
    count = page.locator(".row").count()
    page.keyboard.press("s")
    page.get_by_label("Until").fill("2027-01-15")
    page.get_by_label("Reason").fill("On leave until then")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".row")).to_have_count(count - 1)
    # Five: hand over to the lead.
    page.keyboard.press("h")
    page.get_by_label("To", exact=True).select_option(label="Ines Young")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".row")).to_have_count(count - 2)

    # Undo the last one: it is back.
    page.locator("body").click(position={"x": 400, "y": 5})
    page.keyboard.press("z")
    expect(page.locator(".row")).to_have_count(count - 1)
    expect(page.get_by_role("status", name="Messages")).to_contain_text("Undone")
    assert first_account not in page.locator(".row .row-account a").all_inner_texts()


def import_book(page: Page, slug: str, book: Path) -> None:
    """Upload, see the diff and the problem, approve, wait until it is applied."""
    page.goto(f"/w/{slug}/imports/upload/")
    page.locator("input[type=file]").set_input_files(book)
    page.get_by_role("button", name="Read the sheet").click()
    approve = page.get_by_role("button", name="Apply 15 rows")
    expect(approve).to_be_visible(timeout=30_000)
    expect(page.locator("main")).to_contain_text("Granite Clinic 00")
    expect(page.locator("main")).to_contain_text("not an address")
    approve.click()
    expect(page.locator("main")).to_contain_text("Applied", timeout=30_000)
