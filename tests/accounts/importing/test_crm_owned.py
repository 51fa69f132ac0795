"""Fields that the CRM owns: shown and held back where the CRM knows the account, unless the approver overwrites."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, Contact
from accounts.ownership import choose_owners
from csworkbench.imports import services
from csworkbench.imports.models import Import, ImportRow
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.csworkbench.imports.sheets import NANDU, WILLOW, applied, book_csv, compared
from tests.factories import AccountFactory, ContactFactory

TITLES = ("Salesforce ID", "LMS ID", "Account", "Segment", "Lifecycle stage", "Tier", "First name", "Last name",
          "Email", "Phone")  # fmt: skip


class Owned:
    """A workspace whose CRM owns the fields in ``OWNERS``, and an account with its primary contact."""

    OWNERS: tuple[tuple[str, str], ...] = ()

    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, workspace: Workspace) -> None:
        self.ops, self.workspace = ops, workspace
        choose_owners(actor=ops, owners=dict.fromkeys(self.OWNERS, "crm"))
        self.account = AccountFactory(
            workspace=workspace, name="Willow", sf_id=WILLOW, lms_id="0000001", segment="Clinics", tier=2
        )
        self.contact = ContactFactory(
            account=self.account,
            is_primary=True,
            first_name="Ada",
            last_name="Gallo",
            email="ada@example.org",
            phone="+19294753141",
        )

    def row(self, **cells: Any) -> tuple[Any, ...]:
        plain = {"sf": WILLOW, "lms": "0000001", "name": "Willow", "segment": "", "stage": "", "tier": ""}
        people = {"first": "", "last": "", "email": "", "phone": ""}
        return tuple((plain | people | cells).values())

    def compare(self, **cells: Any) -> Import:
        return compared(self.ops, book_csv(self.row(**cells), titles=TITLES))

    def apply(self, one: Import) -> ImportRow:
        services.approve(actor=self.ops, one=one)
        services.apply_import(one.workspace_id, one.pk)
        one.refresh_from_db()
        self.account.refresh_from_db()
        return ImportRow.objects.get(import_batch=one)

    def kept(self, one: Import) -> tuple[str, Any, Any]:
        row = ImportRow.objects.get(import_batch=one)
        return row.verdict, row.changes, row.held


class TestAccountFields(Owned):
    OWNERS = (("account", "segment"), ("account", "stage"), ("account", "name"))

    def test_a_difference_is_held_beside_what_changes(self) -> None:
        one = self.compare(segment="Hospitals", tier=1)
        assert self.kept(one) == ("changed", {"tier": [2, 1]}, {"segment": ["Clinics", "Hospitals"]})
        self.apply(one)
        assert (self.account.segment, self.account.tier) == ("Clinics", 1)

    def test_only_held_differences_are_the_crms(self) -> None:
        one = self.compare(segment="Hospitals", stage="Renewal", name="Willow Care")
        held = {
            "segment": ["Clinics", "Hospitals"],
            "stage": ["adoption", "renewal"],
            "name": ["Willow", "Willow Care"],
        }
        assert self.kept(one) == ("crm", {}, held)
        assert (one.counts["crm"], one.counts["changed"], one.to_apply) == (1, 0, 0)

    def test_the_same_value_is_no_difference(self) -> None:
        assert self.compare(segment="Clinics").counts["unchanged"] == 1

    def test_whoever_approves_may_overwrite(self) -> None:
        one = self.compare(segment="Hospitals", stage="Renewal", name="Willow Care")
        services.choose_crm(actor=self.ops, one=one, overwrite=True)
        spool = services.examine(one.workspace_id, one.pk)
        assert spool is not None
        spool.close()
        one.refresh_from_db()
        verdict, changes, held = self.kept(one)
        assert (verdict, set(changes), held) == ("changed", {"segment", "stage", "name"}, {})
        self.apply(one)
        assert (self.account.segment, self.account.stage, self.account.name) == ("Hospitals", "renewal", "Willow Care")
        assert self.account.search_name == "willow care"
        assert self.account.stage_since == self.workspace.today

    def test_a_held_stage_does_not_start_its_clock(self) -> None:
        before = (self.account.stage_since, self.account.search_name)
        self.apply(self.compare(stage="Renewal", name="Willow Care", tier=1))
        assert (self.account.stage_since, self.account.search_name) == before

    def test_an_account_that_the_crm_does_not_know_takes_everything(self) -> None:
        Account.objects.update(sf_id="")
        one = self.compare(sf="", segment="Hospitals")
        assert one.counts["rejected"] == 1  # the first id of the file is demanded
        one = compared(self.ops, book_csv(("0000001", "Hospitals"), titles=("LMS ID", "Segment")))
        assert self.kept(one) == ("changed", {"segment": ["Clinics", "Hospitals"]}, {})

    def test_an_account_that_a_row_joins_to_the_crm_takes_everything_once(self) -> None:
        Account.objects.update(sf_id="")
        one = self.compare(segment="Hospitals")
        assert self.kept(one) == ("changed", {"sf_id": ["", WILLOW], "segment": ["Clinics", "Hospitals"]}, {})

    def test_a_new_account_takes_everything(self) -> None:
        one = applied(self.ops, book_csv(self.row(sf=NANDU, lms="0000002", segment="Labs"), titles=TITLES))
        assert (one.counts["new"], Account.objects.get(sf_id=NANDU).segment) == (1, "Labs")

    def test_a_change_of_the_crm_in_between_is_no_conflict(self) -> None:
        one = self.compare(segment="Hospitals", tier=1)
        Account.objects.update(segment="Labs")
        assert self.apply(one).verdict == "changed"
        assert (self.account.segment, self.account.tier) == ("Labs", 1)

    def test_the_same_change_by_somebody_else_leaves_what_is_held(self) -> None:
        one = self.compare(segment="Hospitals", tier=1)
        Account.objects.update(tier=1)
        assert self.apply(one).verdict == "crm"
        assert (one.counts["crm"], one.counts["conflict"], one.counts["changed"]) == (1, 0, 0)

    def test_what_is_held_is_not_in_the_ledger(self) -> None:
        self.apply(self.compare(segment="Hospitals", tier=1))
        (entry,) = HistoryEntry.objects.filter(table_name="accounts_account", operation="update")
        assert entry.changes == {"tier": [2, 1]}


class TestContactFields(Owned):
    OWNERS = (("contact", "phone"),)

    def test_an_owned_column_is_held(self) -> None:
        one = self.compare(phone="+19294753999 ext 7", last="Galli")
        held = {"contact.phone": ["+19294753141", "+19294753999"], "contact.phone_extension": ["", "7"]}
        assert self.kept(one) == ("changed", {"contact.last_name": ["Gallo", "Galli"]}, held)
        self.apply(one)
        self.contact.refresh_from_db()
        assert (self.contact.last_name, self.contact.phone) == ("Galli", "+19294753141")

    def test_a_person_who_takes_the_place_brings_everything(self) -> None:
        one = self.compare(first="Rosa", last="Vargas", email="rosa@example.org", phone="+19294753999")
        verdict, _, held = self.kept(one)
        assert (verdict, held) == ("changed", {})
        self.apply(one)
        primary = Contact.objects.get(is_primary=True)
        assert (primary.first_name, primary.phone) == ("Rosa", "+19294753999")

    def test_a_first_contact_brings_everything(self) -> None:
        Contact.objects.all().delete()
        self.apply(self.compare(first="Rosa", phone="+19294753999"))
        assert Contact.objects.get().phone == "+19294753999"


class TestWhoTheContactIs(Owned):
    OWNERS = (("contact", "email"),)

    def test_the_crm_says_who_it_is(self) -> None:
        one = self.compare(first="Rosa", last="Vargas", email="rosa@example.org", phone="+19294753999", tier=1)
        verdict, changes, held = self.kept(one)
        assert (verdict, changes) == ("changed", {"tier": [2, 1]})
        assert set(held) == {"contact.first_name", "contact.last_name", "contact.email", "contact.phone"}
        self.apply(one)
        primary = Contact.objects.get()
        assert (primary.first_name, primary.email, primary.phone) == ("Ada", "ada@example.org", "+19294753141")

    def test_other_columns_of_the_same_person_change(self) -> None:
        one = self.compare(first="Ada", last="Gallo", email="a.gallo@example.org", phone="+19294753999")
        held = {"contact.email": ["ada@example.org", "a.gallo@example.org"]}
        assert self.kept(one) == ("changed", {"contact.phone": ["+19294753141", "+19294753999"]}, held)
        self.apply(one)
        self.contact.refresh_from_db()
        assert (self.contact.email, self.contact.phone) == ("ada@example.org", "+19294753999")


def test_nothing_is_held_where_the_crm_owns_nothing(ops: Member, workspace: Workspace) -> None:
    AccountFactory(workspace=workspace, sf_id=WILLOW, segment="Clinics")
    one = compared(ops, book_csv((WILLOW, "Hospitals"), titles=("Salesforce ID", "Segment")))
    row = ImportRow.objects.get(import_batch=one)
    assert (row.verdict, row.held) == ("changed", {})
