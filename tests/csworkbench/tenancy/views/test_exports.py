"""Members and history as sheets."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client

from csworkbench.tenancy.models import Holiday, Member, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope
from tests.factories import make_member

Url = Callable[..., str]


def rows_of(answer: Any) -> list[dict[str, object]]:
    """The rows of the sheet under their titles."""
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    titles, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(titles, row, strict=True)) for row in rows]


class TestMembers:
    def test_holds_the_list_as_filtered(self, as_csm: Client, csm: Member, lead: Member, url: Url) -> None:
        Member.objects.filter(pk=csm.pk).update(lead=lead)
        answer = as_csm.get(f"{url('members_export')}?role=csm")
        assert rows_of(answer) == [
            {
                "Name": "Quinn Abbott",
                "Email": csm.user.email,
                "Title": None,
                "Roles": "CSM",
                "Lead": "Ines Young",
                "Time zone": "America/Chicago",
                "State": "Active",
            }
        ]
        assert "members-" in answer.headers["Content-Disposition"]

    def test_a_name_is_no_formula(self, as_csm: Client, workspace: Workspace, url: Url) -> None:
        make_member(workspace, "=1+1", roles=["csm"])
        names = {row["Name"] for row in rows_of(as_csm.get(url("members_export")))}
        assert "'=1+1" in names

    def test_other_workspace_gets_404(self, as_stranger: Client, url: Url) -> None:
        assert as_stranger.get(url("members_export")).status_code == 404

    def test_holds_nobody_of_another_workspace(self, as_csm: Client, foreign: Member, url: Url) -> None:
        rows = rows_of(as_csm.get(f"{url('members_export')}?state=all"))
        assert foreign.name not in {row["Name"] for row in rows}

    def test_rejects_post(self, as_csm: Client, url: Url) -> None:
        assert as_csm.post(url("members_export")).status_code == 405


class TestHistory:
    @pytest.fixture
    def renamed(self, workspace: Workspace, ops: Member) -> Holiday:
        holiday = Holiday.objects.create(workspace=workspace, day="2027-01-01", name="New Year")
        with workspace_scope(workspace.pk, actor=Actor("member", ops.pk, ops.user_id, cause="by hand")):
            Holiday.objects.filter(pk=holiday.pk).update(name="=New Year")
        return holiday

    def test_holds_one_row_per_changed_field(self, as_ops: Client, renamed: Holiday, url: Url) -> None:
        first, second = rows_of(as_ops.get(f"{url('history_export')}?table=tenancy_holiday"))
        assert (first["Who"], first["Did"], first["Cause"]) == ("Farid Fontaine", "changed holiday", "by hand")
        assert (first["Field"], first["Before"], first["After"]) == ("Name", "New Year", "'=New Year")
        assert (second["Did"], second["Field"]) == ("added holiday", None)

    def test_a_reader_is_refused(self, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url("history_export")).status_code == 403

    def test_other_workspace_gets_404(self, as_stranger: Client, url: Url) -> None:
        assert as_stranger.get(url("history_export")).status_code == 404

    def test_rejects_post(self, as_ops: Client, url: Url) -> None:
        assert as_ops.post(url("history_export")).status_code == 405
