"""The workspace's own settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.csworkbench.tenancy.conftest import htmx

Url = Callable[..., str]
FORM = {"name": "Northwind", "time_zone": "America/New_York", "currency": "EUR", "phone_region": "CA",
        "edit_window_hours": "24"}  # fmt: skip


def fresh(workspace: Workspace) -> Workspace:
    return Workspace.objects.get(pk=workspace.pk)


class TestSettings:
    def test_an_admin_changes_them(self, as_admin: Client, workspace: Workspace, url: Url) -> None:
        assert as_admin.post(url("settings"), FORM | {"requires_mfa": "on"}).headers["Location"] == url("settings")
        saved = fresh(workspace)
        assert (saved.time_zone, saved.currency, saved.phone_region) == ("America/New_York", "EUR", "CA")
        assert saved.requires_mfa

    def test_a_second_person_for_imports_is_switched_on_and_off(
        self, as_admin: Client, workspace: Workspace, url: Url
    ) -> None:
        as_admin.post(url("settings"), FORM | {"imports_need_approval": "on"})
        assert fresh(workspace).imports_need_approval
        as_admin.post(url("settings"), FORM)
        assert not fresh(workspace).imports_need_approval

    def test_the_hours_to_edit_an_entry(self, as_admin: Client, workspace: Workspace, url: Url) -> None:
        as_admin.post(url("settings"), FORM | {"edit_window_hours": "0"})
        assert fresh(workspace).edit_window_hours == 0
        for wrong in ("721", "-1", "", "long"):
            assert as_admin.post(url("settings"), FORM | {"edit_window_hours": wrong}).status_code == 422
        assert fresh(workspace).edit_window_hours == 0

    def test_the_history_keeps_what_was_before_and_who(
        self, as_admin: Client, admin: Member, workspace: Workspace, url: Url
    ) -> None:
        as_admin.post(url("settings"), FORM)
        entry = HistoryEntry.objects.get(table_name="tenancy_workspace")
        assert entry.changes == {
            "time_zone": ["America/Chicago", "America/New_York"],
            "currency": ["USD", "EUR"],
            "phone_region": ["US", "CA"],
        }
        assert (entry.row_id, entry.actor_id, entry.actor_kind, entry.operation) == (
            None, admin.pk, "member", "update",
        )  # fmt: skip

    def test_everyone_reads_them(self, as_csm: Client, url: Url) -> None:
        page = as_csm.get(url("settings")).content.decode()
        assert "America/Chicago" in page and "Only an admin changes these" in page
        assert '<form class="form"' not in page

    @pytest.mark.parametrize("who", ["as_csm", "as_ops"])
    def test_a_reader_is_refused(
        self, request: pytest.FixtureRequest, workspace: Workspace, url: Url, who: str
    ) -> None:
        browser: Client = request.getfixturevalue(who)
        assert browser.post(url("settings"), FORM).status_code == 403
        assert fresh(workspace).currency == "USD"

    def test_other_workspace_gets_404(self, as_stranger: Client, workspace: Workspace, url: Url) -> None:
        assert as_stranger.get(url("settings")).status_code == 404
        assert as_stranger.post(url("settings"), FORM).status_code == 404

    def test_rejects_delete(self, as_admin: Client, url: Url) -> None:
        assert as_admin.delete(url("settings")).status_code == 405

    def test_second_call_changes_nothing(self, as_admin: Client, url: Url) -> None:
        as_admin.post(url("settings"), FORM)
        assert "Nothing changed." in as_admin.post(url("settings"), FORM, follow=True).content.decode()
        assert HistoryEntry.objects.filter(table_name="tenancy_workspace").count() == 1

    def test_htmx_gets_the_form(self, as_admin: Client, url: Url) -> None:
        page = as_admin.post(url("settings"), FORM, headers=htmx("workspace-form")).content.decode()
        assert 'id="workspace-form"' in page and "<html" not in page
        assert "Settings saved." in page

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("time_zone", "Mars/Olympus"),
            ("currency", "XXX"),
            ("phone_region", "usa"),
            ("phone_region", "XX"),
        ],
    )
    def test_what_was_typed_stays_when_it_is_refused(
        self, as_admin: Client, workspace: Workspace, url: Url, field: str, value: str
    ) -> None:
        answer = as_admin.post(url("settings"), FORM | {"name": "Typed", field: value})
        assert answer.status_code == 422
        assert field == "name" or 'value="Typed"' in answer.content.decode()
        assert fresh(workspace).name == "Northwind"

    def test_a_lost_race_is_told(self, as_admin: Client, workspace: Workspace, url: Url) -> None:
        seen = as_admin.get(url("settings")).context["form"].initial["seen"]
        Workspace.objects.filter(pk=workspace.pk).update(name="Renamed meanwhile")
        answer = as_admin.post(url("settings"), FORM | {"seen": seen})
        assert answer.status_code == 409
        assert fresh(workspace).name == "Renamed meanwhile"
        again = as_admin.post(url("settings"), FORM | {"seen": seen}, headers=htmx("workspace-form"))
        assert again.status_code == 409
        assert 'value="Renamed meanwhile"' in again.content.decode()

    def test_a_region_may_be_typed_small(self, as_admin: Client, workspace: Workspace, url: Url) -> None:
        as_admin.post(url("settings"), FORM | {"phone_region": "ca"})
        assert fresh(workspace).phone_region == "CA"

    def test_fields_that_are_not_in_the_form_are_ignored(
        self, as_admin: Client, workspace: Workspace, url: Url
    ) -> None:
        as_admin.post(url("settings"), FORM | {"slug": "elsewhere", "is_active": "", "id": "9", "starter_pack": "x"})
        saved = fresh(workspace)
        assert (saved.slug, saved.is_active, saved.starter_pack) == ("northwind", True, "")

    def test_a_currency_and_zone_chosen_elsewhere_stay_choosable(
        self, as_admin: Client, workspace: Workspace, url: Url
    ) -> None:
        Workspace.objects.filter(pk=workspace.pk).update(currency="BRL", time_zone="US/Central")
        page = as_admin.get(url("settings")).content.decode()
        assert '<option value="BRL" selected>' in page and '<option value="US/Central" selected>' in page
