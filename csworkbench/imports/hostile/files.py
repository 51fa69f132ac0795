"""The list of all hostile files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import archives, documents, mutations, old, packages, sheets, texts
from .containers import Maker, Named


@dataclass(frozen=True)
class HostileFile:
    """One file: its group and name, how it is made, and the refusals one of which is due (any end when empty)."""

    group: str
    name: str
    make: Maker
    codes: frozenset[str]

    def write(self, path: Path) -> Path:
        """Make the file, and say where it is."""
        made = self.make()
        with path.open("wb") as file:
            file.writelines([made] if isinstance(made, bytes) else made)
        return path


def hostile_files() -> list[HostileFile]:
    """Every file, group by group, in the same order each time."""

    groups: dict[str, Callable[[], Named]] = {
        "archives": archives.files,
        "packages": packages.files,
        "sheets": sheets.files,
        "documents": documents.files,
        "old workbooks": old.files,
        "texts": texts.files,
        "damaged xlsx": mutations.xlsx_files,
        "damaged xls": mutations.xls_files,
        "damaged ods": mutations.ods_files,
        "damaged text": mutations.text_files,
    }
    return [
        HostileFile(group, name, make, frozenset(codes.split()))
        for group, files in groups.items()
        for name, make, codes in files()
    ]
