"""``manage.py import_sheet``: the same path, in words or JSON, with the exit codes scripts rely on."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account
from csworkbench.imports import services
from csworkbench.imports.models import Import
from csworkbench.tenancy.models import HistoryEntry, Member

from .sheets import NANDU, WILLOW, book_csv, row_of


@pytest.fixture(autouse=True)
def cast(keiko: Member) -> None:
    """The CSM whom the rows name."""


def run(member: Member, path: Path, *flags: str, workspace: str = "northwind") -> tuple[int, str]:
    """Exit code and output."""
    out = io.StringIO()
    try:
        call_command(
            "import_sheet",
            f"--workspace={workspace}",
            "--kind=book",
            f"--as={member.user.email}",
            *flags,
            str(path),
            stdout=out,
        )
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def saved(folder: Path, *rows: list[Any]) -> Path:
    path = folder / "book.csv"
    path.write_bytes(book_csv(*rows))
    return path


class TestImportSheet:
    def test_applies_and_ends_with_0(self, ops: Member, tmp_path: Path) -> None:
        code, out = run(ops, saved(tmp_path, row_of()))
        assert (code, Account.objects.count()) == (0, 1)
        assert "book.csv: applied" in out
        assert "1 rows, 1 new, 0 changed" in out

    def test_json_has_every_count_and_problem(self, ops: Member, tmp_path: Path) -> None:
        code, out = run(ops, saved(tmp_path, row_of(), row_of(), row_of(NANDU, "Ñandú", csm="Keiko Ude")), "--json")
        report = json.loads(out)
        assert code == 3
        assert report == {
            "import_id": str(Import.objects.get().pk),
            "state": "applied",
            "rows": 3,
            "new": 1,
            "changed": 0,
            "unchanged": 0,
            "rejected": 1,
            "duplicates": 1,
            "problems": [
                {
                    "row": 3,
                    "column": "Salesforce ID",
                    "value": WILLOW,
                    "code": "duplicate",
                    "message": "Row 2 is the same; this one is not applied again.",
                    "suggestions": [],
                },
                {
                    "row": 4,
                    "column": "CSM",
                    "value": "Keiko Ude",
                    "code": "unknown_member",
                    "message": "No member is called “Keiko Ude”.",
                    "suggestions": ["Keiko Ueda"],
                },
            ],
        }

    def test_a_dry_run_changes_nothing_and_waits_for_approval(self, ops: Member, tmp_path: Path) -> None:
        code, _ = run(ops, saved(tmp_path, row_of()), "--dry-run")
        assert (code, Account.objects.count(), Import.objects.get().state) == (0, 0, "ready")

    def test_a_dry_run_with_rejects_ends_with_3(self, ops: Member, tmp_path: Path) -> None:
        assert run(ops, saved(tmp_path, row_of(mrr="tbd")), "--dry-run")[0] == 3

    def test_a_refused_file_ends_with_2_and_the_reason(self, ops: Member, tmp_path: Path) -> None:
        path = tmp_path / "book.xlsx"
        path.write_bytes(b"%PDF-1.7")
        code, out = run(ops, path, "--json")
        report = json.loads(out)
        assert (code, report["state"], report["problems"][0]["code"]) == (2, "refused", "wrong_type")

    def test_a_file_that_is_too_big_ends_with_2_and_the_reason(
        self, ops: Member, tmp_path: Path, settings: pytest.FixtureRequest
    ) -> None:
        settings.MAX_UPLOAD_BYTES = 10  # type: ignore[attr-defined]
        code, out = run(ops, saved(tmp_path, row_of()), "--json")
        report = json.loads(out)
        assert (code, report["state"], report["import_id"]) == (2, "refused", None)
        assert report["problems"][0]["code"] == "too_big"
        assert not Import.objects.exists()

    def test_no_worker_takes_it_in_between(self, ops: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The tick comes between two steps of the command and finds the work held."""
        whole = services.examine

        def with_a_tick(*arguments: Any, **words: Any) -> Any:
            assert not Import.objects.due(ops.workspace_id).exists()
            return whole(*arguments, **words)

        monkeypatch.setattr(services, "examine", with_a_tick)
        assert run(ops, saved(tmp_path, row_of()))[0] == 0

    def test_columns_that_are_not_clear_are_refused(self, ops: Member, tmp_path: Path) -> None:
        path = tmp_path / "book.csv"
        path.write_text("Alpha,Beta\nx,y\n")
        code, out = run(ops, path)
        assert code == 2
        assert "Columns found: Alpha, Beta." in out

    def test_twice_changes_nothing(self, ops: Member, tmp_path: Path) -> None:
        path = saved(tmp_path, row_of())
        run(ops, path)
        before = HistoryEntry.objects.exclude(table_name="imports_import").count()
        code, out = run(ops, path, "--json")
        assert (code, json.loads(out)["unchanged"]) == (0, 1)
        assert HistoryEntry.objects.exclude(table_name="imports_import").count() == before

    def test_the_member_is_the_approver(self, lead: Member, tmp_path: Path) -> None:
        run(lead, saved(tmp_path, row_of()))
        assert Import.objects.get().approved_by == lead

    def test_a_csm_may_not(self, csm: Member, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="may not import"):
            run(csm, saved(tmp_path, row_of()))

    def test_a_stranger_may_not(self, ops: Member, tmp_path: Path, other_workspace: object) -> None:
        with pytest.raises(CommandError, match="is not a member of Elsewhere"):
            run(ops, saved(tmp_path, row_of()), workspace="elsewhere")

    def test_an_unknown_workspace_is_said(self, ops: Member, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="no workspace “nowhere”"):
            run(ops, saved(tmp_path, row_of()), workspace="nowhere")

    def test_a_missing_file_is_said(self, ops: Member, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="There is no file"):
            run(ops, tmp_path / "nothing.xlsx")
