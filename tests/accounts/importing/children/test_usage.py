"""Usage totals: they move forward only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Account, AccountFigures, Module, ModuleUse, Product
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from csworkbench.tenancy.scope import workspace_scope
from tests.csworkbench.imports.sheets import WILLOW
from tests.factories import ModuleFactory, ModuleUseFactory, ProductFactory

from .sheets import Sheets, codes, ledger, problem, rows_of, said

TITLES = ("Salesforce ID", "Module", "Last used", "Uses in 30 days")


@pytest.fixture
def cases(products: list[Product]) -> Module:
    return ModuleFactory(product=products[0])


@pytest.fixture
def sheets(ops: Member, cases: Module, willow: Account) -> Sheets:
    return Sheets(ops, "usage")


class TestNew:
    def test_is_the_day_in_the_workspaces_zone(self, sheets: Sheets, willow: Account, cases: Module) -> None:
        one = sheets.apply(TITLES, (WILLOW, "cases", "2026-11-02", 42))
        found = ModuleUse.objects.get()
        assert (said(one), rows_of(one)[2].target_id) == ({"new": 1}, found.pk)
        assert (found.account_id, found.module_id, found.uses_30_days) == (willow.pk, cases.pk, 42)
        assert found.last_used_at == datetime(2026, 11, 2, 6, tzinfo=UTC)  # midnight in Chicago
        assert AccountFigures.objects.get().last_used_at == found.last_used_at

    def test_twice_is_once_and_the_ledger_names_the_import(self, sheets: Sheets) -> None:
        one = sheets.apply(TITLES, (WILLOW, "Cases", "2026-11-02", 42))
        assert HistoryEntry.objects.get(table_name="accounts_moduleuse").cause_id == one.pk
        assert said(sheets.apply(TITLES, (WILLOW, "Cases", "2026-11-02", 42))) == {"unchanged": 1}
        assert (ModuleUse.objects.count(), ledger("accounts_moduleuse")) == (1, 1)

    def test_needs_a_day(self, sheets: Sheets) -> None:
        assert codes(sheets.compare(TITLES, (WILLOW, "Cases", "", 42))) == {2: ["missing"]}
        assert codes(sheets.compare(("Salesforce ID", "Module", "Uses"), (WILLOW, "Cases", 42))) == {2: ["missing"]}

    def test_needs_a_module(self, sheets: Sheets) -> None:
        assert codes(sheets.compare(TITLES, (WILLOW, "", "2026-11-02", 42))) == {2: ["missing"]}
        assert sheets.compare(("Salesforce ID", "Last used"), (WILLOW, "2026-11-02")).state == "read"

    def test_a_day_to_come_is_refused(self, sheets: Sheets) -> None:
        found = problem(sheets.compare(TITLES, (WILLOW, "Cases", "2099-01-01", 42)))
        assert (found["code"], found["column"]) == ("not_yet", "Last used")

    def test_another_workspaces_module_is_not_suggested(self, sheets: Sheets, other_workspace: Workspace) -> None:
        with workspace_scope(other_workspace.pk):
            ModuleFactory(product=ProductFactory(workspace=other_workspace), name="Casefiles")
        found = problem(sheets.compare(TITLES, (WILLOW, "Casefiles", "2026-11-02", 42)))
        assert (found["code"], found["suggestions"]) == ("unknown_module", ["Cases"])


class TestKnown:
    @pytest.fixture(autouse=True)
    def setting(self, sheets: Sheets, willow: Account, cases: Module) -> None:
        self.sheets = sheets
        ModuleUseFactory(
            account=willow, module=cases, last_used_at=datetime(2026, 11, 3, 3, tzinfo=UTC), uses_30_days=10
        )

    def changes(self, day: str, uses: Any) -> dict[str, Any]:
        found = rows_of(self.sheets.compare(TITLES, (WILLOW, "Cases", day, uses)))
        changes: dict[str, Any] = found[2].changes if found else {}
        return changes

    def test_a_later_day_moves_it(self) -> None:
        assert self.changes("2026-11-03", 12) == {
            "last_used_at": ["2026-11-03T03:00:00+00:00", "2026-11-03T06:00:00+00:00"],
            "uses_30_days": [10, 12],
        }
        one = self.sheets.apply(TITLES, (WILLOW, "Cases", "2026-11-03", 12))
        assert self.sheets.described(one)[2] == [
            ("Last used", "2026-11-02", "2026-11-03"),
            ("Uses in 30 days", "10", "12"),
        ]

    def test_the_same_day_changes_the_count_only(self) -> None:
        assert self.changes("2026-11-02", 12) == {"uses_30_days": [10, 12]}

    def test_an_earlier_day_changes_nothing(self) -> None:
        assert self.changes("2026-11-01", 12) == {}

    def test_a_count_without_a_day(self) -> None:
        assert self.changes("", 12) == {"uses_30_days": [10, 12]}
        assert self.changes("", "") == {}

    def test_two_rows_about_one_are_reported(self) -> None:
        rows = ((WILLOW, "Cases", "2026-11-04", 12), (WILLOW, "Cases", "2026-11-05", 12))
        one = self.sheets.compare(TITLES, *rows)
        assert said(one) == {"changed": 1, "duplicate": 1}

    def test_a_nightly_drop_meanwhile_is_a_conflict(self) -> None:
        one = self.sheets.compare(TITLES, (WILLOW, "Cases", "2026-11-04", 12))
        ModuleUse.objects.update(uses_30_days=11)
        assert said(self.sheets.approve(one)) == {"conflict": 1}
