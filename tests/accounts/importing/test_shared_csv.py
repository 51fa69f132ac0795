"""The public csv sets import as books, cell for cell, with their columns named by a person."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account, Subscription
from csworkbench.imports import services
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member, Workspace
from tests.csworkbench.imports.sheets import compared, examined
from tests.factories import ProductFactory, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def importer(workspace: Workspace) -> Iterator[Member]:
    yield make_member(workspace, "Olive Ops", roles=["ops"])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def choose(
    importer: Member, one: Import, fields: dict[str, str], new: dict[str, str] | None = None, **constants: str
) -> Import:
    """Name columns by title: ``{title: field}``, ``new`` ones by sort; several titles may be left out."""
    mapping = {key: one.titles.index(title) for key, title in fields.items()}
    made = {one.titles.index(title): sort for title, sort in (new or {}).items()}
    assert not services.choose_columns(actor=importer, one=one, mapping=mapping, constants=constants, new_fields=made)
    return examined(one)


def apply(importer: Member, one: Import) -> Import:
    services.approve(actor=importer, one=one)
    services.apply_import(one.workspace_id, one.pk)
    one.refresh_from_db()
    return one


class TestRavenstack:
    """500 invented accounts, re-saved from Excel: a mark at the start, days before months, TRUE and FALSE."""

    @pytest.fixture
    def applied(self, importer: Member, workspace: Workspace, shared_data: Path) -> Import:
        for name in ("Basic", "Pro", "Enterprise"):
            ProductFactory(workspace=workspace, key=name.lower(), name=name)
        path = shared_data / "ravenstack" / "ravenstack_accounts.csv"
        one = compared(importer, path.read_bytes(), path.name)
        fields = {
            "billing_id": "account_id",
            "name": "account_name",
            "industry": "industry",
            "customer_since": "signup_date",
            "product": "plan_tier",
            "contracted_users": "seats",
        }
        new = {"country": "text", "referral_source": "text", "is_trial": "yes_no", "churn_flag": "yes_no"}
        return apply(importer, choose(importer, one, fields, new))

    def test_every_cell_arrives(self, applied: Import, shared_data: Path) -> None:
        rows = rows_of(shared_data / "ravenstack" / "ravenstack_accounts.csv")
        assert (applied.counts["new"], applied.left_out) == (len(rows), 0) == (500, 0)
        found = {s.account.billing_id: as_row(s) for s in Subscription.objects.select_related("account", "product")}
        for row in rows:
            assert found[row["account_id"]] == row

    def test_the_order_of_days_and_months_is_shown(self, applied: Import) -> None:
        assert "day first" in applied.layout["notes"]["customer_since"]


def as_row(subscription: Subscription) -> dict[str, str]:
    """An account as the file wrote it."""
    account = subscription.account
    assert account.customer_since
    custom = account.custom
    return {
        "account_id": account.billing_id,
        "account_name": account.name,
        "industry": account.industry,
        "country": custom["country"],
        "signup_date": account.customer_since.strftime("%d-%m-%Y"),
        "referral_source": custom["referral_source"],
        "plan_tier": subscription.product.name,
        "seats": str(subscription.contracted_users),
        "is_trial": str(custom["is_trial"]).upper(),
        "churn_flag": str(custom["churn_flag"]).upper(),
    }


class TestTelco:
    """7,043 consumers without names, with eleven blank totals: the id serves as the name, the rest as custom fields."""

    NUMBERS = ("tenure", "TotalCharges")
    YES_NO = ("SeniorCitizen", "Partner", "Dependents", "PhoneService", "PaperlessBilling", "Churn")
    TEXTS = (
        "gender", "MultipleLines", "InternetService", "OnlineSecurity", "OnlineBackup", "DeviceProtection",
        "TechSupport", "StreamingTV", "StreamingMovies", "Contract", "PaymentMethod",
    )  # fmt: skip

    def test_every_cell_arrives(self, importer: Member, workspace: Workspace, shared_data: Path) -> None:
        ProductFactory(workspace=workspace, key="telco", name="Telco")
        path = shared_data / "ibm_telco" / "Telco-Customer-Churn.csv"
        one = compared(importer, path.read_bytes(), path.name)
        new = dict.fromkeys(self.NUMBERS, "number") | dict.fromkeys(self.YES_NO, "yes_no")
        new |= dict.fromkeys(self.TEXTS, "text")
        fields = {"billing_id": "customerID", "name": "customerID", "mrr": "MonthlyCharges"}
        apply(importer, choose(importer, one, fields, new, product="Telco"))
        rows = rows_of(path)
        assert (one.rows, len(rows)) == (7043, 7043)
        one.refresh_from_db()
        assert (one.counts["new"], one.left_out) == (7043, 0)
        keys = {field.label: field.key for field in kind_called("book").context(workspace).fields}
        found = {
            account.billing_id: (account, subscription)
            for account in Account.objects.prefetch_related("subscriptions")
            for subscription in account.subscriptions.all()
        }
        for row in rows:
            account, subscription = found[row["customerID"]]
            assert (account.name, subscription.mrr_minor) == (row["customerID"], cents(row["MonthlyCharges"]))
            said = {title: account.custom.get(keys[title].removeprefix("custom_")) for title in new}
            assert said == {title: self.meant(title, row[title]) for title in new}

    def meant(self, title: str, cell: str) -> Any:
        if not cell.strip():
            return None
        if title in self.NUMBERS:
            return pytest.approx(float(cell))
        return cell in {"Yes", "1"} if title in self.YES_NO else cell


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


class TestUci:
    """3,150 rows of measurements that name nobody: read, and refused with the reason, since no column tells whose."""

    def test_it_waits_for_a_column_that_tells_the_account(self, importer: Member, shared_data: Path) -> None:
        path = shared_data / "uci_iranian_churn" / "Customer_Churn.csv"
        one = compared(importer, path.read_bytes(), path.name)
        assert one.state == Import.State.READ
        assert one.titles[:3] == ["Call Failure", "Complains", "Subscription Length"]
        assert len(one.titles) == 14
        kind = kind_called("book")
        assert kind.mapping_problems(frozenset(one.mapping), kind.context(importer.workspace))
