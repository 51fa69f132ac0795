"""Spreadsheets out: no cell, and no title, becomes a formula."""

from __future__ import annotations

import io

import openpyxl
import pytest

from csworkbench.common.sheets import sheet_bytes


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_titles_and_cells_stay_text(text: str) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(sheet_bytes([(text, lambda row: row)], [text]))).active
    assert sheet is not None
    assert [(cell.data_type, cell.value) for cell in (sheet["A1"], sheet["A2"])] == [("s", f"'{text}")] * 2
