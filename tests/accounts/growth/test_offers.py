"""Upsell candidates: found, cleared, dismissed and taken up, each once (GRO-1, GRO-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.facts import context_for
from accounts.growth.offers import find_candidates
from accounts.growth.services import Decided, bring_back, dismiss, take_up
from accounts.models import Account, Candidate, Offer, Opportunity
from csworkbench.common import clock
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(workspace: Workspace) -> Offer:
    condition = {"fact": "tier", "op": "is", "value": 1}
    return Offer.objects.create(workspace=workspace, key="portal", name="Portal", kind="product", condition=condition)


@pytest.fixture
def fitting(workspace: Workspace, offer: Offer) -> Account:
    return AccountFactory(workspace=workspace, tier=1)


def states(workspace: Workspace) -> list[str]:
    return list(Candidate.objects.filter(workspace=workspace).values_list("state", flat=True))


class TestFinding:
    def test_opens_clears_and_opens_again(self, workspace: Workspace, fitting: Account) -> None:
        AccountFactory(workspace=workspace, tier=2)
        assert find_candidates(workspace, context_for(workspace)) == 1
        assert find_candidates(workspace, context_for(workspace)) == 0
        Account.objects.filter(pk=fitting.pk).update(tier=2)
        find_candidates(workspace, context_for(workspace), [fitting.pk])
        assert states(workspace) == ["cleared"]
        Account.objects.filter(pk=fitting.pk).update(tier=1)
        find_candidates(workspace, context_for(workspace), [fitting.pk])
        assert states(workspace) == ["open"]

    def test_an_offer_that_is_withdrawn_takes_its_candidates_along(
        self, workspace: Workspace, fitting: Account
    ) -> None:
        find_candidates(workspace, context_for(workspace))
        Offer.objects.update(is_active=False)
        find_candidates(workspace, context_for(workspace))
        assert states(workspace) == ["cleared"]

    def test_leaves_accounts_that_were_not_asked_for(self, workspace: Workspace, fitting: Account) -> None:
        other = AccountFactory(workspace=workspace, tier=1)
        find_candidates(workspace, context_for(workspace), [other.pk])
        assert list(Candidate.objects.values_list("account", flat=True)) == [other.pk]

    def test_a_constant_number_of_statements(
        self, workspace: Workspace, offer: Offer, django_assert_num_queries: Any
    ) -> None:
        AccountFactory.create_batch(20, workspace=workspace, tier=1)
        context = context_for(workspace)
        with django_assert_num_queries(4):
            assert find_candidates(workspace, context) == 20


class TestDeciding:
    @pytest.fixture
    def candidate(self, workspace: Workspace, fitting: Account) -> Candidate:
        find_candidates(workspace, context_for(workspace))
        return Candidate.objects.get()

    def test_a_dismissed_one_rests_and_comes_back(
        self, workspace: Workspace, csm: Member, candidate: Candidate
    ) -> None:
        dismiss(actor=csm, candidate=candidate, reason="Has another tool")
        find_candidates(workspace, context_for(workspace))
        assert states(workspace) == ["dismissed"]
        with time_machine.travel(clock.now() + timedelta(days=91), tick=False):
            find_candidates(workspace, context_for(workspace))
        assert states(workspace) == ["open"]

    def test_a_dismissal_can_be_taken_back(self, workspace: Workspace, csm: Member, candidate: Candidate) -> None:
        dismiss(actor=csm, candidate=candidate, reason="Not now")
        bring_back(actor=csm, candidate=candidate)
        assert states(workspace) == ["open"]
        with pytest.raises(Decided):
            bring_back(actor=csm, candidate=candidate)

    def test_taking_up_makes_one_opportunity(self, workspace: Workspace, csm: Member, candidate: Candidate) -> None:
        made = take_up(actor=csm, candidate=candidate)
        assert (made.stage, made.lead_source, made.originator) == ("Prospect", "Customer Upsell", csm)
        with pytest.raises(Decided):
            take_up(actor=csm, candidate=candidate)
        assert Opportunity.objects.count() == 1
        Account.objects.update(tier=2)
        find_candidates(workspace, context_for(workspace))
        assert states(workspace) == ["taken"]

    def test_the_ledger_keeps_what_members_decide_and_not_what_the_pipeline_finds(
        self, workspace: Workspace, csm: Member, candidate: Candidate
    ) -> None:
        kept = HistoryEntry.objects.filter(table_name="accounts_candidate")
        assert not kept.exists()
        dismiss(actor=csm, candidate=candidate, reason="Not now")
        assert not kept.exclude(actor_kind="member").exists()
