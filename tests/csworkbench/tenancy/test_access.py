"""The doors to rows named by a request."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.http import Http404
from django.test import RequestFactory

from csworkbench.tenancy.access import get_or_404, member_or_404
from csworkbench.tenancy.http import WorkspaceRequest
from csworkbench.tenancy.models import Holiday, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope


def request_in(workspace: Workspace) -> WorkspaceRequest:
    request = RequestFactory().get("/")
    request.workspace = workspace  # type: ignore[attr-defined]
    return request  # type: ignore[return-value]


class TestGetOr404:
    def test_finds_a_row_of_the_workspace(self, workspace: Workspace) -> None:
        holiday = Holiday.objects.create(workspace=workspace, day="2027-01-01", name="New Year")
        assert get_or_404(Holiday.objects.all(), workspace, holiday.pk) == holiday
        assert get_or_404(Holiday.objects.all(), workspace.pk, str(holiday.pk)) == holiday

    def test_an_unknown_row_is_404(self, workspace: Workspace) -> None:
        with pytest.raises(Http404):
            get_or_404(Holiday.objects.all(), workspace, uuid4())

    def test_the_filter_alone_hides_another_workspaces_row(
        self, workspace: Workspace, other_workspace: Workspace
    ) -> None:
        with workspace_scope(other_workspace.pk):
            theirs = Holiday.objects.create(workspace=other_workspace, day="2027-01-01", name="Theirs")
            # The policy of the other workspace lets the row through here; the explicit filter does not.
            with pytest.raises(Http404):
                get_or_404(Holiday.objects.all(), workspace, theirs.pk)

    def test_the_statement_names_the_workspace(self, workspace: Workspace) -> None:
        statement = str(Holiday.objects.filter(workspace_id=workspace.pk, pk=uuid4()).query)
        assert "workspace_id" in statement
        assert connection.vendor == "postgresql"


class TestMemberOr404:
    def test_finds_active_and_inactive_members(self, workspace: Workspace, csm: Member) -> None:
        Member.objects.filter(pk=csm.pk).update(is_active=False)
        assert member_or_404(request_in(workspace), csm.pk) == csm

    def test_another_workspaces_member_is_404(self, workspace: Workspace, foreign: Member) -> None:
        with pytest.raises(Http404):
            member_or_404(request_in(workspace), foreign.pk)
