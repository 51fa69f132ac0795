"""What every kind of rows of an account keeps to: a template that imports, few statements, twice is once."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.importing.children import KINDS
from accounts.models import Account, Contact, ModuleUse, Product, Subscription
from accounts.ownership import OWNABLE, Entity, choose_owners, owned_by_crm
from csworkbench.imports.kinds import kind_called
from csworkbench.imports.models import Import
from csworkbench.imports.rejects import template_sheet
from csworkbench.tenancy.models import HistoryEntry, Member, Workspace
from tests.factories import (
    AccountFactory,
    ContactFactory,
    ModuleFactory,
    ProductFactory,
    SubscriptionFactory,
    make_member,
)

from .sheets import Sheets, codes, said

ALL = [kind.key for kind in KINDS]
# Titles beside the account's; cells of a new row (renewals: of a change), and other cells for the same thing.
SAMPLES: dict[str, tuple[tuple[str, ...], tuple[Any, ...], tuple[Any, ...]]] = {
    "contacts": (
        ("Name", "Email", "Primary contact", "Title"),
        ("Rosa Vargas", "rosa@example.org", "yes", "Owner"),
        ("Rosa Vargas", "rosa@example.org", "yes", "Nurse"),
    ),
    "people": (
        ("Known by", "Name", "Email", "Title"),
        ("LMS", "Ada Gallo", "ada@example.org", "Owner"),
        ("LMS", "Ada Gallo", "ada@example.org", "Nurse"),
    ),
    "support_tickets": (
        ("Subject", "Opened", "State", "Support ticket"),
        ("SSO fails", "2020-01-01 09:30", "Open", "SUP-{number}"),
        ("SSO fails", "2020-01-01 09:30", "Resolved", "SUP-{number}"),
    ),
    "subscriptions": (("Product", "MRR", "Payer"), ("Learning", 5, "rec-1"), ("Learning", 6, "rec-2")),
    "renewals": (("Product", "Renewal date"), ("Compliance", "2027-03-22"), ("Compliance", "2027-03-23")),
    "usage": (("Module", "Last used"), ("Cases", "2020-01-01"), ("Cases", "2020-01-02")),
    "opportunities": (("Opportunity", "Stage"), ("Willow 2027", "Prospect"), ("Willow 2027", "Demo")),
}
ROWS = 1000


@pytest.fixture
def book(workspace: Workspace) -> Workspace:
    """Many accounts, each with a running subscription to Compliance."""
    product = ProductFactory(workspace=workspace, key="compliance", name="Compliance")
    ProductFactory(workspace=workspace, key="learning", name="Learning")
    ModuleFactory(product=product)
    Account.objects.bulk_create(
        Account(workspace=workspace, name=f"Clinic {n}", search_name=f"clinic {n}", billing_id=f"rec-{n}")
        for n in range(ROWS)
    )
    Subscription.objects.bulk_create(
        Subscription(workspace=workspace, account=account, product=product) for account in Account.objects.all()
    )
    return workspace


def row(number: int | str, cells: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of one account; what only one account has is called after it."""
    return (f"rec-{number}", *(cell.format(number=number) if isinstance(cell, str) else cell for cell in cells))


@pytest.mark.parametrize("key", ALL)
def test_the_number_of_statements_does_not_grow_with_the_rows(key: str, ops: Member, book: Workspace) -> None:
    sheets = Sheets(ops, key)
    titles, fresh, other = SAMPLES[key]

    def count(numbers: range, cells: tuple[Any, ...]) -> tuple[int, int]:
        good = [row(number, cells) for number in numbers]
        bad = [row(f"x{number}", cells) for number in numbers]
        with CaptureQueriesContext(connection) as captured:
            one = sheets.apply(("Recurly ID", *titles), *good, *bad, good[0])
        assert one.counts["new"] + one.counts["changed"] == len(numbers)
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]]), one.counts["rejected"]

    assert [count(range(10), cells) for cells in (fresh, other)] == [
        (found, 10) for found, _ in (count(range(10, ROWS), cells) for cells in (fresh, other))
    ]


