"""Entrance and settings in a real browser: nothing the policy blocks, accessible, usable with a passkey."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from csworkbench.common import clock
from csworkbench.tenancy.invitation_links import token_for
from csworkbench.tenancy.models import Invitation, Member, OutgoingMail, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope
from tests.accessibility import DESK, faults
from tests.concurrency.conftest import committed, owner_cleans_up
from tests.factories import make_member, make_workspace

from .conftest import GOOD

__all__ = ["committed", "owner_cleans_up"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "correct horse battery staple"
OPEN = ["/auth/login/", "/auth/password/reset/", "/auth/password/reset/done/", "/auth/signup/", "/auth/inactive/"]
OWN = [
    "/workspaces/", "/auth/logout/", "/auth/password/change/", "/auth/email/", "/auth/2fa/",
    "/auth/2fa/totp/activate/", "/auth/2fa/webauthn/", "/auth/2fa/webauthn/add/", "/auth/reauthenticate/",
]  # fmt: skip
SETTINGS = ["", "members/", "holidays/", "mail/", "history/", "you/"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def cast(committed: Workspace, monkeypatch: pytest.MonkeyPatch) -> Member:
    """An admin of two workspaces among members, with an invitation, a stuck mail and some history."""
    monkeypatch.setattr("csworkbench.common.queueing._send", lambda name, ids: None)
    with workspace_scope(committed.pk, actor=Actor("system")):
        admin = make_member(committed, "Keiko Ueda", roles=["admin", "lead"])
        make_member(committed, "Quinn Abbott", roles=["csm"], lead=admin, title="Senior CSM")
        make_member(committed, "Bo Lindqvist", roles=["csm", "rsm"], is_active=False)
        Invitation.objects.create(
            workspace=committed, email="rosa@example.org", name="Rosa Vargas", roles=["csm"], invited_by=admin,
            expires_at=clock.now() + timedelta(days=7),
        )  # fmt: skip
        OutgoingMail.objects.create(
            workspace=committed, key="k", to="sam@example.org", subject="Hello", text="x", state="unknown",
            error="No answer after the message was handed over: TimeoutError: timed out",
        )  # fmt: skip
    other = make_workspace("meridian")
    with workspace_scope(other.pk):
        Member.objects.create(workspace=other, user=admin.user, name="Keiko Ueda", roles=["csm"])
    return admin


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A fresh profile; at the end nothing may have been complained about."""
    context = browser.new_context(base_url=live_server.url, viewport=DESK, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    opened = context.new_page()
    complaints: list[str] = []

    def listen(said: ConsoleMessage) -> None:
        # A form that is refused answers 422, which the browser calls a failure to load.
        if said.type == "error" and "Failed to load resource" not in said.text:
            complaints.append(f"{opened.url}: {said.text}")

    opened.on("pageerror", lambda error: complaints.append(f"{opened.url}: {error}"))
    opened.on("console", listen)
    yield opened
    context.close()
    assert complaints == []


def sign_in(page: Page, member: Member) -> None:
    page.goto("/auth/login/")
    page.get_by_label("Email").fill(member.user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/workspaces/")


def prove(page: Page) -> None:
    """The question "Is it you?"."""
    page.goto("/auth/reauthenticate/?next=/auth/2fa/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/auth/2fa/")


def test_every_page_is_accessible_and_fits(cast: Member, page: Page) -> None:
    found = [fault for address in OPEN for fault in faults(page, address)]
    sign_in(page, cast)
    prove(page)
    found += [fault for address in OWN for fault in faults(page, address)]
    found += [fault for name in SETTINGS for fault in faults(page, f"/w/northwind/settings/{name}")]
    assert found == []


def test_a_passkey_is_added_and_then_signs_in_without_a_password(cast: Member, page: Page) -> None:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    sign_in(page, cast)
    prove(page)
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("It signs me in alone").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto("/auth/2fa/webauthn/")
    assert page.get_by_role("cell", name="Passkey").is_visible()
    page.goto("/auth/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/auth/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/workspaces/")


def test_a_cancelled_passkey_is_explained_in_the_page(cast: Member, page: Page) -> None:
    page.goto("/auth/login/")
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"
    )
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("alert").get_by_text("No passkey was used").wait_for()


def test_an_invitation_leads_to_work(cast: Member, page: Page) -> None:
    with workspace_scope(cast.workspace_id):
        token = token_for(Invitation.objects.get())
    page.goto(f"/join/{token}/")
    page.get_by_label("Password").fill("password1234")
    page.get_by_role("button", name="Make my login and join").click()
    page.get_by_text("This password is on the lists").wait_for()
    page.get_by_label("Password").fill(GOOD)
    with page.expect_response(lambda answer: answer.status == 302):
        page.get_by_role("button", name="Make my login and join").click()
    page.goto("/w/northwind/settings/members/")
    assert page.get_by_role("row", name="Rosa Vargas").is_visible()


def test_members_are_managed_without_leaving_the_page(cast: Member, page: Page) -> None:
    sign_in(page, cast)
    page.goto("/w/northwind/settings/members/")
    page.get_by_label("Email").fill("sam@example.org")
    page.get_by_label("Name", exact=True).fill("Sam Okafor")
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_text("Invitation to sam@example.org is on its way.").wait_for()
    page.get_by_role("button", name="Withdraw the invitation of sam@example.org").click()
    page.get_by_text("no longer works").wait_for()
    page.get_by_role("button", name="Deactivate Quinn Abbott").click()
    page.get_by_text("Quinn Abbott can no longer enter.").wait_for()
    page.get_by_label("State").select_option("inactive")
    page.get_by_role("button", name="Activate Quinn Abbott").click()
    page.get_by_text("Quinn Abbott can enter again.").wait_for()
    assert "state=inactive" in page.url
