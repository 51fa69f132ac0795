"""What a reader of screens, a dark theme and a phone make of a page; rules by axe."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}


def faults(page: Page, address: str, *, loaded: bool = False) -> list[str]:
    """What is wrong with a page in light and dark, on a desk and on a phone; ``loaded`` waits for its panels."""
    page.goto(address)
    if loaded:
        page.wait_for_load_state("networkidle")
    page.evaluate(Axe().axe_script)
    found = violations(page, {})
    page.emulate_media(color_scheme="dark")
    found += violations(page, {"runOnly": ["color-contrast"]})
    page.set_viewport_size(PHONE)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than a phone")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    return [f"{address} {fault}" for fault in found]


def violations(page: Page, options: dict[str, object]) -> list[str]:
    """The rules of accessibility a page breaks, with the first parts that break them."""
    result = page.evaluate("options => axe.run(document, {resultTypes: ['violations'], ...options})", options)
    return [f"{each['id']}: {[node['html'][:80] for node in each['nodes'][:3]]}" for each in result["violations"]]
