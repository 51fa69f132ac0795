"""Files that nobody should send: refused with a reason or rejected row by row, and the worker lives on."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from typing import Any

import pytest

from accounts.models import Account, Module, UsageDay
from accounts.usage import schema

from .conftest import WILLOW_SF, Drops, back

HEADER = "account,module,day,uses\n"
GOOD = f"{WILLOW_SF},cases,{back(1)},5\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "columns"),
        (os.urandom(5000), "binary"),
        (b"PK\x03\x04" + bytes(500), "archive"),
        (b"\x00" * 5000, "binary"),
        ("account,day".encode("utf-16"), "encoding"),
        (b"account,\x00day\n", "binary"),
        (b"x" * 10_000_000, "columns"),
        (b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n", "columns"),
        (b",".join(b"c%d" % n for n in range(900)) + b"\n", "columns"),
        (b"account,account,module,day,uses\n", "columns"),
        (b"module,day,uses\n", "columns"),
        (b"account,module,uses\n", "columns"),
        (b"account,day\n", "columns"),
        (b'#{"schema": 2}\naccount,module,day,uses\n', "schema"),
        (b'#{"schema": "one"}\naccount,module,day,uses\n', "schema"),
        (b"#hello\naccount,module,day,uses\n", "preamble"),
        (b'#{"generated_at": "soon"}\naccount,module,day,uses\n', "generated_at"),
        (b'#{"generated_at": "2031-01-01"}\naccount,module,day,uses\n', "generated_at"),
        (b'{"schema": 7}\n', "schema"),
        # What JSON may say and PostgreSQL cannot keep.
        (b'{"schema": "\\u0000"}\n', "schema"),
        (b'{"generated_at": "\\ud800"}\n', "generated_at"),
        (b'#{"schema": "\\udfff"}\naccount,module,day,uses\n', "schema"),
        (b"{not json}\n", "json"),
        (b'{"a":' * 20_000 + b"\n", "columns"),
        (b"\x1f\x8b" + os.urandom(500), "gzip"),
        (gzip.compress((HEADER + GOOD).encode() * 500)[:-30], "gzip"),
    ],
)
def test_is_refused_with_a_reason(drops: Drops, willow: Account, cases: Module, data: bytes, code: str) -> None:
    drop = drops.send(data)
    assert (drop.state, drop.report["error_code"]) == ("failed", code)
    assert drop.report["error"].endswith(".")


def test_a_bomb_goes_off_nowhere(drops: Drops, settings: Any, cases: Module) -> None:
    bomb = gzip.compress(HEADER.encode() + b"x" * 300_000_000)
    tracemalloc.start()
    drop = drops.send(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (drop.state, drop.report["error_code"]) == ("failed", "bomb")
    assert peak < 40_000_000


def test_a_row_that_never_ends_fills_no_memory(drops: Drops, willow: Account, cases: Module) -> None:
    # Each line closes a quoted cell and opens the next one: no cell is long, and the row goes on and on.
    endless = '"x\n' + '","x\n' * 600_000
    tracemalloc.start()
    drop = drops.send(HEADER + GOOD + endless + f"{WILLOW_SF},cases,{back(2)},6\n")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (drop.state, set(UsageDay.objects.values_list("uses", flat=True))) == ("applied", {5, 6})
    assert drop.report["rejected"] > 1
    assert peak < 40_000_000


@pytest.mark.parametrize(
    "line",
    [
        "x" * 500_000,
        "a,b,c,d," * 100_000,
        '"' + "x" * 100,
        '"' + "x\n" * 100_000,
        "\0\0\0\0",
        "\\N,\\.,\t\t,\\",
        "\ufeff,💥,\u202e,٥",
        f"{WILLOW_SF},cases,{back(1)},٥",
        f"'; DROP TABLE accounts_account; --,cases,{back(1)},5",
    ],
)
def test_a_bad_line_costs_itself_alone(drops: Drops, willow: Account, cases: Module, line: str) -> None:
    drop = drops.send(HEADER + GOOD + line + "\n" + f"{WILLOW_SF},cases,{back(2)},6\n")
    assert drop.state == "applied"
    days = set(UsageDay.objects.values_list("uses", flat=True))
    # An open quotation mark swallows what follows it, up to a limit.
    assert days == ({5} if line.startswith('"x') and len(line) < 1000 else {5, 6})
    assert drop.report["rejected"] >= 1


@pytest.mark.parametrize(
    "line",
    [
        "[1, 2]", "null", "12", '"text"', "{", "{" * 5000, "[" * 30_000,
        '{"account": {"a": []}, "day": [], "uses": {}}',
        '{"account": "\\u0000", "module": "\\ud800", "day": true, "uses": 1e999}', '{"uses": ' + "9" * 6000 + "}",
        "\0", "x" * 400_000,
    ],
)  # fmt: skip
def test_so_does_a_bad_object(drops: Drops, willow: Account, cases: Module, line: str) -> None:
    good = f'{{"account": "{WILLOW_SF}", "module": "cases", "day": "{back(1)}", "uses": 5}}\n'
    drop = drops.send(good + line + "\n" + good.replace(back(1), back(2)), name="x.jsonl")
    assert (drop.state, UsageDay.objects.count(), drop.report["rejected"]) == ("applied", 2, 1)


def test_a_file_that_breaks_off_keeps_what_was_written(drops: Drops, willow: Account, cases: Module) -> None:
    rows = "".join(f"{WILLOW_SF},cases,{back(1 + n % 90)},{n}\n" for n in range(30_000))
    packed = gzip.compress((HEADER + rows).encode())
    drop = drops.send(packed[: len(packed) // 2], size=1000)
    assert (drop.state, drop.report["error_code"]) == ("failed", "gzip")
    assert drop.report["rows"] >= 1000
    assert UsageDay.objects.exists()


def test_too_large_a_file_is_refused_while_it_arrives(drops: Drops, settings: Any) -> None:
    settings.USAGE_MAX_BYTES = 1000
    with pytest.raises(schema.RefusedDrop) as refused:
        drops.send(HEADER + GOOD * 100)
    assert refused.value.code == "too_big"
