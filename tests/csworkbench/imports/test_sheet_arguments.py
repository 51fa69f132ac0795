"""``import_sheet`` with columns, constants and tables named on the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, CustomField
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import Member, Workspace

from .sheets import NANDU, WILLOW, book_csv, csv_bytes, row_of

ODD = csv_bytes(["key", "what", "remark"], [WILLOW, "Willow Urgent Care", "Pro"], [NANDU, "Ñandú Wellness", "Basic"])


@pytest.fixture(autouse=True)
def cast(keiko: Member) -> None:
    """The CSM whom the rows name."""


def run(member: Member, folder: Path, data: bytes, *flags: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report."""
    path = folder / "odd.csv"
    path.write_bytes(data)
    out = io.StringIO()
    fixed = ("--workspace=northwind", "--kind=book", f"--as={member.user.email}", "--json")
    try:
        call_command("import_sheet", *fixed, *flags, str(path), stdout=out)
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(out.getvalue())


def test_columns_are_named(ops: Member, tmp_path: Path) -> None:
    code, report = run(ops, tmp_path, ODD, "--map=key=sf_id", "--map=what=name", "--map=what=segment")
    assert (code, report["new"]) == (0, 2)
    assert set(Account.objects.values_list("sf_id", "segment")) == {
        (WILLOW, "Willow Urgent Care"),
        (NANDU, "Ñandú Wellness"),
    }


def test_a_column_is_left_out(ops: Member, tmp_path: Path) -> None:
    run(ops, tmp_path, book_csv(row_of()), "--map=MRR=")
    assert "mrr" not in Import.objects.get().mapping


def test_every_row_says_the_same(ops: Member, tmp_path: Path) -> None:
    run(ops, tmp_path, ODD, "--map=key=sf_id", "--map=what=name", "--set=owner=Ueda, Keiko")
    assert set(Account.objects.values_list("owner__name", flat=True)) == {"Keiko Ueda"}


def test_a_column_becomes_a_custom_field_once(ops: Member, tmp_path: Path) -> None:
    for _ in range(2):
        run(ops, tmp_path, ODD, "--map=key=sf_id", "--map=what=name", "--map=remark=new:text")
    assert [field.label for field in CustomField.objects.all()] == ["remark"]
    assert Account.objects.get(sf_id=WILLOW).custom == {"remark": "Pro"}


def test_a_field_that_is_not_there_is_named(ops: Member, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no field “colour”"):
        run(ops, tmp_path, ODD, "--map=key=colour")


@pytest.mark.parametrize("flag", ["--map=key", "--set=owner", "--map==sf_id"])
def test_half_an_argument_is_refused(ops: Member, tmp_path: Path, flag: str) -> None:
    with pytest.raises(CommandError, match="NAME=VALUE"):
        run(ops, tmp_path, ODD, flag)


def test_where_a_second_person_approves_it_waits(ops: Member, workspace: Workspace, tmp_path: Path) -> None:
    workspace.imports_need_approval = True
    workspace.save()
    code, report = run(ops, tmp_path, book_csv(row_of()))
    assert (code, report["state"], Account.objects.count()) == (0, "ready", 0)
