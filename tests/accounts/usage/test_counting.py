"""However drops come and whenever midnight strikes, days and counts are what all rows in their order give."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, AccountFigures, Module, ModuleUse, UsageDay, UsageDrop
from accounts.usage import counting
from csworkbench.tenancy.models import Workspace
from priorities import pipeline
from tests.factories import ModuleUseFactory

from .conftest import NOW, SUMMIT_SF, TODAY, WILLOW_SF, Drops, back

ROW = st.tuples(
    st.sampled_from([WILLOW_SF, SUMMIT_SF]),
    st.sampled_from(["cases", "courses"]),
    st.sampled_from([1, 2, 6, 7, 8, 28, 29, 30, 31, 59, 60, 61, 88, 89, 90, 95]),
    st.integers(0, 9),
)
FILES = st.lists(st.lists(ROW, min_size=1, max_size=6), min_size=1, max_size=4)
QUIET = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def windows(days: dict[date, int], today: date) -> tuple[int, ...]:
    def total(first: int, last: int) -> int:
        return sum(uses for day, uses in days.items() if today - timedelta(first) <= day <= today - timedelta(last))

    return total(6, 0), total(29, 0), total(89, 0), total(59, 30)


def check_counts(today: date) -> None:
    """Every stored count is what its days give."""
    for use in ModuleUse.objects.all():
        days = dict(UsageDay.objects.filter(account=use.account_id, module=use.module_id).values_list("day", "uses"))
        stored = (use.uses_7_days, use.uses_30_days, use.uses_90_days, use.uses_prior_30_days)
        assert stored == windows(days, today)
    for figures in AccountFigures.objects.exclude(counted_on=None):
        rows = UsageDay.objects.filter(account=figures.account_id)
        summed: dict[date, int] = {}
        for day, uses in rows.values_list("day", "uses"):
            summed[day] = summed.get(day, 0) + uses
        stored = (figures.uses_7_days, figures.uses_30_days, figures.uses_90_days, figures.uses_prior_30_days)
        assert stored == windows(summed, today)
        active = {day for day, uses in summed.items() if uses and today - timedelta(27) <= day <= today}
        assert figures.active_days_28 == len(active)


@contextmanager
def undone() -> Iterator[None]:
    """What happens within leaves nothing behind: rows, temporary tables and their locks."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def stored_days() -> set[tuple[Any, ...]]:
    return set(UsageDay.objects.values_list("account__sf_id", "module__key", "day", "uses", "stated_at"))


@QUIET
@given(FILES, st.data())
def test_any_order_gives_the_same_rows(
    workspace: Workspace,
    drops: Drops,
    willow: Account,
    summit: Account,
    cases: Module,
    courses: Module,
    files: list[list[tuple[str, str, int, int]]],
    data: st.DataObject,
) -> None:
    order = data.draw(st.permutations(range(len(files))))
    size = data.draw(st.sampled_from([1, 3, 100]))
    found = []
    for places in (range(len(files)), order):
        with undone():
            for place in places:
                rows = [(account, module, back(day), uses) for account, module, day, uses in files[place]]
                drops.use(*rows, stated=NOW - timedelta(hours=10 - place), size=size)
                # The same rows may come again in a file of another moment.
                UsageDrop.objects.all().delete()
            found.append(stored_days())
            check_counts(TODAY)
    assert found[0] == found[1]


@QUIET
@given(st.lists(ROW, min_size=1, max_size=12), st.lists(st.sampled_from([1, 2, 5, 13, 14, 15, 40]), max_size=3), ROW)
def test_windows_slide_at_midnight(
    workspace: Workspace,
    drops: Drops,
    willow: Account,
    summit: Account,
    cases: Module,
    courses: Module,
    rows: list[tuple[str, str, int, int]],
    nights: list[int],
    late: tuple[str, str, int, int],
) -> None:
    account, module, day, uses = late
    with undone():
        drops.use(*[(account, module, back(day), uses) for account, module, day, uses in rows])
        passed = 0
        for night in nights:
            passed += night
            with time_machine.travel(NOW + timedelta(days=passed), tick=False):
                counting.recount(workspace, workspace.today)
                check_counts(TODAY + timedelta(days=passed))
        with time_machine.travel(NOW + timedelta(days=passed + 1), tick=False):
            # Before anything has swept that day.
            drops.use((account, module, f"{TODAY + timedelta(days=passed - day)}", uses), (WILLOW_SF, "cases", "x", 1))
            check_counts(TODAY + timedelta(days=passed + 1))


class TestMidnight:
    def test_the_sweep_counts_and_leaves_no_marks(
        self, workspace: Workspace, drops: Drops, willow: Account, cases: Module
    ) -> None:
        drops.use((WILLOW_SF, "cases", back(1), 5))
        with time_machine.travel(NOW + timedelta(days=8), tick=False):
            pipeline.sweep(workspace)
            check_counts(TODAY + timedelta(days=8))
            assert pipeline.drain(workspace).marks == 0
            assert counting.recount(workspace, workspace.today) == 0

    def test_what_a_sheet_said_is_left_alone(self, workspace: Workspace, willow: Account, cases: Module) -> None:
        ModuleUseFactory(account=willow, module=cases, last_used_at=NOW, uses_30_days=42)
        assert counting.recount(workspace, TODAY) == 0
        assert ModuleUse.objects.get().uses_30_days == 42

    def test_users_of_30_days_ago_follow_the_calendar(
        self, workspace: Workspace, drops: Drops, willow: Account, learning: object
    ) -> None:
        drops.users((WILLOW_SF, "learning", back(20), 31, 4, 2, ""))
        assert AccountFigures.objects.get().users_30_days_ago is None
        with time_machine.travel(NOW + timedelta(days=10), tick=False):
            counting.recount(workspace, workspace.today)
        assert AccountFigures.objects.get().users_30_days_ago == 31

    def test_counting_from_nothing_gives_the_same(
        self, workspace: Workspace, drops: Drops, willow: Account, cases: Module, courses: Module
    ) -> None:
        drops.use((WILLOW_SF, "cases", back(1), 5), (WILLOW_SF, "courses", back(33), 5))
        before = AccountFigures.objects.values().get()
        AccountFigures.objects.update(counted_on=None, uses_30_days=1, active_days_28=9)
        ModuleUse.objects.all().delete()
        counting.count_workspace(workspace, TODAY)
        check_counts(TODAY)
        assert AccountFigures.objects.values().get() == before
