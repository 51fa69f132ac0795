"""The public transition sheets are read, mapped and cleaned as ``expected.json`` says, cell for cell.

What becomes of their rows is the business of transitions; reading them is that of every import.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from csworkbench.imports.kinds import Context, kind_called
from csworkbench.imports.mapping import Plan, mapping_of, propose
from csworkbench.imports.preparing import NULL, prepare
from csworkbench.imports.reading import open_sheet
from csworkbench.tenancy.models import Member, Workspace
from tests.factories import make_member

BOOK = kind_called("book")
# Column of the book → what expected.json calls it.
WORDS = {
    "sf_id": "sf_id", "name": "name", "lms_id": "lms_id", "billing_id": "recurly_id", "first_name": "first",
    "last_name": "last", "email": "email", "phone": "phone", "mrr_minor": "mrr_cents",
}  # fmt: skip
CODES = {"short_id": "short_id", "bad_email": "bad_email", "bad_mrr": "bad_money", "unknown_csm": "unknown_member"}


@pytest.fixture
def csms(workspace: Workspace, shared_data: Path) -> dict[str, Member]:
    names = json.loads((shared_data / "transition_sheets" / "expected.json").read_text())["csms"]
    return {name: make_member(workspace, name, roles=["csm"]) for name in names}


def rows_of(path: Path, context: Context) -> dict[int, tuple[list[dict[str, Any]], dict[str, str]]]:
    """Row number → its problems and its clean values."""
    with open_sheet(path, context.hints) as reading:
        blocks = list(reading.blocks())
        titles = reading.layout.columns
        mapping = mapping_of(propose(titles, context, list(blocks[0].rows())))
        spool = prepare(blocks, titles, Plan(mapping, {}), BOOK, context)
    found = {}
    for line in b"".join(spool.chunks()).decode().splitlines():
        number, problems, _, *values = line.split("\t")
        noted = [] if problems == NULL else json.loads(problems.replace("\\\\", "\\"))
        found[int(number)] = (noted, dict(zip(spool.columns, values, strict=True)))
    spool.close()
    return found


@pytest.mark.parametrize("name", ["transition_1.xlsx", "transition_2.xlsx", "transition_3.xlsx", "transition_4.xlsx"])
def test_every_cell_is_understood(name: str, workspace: Workspace, csms: dict[str, Member], shared_data: Path) -> None:
    folder = shared_data / "transition_sheets"
    expected = json.loads((folder / "expected.json").read_text())["sheets"][name]
    found = rows_of(folder / name, BOOK.context(workspace))
    assert set(found) == {row["row"] for row in expected}
    for row in expected:
        problems, values = found[row["row"]]
        if code := CODES.get(row["verdict"]):
            assert [problem["code"] for problem in problems] == [code]
            continue
        assert problems == []
        if row["verdict"] == "ok":
            assert {word: values[column] for column, word in WORDS.items()} == {
                word: str(row[word]) for word in WORDS.values()
            }
            assert values["owner_id"] == str(csms[row["new_csm"]].pk)
