"""Subtypes: the facts tell, a member may overrule, in a constant number of statements (ACC-2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.conditions import compile_condition
from accounts.facts import context_for
from accounts.growth.services import choose_subtypes, save_subtype
from accounts.growth.starter import install_growth
from accounts.growth.subtypes import classify, validate_condition
from accounts.models import Account, DirtyAccount, Product, Subtype
from csworkbench.tenancy.models import Member, Workspace
from priorities.setup import install_pack
from tests.factories import AccountFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db


def subtypes(account: Account) -> list[str]:
    account.figures.refresh_from_db()
    return list(account.figures.subtypes)


def sign(account: Account, key: str, **fields: Any) -> None:
    product = Product.objects.get(workspace=account.workspace, key=key)
    SubscriptionFactory(account=account, product=product, **{"mrr_minor": 10_000, "contracted_users": 10} | fields)


@pytest.fixture
def packed(workspace: Workspace) -> Workspace:
    install_pack(workspace, "compliance")
    return workspace


class TestStarter:
    def test_digital_is_below_both_bounds(self, packed: Workspace) -> None:
        small, many, dear = AccountFactory.create_batch(3, workspace=packed)
        sign(small, "learning", contracted_users=49, mrr_minor=49_999)
        sign(many, "learning", contracted_users=50, mrr_minor=49_999)
        sign(dear, "learning", contracted_users=49, mrr_minor=50_000)
        classify(packed, context_for(packed))
        assert [subtypes(each) for each in (small, many, dear)] == [["digital"], [], []]

    def test_hybrid_needs_both(self, packed: Workspace) -> None:
        hybrid, learner = AccountFactory.create_batch(2, workspace=packed)
        for account in (hybrid, learner):
            sign(account, "learning", contracted_users=90)
        sign(hybrid, "cred-serv")
        classify(packed, context_for(packed))
        assert (subtypes(hybrid), subtypes(learner)) == (["hybrid"], [])

    def test_franchise_has_locations_which_come_and_go(self, packed: Workspace) -> None:
        head = AccountFactory(workspace=packed, tier=1)
        sign(head, "learning", contracted_users=90)
        first, second = AccountFactory.create_batch(2, workspace=packed, parent=head)
        classify(packed, context_for(packed))
        assert subtypes(head) == ["franchise"]
        Account.objects.filter(pk=second.pk).update(parent=None)
        assert DirtyAccount.objects.filter(account_id=head.pk).exists()
        classify(packed, context_for(packed), [head.pk])
        assert subtypes(head) == []
        first.delete()
        head.figures.refresh_from_db()
        assert head.figures.locations == 0

    def test_twice_is_once(self, packed: Workspace) -> None:
        sign(AccountFactory(workspace=packed), "learning")
        assert classify(packed, context_for(packed)) == 1
        assert classify(packed, context_for(packed)) == 0
        before = Subtype.objects.count()
        install_growth(packed, "compliance")
        assert Subtype.objects.count() == before


class TestSets:
    def test_one_statement_beside_the_list_of_subtypes(self, packed: Workspace, django_assert_num_queries: Any) -> None:
        for account in AccountFactory.create_batch(20, workspace=packed):
            sign(account, "learning")
        context = context_for(packed)
        with django_assert_num_queries(2):
            assert classify(packed, context) == 20

    def test_leaves_other_accounts_alone(self, packed: Workspace) -> None:
        one, other = AccountFactory.create_batch(2, workspace=packed)
        sign(one, "learning")
        sign(other, "learning")
        assert classify(packed, context_for(packed), [one.pk]) == 1
        assert subtypes(other) == []

    def test_without_subtypes_there_are_none(self, workspace: Workspace) -> None:
        AccountFactory(workspace=workspace)
        assert classify(workspace, context_for(workspace)) == 0


class TestChoosing:
    def held(self, account: Account, key: str) -> bool:
        condition = compile_condition(
            {"fact": f"subtype:{key}", "op": "is", "value": True}, context_for(account.workspace)
        )
        return Account.objects.filter(condition, pk=account.pk).exists()

    def test_a_member_overrules_and_gives_back(self, packed: Workspace, csm: Member) -> None:
        account = AccountFactory(workspace=packed)
        sign(account, "learning")
        classify(packed, context_for(packed))
        assert self.held(account, "digital")
        assert choose_subtypes(actor=csm, account=account, keys=["special"])
        assert not choose_subtypes(actor=csm, account=account, keys=["special"])
        assert (self.held(account, "digital"), self.held(account, "special")) == (False, True)
        choose_subtypes(actor=csm, account=account, keys=[])
        assert not self.held(account, "special")
        choose_subtypes(actor=csm, account=account, keys=None)
        assert self.held(account, "digital")

    def test_refuses_what_there_is_not(self, packed: Workspace, csm: Member) -> None:
        with pytest.raises(ValidationError):
            choose_subtypes(actor=csm, account=AccountFactory(workspace=packed), keys=["nonsense"])


class TestConditions:
    @pytest.mark.parametrize("fact", ["subtype:digital", "candidate:more-users"])
    def test_what_is_decided_later_cannot_decide(self, fact: str) -> None:
        assert "afterwards" in validate_condition({"fact": fact, "op": "is", "value": True})[0].message

    def test_a_changed_subtype_marks_the_book(self, packed: Workspace, ops: Member) -> None:
        AccountFactory.create_batch(3, workspace=packed)
        DirtyAccount.objects.all().delete()
        digital = Subtype.objects.get(key="digital")
        digital.condition = {"fact": "tier", "op": "is", "value": 2}
        save_subtype(actor=ops, subtype=digital)
        assert DirtyAccount.objects.count() == 3
        digital.condition = {"fact": "nonsense", "op": "is", "value": 2}
        with pytest.raises(ValidationError):
            save_subtype(actor=ops, subtype=digital)
