"""What an undo of each kind says of rows that somebody went on with, and of uses that nobody recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models import F

from accounts.models import Account, Contact, ModuleUse, Opportunity, Product, Subscription
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member
from csworkbench.tenancy.scope import Actor, workspace_scope
from tests.csworkbench.imports.sheets import NANDU, WILLOW
from tests.factories import ModuleFactory, ModuleUseFactory

from .sheets import Sheets, rows_of

USES = ("Salesforce ID", "Account", "Module", "Last used", "Uses in 30 days")
SUBSCRIPTIONS = ("Salesforce ID", "Account", "Product", "MRR", "Renewal date", "Payer")


@pytest.fixture(autouse=True)
def accounts(willow: Account, nandu: Account, products: list[Product]) -> None:
    ModuleFactory(product=products[0])


def why(one: Import) -> list[tuple[str, str]]:
    """What kept the rows of an import, and by whom."""
    return [(reason["what"], reason["who"]) for row in rows_of(one).values() for reason in row.kept_because]


def edit(member: Member, model: Any, **fields: Any) -> None:
    """What a member changes in every row of a model."""
    with workspace_scope(member.workspace_id, actor=Actor("member", member.pk, member.user_id)):
        model.objects.update(**fields)


class TestEachKind:
    @pytest.mark.parametrize(
        ("kind", "titles", "row", "model", "fields", "said"),
        [
            (
                "contacts",
                ("Salesforce ID", "First name", "Last name", "Email", "Phone"),
                (WILLOW, "Ana", "Reyes", "ana@example.org", "+1 952 088 0003 ext 12"),
                Contact,
                {"phone_extension": "7"},
                "Extension is now 7",
            ),
            (
                "contacts",
                ("Salesforce ID", "First name", "Last name", "Decision maker"),
                (WILLOW, "Ana", "Reyes", "no"),
                Contact,
                {"is_decision_maker": True},
                "Decision maker is now yes",
            ),
            (
                "subscriptions",
                ("Salesforce ID", "Product", "MRR"),
                (WILLOW, "Compliance", 100),
                Subscription,
                {"payer_id": "nandu"},
                "Payer is now Ñandú Wellness",
            ),
            (
                "usage",
                ("Salesforce ID", "Module", "Last used"),
                (WILLOW, "Cases", "2026-11-02"),
                ModuleUse,
                {"last_used_at": datetime(2026, 11, 9, 12, tzinfo=UTC)},
                "Last used is now 2026-11-09 12:00 UTC",
            ),
            (
                "opportunities",
                ("Account's Salesforce ID", "Name", "Stage"),
                (WILLOW, "More seats", "Quoted"),
                Opportunity,
                {"next_step": "Call Ana"},
                "Next step is now Call Ana",
            ),
        ],
    )
    def test_calls_a_column_as_its_pages_do(
        self,
        ops: Member,
        nandu: Account,
        kind: str,
        titles: Sequence[str],
        row: Sequence[Any],
        model: Any,
        fields: dict[str, Any],
        said: str,
    ) -> None:
        sheets = Sheets(ops, kind)
        one = sheets.apply(titles, row)
        edit(ops, model, **{name: nandu.pk if value == "nandu" else value for name, value in fields.items()})
        assert why(sheets.undo(one)) == [(said, "Farid Fontaine")]
        assert model.objects.count() == 1

    def test_calls_a_renewal_date_so(self, ops: Member) -> None:
        Sheets(ops, "subscriptions").apply(SUBSCRIPTIONS[:3], (WILLOW, "", "Compliance"))
        sheets = Sheets(ops, "renewals")
        one = sheets.apply(("Salesforce ID", "Renewal date"), (WILLOW, "2027-03-22"))
        edit(ops, Subscription, renews_on="2027-04-01")
        assert why(sheets.undo(one)) == [("Renewal date is now 2027-04-01", "Farid Fontaine")]

    def test_calls_the_payer_so(self, ops: Member) -> None:
        sheets = Sheets(ops, "subscriptions")
        one = sheets.apply(SUBSCRIPTIONS, (WILLOW, "", "Compliance", 100, "2027-03-22", "Ñandú Wellness"))
        edit(ops, Subscription, payer_id=None)
        assert why(sheets.undo(one)) == [("Payer is now —", "Farid Fontaine")]


class TestTheOutlook:
    def test_names_the_account_of_a_row(self, ops: Member) -> None:
        sheets = Sheets(ops, "usage")
        one = sheets.apply(
            USES,
            (WILLOW, "Willow Urgent Care", "Cases", "2026-11-02", 1),
            (NANDU, "Ñandú Wellness", "Cases", "2026-11-02", 1),
        )
        edit(ops, ModuleUse, uses_30_days=F("uses_30_days") + 1)
        undone, kept, examples = services.undo_outlook(one)
        assert (undone, kept) == (0, 2)
        assert sorted((told["name"], told["what"]) for told in examples) == [
            ("Willow Urgent Care", "Uses in 30 days is now 2"),
            ("Ñandú Wellness", "Uses in 30 days is now 2"),
        ]


class TestUsesThatNobodyRecorded:
    """A nightly drop writes uses without the ledger: it must not be lost with the row that an import made."""

    @pytest.fixture(autouse=True)
    def setting(self, ops: Member) -> None:
        self.sheets = Sheets(ops, "usage")

    def imported(self, *cells: Any) -> Import:
        titles = ("Salesforce ID", "Module", "Last used", "Uses in 30 days")[: 2 + len(cells)]
        return self.sheets.apply(titles, (WILLOW, "Cases", *cells))

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"last_used_at": datetime(2026, 11, 9, 12, tzinfo=UTC)}, ["Last used is now 2026-11-09 12:00 UTC"]),
            ({"uses_30_days": 43}, ["Uses in 30 days is now 43"]),
            (
                {"last_used_at": datetime(2026, 11, 9, 12, tzinfo=UTC), "uses_30_days": 43},
                ["Last used is now 2026-11-09 12:00 UTC", "Uses in 30 days is now 43"],
            ),
        ],
    )
    def test_keep_a_new_row(self, fields: dict[str, Any], said: list[str]) -> None:
        one = self.imported("2026-11-02", 42)
        ModuleUse.objects.update(**fields)
        one = self.sheets.undo(one)
        assert ModuleUse.objects.filter(**fields).exists()
        assert (one.undone_rows, one.kept_rows) == (0, 1)
        told = rows_of(one)[2].kept_because
        assert [(reason["what"], reason["who"], reason["at"]) for reason in told] == [(what, "", "") for what in said]

    def test_keep_a_new_row_of_which_the_sheet_gave_no_count(self) -> None:
        one = self.imported("2026-11-02")
        ModuleUse.objects.update(uses_30_days=5)
        assert why(self.sheets.undo(one)) == [("Uses in 30 days is now 5", "")]

    def test_are_told_beside_what_a_member_did(self, ops: Member) -> None:
        one = self.imported("2026-11-02", 42)
        ModuleUse.objects.update(last_used_at=datetime(2026, 11, 9, 12, tzinfo=UTC))
        edit(ops, ModuleUse, uses_30_days=50)
        assert why(self.sheets.undo(one)) == [
            ("Uses in 30 days is now 50", "Farid Fontaine"),
            ("Last used is now 2026-11-09 12:00 UTC", ""),
        ]

    def test_let_a_row_go_that_is_as_the_import_wrote_it(self) -> None:
        one = self.imported("2026-11-02", 42)
        ModuleUse.objects.update(uses_30_days=43)
        ModuleUse.objects.update(uses_30_days=42)
        assert self.sheets.undo(one).undone_rows == 1
        assert not ModuleUse.objects.exists()

    def test_keep_a_changed_row(self, willow: Account) -> None:
        module = ModuleUseFactory(
            account=willow,
            module=ModuleFactory(product=Product.objects.get(key="learning"), key="courses", name="Courses"),
            last_used_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
        one = self.sheets.apply(("Salesforce ID", "Module", "Last used"), (WILLOW, "Courses", "2026-11-02"))
        ModuleUse.objects.filter(pk=module.pk).update(last_used_at=datetime(2026, 11, 9, 12, tzinfo=UTC))
        assert why(self.sheets.undo(one)) == [("Last used is now 2026-11-09 12:00 UTC", "")]

    def test_a_second_sheet_that_was_taken_back_stands_in_nobodys_way(self) -> None:
        one = self.imported("2026-11-02", 42)
        self.sheets.undo(self.imported("2026-11-03", 43))
        assert self.sheets.undo(one).undone_rows == 1
        assert not ModuleUse.objects.exists()
