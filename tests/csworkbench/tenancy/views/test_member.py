"""Changing one member."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.csworkbench.tenancy.conftest import SignIn, htmx
from tests.factories import make_member

Url = Callable[..., str]


@pytest.fixture
def form(lead: Member) -> dict[str, object]:
    return {"name": "Quinn Abbott", "title": "Senior CSM", "roles": ["csm"], "lead": str(lead.pk), "time_zone": ""}


def fresh(member: Member) -> Member:
    return Member.objects.get(pk=member.pk)


class TestMember:
    def test_saves_and_goes_back_to_the_list(
        self, as_admin: Client, csm: Member, lead: Member, form: dict[str, object], url: Url
    ) -> None:
        answer = as_admin.post(url("member", csm.pk), form | {"time_zone": "America/Denver"})
        assert answer.headers["Location"] == url("members")
        saved = fresh(csm)
        assert (saved.title, saved.lead, saved.time_zone) == ("Senior CSM", lead, "America/Denver")

    def test_the_history_names_who_did_it(
        self, as_ops: Client, ops: Member, csm: Member, form: dict[str, object], url: Url
    ) -> None:
        as_ops.post(url("member", csm.pk), form)
        entry = HistoryEntry.objects.filter(row_id=csm.pk, operation="update").latest("id")
        assert (entry.actor_id, entry.actor_kind) == (ops.pk, "member")
        assert entry.changes["title"] == ["", "Senior CSM"]

    def test_shows_the_form(self, as_ops: Client, csm: Member, url: Url) -> None:
        page = as_ops.get(url("member", csm.pk)).content.decode()
        assert 'value="Quinn Abbott"' in page and 'id="member-form"' in page

    def test_a_reader_is_refused(self, as_csm: Client, csm: Member, form: dict[str, object], url: Url) -> None:
        assert as_csm.get(url("member", csm.pk)).status_code == 403
        assert as_csm.post(url("member", csm.pk), form).status_code == 403
        assert fresh(csm).title == ""

    def test_other_workspace_gets_404(
        self, as_stranger: Client, as_admin: Client, csm: Member, foreign: Member, form: dict[str, object], url: Url
    ) -> None:
        assert as_stranger.post(url("member", csm.pk), form).status_code == 404
        assert as_admin.get(url("member", foreign.pk)).status_code == 404
        assert as_admin.post(url("member", foreign.pk), form).status_code == 404

    def test_rejects_delete(self, as_admin: Client, csm: Member, url: Url) -> None:
        assert as_admin.delete(url("member", csm.pk)).status_code == 405

    def test_second_call_changes_nothing(
        self, as_admin: Client, csm: Member, form: dict[str, object], url: Url
    ) -> None:
        as_admin.post(url("member", csm.pk), form)
        entries = HistoryEntry.objects.count()
        answer = as_admin.post(url("member", csm.pk), form, follow=True)
        assert "Nothing changed." in answer.content.decode()
        assert HistoryEntry.objects.count() == entries

    def test_htmx_gets_the_form_back(self, as_admin: Client, csm: Member, form: dict[str, object], url: Url) -> None:
        answer = as_admin.post(url("member", csm.pk), form, headers=htmx("member-form"))
        page = answer.content.decode()
        assert answer.status_code == 200
        assert 'id="member-form"' in page and "<html" not in page
        assert "Quinn Abbott saved." in page

    def test_what_was_typed_stays_when_it_is_refused(
        self, as_admin: Client, csm: Member, form: dict[str, object], url: Url
    ) -> None:
        answer = as_admin.post(url("member", csm.pk), form | {"roles": [], "title": "Typed"})
        assert answer.status_code == 422
        assert 'value="Typed"' in answer.content.decode()

    def test_a_lost_race_is_told(
        self, as_admin: Client, as_ops: Client, csm: Member, form: dict[str, object], url: Url
    ) -> None:
        page = as_admin.get(url("member", csm.pk))
        seen = page.context["form"].initial["seen"]
        as_ops.post(url("member", csm.pk), form | {"title": "By ops", "seen": seen})
        answer = as_admin.post(url("member", csm.pk), form | {"title": "By admin", "seen": seen})
        assert answer.status_code == 409
        assert fresh(csm).title == "By ops"

    def test_htmx_that_lost_a_race_gets_the_row_as_it_is_now(
        self, as_admin: Client, csm: Member, form: dict[str, object], url: Url
    ) -> None:
        Member.objects.filter(pk=csm.pk).update(title="By ops")
        answer = as_admin.post(url("member", csm.pk), form | {"seen": "stale"}, headers=htmx("member-form"))
        page = answer.content.decode()
        assert answer.status_code == 409
        assert 'value="By ops"' in page and "This is how it is now" in page and "<html" not in page

    def test_the_last_admin_stays_one(self, as_admin: Client, admin: Member, url: Url) -> None:
        form = {"name": "Keiko Ueda", "title": "", "roles": ["csm"], "lead": "", "time_zone": ""}
        answer = as_admin.post(url("member", admin.pk), form)
        assert "last admin" in answer.content.decode()
        assert fresh(admin).roles == ["admin"]

    @pytest.mark.parametrize("role", ["admin", "finance"])
    def test_ops_cannot_hand_out_power(
        self, as_ops: Client, csm: Member, form: dict[str, object], url: Url, role: str
    ) -> None:
        answer = as_ops.post(url("member", csm.pk), form | {"roles": ["csm", role]})
        assert "Only an admin gives or takes" in answer.content.decode()
        assert fresh(csm).roles == ["csm"]

    def test_ops_cannot_change_an_admin(self, as_ops: Client, admin: Member, form: dict[str, object], url: Url) -> None:
        assert as_ops.post(url("member", admin.pk), form).status_code == 403
        assert fresh(admin).name == "Keiko Ueda"

    def test_fields_that_are_not_in_the_form_are_ignored(
        self, as_ops: Client, csm: Member, foreign: Member, form: dict[str, object], url: Url, workspace: Workspace
    ) -> None:
        extra = {"is_active": "", "user": str(foreign.user_id), "workspace": str(foreign.workspace_id), "id": "x"}
        as_ops.post(url("member", csm.pk), form | extra)
        saved = fresh(csm)
        assert (saved.is_active, saved.user_id, saved.workspace_id) == (True, csm.user_id, workspace.pk)

    def test_a_lead_must_be_an_active_lead_of_this_workspace(
        self, as_admin: Client, workspace: Workspace, csm: Member, finance: Member, foreign: Member,
        form: dict[str, object], url: Url,
    ) -> None:  # fmt: skip
        gone = make_member(workspace, "Bo Lindqvist", roles=["lead"], is_active=False)
        for wrong in (finance, foreign, gone, csm):
            assert as_admin.post(url("member", csm.pk), form | {"lead": str(wrong.pk)}).status_code == 422
        assert fresh(csm).lead is None

    def test_a_role_taken_away_counts_on_the_next_request(
        self, client_for: SignIn, as_admin: Client, ops: Member, url: Url
    ) -> None:
        browser = client_for(ops)
        assert browser.get(url("history")).status_code == 200
        form = {"name": "Farid Fontaine", "title": "", "roles": ["csm"], "lead": "", "time_zone": ""}
        as_admin.post(url("member", ops.pk), form)
        assert browser.get(url("history")).status_code == 403
