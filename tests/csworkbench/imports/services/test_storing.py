"""Where an upload lies and who may read it."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.imports.reading import RefusedFile
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
