"""Briefs: everything of each account, in a number of statements that does not follow their number."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.briefs.queries import Brief, briefs_of, with_heads
from accounts.facts import context_for
from accounts.models import Account
from accounts.services import log_interaction, write_note
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from priorities.demo.build import build_demo
from priorities.demo.cast import VENDORS
from tests.factories import AccountFactory, ContactFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db


def made(workspace: Workspace) -> list[Brief]:
    accounts = list(with_heads(Account.objects.filter(workspace=workspace)).order_by("name"))
    return briefs_of(workspace, accounts, context_for(workspace))


class TestBriefs:
    def test_tells_each_account_apart(self, workspace: Workspace, csm: Member) -> None:
        first = AccountFactory(workspace=workspace, name="Alder")
        AccountFactory(workspace=workspace, name="Birch")
        ContactFactory(account=first, is_primary=True, is_decision_maker=True)
        SubscriptionFactory(account=first)
        for number in range(7):
            log_interaction(actor=csm, account=first, kind="call", subject=f"Call {number}")
        write_note(actor=csm, account=first, text="Prefers mornings")
        alder, birch = made(workspace)
        assert [one.subject for one in alder.interactions] == [f"Call {number}" for number in (6, 5, 4, 3, 2)]
        assert len(alder.notes) == len(alder.subscriptions) == len(alder.contacts) == 1
        assert not birch.interactions + birch.notes + birch.subscriptions + birch.contacts
        assert "No primary contact" in birch.gaps
        assert "No primary contact" not in alder.gaps
        assert "Who decides the renewal is not known" in alder.gaps

    def test_a_book_costs_what_one_costs(self) -> None:
        workspace = build_demo(next(each for each in VENDORS if each.slug == "meridian"), accounts=30)
        with workspace_scope(workspace.pk):
            accounts = list(with_heads(Account.objects.filter(workspace=workspace)))
            counts = []
            for some in (accounts[:1], accounts):
                with CaptureQueriesContext(connection) as captured:
                    found = briefs_of(workspace, some, context_for(workspace))
                    assert [brief.gaps is not None and brief.discovered is not None for brief in found]
                counts.append(len(captured))
            # Goals are read only where there is a plan or an onboarding.
            assert counts[1] <= counts[0] + 2
            assert any(brief.weakest for brief in found)
            assert any(brief.discovered for brief in found)
