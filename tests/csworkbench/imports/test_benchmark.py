"""The benchmark measures what it says: each import does what it should, in the memory it may have."""

from __future__ import annotations

from accounts.models import Account
from csworkbench.imports.benchmark import bench_import_book
from csworkbench.tenancy.models import Workspace
from csworkbench.tenancy.scope import workspace_scope

ROWS = 40


def test_three_imports_are_measured_and_sound(db: None) -> None:
    measured = list(bench_import_book(ROWS))
    assert [one.name for one in measured] == ["import_book", "import_book_again", "import_book_first"]
    assert all(one.sound and one.scale == ROWS and one.queries for one in measured)


def test_floor_and_product_write_the_same_book(db: None) -> None:
    list(bench_import_book(ROWS))
    books = []
    for workspace in Workspace.objects.all():
        with workspace_scope(workspace.pk):
            books.append(
                set(
                    Account.objects.values_list(
                        "sf_id", "name", "lms_id", "billing_id", "tier", "owner__name", "contacts__email",
                        "contacts__phone", "subscriptions__product__name", "subscriptions__mrr_minor",
                        "subscriptions__renews_on",
                    )
                )
            )  # fmt: skip
    assert len(books[0]) == ROWS
    assert books[0] == books[1]
