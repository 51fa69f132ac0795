"""The child process: what it refuses, in which words, and that nobody else notices."""

from __future__ import annotations

import os
import resource
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from csworkbench.imports import reading
from csworkbench.imports.hostile.containers import text, workbook
from csworkbench.imports.hostile.sheets import sparse
from csworkbench.imports.reading import Layout, RefusedFile, open_sheet

from .sheets import csv_bytes, xlsx

HINTS = frozenset({"salesforce id", "account", "email", "mrr"})
TITLES = ("Salesforce ID", "Account", "Email", "MRR")
ROW = ("001A6eEfujfoRnxICE", "Willow", "rosa@example.org", 12.5)


def read(path: Path) -> tuple[Layout, list[tuple[int, list[Any]]], list[dict[str, Any]]]:
    """Layout, numbered rows and what was left out."""
    with open_sheet(path, HINTS) as opened:
        rows = [
            (number, list(cells))
            for block in opened.blocks()
            for number, cells in zip(block.numbers, block.rows(), strict=True)
        ]
        return opened.layout, rows, opened.skipped


def saved(folder: Path, data: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


class TestRefusals:
    def test_a_sparse_sheet_costs_this_process_nothing(self, tmp_path: Path) -> None:
        path = saved(tmp_path, sparse("GR1048576"))
        assert path.stat().st_size < 6000
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(RefusedFile):
            read(path)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000

    def test_a_file_beyond_the_limit_is_refused(self, tmp_path: Path, settings: pytest.FixtureRequest) -> None:
        settings.MAX_UPLOAD_BYTES = 1024 * 1024  # type: ignore[attr-defined]
        with pytest.raises(RefusedFile, match="at most 1 MB"):
            read(saved(tmp_path, b"Account,MRR\n" + b"x,1\n" * 300_000))

    def test_a_child_that_hangs_is_ended(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "WALL_SECONDS", 0.2)
        monkeypatch.setattr(reading, "START", "import time; time.sleep(60)")
        with pytest.raises(RefusedFile) as refused:
            read(saved(tmp_path, b"Account,MRR\nx,1\n"))
        assert refused.value.code == "too_slow"

    def test_a_child_that_computes_too_long_is_told_from_a_hungry_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        endless = (
            "import sys; sys.path.append(sys.argv[1]); import reader.refusal as r; r.CPU_SECONDS = 1; r.confine()\n"
            "while True: pass"
        )
        monkeypatch.setattr(reading, "START", endless)
        with pytest.raises(RefusedFile) as refused:
            read(saved(tmp_path, b"Account,MRR\nx,1\n"))
        assert refused.value.code == "too_slow"

    def test_a_child_that_is_killed_is_a_refused_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "START", "import os; os.kill(os.getpid(), 9)")
        with pytest.raises(RefusedFile) as refused:
            read(saved(tmp_path, b"Account,MRR\nx,1\n"))
        assert refused.value.code == "memory"


