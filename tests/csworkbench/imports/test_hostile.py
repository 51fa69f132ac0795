"""Every hostile and damaged file ends in rows or in a refusal with words, and no child grows beyond its limit.

Nothing here is timed: ``manage.py bench import_hostile`` does that over the same files.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import pytest

from csworkbench.imports.benchmark_hostile import MEBIBYTES, bench_import_hostile
from csworkbench.imports.hostile.files import HostileFile, hostile_files
from csworkbench.imports.reading import RefusedFile, open_sheet

HINTS = frozenset({"salesforce id", "account"})
FILES = hostile_files()
GROUPS = {group: list(files) for group, files in groupby(FILES, key=lambda file: file.group)}


def test_there_are_many_and_each_is_another_one() -> None:
    assert len(FILES) >= 300
    assert len({(file.group, file.name) for file in FILES}) == len(FILES)


def test_they_are_the_same_each_time() -> None:
    again = {(file.group, file.name): file for file in hostile_files()}
    for file in GROUPS["damaged xls"] + GROUPS["damaged text"]:
        assert file.make() == again[file.group, file.name].make()


@pytest.mark.parametrize("group", list(GROUPS))
def test_each_ends_in_rows_or_in_a_refusal_with_words(group: str, tmp_path: Path) -> None:
    # The highest of all children so far: browsers of tests before this one count too, and a child begins in the
    # memory of this process. The benchmark measures readers alone.
    before = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    with ThreadPoolExecutor(2) as pool:
        wrong = [why for why in pool.map(lambda at: ending(at, tmp_path), enumerate(GROUPS[group])) if why]
    assert wrong == []
    begun = max(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(MEBIBYTES * 1024, begun)


def ending(numbered: tuple[int, HostileFile], folder: Path) -> str:
    """What is wrong with the end of a file; empty when nothing is."""
    at, file = numbered
    path = file.write(folder / str(at))
    try:
        with open_sheet(path, HINTS) as reading:
            rows = sum(len(block.numbers) for block in reading.blocks())
    except RefusedFile as refused:
        if not refused.message.endswith(".") or not refused.message[:1].isupper():
            return f"{file.name}: no words in {refused.message!r}"
        if file.codes and refused.code not in file.codes:
            return f"{file.name}: {refused.code}, not {sorted(file.codes)}"
        return ""
    except Exception as error:
        return f"{file.name}: {error!r}"
    finally:
        path.unlink()
    return f"{file.name}: {rows} rows, not {sorted(file.codes)}" if file.codes or not rows else ""


def test_the_benchmark_measures_both() -> None:
    measured: Iterator[str] = (one.name for one in bench_import_hostile(5))
    assert list(measured) == ["hostile_refusal", "hostile_memory"]
