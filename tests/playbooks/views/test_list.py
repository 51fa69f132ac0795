"""The gallery of playbooks."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from csworkbench.tenancy.models import Member, Workspace
from playbooks import services
from playbooks.models import Playbook
from priorities import pipeline

from .conftest import DEFINITION

HOME = "/w/northwind/playbooks/"


class TestGallery:
    def test_says_what_each_does_and_did(self, entered: Account, as_csm: Client, frozen: object) -> None:
        frozen.shift(timedelta(days=5))  # type: ignore[attr-defined]
        response = as_csm.get(HOME)
        card = response.context["cards"][0]
        assert (card.open, card.entered, card.completed, card.cleared, card.overdue) == (1, 1, 0, 0, 1)
        for part in ("Rescue", "Health is red", "Tier is 1", "Call them", "Agree on a plan"):
            assert part in response.text

    def test_counts_what_cleared_by_itself(self, entered: Account, workspace: Workspace, as_csm: Client) -> None:
        entered.health = "green"
        entered.save()
        pipeline.drain(workspace)
        card = as_csm.get(HOME).context["cards"][0]
        assert (card.open, card.cleared, card.overdue) == (0, 1, 0)

    def test_marks_a_paused_one(self, rescue: Playbook, as_csm: Client) -> None:
        services.set_paused(playbook=rescue, paused=True)
        assert "Paused" in as_csm.get(HOME).text

    def test_statements_do_not_grow_with_the_playbooks(
        self, rescue: Playbook, workspace: Workspace, as_csm: Client
    ) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                as_csm.get(HOME)
            return len(captured)

        few = statements()
        for key in ("one", "two", "three"):
            services.publish_playbook(
                workspace=workspace, actor=None, key=key, name=key, description="", definition=DEFINITION
            )
        assert statements() == few

    def test_an_empty_gallery_says_what_to_do(
        self, workspace: Workspace, csm: Member, as_csm: Client, as_ops: Client
    ) -> None:
        assert "No playbooks yet" in as_csm.get(HOME).text
        assert "/setup/" not in as_csm.get(HOME).text
        assert "/setup/" in as_ops.get(HOME).text

    def test_another_workspaces_are_not_listed(self, workspace: Workspace, foreign: Playbook, as_csm: Client) -> None:
        assert "Rescue" not in as_csm.get(HOME).text
        assert as_csm.get("/w/elsewhere/playbooks/").status_code == 404

    def test_rejects_post(self, rescue: Playbook, as_csm: Client) -> None:
        assert as_csm.post(HOME).status_code == 405
