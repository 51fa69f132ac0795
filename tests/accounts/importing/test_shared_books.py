"""The public books import as their ``expected.json`` says, cell for cell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.importing.statements import UNIQUE_IDS
from accounts.models import Account, Contact, Subscription
from csworkbench.imports.models import Import, ImportRow
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.csworkbench.imports.sheets import applied
from tests.factories import ProductFactory, make_member

CODES = {
    "no_id": "no_id",
    "short_id": "short_id",
    "bad_email": "bad_email",
    "bad_mrr": "bad_money",
    "unknown_csm": "unknown_member",
}
FIELDS = {"no_id": "sf_id", "short_id": "sf_id", "bad_email": "email", "bad_mrr": "mrr", "unknown_csm": "owner"}


@pytest.fixture
def sheets(shared_data: Path) -> Path:
    return shared_data / "transition_sheets"


@pytest.fixture
def expected(sheets: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((sheets / "expected.json").read_text())
    return found


@pytest.fixture
def cast(workspace: Workspace, expected: dict[str, Any]) -> Iterator[Member]:
    """The CSMs by name, the four products; yields the member of CS Ops who imports."""
    for name in expected["csms"]:
        make_member(workspace, name, roles=["csm"])
    for name in ("Learning", "Compliance", "CRED SOFT", "CRED SERV"):
        ProductFactory(workspace=workspace, key=name.lower().replace(" ", "-"), name=name)
    yield make_member(workspace, "Olive Ops", roles=["ops"])


def as_expected(account: Account) -> dict[str, Any]:
    """An account with its contact and subscription in the words of ``expected.json``."""
    contact = Contact.objects.get(account=account, is_primary=True)
    subscription = Subscription.objects.get(account=account)
    assert account.owner
    return {
        "sf_id": account.sf_id,
        "name": account.name,
        "lms_id": account.lms_id,
        "recurly_id": account.billing_id,
        "tier": account.tier,
        "renewal": str(subscription.renews_on),
        "product": subscription.product.name,
        "first": contact.first_name,
        "last": contact.last_name,
        "email": contact.email,
        "phone": contact.phone,
        "csm": account.owner.name,
        "mrr_cents": subscription.mrr_minor,
    }


def takeable(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], set[int]]:
    """The rows to import, and those whose LMS ID another account of the sheet has.

    The book has one such pair; where the model keeps LMS IDs unique, its second row is rejected with that reason.
    """
    good = [row for row in rows if row["verdict"] == "ok"]
    seen: set[str] = set()
    shared = {row["row"] for row in good if row["lms_id"] in seen or seen.add(row["lms_id"])}  # type: ignore[func-returns-value]
    if "lms_id" not in UNIQUE_IDS:
        return good, set()
    return [row for row in good if row["row"] not in shared], shared


def check_values(rows: list[dict[str, Any]], workspace: Workspace) -> None:
    accounts = {a.sf_id: a for a in Account.objects.filter(workspace=workspace).select_related("owner")}
    for row in rows:
        wanted = {key: value for key, value in row.items() if key not in {"row", "verdict"}}
        assert as_expected(accounts[row["sf_id"]]) == wanted, f"row {row['row']}"


@pytest.mark.parametrize("name", ["book_clean.xlsx", "book_messy.xlsx"])
def test_every_cell_arrives_as_expected(
    name: str, sheets: Path, expected: dict[str, Any], cast: Member, workspace: Workspace
) -> None:
    rows = expected["sheets"][name]
    good, shared = takeable(rows)
    one = applied(cast, (sheets / name).read_bytes(), name)
    assert (one.state, one.rows, one.counts["new"]) == ("applied", len(rows), len(good))
    check_values(good, workspace)
    check_verdicts(one, rows, shared)


def check_verdicts(one: Import, rows: list[dict[str, Any]], shared: set[int]) -> None:
    """Rejects name the cell and the reason; a duplicate is reported and applied once; nothing else is left out."""
    found = {
        row.number: (row.verdict, row.problems)
        for row in ImportRow.objects.filter(import_batch=one).exclude(problems=[])
    }
    assert set(found) == {row["row"] for row in rows if row["verdict"] != "ok"} | shared
    for row in rows:
        if row["verdict"] == "duplicate":
            assert found[row["row"]][0] == "duplicate"
            assert "is the same" in found[row["row"]][1][0]["message"]
        elif row["verdict"] != "ok":
            verdict, problems = found[row["row"]]
            assert verdict == "rejected"
            assert [(p["code"], p["field"]) for p in problems] == [(CODES[row["verdict"]], FIELDS[row["verdict"]])]
            if row["verdict"] == "unknown_csm":
                assert problems[0]["suggestions"]


def test_extensions_stand_apart(sheets: Path, cast: Member, workspace: Workspace) -> None:
    applied(cast, (sheets / "book_messy.xlsx").read_bytes(), "book_messy.xlsx")
    contact = Contact.objects.get(email="sven.moreau3@example.org")
    assert (contact.phone, contact.phone_extension) == ("+19327580075", "12")


def test_the_second_time_changes_nothing(sheets: Path, cast: Member, workspace: Workspace) -> None:
    data = (sheets / "book_messy.xlsx").read_bytes()
    first = applied(cast, data, "book_messy.xlsx")
    before = HistoryEntry.objects.exclude(table_name="imports_import").count()
    again = applied(cast, data, "book_messy.xlsx")
    assert (again.counts["new"], again.counts["changed"]) == (0, 0)
    assert again.counts["unchanged"] == first.counts["new"]
    assert HistoryEntry.objects.exclude(table_name="imports_import").count() == before


def test_spoilt_ids_are_suggested_from_the_other_ids(
    sheets: Path, expected: dict[str, Any], cast: Member, workspace: Workspace
) -> None:
    applied(cast, (sheets / "book_clean.xlsx").read_bytes(), "book_clean.xlsx")
    one = applied(cast, (sheets / "book_messy.xlsx").read_bytes(), "book_messy.xlsx")
    wanted = {
        r["row"]: r["sf_id"] for r in expected["sheets"]["book_messy.xlsx"] if r["verdict"] in {"no_id", "short_id"}
    }
    suggested = {
        row.number: row.problems[0]["suggestions"]
        for row in ImportRow.objects.filter(import_batch=one, number__in=wanted)
    }
    assert suggested == {number: [sf_id] for number, sf_id in wanted.items()}


def test_titles_totals_and_notes_are_no_data(sheets: Path, cast: Member) -> None:
    one = applied(cast, (sheets / "book_messy.xlsx").read_bytes(), "book_messy.xlsx")
    assert (one.layout["sheet"], one.layout["header_row"]) == ("Accounts", 5)
    assert [skipped["row"] for skipped in one.layout["skipped"]] == [321, 322]
