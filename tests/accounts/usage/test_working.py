"""Who applies a drop, and what a dead worker leaves behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from accounts.models import Account, Module, ModuleUse, UsageDay, UsageDrop
from accounts.usage import applying, receiving
from accounts.usage.applying import apply_drop
from accounts.usage.reading import read_chunks, read_heading
from accounts.usage.receiving import clear_away, receive_drop, store_file, waiting
from csworkbench.common import queueing
from csworkbench.tenancy.models import Workspace

from .conftest import NOW, WILLOW_SF, Drops, back


@pytest.fixture
def drop(workspace: Workspace, willow: Account, cases: Module) -> UsageDrop:
    rows = "".join(f"{WILLOW_SF},cases,{back(day)},{day}\n" for day in range(1, 41))
    stored = store_file(workspace.pk, [b"account,module,day,uses\n", rows.encode()])
    return receive_drop(workspace_id=workspace.pk, source="api", name="use.csv", stored=stored)


def sums() -> tuple[int, int, int]:
    use = ModuleUse.objects.get()
    return UsageDay.objects.count(), use.uses_30_days, use.uses_90_days


def die_after(monkeypatch: pytest.MonkeyPatch, chunks: int) -> None:
    """A worker that is killed once some chunks are committed, another one written and not committed."""
    left = [chunks]
    write = applying.write_chunk

    def dying(*args: object) -> object:
        written = write(*args)  # type: ignore[arg-type]
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return written

    monkeypatch.setattr(applying, "write_chunk", dying)


class TestKills:
    @pytest.mark.parametrize("chunks", [0, 1, 3])
    def test_the_rest_is_taken_up_and_nothing_counts_twice(
        self, workspace: Workspace, drop: UsageDrop, monkeypatch: pytest.MonkeyPatch, chunks: int
    ) -> None:
        with monkeypatch.context() as patched:
            die_after(patched, chunks)
            with pytest.raises(KeyboardInterrupt):
                apply_drop(workspace.pk, drop.pk, held=True, size=10)
        assert UsageDay.objects.count() == 10 * chunks
        assert waiting(workspace.pk) == []
        apply_drop(workspace.pk, drop.pk, held=True, size=10)
        assert UsageDay.objects.count() == 10 * chunks
        with time_machine.travel(NOW + timedelta(minutes=3), tick=False):
            assert waiting(workspace.pk) == [drop.pk]
            apply_drop(workspace.pk, drop.pk, held=True, size=10)
        drop.refresh_from_db()
        assert (drop.state, drop.report["rows"], drop.report["new"]) == ("applied", 40, 40)
        assert sums() == (40, sum(range(1, 30)), sum(range(1, 41)))

    def test_what_breaks_off_each_time_fails(
        self, workspace: Workspace, drop: UsageDrop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        die_after(monkeypatch, 0)
        for attempt in range(applying.MAX_ATTEMPTS + 1):
            with time_machine.travel(NOW + timedelta(minutes=5 * attempt), tick=False):
                try:
                    apply_drop(workspace.pk, drop.pk, held=True)
                except KeyboardInterrupt:
                    continue
        drop.refresh_from_db()
        assert (drop.state, drop.report["error_code"]) == ("failed", "failed")

    def test_a_slice_hands_the_rest_on(
        self, workspace: Workspace, drop: UsageDrop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(applying, "SLICE", -1.0)
        for _ in range(5):
            apply_drop(workspace.pk, drop.pk, size=10)
        drop.refresh_from_db()
        assert (drop.state, drop.report["new"], sums()[0]) == ("applied", 40, 40)

    def test_a_worker_that_is_overtaken_writes_nothing(
        self, workspace: Workspace, drop: UsageDrop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slow = applying.claim(workspace.pk, drop.pk)
        assert slow is not None
        UsageDrop.objects.update(state="received")
        apply_drop(workspace.pk, drop.pk, held=True)
        heading = read_heading(applying.path_of(slow), slow.name)
        (chunk,) = read_chunks(applying.path_of(slow), heading)
        assert not applying.apply_chunk(slow, heading, chunk)


class TestDoors:
    def test_a_drop_is_sent_to_a_worker(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        sent: list[object] = []
        monkeypatch.setattr(receiving, "enqueue", lambda name, **ids: sent.append((name, ids)))
        stored = store_file(workspace.pk, [b"account,module,day,uses\n"])
        drop = receive_drop(workspace_id=workspace.pk, source="api", name="../../x\n.csv", stored=stored)
        assert sent == [("accounts.apply_drop", {"workspace_id": workspace.pk, "drop_id": str(drop.pk)})]
        assert drop.name == "x .csv"

    def test_another_workspaces_drop_is_not_there(
        self, workspace: Workspace, other_workspace: Workspace, drop: UsageDrop
    ) -> None:
        apply_drop(other_workspace.pk, drop.pk, held=True)
        drop.refresh_from_db()
        assert drop.state == "received"

    def test_old_days_and_files_are_cleared_away(
        self, workspace: Workspace, drops: Drops, drop: UsageDrop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queueing, "_send", lambda name, ids: None)
        apply_drop(workspace.pk, drop.pk, held=True)
        with time_machine.travel(NOW + timedelta(days=200), tick=False):
            moment = NOW + timedelta(days=200) - receiving.FILES_KEPT
            assert clear_away(workspace.pk, moment, applying.oldest_day(workspace)) == 40
            drop.refresh_from_db()
            assert (drop.path, UsageDay.objects.count()) == ("", 0)
