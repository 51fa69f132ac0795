"""The mail page: what waits, what failed, what only a person can find out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from csworkbench.common import clock
from csworkbench.tenancy.models import Member, OutgoingMail, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.tenancy.conftest import htmx

Url = Callable[..., str]


def a_mail(workspace: Workspace, state: str, **fields: Any) -> OutgoingMail:
    return OutgoingMail.objects.create(
        workspace=workspace, key=f"k-{state}", to=f"{state}@example.org", subject=f"About {state}",
        text="https://secret.example.org/token", state=state, next_try_at=clock.now(), **fields,
    )  # fmt: skip


def state_of(mail: OutgoingMail) -> str:
    return OutgoingMail.objects.get(pk=mail.pk).state


@pytest.fixture
def unknown(workspace: Workspace, enqueued: list[dict[str, object]]) -> OutgoingMail:
    return a_mail(workspace, "unknown", error="No answer after the message was handed over", attempts=1)


class TestMail:
    def test_lists_states_and_errors_but_no_bodies(
        self, as_admin: Client, workspace: Workspace, unknown: OutgoingMail, url: Url
    ) -> None:
        a_mail(workspace, "sent", sent_at=clock.now())
        a_mail(workspace, "queued", attempts=2, error="450 greylisted")
        page = as_admin.get(url("mail")).content.decode()
        assert "About sent" in page and "450 greylisted" in page and "No answer after" in page
        assert "secret.example.org" not in page

    def test_the_address_filters_by_state(
        self, as_admin: Client, workspace: Workspace, unknown: OutgoingMail, url: Url
    ) -> None:
        a_mail(workspace, "sent", sent_at=clock.now())
        page = as_admin.get(f"{url('mail')}?state=unknown", headers=htmx("mail-list")).content.decode()
        assert "About unknown" in page and "About sent" not in page and "<html" not in page

    def test_says_where_mail_goes_without_a_server(self, as_admin: Client, url: Url, settings: Any) -> None:
        assert "EMAIL_URL" not in as_admin.get(url("mail")).content.decode()
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        assert "EMAIL_URL" in as_admin.get(url("mail")).content.decode()

    @pytest.mark.parametrize("who", ["as_csm", "as_ops"])
    def test_a_reader_is_refused(self, request: pytest.FixtureRequest, url: Url, who: str) -> None:
        browser: Client = request.getfixturevalue(who)
        assert browser.get(url("mail")).status_code == 403

    def test_other_workspace_gets_404(self, as_stranger: Client, url: Url) -> None:
        assert as_stranger.get(url("mail")).status_code == 404

    def test_rejects_post(self, as_admin: Client, url: Url) -> None:
        assert as_admin.post(url("mail")).status_code == 405


@pytest.mark.parametrize(("verb", "after"), [("mail_retry", "queued"), ("mail_settle", "sent")])
class TestDecide:
    def test_a_person_decides(self, as_admin: Client, unknown: OutgoingMail, url: Url, verb: str, after: str) -> None:
        assert as_admin.post(url(verb, unknown.pk)).headers["Location"] == url("mail")
        assert state_of(unknown) == after

    def test_second_call_changes_nothing(
        self, as_admin: Client, unknown: OutgoingMail, url: Url, verb: str, after: str,
        enqueued: list[dict[str, object]],
    ) -> None:  # fmt: skip
        as_admin.post(url(verb, unknown.pk))
        calls = len(enqueued)
        page = as_admin.post(url(verb, unknown.pk), headers=htmx("mail-list")).content.decode()
        assert "Nothing changed." in page
        assert (state_of(unknown), len(enqueued)) == (after, calls)

    def test_htmx_gets_the_list(self, as_admin: Client, unknown: OutgoingMail, url: Url, verb: str, after: str) -> None:
        page = as_admin.post(url(verb, unknown.pk), headers=htmx("mail-list")).content.decode()
        assert 'id="mail-list"' in page and "<html" not in page

    def test_a_reader_is_refused(self, as_ops: Client, unknown: OutgoingMail, url: Url, verb: str, after: str) -> None:
        assert as_ops.post(url(verb, unknown.pk)).status_code == 403
        assert state_of(unknown) == "unknown"

    def test_other_workspace_gets_404(
        self, as_stranger: Client, as_admin: Client, unknown: OutgoingMail, foreign: Member, url: Url,
        verb: str, after: str,
    ) -> None:  # fmt: skip
        with workspace_scope(foreign.workspace_id):
            theirs = a_mail(foreign.workspace, "unknown")
        assert as_stranger.post(url(verb, unknown.pk)).status_code == 404
        assert as_admin.post(url(verb, theirs.pk)).status_code == 404
        with workspace_scope(foreign.workspace_id):
            assert state_of(theirs) == "unknown"

    def test_rejects_get(self, as_admin: Client, unknown: OutgoingMail, url: Url, verb: str, after: str) -> None:
        assert as_admin.get(url(verb, unknown.pk)).status_code == 405
        assert state_of(unknown) == "unknown"
