"""Which account a row is about, what it would change, and why some rows cannot be taken."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Contact, Subscription
from csworkbench.imports.models import Import, ImportRow
from csworkbench.tenancy.models import Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.imports.sheets import BOOK, NANDU, SUMMIT, WILLOW, applied, book_csv, compared, row_of
from tests.factories import AccountFactory, ContactFactory, ProductFactory, SubscriptionFactory, make_member

IDS = ("Salesforce ID", "LMS ID", "Recurly ID", "Account", "Tier")


def rows_of(one: Import) -> dict[int, ImportRow]:
    return {row.number: row for row in ImportRow.objects.filter(import_batch=one)}


def codes(one: Import) -> dict[int, list[str]]:
    """Row number → codes of its problems."""
    return {
        number: [problem["code"] for problem in row.problems] for number, row in rows_of(one).items() if row.problems
    }


class TestMatching:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, workspace: Workspace) -> None:
        self.ops, self.workspace = ops, workspace

    def account(self, **fields: Any) -> Account:
        return AccountFactory(workspace=self.workspace, **{"tier": 3} | fields)

    def compare(self, *rows: tuple[Any, ...]) -> Import:
        return compared(self.ops, book_csv(*rows, titles=IDS))

    def test_the_salesforce_id_finds_the_account(self) -> None:
        account = self.account(sf_id=WILLOW, lms_id="0000001")
        one = self.compare((WILLOW, "0000002", "rec-1", account.name, 1))
        assert rows_of(one)[2].target_id == account.pk
        assert rows_of(one)[2].changes == {
            "lms_id": ["0000001", "0000002"],
            "billing_id": ["", "rec-1"],
            "tier": [3, 1],
        }

    def test_ids_are_case_sensitive(self) -> None:
        self.account(sf_id=WILLOW.swapcase())
        assert self.compare((WILLOW, "", "", "Willow", 1)).counts["new"] == 1

    def test_a_weaker_id_finds_an_account_without_the_stronger(self) -> None:
        account = self.account(sf_id="", billing_id="rec-1")
        one = self.compare((WILLOW, "", "rec-1", account.name, 3))
        assert rows_of(one)[2].changes == {"sf_id": ["", WILLOW]}

    def test_ids_of_two_accounts_in_one_row_are_a_conflict(self) -> None:
        self.account(sf_id=WILLOW, billing_id="rec-1")
        other = self.account(sf_id=NANDU, billing_id="rec-2", name="Ñandú Wellness")
        one = self.compare((WILLOW, "", "rec-2", "Willow", 1))
        problem = rows_of(one)[2].problems[0]
        assert (problem["code"], problem["column"], problem["value"]) == ("id_conflict", "Recurly ID", "rec-2")
        assert other.name in problem["message"]

    def test_a_weaker_id_of_an_account_with_another_stronger_one_is_a_conflict(self) -> None:
        self.account(sf_id=NANDU, billing_id="rec-1")
        assert codes(self.compare((WILLOW, "", "rec-1", "Willow", 1))) == {2: ["id_conflict"]}

    def test_two_rows_cannot_find_one_account_by_different_ids(self) -> None:
        self.account(sf_id="", lms_id="0000001", billing_id="rec-1")
        one = self.compare((WILLOW, "0000001", "", "Willow", 1), (NANDU, "", "rec-1", "Willow", 1))
        assert codes(one) == {3: ["same_account"]}

    def test_one_id_in_two_accounts_of_the_file_is_refused_for_the_second(self) -> None:
        one = self.compare((WILLOW, "", "rec-1", "Willow", 1), (NANDU, "", "rec-1", "Ñandú", 1))
        assert codes(one) == {3: ["id_twice"]}

    def test_a_new_account_needs_a_name(self) -> None:
        assert codes(self.compare((WILLOW, "", "", "", 1))) == {2: ["missing_name"]}

    def test_the_first_id_of_the_file_is_demanded(self) -> None:
        one = compared(self.ops, book_csv(("", "rec-1", "Willow"), titles=("LMS ID", "Recurly ID", "Account")))
        assert codes(one) == {2: ["no_id"]}

    def test_a_file_with_another_id_only_is_matched_by_it(self) -> None:
        account = self.account(sf_id=WILLOW, billing_id="rec-1")
        one = compared(self.ops, book_csv(("rec-1", 1), titles=("Recurly ID", "Tier")))
        assert (rows_of(one)[2].target_id, rows_of(one)[2].changes) == (account.pk, {"tier": [3, 1]})

    def test_another_workspaces_account_is_never_found(self, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            AccountFactory(workspace=other_workspace, sf_id=WILLOW, lms_id="0000001", name="Canary Clinic")
        one = self.compare((WILLOW, "0000001", "", "Willow", 1), ("001ABC", "0000001", "", "Willow", 1))
        assert one.counts["new"] == 1
        assert rows_of(one)[3].problems[0]["suggestions"] == []
        assert "Canary" not in str(rows_of(one)[3].problems)


class TestDifferences:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, workspace: Workspace, keiko: Member) -> None:
        self.ops, self.workspace, self.keiko = ops, workspace, keiko
        applied(ops, book_csv(row_of()))
        self.account = Account.objects.get(sf_id=WILLOW)

    def changes(self, **cells: Any) -> dict[str, Any]:
        one = compared(self.ops, book_csv(row_of(**cells)))
        found = rows_of(one)
        changes: dict[str, Any] = found[2].changes if found else {}
        return changes

    def test_the_same_row_changes_nothing(self) -> None:
        assert compared(self.ops, book_csv(row_of())).counts["unchanged"] == 1

    def test_each_changed_field_shows_old_and_new(self) -> None:
        ines = make_member(self.workspace, "Ines Young", roles=["csm"])
        changes = self.changes(
            account="Willow Care", mrr="$20", renewal="2028-01-01", csm="Young, Ines", email="x@example.org"
        )
        assert changes == {
            "name": ["Willow Urgent Care", "Willow Care"],
            "owner_id": [str(self.keiko.pk), str(ines.pk)],
            "mrr_minor": [100000, 2000],
            "renews_on": ["2027-03-22", "2028-01-01"],
            "contact.email": ["dmitri.haddad@example.org", "x@example.org"],
        }

    def test_a_blank_cell_never_erases(self) -> None:
        assert self.changes(account="", mrr="", renewal="", first="", email="", csm="") == {}

    def test_columns_that_are_not_there_are_not_compared(self) -> None:
        Account.objects.update(tier=1, segment="Clinics")
        assert self.changes() == {}

    def test_another_product_is_a_new_subscription(self) -> None:
        learning = self.changes(product="Learning", mrr=5)
        assert learning["product"][0] is None
        assert learning["mrr_minor"] == [None, 500]
        assert learning["renews_on"] == [None, "2027-03-22"]

    def test_an_ended_subscription_is_left_alone(self) -> None:
        Subscription.objects.update(ended_on="2026-01-01")
        assert self.changes()["product"][0] is None

    def test_money_without_a_product_is_refused(self) -> None:
        assert codes(compared(self.ops, book_csv(row_of(product="")))) == {2: ["missing_product"]}

    def test_a_number_without_extension_keeps_the_extension(self) -> None:
        Contact.objects.update(phone="+19327580075", phone_extension="12")
        titles = ("Salesforce ID", "Phone")
        assert compared(self.ops, book_csv((WILLOW, "932-758-0075"), titles=titles)).counts["unchanged"] == 1
        one = compared(self.ops, book_csv((WILLOW, "932-758-0076"), titles=titles))
        assert rows_of(one)[2].changes == {
            "contact.phone": ["+19327580075", "+19327580076"],
            "contact.phone_extension": ["12", ""],
        }


class TestTwins:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, keiko: Member) -> None:
        self.ops = ops

    def test_the_same_row_twice_is_applied_once(self) -> None:
        one = applied(self.ops, book_csv(row_of(), row_of()))
        assert (one.counts["new"], one.counts["duplicate"], Account.objects.count()) == (1, 1, 1)
        assert "Row 2 is the same" in rows_of(one)[3].problems[0]["message"]

    def test_other_values_in_the_second_row_are_said(self) -> None:
        one = compared(self.ops, book_csv(row_of(), row_of(mrr=7)))
        assert "with other values" in rows_of(one)[3].problems[0]["message"]

    def test_a_rejected_first_row_does_not_make_the_second_a_duplicate(self) -> None:
        one = compared(self.ops, book_csv(row_of(mrr="tbd"), row_of()))
        assert (rows_of(one)[2].verdict, rows_of(one)[3].verdict) == ("rejected", "new")

    def test_another_product_in_another_row_is_another_subscription(self) -> None:
        one = applied(self.ops, book_csv(row_of(), row_of(product="Learning", mrr=5), row_of(SUMMIT, "Summit")))
        assert (one.counts["new"], one.counts["changed"]) == (2, 1)
        found = Subscription.objects.filter(account__sf_id=WILLOW).values_list("product__name", "mrr_minor")
        assert set(found) == {("Compliance", 100000), ("Learning", 500)}
        assert compared(self.ops, book_csv(row_of(), row_of(product="Learning", mrr=5))).counts["unchanged"] == 2

    def test_its_account_must_not_contradict(self) -> None:
        one = compared(self.ops, book_csv(row_of(), row_of(product="Learning", account="Someone else")))
        assert codes(one) == {3: ["contradiction"]}

    def test_it_waits_for_a_rejected_account(self) -> None:
        one = compared(self.ops, book_csv(row_of(account=""), row_of(account="", product="Learning")))
        assert codes(one) == {2: ["missing_name"], 3: ["waits"]}


class TestUnknownThings:
    def test_a_product_is_suggested_and_nothing_of_another_workspace(
        self, ops: Member, keiko: Member, other_workspace: Workspace
    ) -> None:
        with workspace_scope(other_workspace.pk):
            ProductFactory(workspace=other_workspace, key="compliancy", name="Compliancy")
            make_member(other_workspace, "Keiko Uedo", roles=["csm"])
        one = compared(ops, book_csv(row_of(product="Compliancy", csm="Keiko Uedo")))
        problems = {problem["code"]: problem["suggestions"] for problem in rows_of(one)[2].problems}
        assert problems["unknown_product"][0] == "Compliance"
        assert "Compliancy" not in problems["unknown_product"]
        assert "Keiko Ueda" in problems["unknown_member"]
        assert "Keiko Uedo" not in problems["unknown_member"]

    def test_all_problems_of_all_rows_come_at_once(self, ops: Member, keiko: Member) -> None:
        one = compared(ops, book_csv(row_of(email="x", mrr="tbd"), row_of(NANDU, "Ñandú", renewal="soon")))
        assert codes(one) == {2: ["bad_email", "bad_money"], 3: ["bad_date"]} or codes(one) == {
            2: ["bad_money", "bad_email"],
            3: ["bad_date"],
        }
        assert {(group["column"], group["code"], group["rows"]) for group in one.problems} == {
            ("Email", "bad_email", 1),
            ("MRR", "bad_money", 1),
            ("Renewal date", "bad_date", 1),
        }

    def test_an_inactive_member_is_no_owner(self, ops: Member, keiko: Member) -> None:
        Member.objects.filter(pk=keiko.pk).update(is_active=False)
        assert codes(compared(ops, book_csv(row_of()))) == {2: ["unknown_member"]}

    def test_providers_count_where_the_product_counts_them(self, ops: Member, workspace: Workspace) -> None:
        ProductFactory(workspace=workspace, key="cred", name="CRED SOFT", is_credentialing=True)
        ProductFactory(workspace=workspace, key="learning", name="Learning")
        titles = ("Salesforce ID", "Account", "Product", "Users", "Providers")
        data = book_csv((WILLOW, "W", "CRED SOFT", 40, 12), (NANDU, "N", "Learning", 40, 12), titles=titles)
        applied(ops, data)
        assert Subscription.objects.get(account__sf_id=WILLOW).contracted_users == 12
        assert Subscription.objects.get(account__sf_id=NANDU).contracted_users == 40

    def test_the_only_product_needs_no_column(self, ops: Member, workspace: Workspace) -> None:
        ProductFactory(workspace=workspace, key="learning", name="Learning")
        applied(ops, book_csv((WILLOW, "W", 40), titles=("Salesforce ID", "Account", "MRR")))
        assert Subscription.objects.get().product.name == "Learning"

    def test_a_book_of_two_products_asks_which(self, ops: Member, keiko: Member) -> None:
        one = compared(ops, book_csv((WILLOW, "W", 40), titles=("Salesforce ID", "Account", "MRR")))
        assert one.state == "read"


def test_the_number_of_statements_does_not_grow_with_the_rows(ops: Member, keiko: Member) -> None:
    def count(rows: int, prefix: str) -> int:
        titles = ("Recurly ID", "Account", "MRR", "Product", "CSM")
        data = book_csv(*[(f"{prefix}{n}", "A", 5, "Learning", "Keiko Ueda") for n in range(rows)], titles=titles)
        with CaptureQueriesContext(connection) as captured:
            applied(ops, data)
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    assert count(400, "many-") == count(2, "few-")


def test_titles_of_the_file_name_the_columns_of_problems(ops: Member, keiko: Member) -> None:
    titles = list(BOOK)
    titles[3] = "MRR (USD)"
    titles[0] = "SF ACCOUNT ID"
    one = compared(ops, book_csv(row_of(mrr="tbd", salesforce="001ABC"), titles=titles))
    assert {problem["column"] for problem in rows_of(one)[2].problems} == {"MRR (USD)", "SF ACCOUNT ID"}


def test_contacts_and_subscriptions_of_strangers_stay_out(ops: Member, keiko: Member, workspace: Workspace) -> None:
    """A row meets the primary contact and the running subscription of its own account only."""
    other = AccountFactory(workspace=workspace, sf_id=NANDU)
    ContactFactory(account=other, is_primary=True, email="dmitri.haddad@example.org")
    SubscriptionFactory(account=other, mrr_minor=100000)
    one = compared(ops, book_csv(row_of()))
    assert one.counts["new"] == 1
