"""The ledger of judgements and scorecards, in words."""

from __future__ import annotations

from accounts.changes import changes_of
from accounts.health import services
from accounts.health.wording import AudienceWording, MeasuresWording
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import Actor, workspace_scope
from tests.factories import AccountFactory

from .conftest import TIER, a_measure

ONBOARDING = {"fact": "stage", "op": "is", "value": "onboarding"}


class TestWording:
    def test_a_measure_that_counts_otherwise(self, workspace: Workspace) -> None:
        new = a_measure("stage", ("is", "mature", 80), label="Stage", unknown=30)
        said = MeasuresWording(workspace)([TIER], [TIER | {"weight": 20}, new])
        assert said == [
            (
                "Tier",
                "weight 10: tier is 1 → 100, tier is 2 → 60, otherwise → 20, unknown left out",
                "weight 20: tier is 1 → 100, tier is 2 → 60, otherwise → 20, unknown left out",
            ),
            ("Stage", "—", "weight 10: lifecycle stage is mature → 80, otherwise → 0, unknown → 30"),
        ]

    def test_one_that_went_or_cannot_be_read_any_more(self, workspace: Workspace) -> None:
        assert [pair[2] for pair in MeasuresWording(workspace)([TIER], [TIER | {"fact": "gone"}])] == ["—"]

    def test_an_audience_is_a_sentence(self, workspace: Workspace) -> None:
        assert AudienceWording(workspace)(None, ONBOARDING) == [
            ("audience", "every account", "lifecycle stage is onboarding")
        ]
        assert AudienceWording(workspace)({"fact": "gone"}, None)[0][1] == "a condition over facts that are gone"

    def test_a_judgement_reads_well_in_the_timeline(self, workspace: Workspace, csm: Member) -> None:
        with workspace_scope(workspace.pk, actor=Actor("member", csm.pk)):
            account = AccountFactory(workspace=workspace)
            services.judge(actor=csm, account=account, health="red", reason="No answer", codes=["no_answer"])
        fields = changes_of(account, workspace, 1)[0].fields
        assert ("health", "Undefined", "Red") in fields
        assert ("reasons", "—", "Does not answer") in fields
