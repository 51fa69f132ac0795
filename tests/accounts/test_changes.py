"""The ledger in words."""

from __future__ import annotations

from datetime import date

from accounts.changes import changes_of
from accounts.models import Account, Contact
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import AccountFactory, ContactFactory, InstanceFactory, ProductFactory, SubscriptionFactory


class TestChanges:
    def test_rows_added_by_one_act_are_told_as_one(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace)
        ContactFactory(account=account)
        for _ in range(3):
            SubscriptionFactory(account=account)
        assert [each.title for each in changes_of(account, workspace, 10)] == [
            "Account, contact and 3 subscriptions added"
        ]

    def test_values_are_said_as_people_say_them(self, workspace: Workspace, csm: Member, lead: Member) -> None:
        account = AccountFactory(workspace=workspace, owner=csm, name="Mesa")
        account.owner, account.health, account.past_due_since = lead, "red", date(2026, 11, 3)
        account.instance = InstanceFactory(workspace=workspace, name="Enterprise")
        account.save()
        fields = changes_of(account, workspace, 10)[0].fields
        assert set(fields) == {
            ("owner", "Quinn Abbott", "Ines Young"),
            ("health", "Undefined", "Red"),
            ("past due since", "—", "Nov 3, 2026"),
            ("instance", "—", "Enterprise"),
        }

    def test_money_lists_and_flags(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace)
        subscription = SubscriptionFactory(
            account=account, product=ProductFactory(workspace=workspace, name="Learning"), mrr_minor=100_000
        )
        subscription.mrr_minor = 551_167
        subscription.save()
        person = ContactFactory(account=account)
        person.areas, person.dnc = ["finance", "training"], True
        person.save()
        told = changes_of(account, workspace, 10)
        assert (told[0].title, set(told[0].fields)) == (
            "Contact Rosa Vargas changed",
            {("areas", "—", "Finance, Training"), ("do not contact", "no", "yes")},
        )
        change = next(each for each in told if each.title == "Subscription Learning changed")
        assert change.fields == (("MRR", "$1,000", "$5,512"),)

    def test_what_follows_from_something_else_is_left_out(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace)
        Account.objects.filter(pk=account.pk).update(search_name="other", stage_since=date(2026, 1, 1))
        assert [each.title for each in changes_of(account, workspace, 10)] == ["Account added"]

    def test_a_removed_row_is_still_told(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace)
        ContactFactory(account=account)
        Contact.objects.all().delete()
        assert changes_of(account, workspace, 10)[0].title == "Contact removed"

    def test_gives_no_more_than_asked_for(self, workspace: Workspace) -> None:
        account = AccountFactory(workspace=workspace)
        for tier in (1, 3, 1, 3):
            account.tier = tier
            account.save()
        assert len(changes_of(account, workspace, 3)) == 3
