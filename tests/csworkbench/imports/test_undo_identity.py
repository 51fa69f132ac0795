"""Import and undo leave everything as it was, and an import twice is an import once, whatever the book."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.custom import add_field
from accounts.models import Account, AccountFigures, Contact, ModuleUse, Opportunity, Subscription
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.imports.services import applying, undoing
from csworkbench.tenancy.models import Member, Workspace

from .sheets import applied, csv_bytes

TABLES = (Account, Contact, Subscription, ModuleUse, Opportunity, AccountFigures)
TITLES = (
    "Salesforce ID", "Account", "Tier", "Lifecycle stage", "MRR", "Renewal date", "Product", "First name", "Email",
    "CSM", "Floor plan", "Seats sold",
)  # fmt: skip
NAMES = st.sampled_from(["Willow", "Ñandú", "Summit", "Mesa"])
# What a row says of its account; a blank says nothing.
ABOUT = st.tuples(
    NAMES,
    st.sampled_from(["", "1", "2", "3"]),
    st.sampled_from(["", "Onboarding", "Mature", "Churned"]),
    st.sampled_from(["", "Dmitri", "Ines", "Rosa"]),
    st.sampled_from(["", "dmitri@example.org", "rosa@example.org"]),
    st.sampled_from(["", "Keiko Ueda", "Farid Fontaine"]),
    st.sampled_from(["", "open", "closed"]),
    st.sampled_from(["", "5", "12"]),
)
SOLD = st.dictionaries(
    st.sampled_from(["Compliance", "Learning"]),
    st.tuples(st.sampled_from(["", "10", "250.50"]), st.sampled_from(["", "2027-03-22", "2027-05-01"])),
    max_size=2,
)
BOOKS = st.dictionaries(st.integers(0, 6), st.tuples(ABOUT, SOLD), min_size=1, max_size=6)

pytestmark = pytest.mark.usefixtures("keiko")
few = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def sheet(book: dict[int, Any]) -> bytes:
    """A book as csv: a row for each account and product, or one without a product."""
    rows = []
    for number, (about, sold) in book.items():
        name, tier, stage, first, email, csm, plan, seats = about
        for product, (mrr, renewal) in (sold or {"": ("", "")}).items():
            rows.append(
                [f"00100000000{number:04d}", f"{name} {number}", tier, stage, mrr, renewal, product, first, email, csm,
                 plan, seats]
            )  # fmt: skip
    return csv_bytes(TITLES, *rows)


def everything() -> dict[str, dict[Any, Any]]:
    """Every row of the tables that an import may write, by id."""
    rows = {model: [dict(row) for row in model._default_manager.values()] for model in TABLES}
    return {model.__name__: {row[model._meta.pk.attname]: row for row in found} for model, found in rows.items()}


@contextmanager
def forgotten() -> Iterator[None]:
    """What happens within is rolled back, so that each example starts from nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def custom_fields(ops: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two custom fields; chunks so small that accounts with several products fall into two of them."""
    add_field(actor=ops, label="Floor plan", sort="text")
    add_field(actor=ops, label="Seats sold", sort="number")
    monkeypatch.setattr(applying, "CHUNK_ROWS", 4)
    monkeypatch.setattr(undoing, "CHUNK_ROWS", 3)


def undone(ops: Member, one: Import) -> Import:
    services.undo(actor=ops, one=one)
    services.undo_import(one.workspace_id, one.pk)
    one.refresh_from_db()
    return one


def start(ops: Member, book: dict[int, Any], workspace: Workspace) -> None:
    """A workspace with a book, and rows that no book knows beside it."""
    applied(ops, sheet(book))
    for account in Account.objects.filter(workspace=workspace):
        Contact.objects.create(workspace=workspace, account=account, first_name="Rosa", email="rosa@example.org")
        Opportunity.objects.create(workspace=workspace, account=account, name="More seats")


@few
@given(before=BOOKS, after=BOOKS)
def test_import_and_undo_is_nothing(ops: Member, workspace: Workspace, before: Any, after: Any) -> None:
    with forgotten():
        start(ops, before, workspace)
        kept = everything()
        one = applied(ops, sheet(after))
        if one.applied_rows:
            one = undone(ops, one)
            assert (one.state, one.undone_rows, one.kept_rows) == ("undone", one.applied_rows, 0)
        assert everything() == kept


@few
@given(before=BOOKS, between=BOOKS, after=BOOKS)
def test_imports_undone_in_turn_are_nothing(
    ops: Member, workspace: Workspace, before: Any, between: Any, after: Any
) -> None:
    with forgotten():
        start(ops, before, workspace)
        kept = everything()
        imports = [applied(ops, sheet(between)), applied(ops, sheet(after))]
        for one in reversed(imports):
            if one.applied_rows:
                assert undone(ops, one).kept_rows == 0
        assert everything() == kept


@few
@given(before=BOOKS, after=BOOKS)
def test_twice_is_once(ops: Member, workspace: Workspace, before: Any, after: Any) -> None:
    with forgotten():
        start(ops, before, workspace)
        first = applied(ops, sheet(after))
        kept = everything()
        second = applied(ops, sheet(after))
        assert (second.counts["new"], second.counts["changed"]) == (0, 0)
        assert second.counts["rejected"] == first.counts["rejected"]
        assert everything() == kept
