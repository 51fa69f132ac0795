"""Every page of accounts in a real browser: accessible in both themes, no wider than a phone, nothing blocked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account, Answers, Plan, Questionnaire, Scorecard, Subscription
from accounts.panels import all_panels
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from priorities.demo.build import build_demo
from priorities.demo.cast import PASSWORD, VENDORS
from tests.accessibility import DESK, faults
from tests.concurrency.conftest import owner_cleans_up

__all__ = ["owner_cleans_up"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
LISTS = ["", "?sort=health", "find/?q=clinic", "log/", "recaps/", "renewals/", "renewals/forecast/", "upsell/",
         "onboarding/", "plans/", "differences/", "briefs/"]  # fmt: skip
SETTINGS = ["fields/", "field-owners/", "health/", "growth/", "growth/subtypes/add/", "growth/offers/add/",
            "questionnaires/", "onboarding/", "usage/"]  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
]


@pytest.fixture
def demo(transactional_db: None) -> Workspace:
    vendor = next(each for each in VENDORS if each.slug == "meridian")
    return build_demo(vendor, accounts=40)


@pytest.fixture
def page(live_server: LiveServer, demo: Workspace) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(base_url=live_server.url, viewport=DESK, reduced_motion="reduce")
        context.set_default_timeout(30_000)
        opened = context.new_page()
        complaints: list[str] = []

        def listen(said: ConsoleMessage) -> None:
            if said.type == "error":
                complaints.append(f"{opened.url}: {said.text}")

        opened.on("pageerror", lambda error: complaints.append(f"{opened.url}: {error}"))
        opened.on("console", listen)
        yield opened
        browser.close()
        assert complaints == []


def sign_in(page: Page, demo: Workspace) -> None:
    with workspace_scope(demo.pk):
        ops = Member.objects.select_related("user").filter(workspace=demo).with_role("ops")[0]
    page.goto("/auth/login/")
    page.get_by_label("Email").fill(ops.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**/w/{demo.slug}/")


def addresses(demo: Workspace) -> list[tuple[str, bool]]:
    """Every page with whether its panels have to load first."""
    root = f"/w/{demo.slug}/"
    with workspace_scope(demo.pk):
        busy = Account.objects.filter(workspace=demo).order_by("priority__level", "-priority__score")[0]
        plan, answers = Plan.objects.first(), Answers.objects.filter(is_current=True).first()
        running = Subscription.objects.filter(account=busy, ended_on=None)[0]
        card, template = Scorecard.objects.all()[0], Questionnaire.objects.all()[0]
    own = f"{root}accounts/{busy.pk}/"
    found = [(f"{root}accounts/{name}", False) for name in LISTS]
    found += [(f"{root}settings/{name}", False) for name in SETTINGS]
    found += [(own, True), (f"{own}people/", False), (f"{own}edit/", False), (f"{own}subtypes/", False)]
    found += [(f"{own}contacts/add/", False), (f"{own}brief/", False)]
    found += [(f"{own}subscriptions/{running.pk}/", False), (f"{root}accounts/renewals/{running.pk}/", False)]
    found += [(f"{root}settings/health/{card.pk}/", False), (f"{root}settings/questionnaires/{template.pk}/", False)]
    if plan is not None:
        found.append((f"{root}accounts/{plan.account_id}/plans/{plan.pk}/", False))
    if answers is not None:
        found.append((f"{root}accounts/{answers.account_id}/answers/{answers.pk}/", False))
    return found


def test_every_page_is_accessible_and_fits(page: Page, demo: Workspace) -> None:
    sign_in(page, demo)
    found = []
    for address, loaded in addresses(demo):
        answer = page.request.get(address)
        if not answer.ok:
            found.append(f"{address} answers {answer.status}")
            continue
        found += faults(page, address, loaded=loaded)
    assert not found, "\n".join(found)


def test_every_panel_loads_into_the_page(page: Page, demo: Workspace) -> None:
    sign_in(page, demo)
    with workspace_scope(demo.pk):
        account = Account.objects.filter(workspace=demo)[0]
    page.goto(f"/w/{demo.slug}/accounts/{account.pk}/")
    page.wait_for_load_state("networkidle")
    for panel in all_panels():
        assert page.locator(f"#{panel.key}").count() == 1, panel.key
        assert page.locator(f"#{panel.key} >> text={panel.lead}").count() == 0, panel.key