class TestTheChild:
    def test_it_loads_neither_django_nor_secrets(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        report = (
            "import os, sys, json; sys.path.append(sys.argv[1]); import reader.__main__;"
            "found = [name for name in sys.modules if name.split('.')[0] in ('django', 'celery', 'csworkbench')];"
            "print(json.dumps({'refused': 'x', 'message': json.dumps([found, sorted(os.environ)])}))"
        )
        monkeypatch.setattr(reading, "START", report)
        with pytest.raises(RefusedFile) as refused:
            read(saved(tmp_path, b"x"))
        assert refused.value.message.startswith("[[], ")
        assert "DATABASE_URL" not in refused.value.message
        assert "DATABASE_URL" in os.environ

    def test_it_is_confined(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        report = (
            "import sys, json, resource as r; sys.path.append(sys.argv[1]);"
            "from reader.refusal import confine; confine();"
            "print(json.dumps({'refused': 'x', 'message': str([r.getrlimit(n)[1] for n in"
            " (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_CORE)])}))"
        )
        monkeypatch.setattr(reading, "START", report)
        with pytest.raises(RefusedFile, match=r"\[503316480, 65, 0, 0\]"):
            read(saved(tmp_path, b"x"))

    def test_it_ends_with_its_reader(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "long.xlsx", TITLES, *[ROW] * 5000)
        with open_sheet(path, HINTS) as opened:
            next(opened.blocks())
        assert not [pid for pid in children() if pid]

    def test_it_can_be_run_by_hand(self, tmp_path: Path) -> None:
        import subprocess

        path = xlsx(tmp_path / "book.xlsx", TITLES, ROW)
        done = subprocess.run(
            [sys.executable, "-m", "csworkbench.imports.reader", str(path)],
            input=b"{}",
            capture_output=True,
            check=True,
        )
        assert done.stdout.count(b"\n") == 3


def children() -> list[int]:
    """Living or unreaped children of this process that read sheets."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in listed if b"reader.__main__" in Path(f"/proc/{pid}/cmdline").read_bytes()]


class TestWorkbooks:
    def test_types_survive(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "a.xlsx", ("Account", "A", "B", "C"), ("Willow", 12.5, True, "0000323"))
        layout, rows, _ = read(path)
        assert layout.columns == ("Account", "A", "B", "C")
        assert rows == [(2, ["Willow", 12.5, True, "0000323"])]

    def test_dates_become_iso_text(self, tmp_path: Path) -> None:
        import xlsxwriter

        path = tmp_path / "dates.xlsx"
        book = xlsxwriter.Workbook(path)
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Account", "Day", "Moment"])
        sheet.write(1, 0, "Willow")
        sheet.write_datetime(1, 1, date(2027, 3, 22), day)
        sheet.write_datetime(1, 2, datetime(2027, 3, 22, 9, 30, tzinfo=UTC).replace(tzinfo=None), day)
        book.close()
        assert read(path)[1] == [(2, ["Willow", "2027-03-22", "2027-03-22 09:30:00"])]

    def test_the_sheet_with_the_table_is_chosen(self, tmp_path: Path) -> None:
        import xlsxwriter

        path = tmp_path / "several.xlsx"
        book = xlsxwriter.Workbook(path)
        book.add_worksheet("READ ME").write_row(0, 0, ["Please make a copy", "do not edit", "thank you"])
        hidden = book.add_worksheet("Old")
        hidden.write_row(0, 0, [*TITLES, "Phone"])
        hidden.hide()
        target = book.add_worksheet("Accounts")
        target.write_row(0, 0, TITLES)
        target.write_row(1, 0, ROW)
        book.close()
        layout, rows, _ = read(path)
        assert layout.about["sheet"] == "Accounts"
        assert len(rows) == 1

    def test_macros_are_no_reason_and_never_run(self, tmp_path: Path) -> None:
        path = saved(tmp_path, workbook(extra={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "book.xlsm")
        assert len(read(path)[1]) == 1

    def test_nul_and_marks_of_text_are_dropped(self, tmp_path: Path) -> None:
        rows = workbook(
            '<row r="1">' + text("A1", "Account") + text("B1", "MRR") + "</row>"
            '<row r="2">' + text("A2", "Wil_x0000_low") + text("B2", "'+1952") + "</row>"
        )
        found = read(saved(tmp_path, rows))[1][0][1]
        assert "\0" not in str(found[0])
        assert found[1] == "+1952"

    def test_row_numbers_are_those_of_the_sheet(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "a.xlsx", (), (), TITLES, (), ROW, (), ROW)
        layout, rows, _ = read(path)
        assert (layout.header_row, [number for number, _ in rows]) == (3, [5, 7])


class TestLayout:
    def test_titles_above_the_header_are_skipped(self, tmp_path: Path) -> None:
        path = xlsx(
            tmp_path / "a.xlsx", ("List of accounts",), (), ("Team:", "West", None, "as of", 46328), TITLES, ROW
        )
        layout, rows, _ = read(path)
        assert (layout.header_row, layout.columns, len(rows)) == (4, TITLES, 1)

    def test_titles_are_put_on_one_line_and_made_unique(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "a.xlsx", ("LMS\nID*", "Account", "Account", None, " MRR "), (1, "a", "b", "c", 2))
        assert read(path)[0].columns == ("LMS ID*", "Account", "Account (2)", "Column D", "MRR")

    def test_empty_columns_are_dropped(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "a.xlsx", ("Account", None, "MRR"), ("Willow", None, 5), ("Summit", None, 6))
        assert read(path)[1] == [(2, ["Willow", 5.0]), (3, ["Summit", 6.0])]

    def test_totals_and_notes_below_the_table_are_left_out_and_named(self, tmp_path: Path) -> None:
        path = xlsx(
            tmp_path / "a.xlsx", TITLES, ROW, ("Subtotal", None, None, 12.5), ROW, (), ("Total", 2), ("* confirmed",)
        )
        _, rows, skipped = read(path)
        assert [number for number, _ in rows] == [2, 4]
        assert [(s["row"], s["text"]) for s in skipped] == [(3, "Subtotal"), (6, "Total"), (7, "* confirmed")]

    def test_a_short_row_between_full_ones_is_data(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "a.xlsx", TITLES, ROW, ("001T1Nx4xyB7LQ4IBN", "Summit"), ROW)
        assert [number for number, _ in read(path)[1]] == [2, 3, 4]

    def test_a_short_last_row_right_below_is_data(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "a.xlsx", TITLES, ROW, ("001T1Nx4xyB7LQ4IBN", "Summit"))
        assert [number for number, _ in read(path)[1]] == [2, 3]

    def test_an_account_called_total_something_is_data(self, tmp_path: Path) -> None:
        path = xlsx(tmp_path / "a.xlsx", TITLES, ("001A6eEfujfoRnxICE", "Total Wellness", "a@example.org", 1))
        assert len(read(path)[1]) == 1

    def test_more_rows_than_a_block_arrive_once_each(self, tmp_path: Path) -> None:
        count = reading.BLOCK_ROWS * 2 + 1
        path = saved(tmp_path, csv_bytes(("Account", "MRR"), *[(f"a{n}", n) for n in range(count)]))
        assert [cells[1] for _, cells in read(path)[1]] == [str(n) for n in range(count)]


class TestText:
    @pytest.mark.parametrize(
        ("encoding", "delimiter"), [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", "|")]
    )
    def test_encoding_and_separator_are_found(self, encoding: str, delimiter: str, tmp_path: Path) -> None:
        data = csv_bytes(
            ("Account", "MRR", "Email"), ("Ñandú; Wellness, Inc.", "1", ""), delimiter=delimiter, encoding=encoding
        )
        layout, rows, _ = read(saved(tmp_path, data, "a.csv"))
        assert rows == [(2, ["Ñandú; Wellness, Inc.", "1", ""])]
        assert layout.about["encoding"] == encoding

    def test_line_breaks_in_quotes_are_one_cell(self, tmp_path: Path) -> None:
        data = csv_bytes(("Account", "MRR"), ("Willow\nUrgent", "1"), ("Summit", "2"))
        assert [number for number, _ in read(saved(tmp_path, data))[1]] == [2, 3]

    def test_short_rows_are_filled_up(self, tmp_path: Path) -> None:
        assert read(saved(tmp_path, b"Account,MRR,Email\nWillow,1\n"))[1] == [(2, ["Willow", "1", ""])]

    def test_empty_cells_beyond_the_header_do_no_harm(self, tmp_path: Path) -> None:
        assert read(saved(tmp_path, b"Account,MRR\nWillow,1,,,\n"))[1] == [(2, ["Willow", "1"])]