@pytest.mark.parametrize("key", ALL)
def test_twice_is_once_and_leaves_the_ledger_alone(key: str, ops: Member, book: Workspace) -> None:
    sheets = Sheets(ops, key)
    titles, fresh, _ = SAMPLES[key]
    rows = [row(number, fresh) for number in range(3)]
    first = sheets.apply(("Recurly ID", *titles), *rows)
    assert first.counts["new"] + first.counts["changed"] == 3
    written = HistoryEntry.objects.filter(cause_id=first.pk, table_name__startswith="accounts_")
    assert written.values("row_id").distinct().count() == 3
    before = HistoryEntry.objects.filter(table_name__startswith="accounts_").count()
    assert said(sheets.apply(("Recurly ID", *titles), *rows)) == {"unchanged": 3}
    assert HistoryEntry.objects.filter(table_name__startswith="accounts_").count() == before


@pytest.mark.parametrize("key", ALL)
def test_the_template_imports_when_it_is_filled_in(
    key: str, ops: Member, keiko: Member, products: list[Product], workspace: Workspace, willow: Account
) -> None:
    make_member(workspace, "Carla Xu", roles=["rsm"])
    AccountFactory(workspace=workspace, name="Willow Holdings", search_name="willow holdings")
    Account.objects.filter(pk=willow.pk).update(name="Willow Urgent Care #24", search_name="willow urgent care 24")
    ModuleFactory(product=products[0])
    if key == "renewals":
        SubscriptionFactory(account=willow, product=products[0])
        ContactFactory(account=willow, email="rosa.vargas@example.org")
    kind = kind_called(key)
    context = kind.context(workspace)
    sheet = openpyxl.load_workbook(io.BytesIO(template_sheet(kind, context))).worksheets[0]
    titles = [str(cell.value) for cell in sheet[1]]
    examples = {one.label: one.example for one in context.fields}
    one = Sheets(ops, key).apply(titles, [examples[title] for title in titles])
    changes = key in {"renewals", "people"}
    assert (said(one), codes(one)) == ({"changed" if changes else "new": 1}, {})
    assert len(one.mapping) == len(titles)


@pytest.mark.parametrize("key", ALL)
def test_an_undo_leaves_everything_as_it_was(key: str, ops: Member, book: Workspace) -> None:
    sheets = Sheets(ops, key)
    titles, fresh, other = SAMPLES[key]
    for account in Account.objects.filter(billing_id="rec-1"):
        ContactFactory(account=account, email="sven@example.org", is_primary=True)
    sheets.apply(("Recurly ID", *titles), *(row(number, fresh) for number in (1, 2)))
    if key == "contacts":
        Contact.objects.filter(email="sven@example.org").update(is_primary=False)
    before = rows_now(key)
    one = sheets.apply(("Recurly ID", *titles), *(row(number, other) for number in (1, 2, 3)))
    assert rows_now(key) != before
    undone = sheets.undo(one)
    assert (undone.state, undone.undone_rows, undone.kept_rows) == (Import.State.UNDONE, 3, 0)
    assert rows_now(key) == before


def rows_now(key: str) -> list[dict[str, Any]]:
    """Every row of the kind's table, as it stands."""
    (manager,) = (kind.model._default_manager for kind in KINDS if kind.key == key)
    return [dict(row) for row in manager.order_by("pk").values()]


def test_an_undo_gives_the_former_primary_contact_back(ops: Member, willow: Account) -> None:
    ContactFactory(account=willow, email="rosa@example.org", is_primary=True)
    sheets = Sheets(ops, "contacts")
    one = sheets.apply(("Recurly ID", "Email", "Primary contact"), ("rec-468328", "sven@example.org", "yes"))
    assert Contact.objects.get(is_primary=True).email == "sven@example.org"
    assert sheets.undo(one).undone_rows == 1
    assert Contact.objects.get().is_primary


