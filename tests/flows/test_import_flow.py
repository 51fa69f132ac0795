"""A messy sheet from the drop to the undo: by mouse, and by keyboard alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from .conftest import Stack, sign_in
from .test_triage import salesforce_id

WORK = 40_000
TITLES = ["Email", "RENEWAL\nDATE", "Account", None, "CSM", " LMS ID ", "SALESFORCE ID", "MRR", "Product", "Colour"]
# What dropping a file on an element gives it: a list with that file.
DROPPED = """
([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const list = new DataTransfer();
  list.items.add(new File([bytes], name));
  return list;
}
"""

WHAT_HAS_THE_FOCUS = """
() => {
  const at = document.activeElement;
  return at.matches("a, button") ? at.innerText : at.matches("input") ? `field ${at.name}` : "";
}
"""


@pytest.fixture(scope="module")
def aspen(stack: Stack) -> dict[str, str]:
    seeded = json.loads(stack.python("tests.flows.import_seed"))
    return {"slug": seeded["slug"], "ops": seeded["emails"]["ops"]}


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight accounts below a title, in the second sheet: a CSM misspelt twice, no address, a row twice, a total."""
    book = Workbook()
    book.active.title = "READ ME"
    book.active["A1"] = "Please make a copy"
    sheet = book.create_sheet("Accounts")
    sheet.append(["Accounts of the West"])
    sheet.append([])
    sheet.append(TITLES)
    rows = [a_row(number) for number in range(8)]
    rows[2][4] = rows[3][4] = "Keiko Uedo"
    rows[4][0] = "call office"
    for row in [*rows, rows[0]]:
        sheet.append(row)
    sheet.append([])
    sheet.append(["Total", 8])
    path = tmp_path_factory.mktemp("messy") / "messy book.xlsx"
    book.save(path)
    return path


def a_row(number: int) -> list[object]:
    renewal: object = date(2028, 6, number + 1) if number % 2 else f"{number + 1}-Jun-2028"
    return [
        f"rosa.vargas{number}@example.org", renewal, f"Orchard Clinic {number}", None, "Ueda, Keiko", number + 100,
        salesforce_id(f"001B6eEfujfoR{number:02}"), f"$1,{number}00.50", "Learning", "green",
    ]  # fmt: skip


@pytest.fixture
def at_upload(page: Page, aspen: dict[str, str]) -> Iterator[Page]:
    sign_in(page, aspen["ops"])
    page.goto(f"/w/{aspen['slug']}/imports/upload/")
    yield page
    # Nothing of the import is left, whatever became of it.
    page.goto(f"/w/{aspen['slug']}/accounts/")
    expect(page.locator("main")).not_to_contain_text("Orchard Clinic")


def numbers(page: Page) -> dict[str, str]:
    """Rows by outcome, as the page says them."""
    parts = page.locator(".import-decision .import-stats > div")
    return dict(text.split("\n") for text in parts.all_inner_texts())


def test_by_mouse(at_upload: Page, messy: Path) -> None:
    page = at_upload
    data = page.evaluate_handle(DROPPED, [messy.name, base64.b64encode(messy.read_bytes()).decode()])
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": data})
    expect(page.locator("[data-dropped]")).to_contain_text("messy book.xlsx")
    page.get_by_role("button", name="Read the sheet").click()

    # What we saw, and the columns: one of them becomes a field of the workspace's own.
    problems = page.locator("#problems")
    expect(problems).to_be_visible(timeout=WORK)
    expect(page.locator("#sheet")).to_contain_text("titles in row 3")
    assert numbers(page) == {"new": "5", "changed": "0", "unchanged": "0", "twice in the sheet": "1", "rejected": "3"}
    page.locator("#columns > summary").click()
    expect(page.get_by_role("row", name="Account").first).to_contain_text("95 %")
    page.get_by_label("Colour", exact=True).select_option("new:text")
    page.get_by_role("button", name="Compare with these columns").click()

    # Problems: a suggestion for two rows, the right word typed for another, saved together; one is taken back.
    expect(page.locator("#import-rows thead")).to_contain_text("Colour", timeout=WORK)
    problems.get_by_role("radio", name="Keiko Ueda").check()
    problems.locator(".fix", has_text="call office").get_by_label("The right value").fill("front.desk@example.org")
    page.get_by_role("button", name="Save corrections (2)").click()
    expect(page.get_by_role("button", name="Apply 8 rows")).to_be_enabled(timeout=WORK)
    page.locator("#fixes > summary").click()
    page.get_by_role("button", name="Take back Email call office").click()
    expect(page.get_by_role("button", name="Apply 7 rows")).to_be_enabled(timeout=WORK)
    page.locator(".tab", has_text="Rejected").click()
    expect(page.locator("#import-rows")).to_contain_text("Orchard Clinic 4")

    page.get_by_role("button", name="Apply 7 rows").click()
    expect(page.locator("#import-outcome")).to_contain_text("7 rows written", timeout=WORK)
    page.get_by_role("link", name="Undo…").click()
    expect(page.get_by_role("heading", name="Undo this import?")).to_be_visible(timeout=WORK)
    page.get_by_role("button", name="Undo the import").click()
    expect(page.locator("#import-outcome")).to_contain_text("Undone", timeout=WORK)
    expect(page.locator("#import-outcome")).to_contain_text("7 rows taken back.")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus says this."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if name in page.evaluate(WHAT_HAS_THE_FOCUS):
            return
    raise AssertionError(f"Tab does not lead to “{name}”")


def test_by_keyboard_alone(at_upload: Page, messy: Path) -> None:
    page = at_upload
    # Asked for beforehand: the browser is told of it without an answer, and a key may be faster.
    page.on("filechooser", lambda chooser: chooser.set_files(messy))
    tab_to(page, "field file")
    page.keyboard.press("Enter")
    expect(page.locator("[data-dropped]")).to_contain_text("messy book.xlsx", timeout=WORK)
    tab_to(page, "Read the sheet")
    page.keyboard.press("Enter")
    expect(page.locator("#problems")).to_be_visible(timeout=WORK)

    # From problem to problem, picking one suggestion and typing one word.
    page.locator("#main").focus()
    for _ in range(20):
        page.keyboard.press("]")
        now = page.evaluate("() => document.activeElement.closest('.fix')?.innerText ?? ''")
        if "Keiko Uedo" in now:
            page.keyboard.press("Space")
        elif "call office" in now:
            page.keyboard.press("Tab")
            page.keyboard.type("front.desk@example.org")
            break
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Apply 8 rows")).to_be_enabled(timeout=WORK)
    expect(page.locator("#import-outcome")).to_be_focused()

    tab_to(page, "Apply 8 rows")
    page.keyboard.press("Enter")
    expect(page.locator("#import-outcome")).to_contain_text("8 rows written", timeout=WORK)
    tab_to(page, "Undo…")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Undo this import?")).to_be_visible(timeout=WORK)
    tab_to(page, "Undo the import")
    page.keyboard.press("Enter")
    expect(page.locator("#import-outcome")).to_contain_text("Undone", timeout=WORK)
    expect(page.locator("#import-outcome")).to_contain_text("8 rows taken back.")
