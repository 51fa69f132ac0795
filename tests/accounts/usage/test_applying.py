"""What the rows of a drop become, and what is told about those that become nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from accounts.models import Account, AccountFigures, Module, ModuleUse, SeatDay, Subscription, UsageDay, UsageDrop
from accounts.usage import reporting
from accounts.usage.applying import path_of
from csworkbench.tenancy.models import HistoryEntry
from tests.factories import ModuleUseFactory, SubscriptionFactory

from .conftest import NOW, SUMMIT_SF, TODAY, WILLOW_SF, Drops, back


def counts(drop: UsageDrop) -> dict[str, int]:
    return {name: drop.report[name] for name in reporting.COUNTED if drop.report[name]}


def reasons(drop: UsageDrop) -> dict[str, int]:
    return {code: one["rows"] for code, one in drop.report["problems"].items()}


class TestUse:
    def test_becomes_days_counts_and_figures(
        self, drops: Drops, willow: Account, cases: Module, courses: Module
    ) -> None:
        drop = drops.use(
            (WILLOW_SF, "cases", back(1), 5), (WILLOW_SF, "cases", back(10), 7), (WILLOW_SF, "courses", back(10), 2),
            (WILLOW_SF, "cases", back(40), 11), (WILLOW_SF, "cases", back(80), 1),
        )  # fmt: skip
        assert (drop.state, counts(drop)) == ("applied", {"rows": 5, "use_rows": 5, "new": 5, "late": 4})
        assert drop.report["days"] == [back(80), back(1)]
        use = ModuleUse.objects.get(module=cases)
        assert (use.uses_7_days, use.uses_30_days, use.uses_90_days, use.uses_prior_30_days) == (5, 12, 24, 11)
        assert (use.counted_on, use.last_used_at.date()) == (TODAY, TODAY - timedelta(days=1))
        figures = AccountFigures.objects.get()
        assert (figures.uses_7_days, figures.uses_30_days, figures.uses_90_days) == (5, 14, 26)
        assert (figures.uses_prior_30_days, figures.active_days_28, figures.modules_30_days) == (11, 2, 2)
        assert (figures.counted_on, figures.last_used_at) == (TODAY, use.last_used_at)

    @pytest.mark.parametrize("said", [WILLOW_SF, WILLOW_SF[:15], "0000042", "42", "rec-42"])
    def test_any_of_our_ids_names_the_account(self, drops: Drops, willow: Account, cases: Module, said: str) -> None:
        assert counts(drops.use((said, "cases", back(1), 5)))["new"] == 1

    @pytest.mark.parametrize(
        ("column", "said"),
        [("account_sf_id", WILLOW_SF[:15]), ("account_lms_id", "42"), ("account_billing_id", "rec-42")],
    )
    def test_so_does_a_column_of_one_kind(
        self, drops: Drops, willow: Account, cases: Module, column: str, said: str
    ) -> None:
        drop = drops.send(f"Day , Module,uses,{column}\n{back(1)},cases,5,{said}\n")
        assert counts(drop)["new"] == 1

    def test_jsonl_says_the_same(self, drops: Drops, willow: Account, cases: Module) -> None:
        text = (
            '{"schema": 1, "generated_at": "2026-11-23T02:10:00Z"}\n'
            f'{{"account": 42, "module": "cases", "day": "{back(1)}", "uses": 5, "active_users": 2}}\n\n'
            f'{{"record": "use", "account": "rec-42", "module": "cases", "day": "{back(2)}", "uses": 1}}\n'
        )
        drop = drops.send(text, name="use.jsonl")
        assert counts(drop) == {"rows": 2, "use_rows": 2, "new": 2}
        assert f"{drop.stated_at:%H:%M}" == "02:10"
        assert UsageDay.objects.get(uses=5).active_users == 2

    def test_the_last_row_wins_within_a_drop(self, drops: Drops, willow: Account, cases: Module) -> None:
        rows = [(WILLOW_SF, "cases", back(1), uses) for uses in (5, 9, 3)]
        for size in (1, 2, 100):
            drop = drops.use(*rows, (SUMMIT_SF, "cases", back(1), size), size=size)
            assert UsageDay.objects.get().uses == 3
        assert drop.report["repeated"] == 2

    def test_last_use_moves_forward_only_and_zero_is_no_use(
        self, drops: Drops, willow: Account, summit: Account, cases: Module
    ) -> None:
        drops.use((WILLOW_SF, "cases", back(3), 5), (SUMMIT_SF, "cases", back(3), 0))
        before = ModuleUse.objects.get().last_used_at
        drops.use((WILLOW_SF, "cases", back(9), 5), (WILLOW_SF, "cases", back(1), 0))
        assert ModuleUse.objects.get().last_used_at == before

    def test_what_a_sheet_said_gives_way_to_days(self, drops: Drops, willow: Account, cases: Module) -> None:
        ModuleUseFactory(account=willow, module=cases, last_used_at=NOW - timedelta(days=50), uses_30_days=99)
        drops.use((WILLOW_SF, "cases", back(1), 5))
        use = ModuleUse.objects.get()
        assert (use.uses_30_days, use.counted_on, use.last_used_at > NOW - timedelta(days=3)) == (5, TODAY, True)

    def test_leaves_the_ledger_alone(self, drops: Drops, willow: Account, cases: Module) -> None:
        before = HistoryEntry.objects.count()
        drops.use((WILLOW_SF, "cases", back(1), 5))
        assert HistoryEntry.objects.count() == before


class TestRejects:
    def test_each_with_its_reason(self, drops: Drops, willow: Account, cases: Module) -> None:
        drop = drops.use(
            ("nobody", "cases", back(1), 5), ("nobody", "cases", back(2), 5), ("other", "cases", back(1), 5),
            ("", "cases", back(1), 5), (WILLOW_SF, "naps", back(1), 5), (WILLOW_SF, "", back(1), 5),
            (WILLOW_SF, "cases", "2026-02-30", 5), (WILLOW_SF, "cases", "yesterday", 5),
            (WILLOW_SF, "cases", back(-1), 5), (WILLOW_SF, "cases", back(400), 5), (WILLOW_SF, "cases", back(1), -5),
            (WILLOW_SF, "cases", back(1), "many"), (WILLOW_SF, "cases", back(1), ""),
            (WILLOW_SF, "cases", back(1), 10**7 + 1), (WILLOW_SF, "cases", back(1), 1, 2, 3), ("x",),
            (WILLOW_SF, "cases", back(1), "9" * 5000),
        )  # fmt: skip
        assert counts(drop) == {"rows": 17, "rejected": 17}
        assert reasons(drop) == {
            "account_unknown": 3, "account_missing": 1, "module_unknown": 1, "module_missing": 1, "day_bad": 2,
            "day_future": 1, "day_old": 1, "negative": 1, "number_bad": 1, "number_missing": 1, "number_large": 2,
            "cells": 2,
        }  # fmt: skip
        told = reporting.told(drop.report)
        assert (told[0]["code"], told[0]["values"][0]) == ("account_unknown", {"value": "nobody", "rows": 2, "row": 2})
        assert (UsageDay.objects.count(), ModuleUse.objects.count()) == (0, 0)

    def test_can_be_downloaded_and_hold_no_formula(self, drops: Drops, willow: Account, cases: Module) -> None:
        drop = drops.use((WILLOW_SF, "=1+1", back(1), 5), ("nobody", "cases", back(1), 5), size=1)
        lines = reporting.read_rejects(path_of(drop)).decode().splitlines()
        assert lines[0].startswith("line,reason,")
        assert [line.split(",")[0] for line in lines[1:]] == ["2", "3"]
        assert "'=1+1" in lines[1]

    def test_ids_of_two_accounts_are_ambiguous(
        self, drops: Drops, willow: Account, summit: Account, cases: Module
    ) -> None:
        drop = drops.send(f"account_sf_id,account_lms_id,module,day,uses\n{WILLOW_SF},0000043,cases,{back(1)},5\n")
        assert reasons(drop) == {"account_ambiguous": 1}


class TestUsers:
    def test_reach_the_subscription_and_the_difference_is_told(
        self, drops: Drops, willow: Account, learning: object
    ) -> None:
        SubscriptionFactory(account=willow, product=learning, contracted_users=50, active_users=10)
        drop = drops.users(
            (WILLOW_SF, "learning", back(1), 31, 4, 2, 60), (WILLOW_SF, "learning", back(40), 20, "", "", "")
        )
        assert counts(drop) == {"rows": 2, "users_rows": 2, "new": 2, "late": 1}
        one = Subscription.objects.get()
        assert (one.active_users, one.inactive_users, one.terminated_users, one.contracted_users) == (31, 4, 2, 50)
        assert one.counted_on == TODAY - timedelta(days=1)
        (told,) = drop.report["contracted"]
        assert (told["name"], told["said"], told["ours"]) == ("Willow", 60, 50)
        figures = AccountFigures.objects.get()
        assert (figures.active_users, figures.users_30_days_ago) == (31, 20)

    def test_an_older_day_does_not_overwrite_a_newer_one(self, drops: Drops, willow: Account, learning: object) -> None:
        SubscriptionFactory(account=willow, product=learning)
        drops.users((WILLOW_SF, "learning", back(1), 31, 4, 2, ""))
        drops.users((WILLOW_SF, "learning", back(2), 7, 7, 7, ""))
        assert (Subscription.objects.get().active_users, SeatDay.objects.count()) == (31, 2)

    def test_the_same_again_writes_no_history(self, drops: Drops, willow: Account, learning: object) -> None:
        SubscriptionFactory(account=willow, product=learning)
        drops.users((WILLOW_SF, "learning", back(2), 31, 4, 2, ""))
        before = HistoryEntry.objects.count()
        drops.users((WILLOW_SF, "learning", back(1), 31, 4, 2, ""))
        assert HistoryEntry.objects.count() == before


class TestAgain:
    def test_the_same_file_is_repeated_and_nothing_is_applied(
        self, drops: Drops, willow: Account, cases: Module
    ) -> None:
        first = drops.use((WILLOW_SF, "cases", back(1), 5))
        again = drops.use((WILLOW_SF, "cases", back(1), 5))
        assert (again.state, again.report["same_as"], again.path) == ("repeated", str(first.pk), "")
        assert len(list(path_of(first).parent.iterdir())) == 1

    def test_the_same_rows_in_another_file_change_nothing(self, drops: Drops, willow: Account, cases: Module) -> None:
        drops.use((WILLOW_SF, "cases", back(1), 5))
        before = ModuleUse.objects.values().get()
        again = drops.send(f"uses,day,module,account\n5,{back(1)},cases,{WILLOW_SF}\n")
        assert counts(again) == {"rows": 1, "use_rows": 1, "unchanged": 1}
        assert ModuleUse.objects.values().get() == before

    def test_an_older_drop_that_comes_later_is_superseded(self, drops: Drops, willow: Account, cases: Module) -> None:
        drops.use((WILLOW_SF, "cases", back(1), 5), stated=NOW)
        late = drops.use((WILLOW_SF, "cases", back(1), 9), stated=NOW - timedelta(hours=3))
        assert counts(late) == {"rows": 1, "use_rows": 1, "superseded": 1}
        assert UsageDay.objects.get().uses == 5

    def test_a_correction_changes_the_counts(self, drops: Drops, willow: Account, cases: Module) -> None:
        drops.use((WILLOW_SF, "cases", back(1), 5), (WILLOW_SF, "cases", back(2), 4), stated=NOW - timedelta(hours=3))
        drop = drops.use((WILLOW_SF, "cases", back(1), 0), (WILLOW_SF, "cases", back(2), 6), stated=NOW)
        assert counts(drop) == {"rows": 2, "use_rows": 2, "changed": 2}
        figures = AccountFigures.objects.get()
        assert (figures.uses_7_days, figures.active_days_28) == (6, 1)

    def test_a_failed_file_may_come_again(self, drops: Drops, willow: Account, cases: Module, folders: Path) -> None:
        assert drops.send("a,b\n1,2\n").state == "failed"
        assert drops.send("a,b\n1,2\n").state == "failed"
        assert not [path for path in folders.rglob("*") if path.is_file()]
