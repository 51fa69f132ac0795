"""First run: a starter pack in one step."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from playbooks.models import PlaybookVersion
from priorities.models import RuleSet


class TestSetup:
    def test_installs_a_pack_once(
        self, workspace: Workspace, ops: Member, client_for: Callable[[Member], Client]
    ) -> None:
        client = client_for(ops)
        for _ in range(2):
            assert client.post("/w/northwind/setup/", {"pack": "advisor"}).status_code == 302
        assert RuleSet.objects.count() == 1
        assert PlaybookVersion.objects.count() == 3
        entry = HistoryEntry.objects.get(table_name="tenancy_workspace")
        assert (entry.changes, entry.actor_id) == ({"starter_pack": ["", "advisor"]}, ops.pk)

    def test_refuses_an_unknown_pack(
        self, workspace: Workspace, ops: Member, client_for: Callable[[Member], Client]
    ) -> None:
        assert client_for(ops).post("/w/northwind/setup/", {"pack": "nonsense"}).status_code == 422

    def test_a_csm_is_refused(self, workspace: Workspace, csm: Member, client_for: Callable[[Member], Client]) -> None:
        assert client_for(csm).get("/w/northwind/setup/").status_code == 403

    def test_another_workspace_gets_404(
        self, other_workspace: Workspace, workspace: Workspace, ops: Member, client_for: Callable[[Member], Client]
    ) -> None:
        assert client_for(ops).post("/w/elsewhere/setup/", {"pack": "advisor"}).status_code == 404
