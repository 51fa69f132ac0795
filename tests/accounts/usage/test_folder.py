"""The watched folder: finished files in, their report beside them in the end."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from accounts.models import Account, Module, UsageDay, UsageDrop
from accounts.usage import applying, folder, ticking
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
