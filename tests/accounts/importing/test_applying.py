"""What an approved book writes, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, AccountFigures, Contact, DirtyAccount, Subscription
from csworkbench.imports import services
from csworkbench.imports.models import ImportRow
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.csworkbench.imports.sheets import NANDU, WILLOW, applied, book_csv, compared, row_of
from tests.factories import AccountFactory, ContactFactory


class TestNewAccounts:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, keiko: Member) -> None:
        self.one = applied(ops, book_csv(row_of(name="Ñandú Urgent Care")), "spring book.csv")
        self.account = Account.objects.select_related("owner", "figures", "priority").get()

    def test_get_what_the_file_says_and_defaults_for_the_rest(self) -> None:
        assert self.account.owner is not None
        assert (self.account.owner.name, self.account.stage, self.account.tier) == ("Keiko Ueda", "adoption", None)
        assert self.account.search_name == "nandu urgent care"

    def test_get_contact_subscription_and_the_rows_beside(self) -> None:
        contact, subscription = Contact.objects.get(), Subscription.objects.get()
        assert (contact.is_primary, contact.first_name, contact.email) == (True, "Dmitri", "dmitri.haddad@example.org")
        assert (subscription.product.name, subscription.mrr_minor, subscription.currency) == (
            "Compliance",
            100000,
            "USD",
        )
        figures = AccountFigures.objects.get()
        assert (figures.mrr_minor, str(figures.renews_on), figures.products) == (100000, "2027-03-22", 1)

    def test_mark_the_pipeline(self) -> None:
        assert DirtyAccount.objects.filter(account_id=self.account.pk).exists()

    def test_name_the_import_and_the_member_in_the_ledger(self, ops: Member) -> None:
        entry = HistoryEntry.objects.get(table_name="accounts_account")
        assert (entry.actor_kind, entry.actor_id, entry.cause) == ("import", ops.pk, "import spring book.csv")

    def test_are_the_targets_of_their_rows(self) -> None:
        assert ImportRow.objects.get().target_id == self.account.pk


class TestChanges:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, keiko: Member) -> None:
        self.ops = ops
        applied(ops, book_csv(row_of(), row_of(NANDU, "Ñandú Wellness")))

    def test_only_changed_rows_are_written(self) -> None:
        HistoryEntry.objects.all()
        before = HistoryEntry.objects.exclude(table_name="imports_import").count()
        applied(self.ops, book_csv(row_of(mrr=20), row_of(NANDU, "Ñandú Wellness")))
        entries = HistoryEntry.objects.exclude(table_name="imports_import").order_by("-pk")[:1]
        assert HistoryEntry.objects.exclude(table_name="imports_import").count() == before + 1
        assert (entries[0].table_name, entries[0].changes) == ("accounts_subscription", {"mrr_minor": [100000, 2000]})

    def test_a_new_name_is_found_by_search(self) -> None:
        applied(self.ops, book_csv(row_of(account="Éclair Clinic")))
        assert Account.objects.get(sf_id=WILLOW).search_name == "eclair clinic"

    def test_a_stage_that_moves_starts_counting_today(self, workspace: Workspace) -> None:
        titles = ("Salesforce ID", "Stage", "Health")
        applied(self.ops, book_csv((WILLOW, "Renewal", "Red"), (NANDU, "Adoption", ""), titles=titles))
        willow, nandu = Account.objects.get(sf_id=WILLOW), Account.objects.get(sf_id=NANDU)
        assert (willow.stage, willow.stage_since, willow.health_since) == ("renewal", workspace.today, workspace.today)
        assert (nandu.stage_since, nandu.health) == (None, "undefined")


class TestContacts:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, keiko: Member) -> None:
        self.ops = ops
        applied(ops, book_csv(row_of()))
        self.account = Account.objects.get()

    def contacts(self) -> set[tuple[str, str, bool]]:
        return set(Contact.objects.values_list("first_name", "email", "is_primary"))

    def test_a_corrected_address_stays_the_same_person(self) -> None:
        applied(self.ops, book_csv(row_of(email="d.haddad@example.org")))
        assert self.contacts() == {("Dmitri", "d.haddad@example.org", True)}

    def test_another_person_becomes_primary_beside_the_former(self) -> None:
        one = applied(self.ops, book_csv(row_of(first="Rosa", email="rosa@example.org")))
        assert one.counts["changed"] == 1
        assert self.contacts() == {("Dmitri", "dmitri.haddad@example.org", False), ("Rosa", "rosa@example.org", True)}
        assert compared(self.ops, book_csv(row_of(first="Rosa", email="rosa@example.org"))).counts["unchanged"] == 1

    def test_a_known_person_becomes_primary(self) -> None:
        ContactFactory(
            account=self.account, first_name="Rosa", last_name="Vargas", email="rosa@example.org", title="Lead"
        )
        applied(self.ops, book_csv(row_of(first="Rosa", email="rosa@example.org")))
        assert self.contacts() == {("Dmitri", "dmitri.haddad@example.org", False), ("Rosa", "rosa@example.org", True)}
        assert Contact.objects.get(first_name="Rosa").title == "Lead"

    def test_an_account_without_one_gets_one(self) -> None:
        Contact.objects.all().delete()
        applied(self.ops, book_csv(row_of()))
        assert self.contacts() == {("Dmitri", "dmitri.haddad@example.org", True)}

    def test_an_extension_arrives(self) -> None:
        applied(self.ops, book_csv((WILLOW, "932 758 0075 x12"), titles=("Salesforce ID", "Phone")))
        contact = Contact.objects.get()
        assert (contact.phone, contact.phone_extension) == ("+19327580075", "12")


class TestConcurrentEdits:
    """Between the comparison and the approval somebody works on."""

    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, keiko: Member, workspace: Workspace) -> None:
        self.ops, self.workspace = ops, workspace
        applied(ops, book_csv(row_of(), row_of(NANDU, "Ñandú Wellness")))

    def finish(self, one: Any) -> Any:
        services.approve(actor=self.ops, one=one)
        services.apply_import(one.workspace_id, one.pk)
        one.refresh_from_db()
        return one

    def test_a_field_that_somebody_changed_is_not_overwritten(self) -> None:
        one = compared(self.ops, book_csv(row_of(mrr=20), row_of(NANDU, "Ñandú Wellness", mrr=30)))
        Subscription.objects.filter(account__sf_id=WILLOW).update(mrr_minor=77700)
        one = self.finish(one)
        assert (one.counts["changed"], one.counts["conflict"]) == (1, 1)
        assert Subscription.objects.get(account__sf_id=WILLOW).mrr_minor == 77700
        assert Subscription.objects.get(account__sf_id=NANDU).mrr_minor == 3000
        assert "changed this since" in ImportRow.objects.get(verdict="conflict").problems[0]["message"]

    def test_another_field_that_somebody_changed_is_no_conflict(self) -> None:
        one = compared(self.ops, book_csv(row_of(mrr=20)))
        Account.objects.update(segment="Clinics")
        assert self.finish(one).counts["conflict"] == 0
        assert Subscription.objects.get(account__sf_id=WILLOW).mrr_minor == 2000

    def test_a_change_that_somebody_made_already_is_done(self) -> None:
        one = compared(self.ops, book_csv(row_of(mrr=20)))
        Subscription.objects.update(mrr_minor=2000)
        one = self.finish(one)
        assert (one.counts["conflict"], one.counts["changed"], one.counts["unchanged"]) == (0, 0, 1)

    def test_a_new_account_that_somebody_created_is_a_conflict(self) -> None:
        Account.objects.all().delete()
        one = compared(self.ops, book_csv(row_of()))
        AccountFactory(workspace=self.workspace, sf_id=WILLOW, name="By hand")
        one = self.finish(one)
        assert (one.counts["new"], one.counts["conflict"]) == (0, 1)
        assert Account.objects.get(sf_id=WILLOW).name == "By hand"

    def test_a_deleted_account_is_a_conflict(self) -> None:
        one = compared(self.ops, book_csv(row_of(mrr=20)))
        Account.objects.filter(sf_id=WILLOW).delete()
        assert self.finish(one).counts["conflict"] == 1


def test_a_second_product_of_an_account_moves_no_contact(ops: Member, keiko: Member) -> None:
    """Its row says the address of somebody else at the account; the first row settled who is primary."""
    applied(ops, book_csv(row_of()))
    account = Account.objects.get()
    Contact.objects.create(workspace=ops.workspace, account=account, first_name="Rosa", email="rosa@example.org")
    said = {"first": "", "email": "rosa@example.org"}
    one = applied(ops, book_csv(row_of(**said), row_of(product="Learning", **said)))
    assert (one.state, Subscription.objects.count()) == ("applied", 2)
    assert Contact.objects.filter(account=account, is_primary=True).count() == 1