@pytest.mark.parametrize("key", ALL)
def test_a_sheet_of_accounts_alone_is_not_taken(key: str, ops: Member, book: Workspace) -> None:
    one = Sheets(ops, key).compare(("Recurly ID", "Account"), ("rec-1", "Clinic 1"))
    assert one.state == Import.State.READ
    assert kind_called(key).mapping_problems(frozenset(one.mapping), kind_called(key).context(book))


def test_columns_of_exports_are_understood(ops: Member, workspace: Workspace) -> None:
    """Titles as Salesforce, HubSpot and Gainsight write them."""
    exports = {
        "contacts": (
            ["Account Name", "Account ID", "First Name", "Last Name", "Title", "Phone", "Email", "Email Opt Out"],
            ["Associated Company", "Job Title", "Phone Number", "Email", "First Name", "Last Name", "Buying Role"],
            ["Company Name", "Is Primary Contact", "Email Address", "Name", "Contact Status"],
        ),
        "opportunities": (
            ["Opportunity ID", "Opportunity Name", "Account Name", "Stage", "Close Date", "Opportunity Owner",
             "Lead Source", "Type", "Next Step"],
            ["Deal Name", "Deal Stage", "Close Date", "Deal owner", "Associated Company", "Deal Type"],
        ),
        "subscriptions": (
            ["Account Code", "Plan Name", "Quantity", "Activated At", "Current Period Ends", "Canceled At"],
        ),
        "renewals": (
            ["Company", "Product Name", "Contract End Date"],
            ["Account Name", "Due Date", "Section Column", "Notice Period", "Decision Maker", "Auto Renewal"],
        ),
        "usage": (["Account Name", "Feature Name", "Last Activity Date", "Event Count"],),
        "people": (["Company", "User ID", "First Name", "Last Name", "User Email", "User Status", "Last Login"],),
        "support_tickets": (
            ["Ticket ID", "Ticket Name", "Company", "Priority", "Ticket Status", "Category", "Create Date"],
            ["Issue Key", "Summary", "Issue Type", "Status", "Reporter", "Created", "Closed", "Organization"],
        ),
    }  # fmt: skip
    for key, sheets in exports.items():
        kind = kind_called(key)
        context = kind.context(workspace)
        known = {title for one in context.fields for title in [one.key, *one.synonyms, one.label.lower()]}
        unknown = [title for sheet in sheets for title in sheet if title.lower() not in known]
        assert unknown == [], key


def test_no_use_is_set_back_by_an_import(ops: Member, book: Workspace) -> None:
    sheets = Sheets(ops, "usage")
    sheets.apply(("Recurly ID", "Module", "Last used"), ("rec-1", "Cases", "2020-01-02"))
    before = ModuleUse.objects.get().last_used_at
    assert said(sheets.apply(("Recurly ID", "Module", "Last used"), ("rec-1", "Cases", "2020-01-01"))) == {
        "unchanged": 1
    }
    assert ModuleUse.objects.get().last_used_at == before


@pytest.mark.parametrize("kind", ALL)
def test_the_settings_alone_say_what_the_crm_owns(kind: str, workspace: Workspace, ops: Member) -> None:
    entity = {"contacts": Entity.CONTACT, "opportunities": Entity.OPPORTUNITY}.get(kind)
    assert kind_called(kind).context(workspace).crm_owned == frozenset()
    choose_owners(actor=ops, owners={(one, name): "crm" for one, names in OWNABLE.items() for name in names})
    owned = {column for _, column in owned_by_crm(workspace, entity)} if entity else set()
    beside = {"phone_extension"} if "phone" in owned else set()
    assert kind_called(kind).context(workspace).crm_owned == owned | beside
