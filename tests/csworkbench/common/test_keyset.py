"""Pages by cursor: every row once, forwards and backwards, whatever ties and unknown values there are."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from csworkbench.common.keyset import Key, keyset_page
from csworkbench.tenancy.models import Workspace
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db
FIRST = date(2026, 11, 1)
ORDERS = [
    [Key("tier", nulls="last"), Key("pk")],
    [Key("tier", falling=True, nulls="first"), Key("name", falling=True), Key("pk", falling=True)],
    [Key("stage_since", falling=True, nulls="last"), Key("tier", nulls="first"), Key("pk")],
    [Key("standing__score", nulls="last"), Key("name"), Key("pk")],
    [Key("employees", among=(0, 1, 2)), Key("name"), Key("pk")],
    [Key("employees", falling=True, among=(0, 1, 2)), Key("tier", nulls="last"), Key("pk", falling=True)],
]


def walk(keys: list[Key], *, size: int) -> tuple[list[Any], list[Any]]:
    """The primary keys seen going to the end and coming back."""
    rows = Account.objects.select_related("standing")
    page = keyset_page(rows, keys, size=size)
    there = [row.pk for row in page]
    while page.next:
        page = keyset_page(rows, keys, size=size, after=page.next)
        there += [row.pk for row in page]
    back = [row.pk for row in page]
    while page.previous:
        page = keyset_page(rows, keys, size=size, before=page.previous)
        back = [row.pk for row in page] + back
    return there, back


class TestWalk:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        rows=st.lists(
            st.tuples(st.sampled_from([None, 1, 2, 3]), st.integers(0, 2), st.sampled_from("ab")), max_size=9
        ),
        size=st.integers(1, 4),
        order=st.sampled_from(ORDERS),
    )
    def test_every_row_once_in_order(
        self, workspace: Workspace, rows: list[tuple[int | None, int, str]], size: int, order: list[Key]
    ) -> None:
        Account.objects.all().delete()
        for tier, days, name in rows:
            since = FIRST + timedelta(days=days) if days else None
            AccountFactory(workspace=workspace, tier=tier, name=name, stage_since=since, employees=days)
        expected = list(Account.objects.order_by(*(key.ordering for key in order)).values_list("pk", flat=True))
        there, back = walk(order, size=size)
        assert there == expected
        assert back == expected

    def test_a_row_that_comes_meanwhile_moves_no_other(self, workspace: Workspace) -> None:
        for name in "bdfh":
            AccountFactory(workspace=workspace, name=name)
        keys = [Key("name"), Key("pk")]
        first = keyset_page(Account.objects.all(), keys, size=2)
        AccountFactory(workspace=workspace, name="a")
        assert [row.name for row in keyset_page(Account.objects.all(), keys, size=2, after=first.next)] == ["f", "h"]


class TestCursor:
    @pytest.mark.parametrize(
        "cursor",
        ["x", "====", "é", urlsafe_b64encode(b"{}").decode(), urlsafe_b64encode(b'["a"]').decode(), "A" * 5_000,
         urlsafe_b64encode(b'["a","no id"]').decode(), urlsafe_b64encode(b'["\\u0000","a"]').decode(),
         urlsafe_b64encode(b'[[],"a"]').decode(), urlsafe_b64encode(b'["\\ud800","a"]').decode()],
    )  # fmt: skip
    def test_nonsense_gives_the_first_page(self, workspace: Workspace, cursor: str) -> None:
        AccountFactory(workspace=workspace, name="a")
        page = keyset_page(Account.objects.all(), [Key("name"), Key("pk")], size=2, after=cursor)
        assert [row.name for row in page] == ["a"]

    def test_counts_up_to_a_bound(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("csworkbench.common.keyset.MOST_COUNTED", 2)
        AccountFactory.create_batch(3, workspace=workspace)
        page = keyset_page(Account.objects.all(), [Key("pk")], size=1)
        assert (page.count, page.is_more) == (2, True)
