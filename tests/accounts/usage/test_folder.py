"""The watched folder: finished files in, their report beside them in the end."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account, Module, UsageDay, UsageDrop
from accounts.usage import applying, folder, receiving, ticking
from accounts.usage.schema import Heading
from csworkbench.common import queueing
from csworkbench.tenancy.models import Workspace

from .conftest import NOW, WILLOW_SF, back

TEXT = f"account,module,day,uses\n{WILLOW_SF},cases,{back(1)},5\n"


@pytest.fixture
def watched(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(queueing, "_send", lambda name, ids: None)
    path = folder.folder_of(workspace)
    path.mkdir(parents=True)
    return path


def put(path: Path, text: str = TEXT, *, age: int = 60) -> Path:
    path.write_text(text)
    moment = NOW.timestamp() - age
    os.utime(path, (moment, moment))
    return path


def work(workspace: Workspace) -> None:
    """A tick, the workers it calls, and the tick after that."""
    ticking.tick(workspace)
    for pk in UsageDrop.objects.filter(state="received").values_list("pk", flat=True):
        applying.apply_drop(workspace.pk, pk, held=True)
    ticking.tick(workspace)


def names(path: Path) -> list[str]:
    return sorted(str(one.relative_to(path)) for one in path.rglob("*") if one.is_file())


class TestFolder:
    def test_a_finished_file_is_applied_and_put_away(
        self, workspace: Workspace, watched: Path, willow: Account, cases: Module
    ) -> None:
        put(watched / "use.csv")
        work(workspace)
        assert names(watched) == ["done/use.csv", "done/use.csv.report.json"]
        report = json.loads((watched / "done/use.csv.report.json").read_text())
        assert (report["state"], report["new"]) == ("applied", 1)
        assert UsageDrop.objects.get().source == "folder"

    def test_what_is_not_finished_is_left_alone(self, workspace: Workspace, watched: Path) -> None:
        put(watched / "use.csv", age=2)
        put(watched / "more.csv.part")
        put(watched / ".hidden.csv")
        (watched / "sub").mkdir()
        (watched / "link.csv").symlink_to("/etc/passwd")
        work(workspace)
        assert UsageDrop.objects.count() == 0

    def test_what_is_no_drop_fails_with_its_reason(self, workspace: Workspace, watched: Path) -> None:
        put(watched / "use.csv", "hello\nworld\n")
        work(workspace)
        assert names(watched) == ["failed/use.csv", "failed/use.csv.report.json"]
        assert json.loads((watched / "failed/use.csv.report.json").read_text())["error_code"] == "columns"

    def test_the_same_file_again_is_repeated(
        self, workspace: Workspace, watched: Path, willow: Account, cases: Module
    ) -> None:
        for _ in range(2):
            put(watched / "use.csv")
            work(workspace)
        assert names(watched)[:2] == ["done/2-use.csv", "done/2-use.csv.report.json"]
        assert json.loads((watched / "done/2-use.csv.report.json").read_text())["state"] == "repeated"
        assert UsageDay.objects.count() == 1

    def test_a_worker_that_died_before_moving_it_does_no_harm(
        self, workspace: Workspace, watched: Path, willow: Account, cases: Module, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(watched / "use.csv")
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("gone")))
            ticking.tick(workspace)
        work(workspace)
        assert sorted(UsageDrop.objects.values_list("state", flat=True)) == ["applied", "repeated"]
        assert UsageDay.objects.count() == 1

    @pytest.mark.parametrize("name", [b"caf\xe9.csv", "ü€".encode() * 49 + b".csv", b"x" * 251 + b".csv"])
    def test_any_name_that_a_disk_holds_is_put_away_once(
        self, workspace: Workspace, watched: Path, willow: Account, cases: Module, name: bytes
    ) -> None:
        put(watched / os.fsdecode(name))
        put(watched / "later.csv", TEXT.replace(",5", ",6"), age=30)
        work(workspace)
        work(workspace)
        assert UsageDrop.objects.count() == 2
        assert len(list((watched / "done").iterdir())) == 4
        assert not [one for one in watched.iterdir() if one.is_file()]

    def test_what_is_too_large_is_put_away_whatever_its_name(
        self, workspace: Workspace, watched: Path, settings: Any
    ) -> None:
        settings.USAGE_FOLDER_MAX_BYTES = 10
        put(watched / ("x" * 251 + ".csv"))
        work(workspace)
        assert len(list((watched / "failed").iterdir())) == 2

    def test_a_file_that_cannot_be_taken_holds_no_other_up_and_leaves_no_copy(
        self, workspace: Workspace, watched: Path, cases: Module, monkeypatch: pytest.MonkeyPatch, folders: Path
    ) -> None:
        put(watched / "use.csv")
        put(watched / "later.csv", TEXT.replace(",5", ",6"), age=30)
        look = receiving.look_at

        def look_at(drop: UsageDrop, schema: str) -> Heading:
            if drop.name == "use.csv":
                raise ValueError("no")
            return look(drop, schema)

        monkeypatch.setattr(receiving, "look_at", look_at)
        ticking.tick(workspace)
        assert [drop.name for drop in UsageDrop.objects.all()] == ["later.csv"]
        assert len(list((folders / "media" / "usage" / str(workspace.pk)).iterdir())) == 1

    def test_nothing_is_written_through_a_link(self, workspace: Workspace, watched: Path, tmp_path: Path) -> None:
        (watched / "failed").mkdir()
        (watched / "failed/use.csv.report.json").symlink_to(tmp_path / "elsewhere.json")
        put(watched / "use.csv", "hello\nworld\n")
        work(workspace)
        assert not (tmp_path / "elsewhere.json").exists()
        assert (watched / "failed/2-use.csv").exists()
