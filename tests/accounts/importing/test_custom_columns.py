"""Columns of a book that are fields of the workspace's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts import custom
from accounts.models import Account, CustomField
from csworkbench.imports import services
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.models import Import, ImportRow
from csworkbench.imports.staging import Stage
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.imports.sheets import NANDU, WILLOW, applied, book_csv, compared
from tests.factories import AccountFactory, ProductFactory

TITLES = ("Salesforce ID", "Account", "Plan tier", "Seats", "Audited on", "Reference", "Remark")


def a_row(sf_id: str = WILLOW, **cells: Any) -> list[Any]:
    plain = {"plan": "pro", "seats": "1,250.5", "audited": "2027-03-22", "reference": "Yes", "remark": "a 'b' \\ c"}
    return [sf_id, "Willow", *(plain | cells).values()]


def problems_of(one: Import) -> dict[str, list[str]]:
    """Code → suggestions, of the only problem row."""
    row = ImportRow.objects.get(import_batch=one, verdict="rejected")
    return {problem["code"]: problem["suggestions"] for problem in row.problems}


class TestColumns:
    @pytest.fixture(autouse=True)
    def setting(self, ops: Member, workspace: Workspace) -> None:
        self.ops, self.workspace = ops, workspace
        custom.add_field(actor=ops, label="Plan tier", sort="choice", choices=["Basic", "Pro"])
        for label, sort in (("Seats", "number"), ("Audited on", "date"), ("Reference", "yes_no"), ("Remark", "text")):
            custom.add_field(actor=ops, label=label, sort=sort)

    def compare(self, *rows: list[Any]) -> Import:
        return compared(self.ops, book_csv(*rows, titles=TITLES))

    def apply(self, *rows: list[Any]) -> Import:
        return applied(self.ops, book_csv(*rows, titles=TITLES))

    def test_are_proposed_by_their_labels(self) -> None:
        assert {key for key in self.compare(a_row()).mapping if key.startswith("custom_")} == {
            "custom_plan_tier", "custom_seats", "custom_audited_on", "custom_reference", "custom_remark",
        }  # fmt: skip

    def test_a_new_account_gets_typed_values(self) -> None:
        self.apply(a_row(), a_row(NANDU, plan="", seats="", audited="", reference="", remark=""))
        assert Account.objects.get(sf_id=WILLOW).custom == {
            "plan_tier": "Pro",
            "seats": 1250.5,
            "audited_on": "2027-03-22",
            "reference": True,
            "remark": "a 'b' \\ c",
        }
        assert Account.objects.get(sf_id=NANDU).custom == {}

    def test_twice_is_once(self) -> None:
        self.apply(a_row())
        assert self.compare(a_row(seats="1250.50", plan="PRO", reference="true")).counts["unchanged"] == 1

    def test_only_what_differs_is_a_change(self) -> None:
        self.apply(a_row())
        one = self.compare(a_row(plan="Basic", reference="no", remark="x"))
        assert ImportRow.objects.get(import_batch=one).changes == {
            "custom.plan_tier": ["Pro", "Basic"],
            "custom.reference": [True, False],
            "custom.remark": ["a 'b' \\ c", "x"],
        }

    def test_blanks_never_erase_and_other_keys_stay(self) -> None:
        account = AccountFactory(workspace=self.workspace, name="Willow", sf_id=WILLOW, custom={"seats": 3, "far": 1})
        self.apply(a_row(seats="", audited="", reference="", remark=""))
        account.refresh_from_db()
        assert account.custom == {"seats": 3, "far": 1, "plan_tier": "Pro"}

    def test_a_key_written_between_comparison_and_apply_stays(self) -> None:
        account = AccountFactory(workspace=self.workspace, name="Willow", sf_id=WILLOW)
        one = self.compare(a_row(seats="", audited="", reference="", remark=""))
        Account.objects.filter(pk=account.pk).update(custom=custom.merged({"seats": 9}))
        services.approve(actor=self.ops, one=one)
        services.apply_import(one.workspace_id, one.pk)
        account.refresh_from_db()
        assert account.custom == {"plan_tier": "Pro", "seats": 9}

    def test_a_key_changed_meanwhile_is_a_conflict(self) -> None:
        account = AccountFactory(workspace=self.workspace, name="Willow", sf_id=WILLOW, custom={"plan_tier": "Basic"})
        one = self.compare(a_row())
        Account.objects.filter(pk=account.pk).update(custom=custom.merged({"plan_tier": "Gold"}))
        services.approve(actor=self.ops, one=one)
        services.apply_import(one.workspace_id, one.pk)
        account.refresh_from_db()
        assert account.custom == {"plan_tier": "Gold"}
        assert ImportRow.objects.get(import_batch=one).verdict == "conflict"

    def test_every_bad_cell_is_said(self) -> None:
        one = self.compare(a_row(plan="Prro", seats="many", audited="soon", reference="perhaps", remark="x" * 501))
        assert problems_of(one) == {
            "unknown_choice": ["Pro"],
            "bad_number": [],
            "bad_date": [],
            "bad_yes_no": [],
            "too_long": [],
        }

    def test_a_value_of_another_type_is_put_right(self) -> None:
        AccountFactory(workspace=self.workspace, name="Willow", sf_id=WILLOW, custom={"seats": "1250.5"})
        one = self.compare(a_row(plan="", audited="", reference="", remark=""))
        assert ImportRow.objects.get(import_batch=one).changes == {"custom.seats": ["1250.5", 1250.5]}

    def test_another_row_of_the_account_must_not_contradict(self) -> None:
        titles = ("Salesforce ID", "Account", "Product", "Seats")
        rows = [(WILLOW, "Willow", "Learning", 1), (WILLOW, "Willow", "Compliance", 2)]
        for name in ("Learning", "Compliance"):
            ProductFactory(workspace=self.workspace, name=name)
        one = compared(self.ops, book_csv(*rows, titles=titles))
        assert "contradiction" in problems_of(one)

    def test_changes_are_described_with_labels(self) -> None:
        kind = kind_called("book")
        context = kind.context(self.workspace)
        changes: dict[str, list[Any]] = {
            "custom.plan_tier": [None, "Pro"],
            "custom.reference": [True, False],
            "custom.gone_by": [1, 2],
        }
        assert [(one.label, one.old, one.new) for one in kind.describe([changes], context)[0]] == [
            ("Plan tier", "", "Pro"),
            ("Reference", "yes", "no"),
            ("gone by", "1", "2"),
        ]

    def test_a_retired_field_takes_no_column(self) -> None:
        CustomField.objects.filter(key="remark").update(is_active=False)
        assert "custom_remark" not in self.compare(a_row()).mapping

    def test_another_workspaces_fields_are_not_known(self, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            assert not [key for key in kind_called("book").context(other_workspace).keys if key.startswith("custom_")]

    def test_the_ledger_has_one_entry_a_row(self) -> None:
        self.apply(a_row())
        self.apply(a_row(plan="Basic", seats=1))
        (entry,) = HistoryEntry.objects.filter(table_name="accounts_account", operation="update")
        assert list(entry.changes) == ["custom"]


class TestNewFields:
    def test_a_column_becomes_a_field(self, ops: Member, workspace: Workspace) -> None:
        titles = ("Salesforce ID", "Account", "Zone code", "Since when")
        one = compared(ops, book_csv((WILLOW, "Willow", "N7", "2027-01-02"), titles=titles))
        mapping = {"sf_id": 0, "name": 1}
        assert services.choose_columns(actor=ops, one=one, mapping=mapping, new_fields={2: "text", 3: "date"}) == []
        spool = services.examine(one.workspace_id, one.pk)
        assert spool is not None
        spool.close()
        one.refresh_from_db()
        services.approve(actor=ops, one=one)
        services.apply_import(one.workspace_id, one.pk)
        assert Account.objects.get().custom == {"zone_code": "N7", "since_when": "2027-01-02"}
        assert [field.label for field in custom.active_fields(workspace)] == ["Since when", "Zone code"]

    def test_a_choice_is_not_offered(self, ops: Member) -> None:
        book = kind_called("book")
        assert set(book.sorts) == {"text", "number", "date", "yes_no"}
        with pytest.raises(ValidationError):
            book.new_field(actor=ops, label="Plan", sort="choice")

    def test_a_long_title_is_cut(self, ops: Member) -> None:
        key = kind_called("book").new_field(actor=ops, label="word " * 40, sort="text")
        assert len(CustomField.objects.get(key=key.removeprefix("custom_")).label) <= 80


def test_a_hundred_fields_fit_one_statement(ops: Member, workspace: Workspace) -> None:
    CustomField.objects.bulk_create(
        CustomField(workspace=workspace, key=f"f_{n}", label=f"Figure {n}", sort="number") for n in range(100)
    )
    titles = ("Salesforce ID", "Account", *(f"Figure {n}" for n in range(100)))
    applied(ops, book_csv((WILLOW, "Willow", *range(100)), titles=titles))
    one = applied(ops, book_csv((WILLOW, "Willow", *range(1, 101)), titles=titles))
    assert one.counts["changed"] == 1
    assert Account.objects.get().custom == {f"f_{n}": n + 1 for n in range(100)}


def test_names_of_fields_never_reach_a_statement_unchecked(ops: Member, workspace: Workspace) -> None:
    """A key is a name by constraint, whatever the label says."""
    field = custom.add_field(actor=ops, label="x'); DROP TABLE accounts_account; --", sort="text")
    assert field.key == "x_drop_table_accounts_account"
    applied(ops, book_csv((WILLOW, "Willow", "fine"), titles=("Salesforce ID", "Account", field.label)))
    assert Account.objects.get().custom == {field.key: "fine"}
    assert Stage(workspace.pk, {}).crm_owned == frozenset()
