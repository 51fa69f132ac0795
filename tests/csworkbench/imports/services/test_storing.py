"""Where an upload lies and who may read it."""

from __future__ import annotations

import hashlib
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from csworkbench.common import clock
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.imports.reading import RefusedFile
from csworkbench.imports.services import storing
from csworkbench.imports.services.storing import clean_name
from csworkbench.tenancy.models import Member

from ..sheets import upload


def test_the_file_lies_in_the_workspaces_folder_for_its_owner_alone(ops: Member, media: Path) -> None:
    one = upload(ops, b"Account,MRR\n")
    assert one.path == media / "imports" / str(ops.workspace_id) / str(one.file_key)
    assert stat.S_IMODE(one.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(one.path.parent.stat().st_mode) == 0o700
    assert (one.sha256, one.size, one.state) == (hashlib.sha256(b"Account,MRR\n").hexdigest(), 12, "uploaded")


def test_a_file_that_is_too_big_leaves_nothing(ops: Member, media: Path, settings: pytest.FixtureRequest) -> None:
    settings.MAX_UPLOAD_BYTES = 1024 * 1024  # type: ignore[attr-defined]
    with pytest.raises(RefusedFile, match="larger than 1 MB"):
        services.store_upload(actor=ops, kind="book", name="big.csv", pieces=[b"x" * 700_000] * 2)
    assert not Import.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\rosa\\book.xlsx", "book.xlsx"),
        ("a\nb\x00.csv", "a b .csv"),
        ("", "sheet"),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
    ],
)
def test_names_are_for_showing_only(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@pytest.mark.parametrize("unseen", ["\u202e", "\u200b", "\x85", "\u2028", "\ud800"], ids=ascii)
def test_a_name_is_what_it_looks_like(unseen: str) -> None:
    assert clean_name(f"book{unseen}vsc.exe") == "book vsc.exe"


class TestRoom:
    def test_a_member_has_so_many_imports_open(
        self, ops: Member, lead: Member, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storing, "MOST_OPEN", 2)
        first, _ = upload(ops, b"a,b\n"), upload(ops, b"a,b\n")
        with pytest.raises(RefusedFile, match="2 imports open"):
            upload(ops, b"a,b\n")
        assert upload(lead, b"a,b\n")
        services.cancel(actor=ops, one=first)
        assert upload(ops, b"a,b\n")

    def test_and_sends_so_much_a_day(self, ops: Member, lead: Member, media: Path, settings: Any) -> None:
        settings.MAX_UPLOAD_BYTES = 10
        for _ in range(storing.FILES_A_DAY):
            services.cancel(actor=ops, one=upload(ops, b"x" * 10))
        with pytest.raises(RefusedFile, match="within a day"):
            upload(ops, b"x")
        assert upload(lead, b"x")
        Import.objects.filter(created_by=ops).update(created_at=clock.now() - timedelta(days=1, seconds=1))
        assert upload(ops, b"x")


@pytest.mark.parametrize(
    ("state", "days", "kept"),
    [
        ("applied", 36, False),
        ("cancelled", 36, False),
        ("applied", 34, True),
        ("ready", 36, True),
        ("paused", 36, True),
    ],
)
def test_files_go_when_nothing_can_be_undone_any_more(ops: Member, state: str, days: int, kept: bool) -> None:
    one = upload(ops, b"Account,MRR\n")
    Import.objects.filter(pk=one.pk).update(state=state)
    long_ago = (clock.now() - timedelta(days=days)).timestamp()
    os.utime(one.path, (long_ago, long_ago))
    services.sweep_files(ops.workspace_id)
    assert one.path.exists() is kept
