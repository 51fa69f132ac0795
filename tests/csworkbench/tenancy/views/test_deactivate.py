"""Shutting a member out, and letting them in again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.csworkbench.tenancy.conftest import SignIn, htmx
from tests.factories import make_member

Url = Callable[..., str]


def is_active(member: Member) -> bool:
    return Member.objects.get(pk=member.pk).is_active


class TestDeactivate:
    def test_the_member_gets_404_from_the_next_request_on(
        self, as_admin: Client, client_for: SignIn, csm: Member, url: Url
    ) -> None:
        browser = client_for(csm)
        assert browser.get(url("members")).status_code == 200
        assert as_admin.post(url("deactivate", csm.pk)).headers["Location"] == url("members")
        assert browser.get(url("members")).status_code == 404
        assert "No workspace yet" in browser.get("/", follow=True).content.decode()

    def test_a_reader_is_refused(self, as_csm: Client, lead: Member, url: Url) -> None:
        assert as_csm.post(url("deactivate", lead.pk)).status_code == 403
        assert is_active(lead)

    def test_ops_may_but_not_an_admin(self, as_ops: Client, csm: Member, admin: Member, url: Url) -> None:
        assert as_ops.post(url("deactivate", csm.pk)).status_code == 302
        assert as_ops.post(url("deactivate", admin.pk)).status_code == 403
        assert (is_active(csm), is_active(admin)) == (False, True)

    def test_other_workspace_gets_404(
        self, as_admin: Client, as_stranger: Client, csm: Member, foreign: Member, url: Url
    ) -> None:
        assert as_stranger.post(url("deactivate", csm.pk)).status_code == 404
        assert as_admin.post(url("deactivate", foreign.pk)).status_code == 404
        assert is_active(csm)

    def test_rejects_get(self, as_admin: Client, csm: Member, url: Url) -> None:
        assert as_admin.get(url("deactivate", csm.pk)).status_code == 405
        assert is_active(csm)

    def test_second_call_changes_nothing(self, as_admin: Client, csm: Member, url: Url) -> None:
        as_admin.post(url("deactivate", csm.pk))
        entries = HistoryEntry.objects.count()
        as_admin.post(url("deactivate", csm.pk))
        assert HistoryEntry.objects.count() == entries

    def test_nobody_shuts_themselves_out(self, as_admin: Client, admin: Member, workspace: Workspace, url: Url) -> None:
        make_member(workspace, "Second Admin", roles=["admin"])
        answer = as_admin.post(url("deactivate", admin.pk))
        assert answer.status_code == 422
        assert "yourself" in answer.content.decode()
        assert is_active(admin)

    def test_the_last_active_admin_stays(
        self, workspace: Workspace, client_for: SignIn, admin: Member, url: Url
    ) -> None:
        make_member(workspace, "Retired Admin", roles=["admin"], is_active=False)
        Member.objects.filter(pk=admin.pk).update(roles=["admin", "ops"])
        other = make_member(workspace, "Acting Admin", roles=["admin"])
        browser = client_for(other)
        assert browser.post(url("deactivate", admin.pk)).status_code == 302
        assert not is_active(admin)
        assert browser.post(url("deactivate", other.pk)).status_code == 422

    def test_htmx_gets_the_list_and_the_message(self, as_admin: Client, csm: Member, url: Url) -> None:
        page = as_admin.post(url("deactivate", csm.pk), headers=htmx("members-list")).content.decode()
        assert 'id="members-list"' in page and "<html" not in page
        assert "can no longer enter" in page and 'hx-swap-oob="beforeend"' in page

    def test_needs_the_token(self, client_for: SignIn, admin: Member, csm: Member, url: Url) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(admin.user)
        assert browser.post(url("deactivate", csm.pk)).status_code == 403
        assert is_active(csm)


class TestReactivate:
    @pytest.fixture
    def gone(self, workspace: Workspace) -> Member:
        return make_member(workspace, "Bo Lindqvist", roles=["csm"], is_active=False)

    def test_lets_the_member_in_again(self, as_ops: Client, gone: Member, client_for: SignIn, url: Url) -> None:
        assert as_ops.post(url("reactivate", gone.pk)).headers["Location"] == url("members")
        assert client_for(gone).get(url("members")).status_code == 200

    def test_a_reader_is_refused(self, as_csm: Client, gone: Member, url: Url) -> None:
        assert as_csm.post(url("reactivate", gone.pk)).status_code == 403

    def test_other_workspace_gets_404(self, as_stranger: Client, gone: Member, url: Url) -> None:
        assert as_stranger.post(url("reactivate", gone.pk)).status_code == 404
        assert not is_active(gone)

    def test_rejects_get(self, as_admin: Client, gone: Member, url: Url) -> None:
        assert as_admin.get(url("reactivate", gone.pk)).status_code == 405

    def test_second_call_changes_nothing(self, as_admin: Client, gone: Member, url: Url) -> None:
        as_admin.post(url("reactivate", gone.pk))
        page = as_admin.post(url("reactivate", gone.pk), headers=htmx("members-list")).content.decode()
        assert "Nothing changed." in page
