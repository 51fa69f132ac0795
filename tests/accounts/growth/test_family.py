"""Families: roll-up by currency, no circles, and both ends known (ACC-1, ACC-2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.growth.family import family_of
from accounts.growth.services import set_parent
from accounts.models import Account
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory, SubscriptionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(workspace: Workspace) -> Account:
    """An enterprise with two offices, one of which has an advisor."""
    today = workspace.today
    head = AccountFactory(workspace=workspace, name="Head", health="green")
    office = AccountFactory(workspace=workspace, name="Office", parent=head, health="red")
    AccountFactory(workspace=workspace, name="Other office", parent=head)
    advisor = AccountFactory(workspace=workspace, name="Advisor", parent=office, health="yellow")
    AccountFactory(workspace=workspace, name="Stranger")
    SubscriptionFactory(account=head, mrr_minor=100_00, currency="USD", renews_on=today + timedelta(days=200))
    SubscriptionFactory(account=office, mrr_minor=50_00, currency="EUR", renews_on=today + timedelta(days=30))
    SubscriptionFactory(account=advisor, mrr_minor=7_00, currency="USD", renews_on=today - timedelta(days=3))
    return head


class TestFamily:
    def test_rolls_up_without_adding_currencies(self, head: Account, workspace: Workspace) -> None:
        family = family_of(head, workspace)
        assert {one.name for one in family.members} == {"Office", "Other office", "Advisor"}
        assert {total.currency: total.mrr_minor for total in family.totals} == {"USD": 107_00, "EUR": 50_00}
        assert family.health == {"red": 1, "yellow": 1, "undefined": 1, "green": 1}
        assert (family.next_renewal, family.renewing_soon) == (workspace.today + timedelta(days=30), 1)

    def test_from_below_it_shows_who_stands_above(self, head: Account, workspace: Workspace) -> None:
        family = family_of(Account.objects.get(name="Advisor"), workspace)
        assert [one.name for one in family.above] == ["Head", "Office"]
        assert not family.is_alone

    def test_statements_do_not_grow(
        self, head: Account, workspace: Workspace, django_assert_max_num_queries: Any
    ) -> None:
        AccountFactory.create_batch(30, workspace=workspace, parent=head)
        with django_assert_max_num_queries(5):
            family_of(head, workspace)


class TestParent:
    def test_joins_and_leaves(self, head: Account, workspace: Workspace, csm: Member) -> None:
        stranger = Account.objects.get(name="Stranger")
        assert set_parent(actor=csm, account=stranger, parent=head)
        assert not set_parent(actor=csm, account=stranger, parent=head)
        head.figures.refresh_from_db()
        assert head.figures.locations == 3
        assert set_parent(actor=csm, account=stranger, parent=None)

    @pytest.mark.parametrize("below", ["Office", "Advisor", "Head"])
    def test_refuses_a_circle(self, head: Account, workspace: Workspace, csm: Member, below: str) -> None:
        with pytest.raises(ValidationError):
            set_parent(actor=csm, account=head, parent=Account.objects.get(name=below))
