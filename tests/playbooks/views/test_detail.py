"""One playbook from top to bottom."""

from __future__ import annotations

from django.test import Client

from accounts.models import Account
from csworkbench.tenancy.models import Workspace
from playbooks import services
from playbooks.models import Playbook
from tests.factories import AccountFactory


def url(playbook: Playbook) -> str:
    return f"/w/northwind/playbooks/{playbook.pk}/"


class TestDetail:
    def test_reads_as_a_path(self, entered: Account, rescue: Playbook, as_csm: Client) -> None:
        text = as_csm.get(url(rescue)).text
        parts = ("Starts while all of this holds", "Health is red", "At once", "Call them", "Check-in",
                 "Due in 1 business day", "After 3 days", "Agree on a plan", "Goals, who does what", "Urgent",
                 "Due in 2 business days", "Ends", "rests 14 days")  # fmt: skip
        assert [part for part in parts if part not in text] == []
        places = [text.index(part) for part in ("Health is red", "Call them", "Agree on a plan", "rests 14 days")]
        assert places == sorted(places)

    def test_shows_who_is_in_it_and_who_would_enter(
        self, entered: Account, rescue: Playbook, workspace: Workspace, as_csm: Client
    ) -> None:
        AccountFactory(workspace=workspace, tier=1, health="red")
        response = as_csm.get(url(rescue))
        assert [run.account for run in response.context["runs"]] == [entered]
        assert "1 account would enter now" in response.text
        assert f"/w/northwind/accounts/{entered.pk}/" in response.text

    def test_a_version_that_was_never_published_says_so(self, workspace: Workspace, as_csm: Client) -> None:
        bare = Playbook.objects.create(workspace=workspace, key="bare", name="Bare")
        assert "No version is published" in as_csm.get(url(bare)).text

    def test_a_csm_cannot_pause_it_and_ops_can(self, rescue: Playbook, as_csm: Client, as_ops: Client) -> None:
        assert "/pause/" not in as_csm.get(url(rescue)).text
        assert "/pause/" in as_ops.get(url(rescue)).text

    def test_a_paused_one_says_what_that_means(self, rescue: Playbook, as_ops: Client) -> None:
        services.set_paused(playbook=rescue, paused=True)
        text = as_ops.get(url(rescue)).text
        assert "no account enters" in text
        assert "Resume" in text

    def test_another_workspaces_playbook_is_404(self, workspace: Workspace, foreign: Playbook, as_csm: Client) -> None:
        assert as_csm.get(url(foreign)).status_code == 404

    def test_rejects_post(self, rescue: Playbook, as_csm: Client) -> None:
        assert as_csm.post(url(rescue)).status_code == 405
