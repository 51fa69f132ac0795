"""The health panel: why it is what it is, judged, overridden and escalated in its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Account, HealthOverride
from csworkbench.tenancy.models import HistoryEntry, Workspace
from priorities import pipeline
from priorities.setup import install_pack

Url = Callable[..., str]
RED = {"health": "red", "reason": "Nobody answers since the merger"}
HTMX = {"HX-Request": "true", "HX-Target": "health-panel"}


def until(workspace: Workspace, days: int = 30) -> dict[str, str]:
    return RED | {"expires_on": str(workspace.today + timedelta(days=days))}


class TestPanel:
    def test_without_a_scorecard_says_so(self, account: Account, as_csm: Client, url: Url) -> None:
        assert "No scorecard measures it" in as_csm.get(url(account, "health/panel")).text

    def test_shows_each_measure_of_the_scorecard(
        self, account: Account, workspace: Workspace, as_csm: Client, url: Url
    ) -> None:
        install_pack(workspace, "compliance")
        pipeline.sweep(workspace)
        text = as_csm.get(url(account, "health/panel"), headers=HTMX).text
        assert text.lstrip().startswith('<section id="health-panel"')
        for part in ("Measured by", "Higher is healthier", "<meter", "unknown", "Override it", "Mark as escalated"):
            assert part in text

    def test_a_reader_sees_no_form(self, account: Account, as_reader: Client, url: Url) -> None:
        response = as_reader.get(url(account, "health/panel"))
        assert response.status_code == 200
        assert 'method="post"' not in response.text.split('id="health-panel"')[1]

    def test_another_workspaces_account_is_404(self, foreign: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(foreign, "health/panel")).status_code == 404


class TestJudge:
    def test_is_judged_and_dated(self, account: Account, workspace: Workspace, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "health"), RED | {"codes": ["no_answer", "reorganisation"]})
        assert (response.status_code, response["Location"]) == (302, url(account))
        account.refresh_from_db()
        assert (account.health, account.health_reason, account.health_since) == ("red", RED["reason"], workspace.today)
        text = as_csm.get(url(account, "health/panel")).text
        assert RED["reason"] in text
        assert "Does not answer" in text

    def test_htmx_gets_the_panel_as_it_is_now(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "health"), RED, headers=HTMX)
        assert response.status_code == 200
        assert RED["reason"] in response.text
        assert "account-changed" in response.headers["HX-Trigger-After-Settle"]

    def test_twice_changes_nothing(self, account: Account, as_csm: Client, url: Url) -> None:
        for _ in range(2):
            assert as_csm.post(url(account, "health"), RED).status_code == 302
        assert HistoryEntry.objects.filter(account_id=account.pk, operation="update").count() == 1

    def test_bad_input_keeps_what_was_typed_and_stays_open(self, account: Account, as_csm: Client, url: Url) -> None:
        response = as_csm.post(url(account, "health"), {"health": "purple", "reason": "My reason"})
        assert response.status_code == 422
        assert 'value="My reason"' in response.text
        assert 'class="disclosure judge" name="health-act" open' in " ".join(response.text.split())
        account.refresh_from_db()
        assert account.health == "undefined"

    @pytest.mark.parametrize(
        "sent",
        [
            {"health": "red", "reason": " "},
            RED | {"codes": ["nonsense"]},
            RED | {"codes": ["price", "bug", "payment", "competitor"]},
        ],
    )
    def test_refuses(self, account: Account, as_csm: Client, url: Url, sent: dict[str, object]) -> None:
        assert as_csm.post(url(account, "health"), sent).status_code == 422

    def test_rejects_get(self, account: Account, as_csm: Client, url: Url) -> None:
        assert as_csm.get(url(account, "health")).status_code == 405


class TestOverride:
    def test_holds_at_once_and_ends(self, account: Account, workspace: Workspace, as_csm: Client, url: Url) -> None:
        assert as_csm.post(url(account, "health/override"), until(workspace)).status_code == 302
        account = Account.objects.select_related("standing").get(pk=account.pk)
        assert account.effective_health == "red"
        assert "set it to red until" in as_csm.get(url(account, "health/panel")).text
        ended = as_csm.post(url(account, "health/override/end"), headers=HTMX)
        assert "set it to red until" not in ended.text
        account = Account.objects.select_related("standing").get(pk=account.pk)
        assert account.effective_health == "undefined"

    def test_twice_is_one(self, account: Account, workspace: Workspace, as_csm: Client, url: Url) -> None:
        for _ in range(2):
            as_csm.post(url(account, "health/override"), until(workspace))
        assert HealthOverride.objects.count() == 1

    @pytest.mark.parametrize("days", [0, 181, -5])
    def test_needs_a_day_it_ends(
        self, account: Account, workspace: Workspace, as_csm: Client, url: Url, days: int
    ) -> None:
        response = as_csm.post(url(account, "health/override"), until(workspace, days))
        assert response.status_code == 422
        assert f'value="{RED["reason"]}"' in response.text
        assert not HealthOverride.objects.exists()


class TestEscalated:
    def test_marked_and_cleared(self, account: Account, workspace: Workspace, as_csm: Client, url: Url) -> None:
        as_csm.post(url(account, "health/escalated"), {"escalated": "yes"})
        account.refresh_from_db()
        assert account.escalated_since == workspace.today
        assert "escalated" in as_csm.get(url(account, "health/panel")).text
        as_csm.post(url(account, "health/escalated"), {"escalated": "no"})
        account.refresh_from_db()
        assert account.escalated_since is None


class TestWho:
    @pytest.mark.parametrize("part", ["health", "health/override", "health/override/end", "health/escalated"])
    def test_a_reader_is_refused_and_a_stranger_finds_nothing(
        self, account: Account, foreign: Account, as_reader: Client, as_csm: Client, url: Url, part: str
    ) -> None:
        assert as_reader.post(url(account, part), RED).status_code == 403
        assert as_csm.post(url(foreign, part), RED).status_code == 404
        assert as_csm.get(url(account, part)).status_code == 405
